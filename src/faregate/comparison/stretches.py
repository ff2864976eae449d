"""Blocks: the stretches of time in which a plan refused what its user asked for.

Owns when a block begins and ends, which are the worst, and how they are thinned for a chart. Times in microseconds.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

WORST = 5
MOST_SPANS = 200


class Stretch(NamedTuple):
    """[``begins``, ``ends``): ``requests`` were refused in it, ``window`` is what it waited for in the end."""

    begins: int
    ends: int
    window: str
    requests: int

    @property
    def length(self) -> int:
        return self.ends - self.begins


class Stretches:
    """Collects refusals in order of time. A block lasts from its first refusal until the plan would have paid for
    the last one of it; where waiting does not help, until it pays for something again. None lasts beyond ``end``."""

    def __init__(self, end: int) -> None:
        self.all: list[Stretch] = []
        self.waits_for_payment = False
        self._end = end
        self._open: Stretch | None = None

    def refused(self, at: int, retry_at: int | None, window: str, count: int = 1) -> None:
        """A refusal at ``at`` that would pass at ``retry_at`` (None: not by waiting); ``count``: with so many of them
        until then in all."""
        ends = self._end if retry_at is None else min(retry_at, self._end)
        self.waits_for_payment = retry_at is None
        current = self._open
        if current is None or at >= current.ends:
            if current is not None:
                self.all.append(current)
            self._open = Stretch(at, max(ends, at), window, count)
        elif ends > current.ends:
            self._open = Stretch(current.begins, ends, window, current.requests + count)
        else:
            self._open = Stretch(current.begins, current.ends, current.window, current.requests + count)

    def paid(self, at: int) -> None:
        """Something was paid for at ``at``: a block that no waiting would have ended is over."""
        self.waits_for_payment = False
        if self._open is not None and at < self._open.ends:
            self._open = self._open._replace(ends=at)

    def close(self) -> list[Stretch]:
        """All of them, in order."""
        if self._open is not None:
            self.all.append(self._open)
            self._open = None
        return self.all


def worst(stretches: list[Stretch]) -> list[Stretch]:
    """The longest ones first; of two equal ones the earlier."""
    return sorted(stretches, key=lambda each: (-each.length, each.begins))[:WORST]


def spans(stretches: list[Stretch]) -> list[tuple[int, int]]:
    """(begin, end) of all, those with the smallest gaps between them joined until few enough are left."""
    excess = len(stretches) - MOST_SPANS
    gaps = [(after.begins - before.ends, index) for index, (before, after) in enumerate(pairwise(stretches))]
    joined = {index for _, index in sorted(gaps)[:excess]} if excess > 0 else set()
    found: list[tuple[int, int]] = []
    for index, each in enumerate(stretches):
        if found and index - 1 in joined:
            found[-1] = (found[-1][0], each.ends)
        else:
            found.append((each.begins, each.ends))
    return found
