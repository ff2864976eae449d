"""Resolving: what a person decides about an order whose money did not match it.

Owns the two ways out of review. What lies in the escrow is delivered for, or goes back whole.
"""

from __future__ import annotations

from typing import Literal

from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.trade.book import Order
from faregate.core.trade.draft import Draft
from faregate.core.trade.fulfilment import deliver
from faregate.core.trade.ordering import book_of, close
from faregate.core.trade.payments import PaymentFact
from faregate.core.trade.returning import return_payment


def resolve(draft: Draft, order: Order, how: Literal["deliver", "give_back"], note: str, now: int, key: str) -> None:
    """Add to ``draft`` the end of a review. Raises BadCommand for an order that is not in review, or whose delivery
    would not be covered by what came.
    """
    if order.state != "review":
        raise BadCommand("order_is_over", order=order.id, state=order.state)
    if how == "deliver":
        _give_back_what_is_too_much(draft, order, note, now, key)
        _settle_difference(draft, book_of(draft.state).orders[order.id], note, now, key)
        deliver(draft, book_of(draft.state).orders[order.id], now, f"{key}+deliver")
        return
    draft.add(close(draft.state, order, "given_back", now, f"{key}+close"))
    closed = book_of(draft.state).orders[order.id]
    for number, (payment, payer, reference, amount, currency) in enumerate(closed.received):
        if amount:
            fact = PaymentFact(payment, payer, reference, "succeeded", amount, currency)
            entry = return_payment(draft.state, closed, fact, "given_back", now, f"{key}+back{number}")
            draft.add(entry._replace(data={**entry.data, "note": note}))


def _give_back_what_is_too_much(draft: Draft, order: Order, note: str, now: int, key: str) -> None:
    """Whole payments that the order is covered without go back, the last one first: it was paid twice."""
    gone = 0
    for number, (payment, payer, reference, amount, currency) in reversed(list(enumerate(order.received))):
        if currency == order.currency and amount and order.escrow - gone - amount >= int(order.facts["total"]):
            gone += amount
            fact = PaymentFact(payment, payer, reference, "succeeded", amount, currency)
            back = return_payment(draft.state, order, fact, "not_owed", now, f"{key}+extra{number}")
            draft.add(back._replace(data={**back.data, "note": note}))


def _settle_difference(draft: Draft, order: Order, note: str, now: int, key: str) -> None:
    """The escrow holds what the order costs: the house bears what is missing, or keeps what is above."""
    if any(currency != order.currency for *_, currency in order.received):
        raise BadCommand("not_its_currency", order=order.id, currency=order.currency)
    missing = int(order.facts["total"]) - order.escrow
    data = {
        "order": order.id,
        "payment": order.payment,
        "payer": order.facts["payer"],
        "reference": order.reference,
        "said": "resolved",
        "problem": "",
        "state": "paid",
        "note": note,
    }
    postings = []
    if missing:
        postings = [("house:differences", order.currency, -missing), (f"order:{order.id}", order.currency, missing)]
    state = draft.state
    draft.add(Entry(state.account, state.seq + 1, now, "payment", f"{key}+difference", postings, [], data))
