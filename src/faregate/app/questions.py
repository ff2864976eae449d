"""Questions: one thing of the outbox put to a payment provider, and what its answer writes into the books.

Owns the translation between the books' effects and the port's calls, both ways. Keeps no state.
"""

from __future__ import annotations

from typing import Any, cast

from faregate.app.answers import POLL_FIRST, Answer, done, how_to_pay, later, period_of, problem_of
from faregate.app.payments_errors import PaymentsError
from faregate.app.payments_port import (
    Begun,
    HowToPay,
    Money,
    PaymentOrder,
    PaymentProvider,
    PaymentStatus,
    RefundOrder,
    RefundStatus,
    RenewsItself,
)
from faregate.app.signing import ask_mandate, cancel_mandate, sign
from faregate.core.account import AccountState
from faregate.core.instants import MINUTE
from faregate.core.trade import outbox
from faregate.core.trade.book import Effect, Order, Refund
from faregate.core.trade.cases import hear_late_part, is_late_part
from faregate.core.trade.contradictions import confirm, contradicts, hear_contradiction
from faregate.core.trade.draft import Draft
from faregate.core.trade.looking import LOOKS_AFTER
from faregate.core.trade.ordering import book_of, effect
from faregate.core.trade.payments import PaymentFact, begin_anew, hear, hear_renewal
from faregate.core.trade.refunding import hear_refund

BEGUN_WITHIN = 20 * MINUTE
"""How long one try to begin is repeated; pages that are open for half an hour cannot be made for it later."""


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


def payment_order(state: AccountState, order: Order, asked: Effect, payer: PaymentProvider, url: str) -> PaymentOrder:
    """What a payment provider is to collect for ``order``. The same try is the same order, whenever it is asked."""
    facts, amount = order.facts, order.outside
    wants_mandate = facts["renews"] and payer.capabilities.mandate and asked.kind == "begin"
    if wants_mandate and payer.capabilities.mandate_first:
        # Signed for what a period costs without what the first is cheaper by; charged is what is owed.
        amount = max(amount, sum(each for _, each in facts["lines"] if each > 0))
    return PaymentOrder(
        order=order.payment,
        amount=Money(amount, order.currency),
        description=facts["title"],
        customer=state.account,
        idempotency_key=order.payment,
        notify_url=f"{url}/api/v1/payments/{payer.name}/webhook",
        return_url=facts["return_url"] or f"{url}/console/orders/{order.id}",
        at=int(asked.facts["due_at"]),
        expires_at=order.expires_at,
        mandate=period_of(facts["period"]) if wants_mandate else None,
        product=f"{facts['plan']}:{facts['price']}" if facts["price"] else facts["plan"],
        begun_as=order.reference,
    )


