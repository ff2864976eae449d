"""Options that several commands share: further plan files and price files.

Owns how they are written, the shelf that they make, and where the shipped one is kept compiled.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Option

if TYPE_CHECKING:
    from faregate.app.shelf import Shelf

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def with_shelf_files(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--file`` and ``--prices`` to a command."""
    for name, variable, key in (
        ("--prices", "price_files", "option.prices"),
        ("--file", "plan_files", "option.file"),
    ):
        option = click.option(name, variable, type=FILE, multiple=True, metavar="FILE", help=key, cls=Option)
        command = option(command)
    return command


def shelf_of(plan_files: Sequence[Path], price_files: Sequence[Path], *, kept: bool = False) -> Shelf:
    """The shipped plans and prices, and those of the files. ``kept``: the shipped ones as they were compiled last."""
    from faregate.app.shelf import load_shelf

    return load_shelf(plan_files, price_files, kept=kept_folder(os.environ) if kept else None)


def kept_folder(environment: Mapping[str, str]) -> Path | None:
    """Where compiled plans and readings of logs are kept: ``FAREGATE_CACHE``, else the user's folder of such things;
    None if ``off``."""
    told = environment.get("FAREGATE_CACHE", "")
    if told:
        return None if told == "off" else Path(told)
    try:
        return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faregate"
    except RuntimeError:
        # Nobody's home.
        return None
