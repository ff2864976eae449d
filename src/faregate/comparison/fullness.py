"""How full windows and pools were over a replay: the fullest moment of each, and a curve for a
chart.

Owns the sampling. What is used of a window only grows until it closes, so it is enough to look at
the end of each stretch of the curve, at least every hour, and whenever one closes; where many
requests were paid at once, ``grow`` looks at the end of each stretch among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from faregate.comparison.exact_arrays import Integers
from faregate.core.account import AccountState, Subscription
from faregate.core.instants import HOUR
from faregate.core.pool import Pool
from faregate.core.window import NEVER_CLOSES, Window

MOST_POINTS = 360


@dataclass(slots=True)
class Curve:
    """One window or pool: ``peaks`` is the most used in each stretch, in the unit's smallest
    parts."""

    key: str
    limit: int
    part: Window | Pool
    peaks: list[int] = field(default_factory=lambda: [0] * MOST_POINTS)
    granted: int = 0

    def standing(self, at: int) -> tuple[int, int]:
        """(used, until when that stands if nothing happens)."""
        part = self.part
        if isinstance(part, Pool):
            emptied = part.granted != self.granted
            self.granted = part.granted
            # A filling in the middle of a request means that it had run dry.
            return (self.limit if emptied else max(self.limit - part.available, 0)), NEVER_CLOSES
        if part.kind == "sliding":
            return part.used_at(at), NEVER_CLOSES
        return (part.used, part.closes) if part.anchor is not None else (0, 0)


class Growth(NamedTuple):
    """How windows and pools filled over requests [first, last) of a usage, made at ``instants``:
    ``totals`` by key are running totals of what each request draws, from that of index ``since``
    on."""

    instants: Integers
    first: int
    last: int
    totals: Mapping[str, Integers]
    since: int = 0


class Fullness:
    """The curves of one account between ``begins`` and ``ends``. Look again before what happens
    from ``due`` on."""

    def __init__(self, state: AccountState, begins: int, ends: int) -> None:
        self.curves = [curve for each in state.subscriptions.values() for curve in _curves(each)]
        self.due = begins
        self._pools = [(curve, curve.part) for curve in self.curves if isinstance(curve.part, Pool)]
        self._begins, self._ends = begins, ends
        self._step = max(-((begins - ends) // MOST_POINTS), 1)
        self._last, self._last_stretch = begins, 0
        # By stretch the first request in it, or after it.
        self._edges: Integers | None = None

    def look(self, at: int, growth: Growth | None = None) -> None:
        """Note how full everything has been until ``at``; ``growth``: since the last look, its
        last request at ``at``."""
        first, last = self._last_stretch, self._stretch(at)
        self.due = min(at + HOUR, self._begins + (last + 1) * self._step)
        for curve in self.curves:
            used, until = curve.standing(at)
            if at < until < self.due:
                self.due = until
            if growth is not None and curve.key in growth.totals:
                self._grow(curve, growth, at)
            elif used and until > self._last:
                peaks = curve.peaks
                peaks[first] = max(peaks[first], used)
                for index in range(first + 1, last + 1):
                    if until <= self._begins + index * self._step:
                        break
                    peaks[index] = max(peaks[index], used)
        self._last, self._last_stretch = at, last

    def keep_up(self, at: int) -> None:
        """Look before what happens at ``at``, if that is due."""
        if at >= self.due:
            self.look(at)

    def _grow(self, curve: Curve, growth: Growth, at: int) -> None:
        instants, row, end, by_key, since = growth
        totals, peaks, part = by_key[curve.key], curve.peaks, curve.part
        used = curve.limit - part.available if isinstance(part, Pool) else part.used
        first, last = self._stretch(int(instants[row])), self._stretch(at)
        if last > first:
            if self._edges is None:
                edges = self._begins + np.arange(MOST_POINTS) * self._step
                self._edges = np.searchsorted(instants, edges)
            left = totals[end - since] - totals[self._edges[first + 1 : last + 1] - since]
            for index, more in enumerate(left.tolist(), first):
                peaks[index] = max(peaks[index], used - more)
        peaks[last] = max(peaks[last], used)

    def catch_up(self, at: int) -> None:
        """Note pools that ran dry and were filled again by a request at ``at``."""
        for curve, pool in self._pools:
            if pool.granted != curve.granted:
                self.look(at)
                return

    def filled(self) -> None:
        """Time has filled pools since the last look; they had not run dry for that."""
        for curve in self.curves:
            if isinstance(curve.part, Pool):
                curve.granted = curve.part.granted

    def points(self, curve: Curve) -> list[tuple[int, int]]:
        """(instant, most used) of the curve; stretches like both their neighbours are left out."""
        peaks, last = curve.peaks, len(curve.peaks) - 1
        return [
            (self._begins + index * self._step, peak)
            for index, peak in enumerate(peaks)
            if index in (0, last) or peak != peaks[index - 1] or peak != peaks[index + 1]
        ]

    def _stretch(self, at: int) -> int:
        return min(max((at - self._begins) // self._step, 0), MOST_POINTS - 1)


def _curves(subscription: Subscription) -> list[Curve]:
    """The windows and pools of a plan that are worth a curve: no guards, no wallets."""
    if subscription.terms.wallet:
        return []
    found = [
        Curve(window.key, window.limit, window)
        for terms in subscription.terms.windows
        if not terms.guard and terms.kind != "concurrency"
        for window in (subscription.windows[terms.id],)
    ]
    for pool in subscription.pools.values():
        size = pool.terms.refill.full if pool.terms.refill is not None else pool.terms.granted
        found.append(Curve(pool.key, size, pool, granted=pool.granted))
    return [curve for curve in found if curve.limit > 0]
