"""What can be wrong with a price file: places, problems, and the one failure that carries them all.

Owns their form only; the checks stand beside what they check.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Place(NamedTuple):
    """A place in a file; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One thing wrong at ``place``, and how to ``mend`` it."""

    place: Place
    wrong: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.wrong}; {self.mend}"


class PriceFileError(ValueError):
    """Price files that cannot be used. ``problems`` names every one found, in reading order."""

    code = "bad_price_file"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def choose_from(given: str, known: Iterable[str]) -> str:
    """How to mend a name that is not among ``known``: the nearest one, else all of them."""
    names = list(known)
    near = get_close_matches(given, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"choose from {', '.join(sorted(names))}"
