"""Questions: one thing of the outbox put to a payment provider, and what its answer writes into the books.

Owns the translation between the books' effects and the port's calls, both ways. Keeps no state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faregate.app.payments_errors import PaymentsError
from faregate.app.payments_port import (
    Begun,
    HowToPay,
    Instructions,
    MandateStatus,
    Money,
    PaymentOrder,
    PaymentProvider,
    PaymentStatus,
    Period,
    QrText,
    Redirect,
    RefundOrder,
    RefundStatus,
)
from faregate.core.account import AccountState
from faregate.core.instants import MINUTE
from faregate.core.trade import outbox
from faregate.core.trade.book import Effect, Order, Refund
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of, effect
from faregate.core.trade.payments import PaymentFact, hear
from faregate.core.trade.refunding import hear_refund

POLL_FIRST = MINUTE
"""How long after a payment was begun it is asked about, should its webhook be lost."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer does to the books."""

    write: Callable[[Draft, str, int], None]


async def ask(payer: PaymentProvider | None, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    """Put ``asked`` to ``payer`` (None: nobody of that name is configured). Never raises what a payer may raise."""
    if payer is None:
        return later("payer_not_configured")
    try:
        return await _CALLS[asked.kind](payer, state, asked, now, url)
    except PaymentsError as problem:
        return _impossible(problem.code)


def fact_of(status: PaymentStatus, payment: str) -> PaymentFact:
    """A status in the words of the books."""
    amount = status.amount
    return PaymentFact(
        payment,
        status.payment_provider,
        status.reference or "",
        status.state,
        amount.amount if amount is not None else None,
        amount.currency if amount is not None else None,
        status.problem.code if status.problem is not None else "",
        status.mandate,
    )


# ---- payments


def payment_order(state: AccountState, order: Order, payer: PaymentProvider, now: int, url: str) -> PaymentOrder:
    """What a payment provider is to collect for ``order``."""
    facts = order.facts
    # Where a mandate is signed before it is charged, nothing here charges the order then: it is paid as any other.
    wants_mandate = facts["renews"] and payer.capabilities.mandate and not payer.capabilities.mandate_first
    return PaymentOrder(
        order=order.payment,
        amount=Money(order.outside, order.currency),
        description=facts["title"],
        customer=state.account,
        idempotency_key=order.payment,
        notify_url=f"{url}/api/v1/payments/{payer.name}/webhook",
        return_url=facts["return_url"] or f"{url}/orders/{order.id}",
        at=order.at,
        expires_at=order.expires_at,
        mandate=_period(facts["period"]) if wants_mandate else None,
        product=f"{facts['plan']}:{facts['price']}" if facts["price"] else facts["plan"],
    )


def _period(period: str | None) -> Period | None:
    if period is None:
        return None
    if period == "month":
        return Period("month")
    if period == "year":
        return Period("year")
    return Period("day", int(period.removesuffix("d")))


async def _begin(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    begun = await payer.begin(payment_order(state, order, payer, now, url))
    if begun.state == "unknown":
        return later(begun.problem.code if begun.problem is not None else "unknown")
    if begun.state == "succeeded" and begun.reference is not None:
        # Paid after an earlier begin whose answer was lost.
        return _of_status(await payer.status(begun.reference, order.payment), order)
    if begun.state != "pending" or begun.reference is None or begun.how is None:
        problem = begun.problem.code if begun.problem is not None else begun.state
        fact = PaymentFact(order.payment, payer.name, begun.reference or "", "failed", problem=problem)
        return _heard(fact)
    return _begun(begun, begun.how)


def _begun(begun: Begun, how: HowToPay) -> Answer:
    link = how_to_pay(how)

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is None:
            return
        poll = effect(f"{id}:ask", "ask", mine.about, now + POLL_FIRST, payer=begun.payment_provider)
        entry = outbox.answered(
            draft.state,
            mine,
            "begun",
            now,
            f"{id}:begun",
            reference=begun.reference,
            link=link,
            expires_at=begun.expires_at,
            effects=[{**poll, "reference": begun.reference}],
        )
        draft.add(entry)

    return Answer(write)


def how_to_pay(how: HowToPay) -> dict[str, Any]:
    """How to pay as plain data: ``url``, ``qr`` or ``lines``."""
    match how:
        case Redirect(url):
            return {"url": url}
        case QrText(text):
            return {"qr": text}
        case Instructions(lines):
            return {"lines": [list(line) for line in lines]}


async def _charge(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    mandate = str(order.facts["mandate"])
    status = await payer.charge(mandate, payment_order(state, order, payer, now, url))
    return _of_status(status, order)


async def _status(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    reference = asked.facts.get("reference") or order.reference
    return _of_status(await payer.status(str(reference), order.payment), order)


async def _abandon(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    if not payer.capabilities.abandon or order.reference is None:
        return done("cannot_be_called_off")
    status = await payer.abandon(order.reference, order.payment)
    if status.state == "unknown":
        return later("unknown")
    return _heard(fact_of(status, order.payment))


def _of_status(status: PaymentStatus, order: Order) -> Answer:
    fact = fact_of(status, status.order or order.payment)
    if status.state in ("succeeded", "failed", "cancelled"):
        return _heard(fact)

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        kept = book_of(draft.state).orders.get(order.id)
        if mine is None or kept is None:
            return
        if not kept.is_open:
            draft.add(outbox.answered(draft.state, mine, status.state, now, f"{id}:{mine.tries}:over"))
            return
        hear(draft, kept, fact, now, f"{id}:{mine.tries}:heard")
        changes: dict[str, Any] = {}
        if status.reference is not None:
            changes = {"kind": "ask", "reference": status.reference}
        draft.add(outbox.ask_later(draft.state, mine, now, f"{id}:{mine.tries}:later", **changes))

    return Answer(write)


def _heard(fact: PaymentFact) -> Answer:
    """The end of a question about a payment: the answer counts, whether or not the question still stands."""

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            draft.add(outbox.answered(draft.state, mine, fact.state, now, f"{id}:{mine.tries}:answered"))
        order = book_of(draft.state).order(fact.payment.rpartition("_")[0])
        if order is not None:
            hear(draft, order, fact, now, f"{id}:heard")

    return Answer(write)


# ---- refunds and mandates


def refund_order(refund: Refund, payer: PaymentProvider, url: str) -> RefundOrder:
    """What a payment provider is to give back."""
    facts = refund.facts
    return RefundOrder(
        refund=refund.id,
        order=facts["payment"],
        payment=facts["reference"],
        paid=Money(int(facts["of"]), facts["currency"]),
        amount=Money(refund.amount, facts["currency"]),
        reason=facts["why"],
        idempotency_key=refund.id,
        notify_url=f"{url}/api/v1/payments/{payer.name}/webhook",
        at=refund.at,
    )


async def _refund(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    refund = book_of(state).refunds[asked.about]
    return _of_refund(await payer.refund(refund_order(refund, payer, url)), refund)


async def _refund_status(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    refund = book_of(state).refunds[asked.about]
    reference = str(asked.facts["reference"])
    return _of_refund(await payer.refund_status(reference, refund_order(refund, payer, url)), refund)


def hear_return(draft: Draft, refund: Refund, status: RefundStatus, now: int, key: str) -> str:
    """``hear_refund`` for a status: one of another sum is none that can be believed."""
    state, problem = status.state, status.problem.code if status.problem is not None else ""
    if _is_of_another_sum(status, refund):
        state, problem = "unknown", "amount_differs"
    return hear_refund(draft, refund, state, status.reference, problem, now, key)


def _is_of_another_sum(status: RefundStatus, refund: Refund) -> bool:
    amount = status.amount
    return amount is not None and (amount.amount, amount.currency) != (refund.amount, refund.facts["currency"])


def _of_refund(status: RefundStatus, refund: Refund) -> Answer:
    open_still = status.state in ("pending", "unknown") or _is_of_another_sum(status, refund)

    def write(draft: Draft, id: str, now: int) -> None:
        mine, kept = book_of(draft.state).effects.get(id), book_of(draft.state).refunds.get(refund.id)
        if kept is None:
            return
        tries = mine.tries if mine is not None else 0
        hear_return(draft, kept, status, now, f"{id}:{tries}:heard")
        mine = book_of(draft.state).effects.get(id)
        if mine is None:
            return
        if open_still:
            changes = {"kind": "ask_refund", "reference": status.reference} if status.reference else {}
            draft.add(outbox.ask_later(draft.state, mine, now, f"{id}:{tries}:later", **changes))
        else:
            draft.add(outbox.answered(draft.state, mine, status.state, now, f"{id}:{tries}:answered"))

    return Answer(write)


async def _cancel_mandate(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    if not payer.capabilities.cancel_mandate:
        return done("cannot_be_called_off")
    status: MandateStatus = await payer.cancel_mandate(str(asked.facts["mandate"]))
    return done(status.state) if status.state == "ended" else later(status.state)


# ---- answers that are none


def done(outcome: str) -> Answer:
    """Nothing more is to be asked."""

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            draft.add(outbox.answered(draft.state, mine, outcome, now, f"{id}:{mine.tries}:answered"))

    return Answer(write)


def later(problem: str) -> Answer:
    """There was no answer: it is asked again."""

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            draft.add(outbox.ask_later(draft.state, mine, now, f"{id}:{mine.tries}:later", problem=problem))

    return Answer(write)


def _impossible(problem: str) -> Answer:
    """The payment provider cannot do this at all: what it was for has failed."""

    def write(draft: Draft, id: str, now: int) -> None:
        book = book_of(draft.state)
        mine = book.effects.get(id)
        if mine is None:
            return
        draft.add(outbox.answered(draft.state, mine, problem, now, f"{id}:{mine.tries}:answered"))
        refund, order = book.refunds.get(mine.about), book.orders.get(mine.about)
        if refund is not None:
            hear_refund(draft, refund, "failed", None, problem, now, f"{id}:heard")
        elif order is not None and mine.kind in ("begin", "charge"):
            payer = str(mine.facts["payer"])
            fact = PaymentFact(order.payment, payer, order.reference or "", "failed", problem=problem)
            hear(draft, order, fact, now, f"{id}:heard")

    return Answer(write)


_CALLS = {
    "begin": _begin,
    "charge": _charge,
    "ask": _status,
    "abandon": _abandon,
    "refund": _refund,
    "ask_refund": _refund_status,
    "cancel_mandate": _cancel_mandate,
}
