"""The agenda of an account: when its trade asks for something next, and what of it a person may look at.

Owns these two questions. What is due, roll.py and the outbox say.
"""

from __future__ import annotations

from typing import NamedTuple

from faregate.core.account import AccountState
from faregate.core.trade.book import NEVER, Book, Effect
from faregate.core.trade.casebook import cases_of
from faregate.core.trade.contradictions import is_stuck

SILENT_TRIES = 2
"""From how many tries in vain a silent payment provider is a matter for people."""


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


class OpenMatter(NamedTuple):
    """Something open: ``kind`` is review, in_doubt, unpaid_renewal, refund, refund_failed, reward, unanswered,
    dispute, refund_outside or paid_twice."""

    id: str
    kind: str
    since: int
    reason: str
    amount: int
    currency: str


def _silent(book: Book, asked: Effect) -> OpenMatter:
    """What a payment provider gives no answer to."""
    id = f"{asked.id}:unanswered"
    since = asked.silent_since if asked.silent_since is not None else asked.due_at
    order, refund = book.orders.get(asked.about), book.refunds.get(asked.about)
    agreement = book.agreements.get(asked.about)
    if order is not None:
        return OpenMatter(id, "unanswered", since, asked.problem, order.outside, order.currency)
    if refund is not None:
        return OpenMatter(id, "unanswered", since, asked.problem, refund.amount, str(refund.facts["currency"]))
    currency = agreement.currency if agreement is not None else "USD"
    return OpenMatter(id, "unanswered", since, asked.problem, 0, currency)


def open_matters(state: AccountState) -> list[OpenMatter]:
    """What of the account's trade is open, oldest first."""
    book = state.book
    if book is None:
        return []
    found: list[OpenMatter] = []
    for order in book.orders.values():
        total = int(order.facts["total"])
        kind = {"review": "review", "in_doubt": "in_doubt"}.get(order.state)
        if kind is None and order.state == "waiting" and order.facts["what"] == "renew" and order.reason:
            kind = "unpaid_renewal"
        if kind is not None:
            found.append(OpenMatter(order.id, kind, order.at, order.reason, total, order.currency))
    for refund in book.refunds.values():
        stuck = is_stuck(book, refund)
        if stuck or refund.state in ("processing", "in_doubt") or refund.reason == "contradicted":
            kind = "refund_failed" if stuck else "refund"
            currency = str(refund.facts["currency"])
            found.append(OpenMatter(refund.id, kind, refund.at, refund.reason, refund.amount, currency))
    found += [_silent(book, each) for each in book.effects.values() if each.problem and each.tries >= SILENT_TRIES]
    found += [
        OpenMatter(each["id"], each["kind"], each["at"], each["state"], int(each["amount"]), each["currency"])
        for each in cases_of(book).values()
        if not each["settled"]
    ]
    reward = book.facts.get("reward")
    if reward is not None and reward["state"] in ("waiting", "review", "held"):
        reason = reward["reason"] or reward["state"]
        found.append(
            OpenMatter(
                reward["order"] + ":reward", "reward", reward["at"], reason, reward["amount"], reward["currency"]
            )
        )
    return sorted(found, key=lambda matter: matter.since)