async def _begin(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    if now - int(asked.facts["due_at"]) > BEGUN_WITHIN and order.reference is None:
        return _begun_anew(order)
    begun = await payer.begin(payment_order(state, order, asked, payer, url))
    if begun.state == "unknown":
        return later(begun.problem.code if begun.problem is not None else "unknown")
    if begun.state == "succeeded" and begun.reference is not None:
        # Paid after an earlier begin whose answer was lost.
        return _of_status(await payer.status(begun.reference, order.payment), order)
    if begun.state != "pending" or begun.reference is None or begun.how is None:
        problem = begun.problem.code if begun.problem is not None else begun.state
        fact = PaymentFact(order.payment, payer.name, begun.reference or "", "failed", problem=problem)
        return _heard(fact)
    return _begun(begun, begun.how, payer.capabilities.mandate_first and order.facts["renews"])


def _begun_anew(order: Order) -> Answer:
    """Nobody knows whether it was begun, and its time may be over there: another try is safe, for nobody has seen how
    to pay the one before."""

    def write(draft: Draft, id: str, now: int) -> None:
        kept = book_of(draft.state).order(order.id)
        if id in book_of(draft.state).effects and kept is not None and kept.is_open:
            begin_anew(draft, kept, now, f"{id}:anew")

    return Answer(write)


def _begun(begun: Begun, how: HowToPay, signing: bool) -> Answer:
    link = how_to_pay(how)

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is None:
            return
        kind = "ask_mandate" if signing else "ask"
        poll = effect(f"{id}:ask", kind, mine.about, now + POLL_FIRST, payer=begun.payment_provider)
        entry = outbox.answered(
            draft.state,
            mine,
            "begun",
            now,
            f"{id}:begun",
            reference=begun.reference,
            link=link,
            signing=signing,
            expires_at=begun.expires_at,
            effects=[{**poll, "reference": begun.reference}],
        )
        draft.add(entry)

    return Answer(write)


async def _charge(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    mandate = str(order.facts["mandate"])
    status = await payer.charge(mandate, payment_order(state, order, asked, payer, url))
    return _of_status(status, order)


async def _status(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    reference = asked.facts.get("reference") or order.reference
    return _of_status(await payer.status(str(reference), order.payment), order)


async def _look(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    """Whether a payment that is told to have come to nothing was paid after all."""
    if payer.capabilities.by_hand:
        return done("by_hand")
    payment = str(asked.facts["payment"])
    status = await payer.status(str(asked.facts["reference"]), payment)
    if status.state == "succeeded":
        return _heard(fact_of(status, status.order or payment))
    fact, order = fact_of(status, payment), book_of(state).order(asked.about)
    if order is not None and is_late_part(order, fact):
        return _late_part(fact)
    return _looked(problem_of(status) if status.state == "unknown" else "")


def _late_part(fact: PaymentFact) -> Answer:
    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            hear_late_part(draft, fact, now, f"{id}:heard{mine.facts['looks']}")
            draft.add(outbox.looked(draft.state, mine, now, f"{id}:{mine.facts['looks']}:looked"))

    return Answer(write)


async def _look_at_refund(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    if payer.capabilities.by_hand:
        return done("by_hand")
    refund = book_of(state).refunds[asked.about]
    status = await payer.refund_status(str(asked.facts["reference"]), refund_order(refund, payer, url))
    if status.state == "succeeded" and not _is_of_another_sum(status, refund):
        return _of_refund(status, refund)
    return _looked(problem_of(status) if status.state == "unknown" else "")


def _looked(problem: str) -> Answer:
    """Nothing came, as it was told; without an answer it is asked again before the next look is due."""
    if problem and problem != "not_found":
        return later(problem)

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            draft.add(outbox.looked(draft.state, mine, now, f"{id}:{mine.facts['looks']}:looked"))

    return Answer(write)


async def _renewal(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    """Whether a payment provider charged the next period by itself, should its webhook be lost."""
    order = book_of(state).orders[asked.about]
    lapsed = order.state == "closed" and now < (order.done_at or 0) + LOOKS_AFTER[-1]
    if not order.is_open and not lapsed:
        return done("over")
    status = await cast(RenewsItself, payer).renewal(str(asked.facts["mandate"]))
    root = book_of(state).order(asked.facts.get("root"))
    if status.state != "succeeded" or root is None:
        return later(problem_of(status))
    fact = fact_of(status, root.payment)

    def write(draft: Draft, id: str, now: int) -> None:
        book = book_of(draft.state)
        mine, kept = book.effects.get(id), book.order(root.id)
        if mine is None or kept is None:
            return
        if hear_renewal(draft, kept, fact, now, f"{id}:heard") == "known":
            draft.add(outbox.ask_later(draft.state, mine, now, f"{id}:{mine.tries}:later", problem=""))
        else:
            draft.add(outbox.answered(draft.state, mine, status.state, now, f"{id}:{mine.tries}:answered"))

    return Answer(write)


async def _abandon(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    order = book_of(state).orders[asked.about]
    # A try that another one took the place of is named; else it is the last one.
    reference = asked.facts.get("reference") or order.reference
    payment = str(asked.facts.get("payment") or order.payment)
    if not payer.capabilities.abandon or reference is None:
        return done("cannot_be_called_off")
    status = await payer.abandon(str(reference), payment)
    if status.state == "unknown":
        return later(status.problem.code if status.problem is not None else "unknown")
    return _heard(fact_of(status, payment))


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
        changes: dict[str, Any] = {"problem": fact.problem if status.state == "unknown" else ""}
        if status.reference is not None:
            changes |= {"kind": "ask", "reference": status.reference}
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


def hear_return(draft: Draft, refund: Refund, status: RefundStatus, now: int, key: str, asked: bool = False) -> str:
    """``hear_refund`` for a status, told or ``asked`` for: one of another sum is none that can be believed."""
    state, problem = status.state, status.problem.code if status.problem is not None else ""
    if _is_of_another_sum(status, refund):
        state, problem = "unknown", "amount_differs"
    if contradicts(refund, state):
        return hear_contradiction(draft, refund, state, status.reference, asked, now, key)
    if asked and refund.reason == "contradicted" and state == refund.state:
        confirm(draft, refund, now, key)
        return "known"
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
        hear_return(draft, kept, status, now, f"{id}:{tries}:heard", asked=True)
        mine = book_of(draft.state).effects.get(id)
        if mine is None:
            return
        if open_still:
            changes: dict[str, Any] = {"problem": problem_of(status) if status.state == "unknown" else ""}
            if status.reference:
                changes |= {"kind": "ask_refund", "reference": status.reference}
            draft.add(outbox.ask_later(draft.state, mine, now, f"{id}:{tries}:later", **changes))
        else:
            draft.add(outbox.answered(draft.state, mine, status.state, now, f"{id}:{tries}:answered"))

    return Answer(write)


# ---- answers that are none


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
    "ask_renewal": _renewal,
    "look": _look,
    "look_refund": _look_at_refund,
    "abandon": _abandon,
    "refund": _refund,
    "ask_refund": _refund_status,
    "cancel_mandate": cancel_mandate,
    "sign": sign,
    "ask_mandate": ask_mandate,
}
