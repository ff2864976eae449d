"""A line that could not be read: where, and why.

Owns the codes of what can be wrong with a line. What a person reads about them is said elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

KEPT = 5
"""Of so many broken lines a reading keeps where and why; of the rest it keeps the number."""

REASONS: dict[str, str] = {
    "not_json": "the line is no JSON: torn, or two lines run into one",
    "cut_off": "the line does not begin and end as an object: its writer died, or the file was cut",
    "too_long": "the line is longer than any that a tool writes",
    "wrong_shape": "the line is JSON, but not as the tool writes it",
    "bad_time": "there is no time in it, or none that can be read",
    "in_future": "it tells of a request more than a year from now: the clock was wrong",
    "bad_number": "a count in it is negative or beyond reason",
    "missing_column": "the table lacks a column that is needed",
    "cannot_read": "the file cannot be opened or read",
}
"""Why a line is broken, by code."""


class Broken(Exception):
    """This line cannot be read. ``reason`` is a key of REASONS; ``detail`` says more where it helps."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class BrokenLine(NamedTuple):
    """``line`` counts from 1, and is 0 where the whole file is meant."""

    path: Path
    line: int
    reason: str
    detail: str = ""


class BrokenLines:
    """Counts broken lines of one or many files, and keeps the first KEPT."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[BrokenLine] = []

    def add(self, path: Path, line: int, reason: str, detail: str = "") -> None:
        """Count one."""
        self.count += 1
        if len(self.first) < KEPT:
            self.first.append(BrokenLine(path, line, reason, detail))

    def take_in(self, other: BrokenLines) -> None:
        """Count all of another's."""
        self.count += other.count
        self.first.extend(other.first[: KEPT - len(self.first)])
