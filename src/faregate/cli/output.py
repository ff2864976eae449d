"""Writing for people and for programs: JSON, tables, plain lines.

Owns the one look of all commands. Tables are drawn by rich, loaded only when one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console


NOTHING = "–"
"""A cell in which nothing is to be said."""
_WIDEST_NAME = 34
"""Columns of a terminal that the name of a row may take before it breaks."""


def write_json(value: Any) -> None:
    """``value`` as indented JSON on stdout."""
    import msgspec

    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_in_utf8(value))
    click.echo(msgspec.json.format(encoded, indent=2))


def _in_utf8(value: Any) -> Any:
    """``value`` with a question mark where a name of a file is no UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_in_utf8(name): _in_utf8(each) for name, each in value.items()}
    return [_in_utf8(each) for each in value] if isinstance(value, list | tuple) else value


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


def write_comparison(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of things side by side, one a column under ``columns``, each row beginning with its name.

    Where a terminal is too narrow for all of them, they stand in several tables below each other, each without the
    rows in which it has nothing to say.
    """
    widest = [max([*(cell_width(cell) for cell in cells)]) for cells in zip(["", *columns], *rows, strict=True)]
    room = console().width - min(widest[0], _WIDEST_NAME) - 3
    first = 0
    while first < len(columns):
        last, taken = first + 1, widest[first + 1] + 3
        while last < len(columns) and taken + widest[last + 1] + 3 <= room:
            taken += widest[last + 1] + 3
            last += 1
        shown = [[row[0], *row[first + 1 : last + 1]] for row in rows]
        said = [row for row in shown if any(cell != NOTHING for cell in row[1:])]
        names, numbers = ["", *columns[first:last]], range(1, last - first + 1)
        write_table("" if first else title, names, said, numbers=numbers)
        first = last


def cell_width(text: str) -> int:
    """Columns of a terminal that ``text`` takes: Chinese characters take two."""
    from rich.cells import cell_len

    return cell_len(text)
