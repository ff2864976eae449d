"""Writing for people and for programs: JSON, tables, plain lines.

Owns the one look of all commands. Tables are drawn by rich, loaded only when one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console


def write_json(value: Any) -> None:
    """``value`` as indented JSON on stdout."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; where there is none, wide enough to break no row."""
    import sys

    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 200
    return Console(file=stream, width=width, highlight=False, soft_wrap=False, emoji=False)


def write_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Iterable[int] = (),
) -> None:
    """A table; columns whose index is in ``numbers`` are aligned to the right. Columns without names: no header."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    right = set(numbers)
    table = Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.show_header = any(columns)
    for index, name in enumerate(columns):
        table.add_column(Text(name), justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)
