"""Options that several commands share: further plan files and price files.

Owns how they are written, and the shelf that they make.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def shelf_of(plan_files: Sequence[Path], price_files: Sequence[Path]) -> Shelf:
    """The shipped plans and prices, and those of the files."""
    from faregate.app.shelf import load_shelf

    return load_shelf(plan_files, price_files)
