"""A span of time laid out on a line, with the dates people would write under it.

Owns where an instant lies and which ticks to show, in whole columns of a drawing. Knows no markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from faregate.comparison.page import figures

COLUMNS = 1000
_HOUR = timedelta(hours=1)
_STEPS = (_HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, *(timedelta(days=days) for days in (1, 3, 7, 14, 28, 91, 364)))
_MOST_TICKS = 11


@dataclass(frozen=True)
class Tick:
    """A mark under the line: ``percent`` of the way (0 to 100), the same as a column, and what is written there."""

    percent: str
    column: int
    text: str


class TimeAxis:
    """From ``begins`` to ``ends``, as ``COLUMNS`` columns. Local times are those of ``zone``."""

    def __init__(self, begins: str, ends: str, zone: tzinfo) -> None:
        self.zone = zone
        self.begins = figures.instant(begins)
        # A usage of a single request still has a line to lie on.
        self.ends = max(figures.instant(ends), self.begins + _HOUR)
        self._length = (self.ends - self.begins) // timedelta(microseconds=1)

    def column(self, at: str) -> int:
        """The column of an instant; what lies outside is drawn at the edge."""
        passed = (figures.instant(at) - self.begins) // timedelta(microseconds=1)
        return min(max(round(passed * COLUMNS / self._length), 0), COLUMNS)

    def ticks(self) -> list[Tick]:
        """A dozen marks or fewer, on whole hours or local midnights."""
        step = next((step for step in _STEPS if (self.ends - self.begins) / step <= _MOST_TICKS), _STEPS[-1])
        length = Decimal(self._length)
        shown = "%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M"
        found: list[Tick] = []
        for moment in self._marks(step):
            passed = Decimal((moment - self.begins) // timedelta(microseconds=1))
            column = round(passed * COLUMNS / length)
            text = moment.astimezone(self.zone).strftime(shown)
            found.append(Tick(figures.percent_of(passed, length), column, text))
        return found

    def _marks(self, step: timedelta) -> list[datetime]:
        local = self.begins.astimezone(self.zone).replace(tzinfo=None)
        mark = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if step >= timedelta(days=1) and mark < local:
            mark += timedelta(days=1)
        marks: list[datetime] = []
        # Steps are walked on the local clock, so that a day of 23 hours still ends at midnight.
        while len(marks) <= _MOST_TICKS + 1:
            moment = mark.replace(tzinfo=self.zone)
            if moment > self.ends:
                break
            if moment >= self.begins:
                marks.append(moment)
            mark += step
        return marks
