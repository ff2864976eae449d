"""Crowds: requests that come faster than a guard lets them pass, while there is room for all of them behind it.

Owns following one sliding guard over such a stretch, as core does it request by request. Counts refusals; what those
that passed draw is up to the caller.
"""

from __future__ import annotations

from bisect import bisect_left

from faregate.comparison.columns import Columns
from faregate.comparison.tally import REFUSED, Tally
from faregate.core.amounts import MILLI
from faregate.core.window import SLIDING_BUCKETS, Window


def let_pass(
    columns: Columns, served: bytes, tally: Tally, guard: Window, span: tuple[int, int], until: int
) -> tuple[list[int], int]:
    """(requests that passed, the first that was not looked at) of [first, last) of ``span``.

    Ends before a refusal whose wait would last until ``until``, when more than the guard may have changed.
    """
    at, (row, last) = columns.at, span
    follower = _Follower(guard)
    takes, waits_until_of = follower.takes, follower.has_room_from
    passed: list[int] = []
    while row < last:
        if not served[row]:
            row += 1
            continue
        now = at[row]
        if takes(now):
            if not passed:
                # Nothing that is refused here waits for a payment, so the first payment ends what did.
                tally.passed(now)
            passed.append(row)
            row += 1
            continue
        waits_until = waits_until_of(now)
        if waits_until is None or waits_until >= until:
            break
        end = bisect_left(at, waits_until, row, last)
        tally.mark(row, end, None, REFUSED)
        tally.refused(row, now, guard.key, waits_until, served.count(b"\1", row, end))
        row = end
    guard.used = follower.used
    return passed, row


class _Follower:
    """A sliding guard over requests in the order of time that count one each: what ``used_at``, ``instance_at``,
    ``apply`` and ``has_room_from`` of Window do for them, without asking each what it is for."""

    __slots__ = ("_buckets", "_length", "_most", "_span", "used")

    def __init__(self, guard: Window) -> None:
        self.used = guard.used
        self._buckets, self._length = guard.buckets, guard.terms.length
        self._span = self._length // SLIDING_BUCKETS
        self._most = guard.limit - MILLI

    def takes(self, now: int) -> bool:
        """Count one more at ``now``, if there is room for it."""
        buckets, length = self._buckets, self._length
        used, left = self.used, now - length
        for start, amount in buckets:
            if start > left:
                break
            used -= amount
        if used > self._most:
            return False
        if buckets and now < buckets[-1][0] + self._span:
            newest = buckets[-1]
            left = newest[0] - length
            newest[1] += MILLI
        else:
            buckets.append([now, MILLI])
        while buckets[0][0] <= left:
            self.used -= buckets.pop(0)[1]
        self.used += MILLI
        return True

    def has_room_from(self, now: int) -> int | None:
        """When there is room for one more, of which there is none at ``now``."""
        used, left = self.used, now - self._length
        for start, amount in self._buckets:
            used -= amount
            if used <= self._most and start > left:
                return start + self._length
        return None
