"""What is wrong with a plan file: problems with a place, and the error that carries all of them.

Owns the shape and the printing of problems. Does not find any.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Problem(NamedTuple):
    """One mistake: ``line`` and ``column`` count from 1; ``code`` is stable; ``mend`` says how to put it right."""

    file: str
    line: int
    column: int
    code: str
    what: str
    mend: str

    def __str__(self) -> str:
        end = "" if self.mend.endswith("?") else "."
        return f"{self.file}:{self.line}:{self.column}: {self.what}. {self.mend}{end}"


class PlanFileError(Exception):
    """A plan file that cannot be used, with every problem found in it, in the order of the file."""

    code = "bad_plan_file"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A sentence that points at the nearest of ``known``, else lists them (when few), else ``otherwise``."""
    candidates = sorted(set(known))
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    near = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    if near:
        return f"Did you mean {by_folded[near[0]]!r}?"
    if otherwise:
        return otherwise
    if not candidates:
        return "There is none in this file yet"
    shown = ", ".join(candidates[:16])
    return f"Known: {shown}{', …' if len(candidates) > 16 else ''}"
