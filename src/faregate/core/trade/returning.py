"""Returning: money on its way back to whoever paid it, and mandates that end with what they were for.

Owns the entry ``refund`` and the refunds that nobody asks for: of payments that nobody owed. What a customer may have
back is refunding.py's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.trade.book import LAPSED, Agreement, Order, Received
from faregate.core.trade.ordering import effect, trade_id

if TYPE_CHECKING:
    from faregate.core.trade.payments import PaymentFact

SALES = "house:sales"


def refund_id(account: str, key: str) -> str:
    """The id of the refund that write ``key`` asks for."""
    return trade_id("ref_", account, key)


def refund_entry(
    state: AccountState,
    order: Order,
    payment: Received,
    amount: int,
    key: str,
    now: int,
    source: str,
    facts: dict[str, Any],
) -> Entry:
    """The entry that sends ``amount`` of a payment back, out of the ledger account ``source``."""
    id = refund_id(state.account, key)
    data = {
        "refund": id,
        "order": order.id,
        "payment": payment[0],
        "payer": payment[1],
        "reference": payment[2],
        "of": payment[3],
        "amount": amount,
        "currency": payment[4],
        "source": source,
        **facts,
        "effects": [effect(id, "refund", id, now, payer=payment[1])],
    }
    postings = [(source, payment[4], -amount), (f"refund:{id}", payment[4], amount)]
    return Entry(state.account, state.seq + 1, now, "refund", key, postings, [], data)


def return_payment(state: AccountState, order: Order, fact: PaymentFact, why: str, now: int, key: str) -> Entry:
    """A payment that nobody owed goes back whole, out of the order's escrow."""
    assert fact.amount is not None and fact.currency is not None
    kept = (fact.payment, fact.payer, fact.reference, fact.amount, fact.currency)
    facts: dict[str, Any] = {"why": why, "subscription": None, "falls_to": None}
    # The reference makes it another refund where one event tells of two payments.
    named = f"{key}+{fact.reference}"
    entry = refund_entry(state, order, kept, fact.amount, named, now, f"order:{order.id}", facts)
    if fact.mandate is None:
        return entry
    off = effect(f"{entry.data['refund']}:mandate", "cancel_mandate", order.id, now, payer=fact.payer)
    off["mandate"] = fact.mandate
    return entry._replace(data={**entry.data, "effects": [*entry.data["effects"], off]})


def left_over(state: AccountState) -> Entry | None:
    """The way back of money that paid the next period of what is over."""
    for order in state.book.orders.values() if state.book is not None else ():
        if not order.is_left_over:
            continue
        assert order.expires_at is not None, "set when it was over"
        payment = order.received[0]
        facts: dict[str, Any] = {"why": LAPSED, "subscription": None, "falls_to": None}
        key = f"left:{order.id}"
        return refund_entry(state, order, payment, payment[3], key, order.expires_at, f"order:{order.id}", facts)
    return None


def mandate_off(agreement: Agreement | None, subscription: str, now: int) -> list[dict[str, Any]]:
    """What is asked outside when ``subscription`` is over: that nobody is charged for it any more."""
    if agreement is None or agreement.mandate is None:
        return []
    off = effect(f"{subscription}:mandate", "cancel_mandate", subscription, now, payer=agreement.payer)
    return [{**off, "mandate": agreement.mandate}]
