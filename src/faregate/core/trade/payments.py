"""Payments: what is heard of them, and what it comes to.

Owns the reading of facts against orders: a payment that matches delivers, one more than needed goes back, one that
contradicts its order is parked for a person. The same fact again changes nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faregate.core.entry import Entry
from faregate.core.errors import CoreError
from faregate.core.instants import HOUR
from faregate.core.trade.book import Agreement, Order, Received
from faregate.core.trade.draft import Draft
from faregate.core.trade.fulfilment import deliver
from faregate.core.trade.looking import look
from faregate.core.trade.ordering import book_of, close, effect
from faregate.core.trade.quote import trade_of
from faregate.core.trade.renewing import order_ahead
from faregate.core.trade.returning import return_payment

PARTIALLY_PAID = "partially_paid"
BEGIN_AGAIN = 6 * HOUR
"""How long after a begin that was refused a renewal is begun again."""


class PaymentFact(NamedTuple):
    """What a payment provider says of a payment, or of one of its own renewals.

    ``payment`` is our id of it (ORDER_try). ``state``: pending, succeeded, failed, cancelled or unknown. ``amount``
    in 10⁻⁹ of ``currency``, None where it does not say. ``mandate`` allows later charges. ``stranger``: it is another
    payment than the one we asked for, made by the mandate of this one.
    """

    payment: str
    payer: str
    reference: str
    state: str
    amount: int | None = None
    currency: str | None = None
    problem: str = ""
    mandate: str | None = None


def order_of(payment: str) -> str:
    """The order that a payment is for."""
    return payment.rpartition("_")[0]


def hear(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str) -> str:
    """Add to ``draft`` what ``fact`` comes to for ``order``; says it in a word.

    ``known`` (nothing new), ``pending``, ``in_doubt``, ``failed``, ``delivered``, ``paid`` (to be delivered later),
    ``returned`` (more than needed), ``review``.
    """
    if fact.state == "succeeded":
        return _money_came(draft, order, fact, now, key)
    if not order.is_open or order.state == "review" or order.received or fact.payment != order.payment:
        return "known"
    if fact.state == "pending":
        return _pending(draft, order, fact, now, key)
    if fact.state == "unknown":
        return _doubt(draft, order, fact, now, key)
    return _failed(draft, order, fact, now, key)


def hear_renewal(draft: Draft, root: Order, fact: PaymentFact, now: int, key: str) -> str:
    """``hear`` for a payment that a payment provider made by itself, of the mandate that ``root`` left behind.

    Where the subscription does not go on, the money goes back.
    """
    book = book_of(draft.state)
    if fact.state == "succeeded" and any(_told(order, fact) is not None for order in book.orders.values()):
        return "known"
    found = next(((name, each) for name, each in book.agreements.items() if each.root == root.id), None)
    if found is None:
        return hear(draft, root, fact, now, key)
    subscription, agreement = draft.state.subscriptions[found[0]], found[1]
    order = book.order(agreement.order)
    if order is None or order.done_at is not None:
        if fact.state != "succeeded" or not agreement.auto or subscription.period_end is None:
            return hear(draft, root, fact, now, key)
        ahead = draft.add(order_ahead(draft.state, subscription, agreement, now, draft.market))
        order = book_of(draft.state).orders[ahead.data["order"]]
    return hear(draft, order, fact._replace(payment=order.payment), now, key)


def _note(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str, **facts: Any) -> Entry:
    state = draft.state
    data = {
        "order": order.id,
        "payment": fact.payment,
        "payer": fact.payer,
        "reference": fact.reference,
        "said": fact.state,
        "problem": fact.problem,
        **facts,
    }
    return Entry(state.account, state.seq + 1, now, "payment", key, [], [], data)


def _pending(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str) -> str:
    if fact.problem == PARTIALLY_PAID:
        # Less than the price is there: the rest may come, or a person decides.
        draft.add(_note(draft, order, fact, now, key, state="review"))
        return "review"
    if order.reference == fact.reference and order.state == "waiting":
        return "known"
    draft.add(_note(draft, order, fact, now, key, state="waiting"))
    return "pending"


def _doubt(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str) -> str:
    if order.state == "in_doubt":
        return "known"
    draft.add(_note(draft, order, fact, now, key, state="in_doubt"))
    return "in_doubt"


def _failed(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str) -> str:
    agreement = _renewing(draft, order)
    if agreement is None:
        draft.add(_note(draft, order, fact, now, key, state="waiting"))
        reason = "payment_failed" if fact.state == "failed" else "cancelled"
        draft.add(close(draft.state, _again(draft, order), reason, now, f"{key}+close"))
        return "failed"
    facts = _next_try(draft, order, agreement, fact, now)
    draft.add(_note(draft, order, fact, now, key, state="waiting", **facts))
    return "failed"


def _next_try(draft: Draft, order: Order, agreement: Agreement, fact: PaymentFact, now: int) -> dict[str, Any]:
    """How the money of a renewal is asked for after a try in vain: by the mandate while the plan's retries last, then
    of the customer, whose link is made anew as often as it expires, while the grace lasts.
    """
    facts: dict[str, Any] = {}
    retries, tries = _retries(draft, order), order.tries + 1
    by_mandate = bool(order.facts["charges"])
    ended = by_mandate and fact.problem == "mandate_ended"
    if by_mandate or (agreement.charges_itself and order.link is None):
        facts["failed"] = True
    if facts and not by_mandate:
        return facts  # It tries again by itself, and tells when it gives up.
    if ended:
        facts |= {"subscription": order.facts["subscription"], "agreement": {"mandate": None}}
    kind, due_at = "begin", now
    if by_mandate and not ended and agreement.failures < len(retries):
        # Charged in vain for the last time, it can still be paid by hand while the grace lasts.
        kind = "charge"
        due_at = now + retries[agreement.failures]
    elif not by_mandate and fact.state == "failed" and not order.facts.get("signed"):
        due_at = now + BEGIN_AGAIN
    effects = [effect(f"{order.id}_{tries}", kind, order.id, due_at, payer=order.facts["payer"])]
    if order.facts.get("signed"):
        off = effect(f"{order.payment}:unsign", "cancel_mandate", order.id, now, payer=order.facts["payer"])
        effects.append({**off, "mandate": order.facts["mandate"]})
    if fact.reference:
        effects.append(look(order.payment, fact.reference, order.id, now, order.facts["payer"]))
    return {**facts, "tries": tries, "charges": kind == "charge", "effects": effects}


def begin_anew(draft: Draft, order: Order, now: int, key: str) -> None:
    """Add to ``draft`` that the order is begun under another try: the one before had no answer for too long."""
    tries = order.tries + 1
    fact = PaymentFact(order.payment, order.facts["payer"], "", "unknown")
    effects = [effect(f"{order.id}_{tries}", "begin", order.id, now, payer=order.facts["payer"])]
    draft.add(_note(draft, order, fact, now, key, state="waiting", tries=tries, charges=False, effects=effects))


def _renewing(draft: Draft, order: Order) -> Agreement | None:
    """The agreement that ``order`` renews, while it runs."""
    if order.facts["what"] != "renew":
        return None
    return book_of(draft.state).agreements.get(order.facts["subscription"])


def _retries(draft: Draft, order: Order) -> tuple[int, ...]:
    subscription = draft.state.subscriptions.get(order.facts["subscription"])
    return trade_of(draft.market, subscription.terms).renewal.retries if subscription is not None else ()


def _again(draft: Draft, order: Order) -> Order:
    return book_of(draft.state).orders[order.id]


def _money_came(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str) -> str:
    before = _told(order, fact)
    if before is not None:
        return _told_again(draft, order, before, fact, now, key)
    if not order.is_open and not fact.amount:
        return "known"
    fits = (
        fact.payer == order.facts["payer"]
        and fact.amount == order.outside
        and fact.currency == order.currency
        and order.outside > 0
    )
    awaited = order.state != "review" or order.reason == PARTIALLY_PAID
    wanted = order.is_open and awaited and not order.received
    draft.add(_received(draft, order, fact, now, key, "paid" if fits and wanted else "review"))
    order = _again(draft, order)
    if order.state == "review":
        return "review"
    if not wanted:
        # Paid twice, or after it was closed: what nobody owes goes back.
        draft.add(return_payment(draft.state, order, fact, "not_owed", now, f"{key}+back"))
        return "returned"
    return _delivered(draft, order, fact, now, key)


def _told(order: Order, fact: PaymentFact) -> Received | None:
    """The payment of ``fact`` as the order has it already."""
    return next((kept for kept in order.received if kept[2] == fact.reference and kept[1] == fact.payer), None)


def _told_again(draft: Draft, order: Order, before: Received, fact: PaymentFact, now: int, key: str) -> str:
    """The same payment once more: of one in review another sum is believed, and still looked at by a person."""
    amount, currency = fact.amount, fact.currency
    if order.state != "review" or not amount or currency is None or (amount, currency) == before[3:]:
        return "known"
    escrow, outside = f"order:{order.id}", f"external:{fact.payer}"
    entry = _note(
        draft, order, fact, now, key, state="review", reason="amount_contradicted", amount=amount, currency=currency
    )
    postings = [(outside, before[4], before[3]), (escrow, before[4], -before[3])] if before[3] else []
    postings += [(outside, currency, -amount), (escrow, currency, amount)]
    draft.add(entry._replace(postings=postings, data={**entry.data, "corrects": order.received.index(before)}))
    return "review"


def _received(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str, state: str) -> Entry:
    assert fact.amount is not None or state == "review"
    amount, currency = fact.amount or 0, fact.currency or order.currency
    reason = "" if state == "paid" else "amount_differs" if order.is_open else order.reason
    # A closed or finished order stays what it is; one that waits for its money has it now.
    facts: dict[str, Any] = {"state": state if order.is_open else order.state, "reason": reason}
    if fact.mandate is not None:
        facts["mandate"] = fact.mandate
    entry = _note(draft, order, fact, now, key, **facts, amount=amount, currency=currency)
    if not amount:
        return entry
    postings = [(f"external:{fact.payer}", currency, -amount), (f"order:{order.id}", currency, amount)]
    return entry._replace(postings=postings)


def _delivered(draft: Draft, order: Order, fact: PaymentFact, now: int, key: str) -> str:
    trial = Draft(draft.state, draft.market, draft.plans)
    try:
        deliver(trial, order, now, f"{key}+deliver")
    except CoreError as problem:
        # Paid for what cannot be had any more (two orders for one place): the money goes back, and it is said why.
        draft.add(close(draft.state, order, "cannot_be_had", now, f"{key}+close"))
        back = return_payment(draft.state, _again(draft, order), fact, "cannot_be_had", now, f"{key}+back")
        draft.add(back._replace(data={**back.data, "problem": str(problem)}))
        return "returned"
    for entry in trial.entries:
        draft.add(entry)
    return "delivered" if trial.entries else "paid"
