"""The agenda of an account: when its trade asks for something next.

Owns one question. What is due then, roll.py and the outbox say.
"""

from __future__ import annotations

from faregate.core.account import AccountState
from faregate.core.trade.book import NEVER


def next_due(state: AccountState) -> int | None:
    """When something is to be asked outside, an order gives up, or a bought subscription renews or ends."""
    book = state.book
    if book is None:
        return None
    due = min(book.next_step(), book.due_at() or NEVER)
    for key in book.agreements:
        subscription = state.subscriptions.get(key)
        if subscription is None:
            continue
        edges = (subscription.ends_at, subscription.period_end if book.goes_on(key) else None)
        due = min(due, *(edge for edge in (*edges, NEVER) if edge is not None))
    return due if due < NEVER else None
