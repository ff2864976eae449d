"""Requests as a table: CSV with a heading.

Owns the columns, which are the fields of a usage file's line; `at` and `model` must be there. What parts the columns
(comma, semicolon or tab) is told by the heading.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.lines import blocks_of_lines
from faregate.readers.records import Records
from faregate.readers.usage_lines import UsageLine

NEEDED = ("at", "model")
COUNTS = ("input", "cached", "cache_write_5m", "cache_write_1h", "output", "images")
TEXTS = ("client", "session")
_YES = frozenset(("1", "true", "yes"))
_NO = frozenset(("", "0", "false", "no"))
_PARTED_BY = ",;\t"
_LONGEST_CELL = 1 << 20
_IN_GROUPS = re.compile(r"[0-9]{1,3}(?:([, \u00a0'’])[0-9]{3})(?:\1[0-9]{3})*")
"""`1,234,567`. A point parts thousands for some and the fraction for others, so it does neither."""
_NOTHING_BEHIND = re.compile(r"\.0*$")
"""Whole numbers of a table that also has empty cells are often written `1234.0`."""


def read(source: IO[bytes], path: Path, records: Records, broken: BrokenLines) -> int:
    """Add the requests of one table to ``records``; there are no repeats."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = _texts(source, path, broken)
    number, heading = next(lines, (0, ""))
    if not number:
        return 0
    parted_by = max(_PARTED_BY, key=heading.count)
    columns = [name.strip().lower() for name in next(csv.reader([heading], delimiter=parted_by))]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        broken.add(path, number, "missing_column", ", ".join(missing))
        return 0
    for number, line in lines:
        try:
            for cells in csv.reader([line], delimiter=parted_by):
                records.add(_line(dict(zip(columns, cells, strict=False))).row())
        except csv.Error as problem:
            broken.add(path, number, "wrong_shape", str(problem))
        except Broken as problem:
            broken.add(path, number, problem.reason, problem.detail)
    return 0


def _texts(source: IO[bytes], path: Path, broken: BrokenLines) -> Iterator[tuple[int, str]]:
    """(number, text) of the lines that are not blank."""
    for first, lines in blocks_of_lines(source):
        for number, raw in enumerate(lines, first):
            if raw is None:
                broken.add(path, number, "too_long")
                continue
            try:
                text = (raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).decode().strip("\r")
            except UnicodeDecodeError:
                broken.add(path, number, "wrong_shape", "UTF-8")
                continue
            if text.strip():
                yield number, text


def _line(cells: dict[str, str]) -> UsageLine:
    said = cells.get("prompt", "").strip().lower()
    if said not in _YES | _NO:
        raise Broken("wrong_shape", f"prompt: {said[:40]}")
    line = UsageLine(cells.get("at", "").strip(), prompt=said in _YES, model=cells.get("model", "").strip())
    for name in COUNTS:
        setattr(line, name, _count(name, cells.get(name, "")))
    for name in TEXTS:
        setattr(line, name, cells.get(name, "").strip())
    tool = cells.get("tool", "").strip()
    if tool:
        line.tool = tool
        line.calls = _count("calls", cells.get("calls", "")) or 1
    return line


def _count(name: str, text: str) -> int:
    digits = text.strip() or "0"
    if (grouped := _IN_GROUPS.fullmatch(digits)) is not None:
        digits = digits.replace(grouped[1], "")
    digits = _NOTHING_BEHIND.sub("", digits).replace("_", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
        raise Broken("bad_number", f"{name}: {text.strip()[:40]}")
    return int(digits)
