"""Crowds: requests that come faster than a guard lets them pass, while there is room for all of them behind it.

Owns following one sliding guard over such a stretch, as core does it request by request. Counts refusals; what those
that passed draw is up to the caller.
"""

from __future__ import annotations

from bisect import bisect_left

from faregate.comparison.columns import Columns
from faregate.comparison.tally import REFUSED, Tally
from faregate.core.amounts import MILLI
from faregate.core.window import Window


def let_pass(
    columns: Columns, served: bytes, tally: Tally, guard: Window, span: tuple[int, int], until: int
) -> tuple[list[int], int]:
    """(requests that passed, the first that was not looked at) of [first, last) of ``span``.

    Ends before a refusal whose wait would last until ``until``, when more than the guard may have changed.
    """
    at, (row, last) = columns.at, span
    passed: list[int] = []
    while row < last:
        if not served[row]:
            row += 1
            continue
        now = at[row]
        if guard.takes(now, MILLI):
            if not passed:
                # Nothing that is refused here waits for a payment, so the first payment ends what did.
                tally.passed(now)
            passed.append(row)
            row += 1
            continue
        waits_until = guard.has_room_from(now, MILLI)
        if waits_until is None or waits_until >= until:
            break
        end = bisect_left(at, waits_until, row, last)
        tally.mark(row, end, None, REFUSED)
        tally.refused(row, now, guard.key, waits_until, served.count(b"\1", row, end))
        row = end
    return passed, row
