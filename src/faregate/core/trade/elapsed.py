"""Elapsed: how much of a bought period has gone by, without the time that its clock stood still.

Owns that sum, for all who charge or give back by time.
"""

from __future__ import annotations

from faregate.core.account import Subscription
from faregate.core.trade.book import Agreement


def elapsed(subscription: Subscription, agreement: Agreement | None, now: int) -> tuple[int, int | None]:
    """(time gone by, length) of the running period at ``now``, in microseconds; the length is None where it has no
    end. Pauses count in neither.
    """
    stood = agreement.stood if agreement is not None else 0
    begun = subscription.period_start + stood
    if agreement is not None and agreement.paused is not None:
        since, left, _ = agreement.paused
        gone = max(since - begun, 0)
        return gone, gone + left if left is not None else None
    end = subscription.period_end
    gone = max(now - begun, 0)
    return (gone, None) if end is None else (min(gone, end - begun), end - begun)
