"""What is wrong with a usage file: problems with a place, and the error that carries them.

Owns the shape of a problem. The words stand in phrase.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from faregate.simulator.phrase import Phrase

MOST_SHOWN = 20


class Problem(NamedTuple):
    """One mistake at ``line`` (from 1) of ``file``: what is wrong and how to mend it. Its code is stable."""

    file: str
    line: int
    phrase: Phrase

    @property
    def code(self) -> str:
        return self.phrase.code

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.phrase.words()}"


class BadLine(Exception):
    """A line that cannot be used; the reader and the replay raise it, the run gives it its place."""

    def __init__(self, code: str, **fields: object) -> None:
        self.phrase = Phrase(code, fields)
        super().__init__(self.phrase.words())


class UsageFileError(Exception):
    """A usage file that cannot be replayed: the first problems found, and how many more there are."""

    code = "bad_usage_file"

    def __init__(self, problems: Iterable[Problem], more: int = 0) -> None:
        self.problems = tuple(problems)
        self.more = more
        super().__init__("\n".join(map(str, self.problems)))
