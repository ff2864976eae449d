"""Versions of plans as a command's words name them: a file, a family, a plan, each with or without a version.

Owns the look-up, on the shelf of files and shipped plans or among what is published in a database.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Option
from faregate.cli.shelf_options import shelf_of

if TYPE_CHECKING:
    from faregate.app.plan_changes import Named
    from faregate.app.shelf import Shelf


def with_optional_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--db``, which no default stands for."""
    return click.option("--db", "database", metavar="URL", help="plan.change.db", cls=Option)(command)


def shelf_named(database: str | None, plan_files: tuple[Path, ...], price_files: tuple[Path, ...]) -> Shelf:
    """What is published in ``database`` with the files on top, or the shipped plans with the files on top."""
    if database is None:
        return shelf_of(plan_files, price_files)
    from faregate.bootstrap.database import open_store
    from faregate.bootstrap.house import published_shelf
    from faregate.cli.house_options import require_database
    from faregate.planfile import load_family

    require_database(database)
    store = open_store(database)
    try:
        return published_shelf(store).extended(load_family(path) for path in plan_files)
    finally:
        store.close()


def named(shelf: Shelf, words: str) -> Named:
    """What ``words`` mean: a file where there is one, else ``family[/plan][@version]``.

    Raises PlanFileError, UnknownPlan.
    """
    from faregate.app.plan_changes import Named, version_named
    from faregate.planfile import load_family

    if Path(words).is_file():
        return Named(load_family(Path(words)), None)
    return version_named(shelf, words)
