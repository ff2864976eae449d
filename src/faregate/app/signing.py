"""Signing: questions about mandates put to a payment provider, and what their answers write into the books.

Owns asking for a mandate of a subscription that runs, whether one was signed, and ending one. What a mandate does to
orders and agreements is core's.
"""

from __future__ import annotations

from typing import Any

from faregate.app.answers import POLL_FIRST, Answer, done, how_to_pay, later, period_of, problem_of
from faregate.app.payments_errors import PaymentsError
from faregate.app.payments_port import MandateStatus, Money, PaymentOrder, PaymentProvider
from faregate.core.account import AccountState
from faregate.core.trade import outbox
from faregate.core.trade.book import Effect
from faregate.core.trade.draft import Draft
from faregate.core.trade.mandates import MandateFact, hear_mandate
from faregate.core.trade.ordering import book_of, effect


async def cancel_mandate(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    """Nobody is charged by it any more."""
    if not payer.capabilities.cancel_mandate:
        return done("cannot_be_called_off")
    status: MandateStatus = await payer.cancel_mandate(str(asked.facts["mandate"]))
    if status.state == "ended":
        return done(status.state)
    return later(problem_of(status) or status.state)


async def sign(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    """A mandate for a subscription that runs: nothing is paid now."""
    agreement = book_of(state).agreements.get(asked.about)
    wanted = agreement.binding if agreement is not None else None
    if wanted is None or wanted["id"] != asked.id:
        return done("over")
    try:
        begun = await payer.begin(_mandate_order(asked, wanted, payer, state.account, url))
    except PaymentsError as problem:
        return _binding(asked, {**wanted, "problem": problem.code}, [])
    if begun.state == "unknown":
        return later(problem_of(begun))
    if begun.how is None:
        return _binding(asked, {**wanted, "problem": problem_of(begun) or begun.state}, [])
    poll = effect(f"{asked.id}:ask", "ask_mandate", asked.about, now + POLL_FIRST, payer=payer.name)
    signs = {**wanted, "link": how_to_pay(begun.how)}
    return _binding(asked, signs, [{**poll, "reference": begun.reference, "payment": asked.id}])


def _binding(asked: Effect, wanted: dict[str, Any], effects: list[dict[str, Any]]) -> Answer:
    """How a mandate is signed, or why it is not."""

    def write(draft: Draft, id: str, now: int) -> None:
        book = book_of(draft.state)
        mine, agreement = book.effects.get(id), book.agreements.get(asked.about)
        if mine is None:
            return
        facts: dict[str, Any] = {}
        if agreement is not None and (agreement.binding or {}).get("id") == id:
            facts = {"subscription": asked.about, "agreement": {"binding": wanted}, "effects": effects}
        draft.add(outbox.answered(draft.state, mine, "begun", now, f"{id}:{mine.tries}:answered", **facts))

    return Answer(write)


async def ask_mandate(payer: PaymentProvider, state: AccountState, asked: Effect, now: int, url: str) -> Answer:
    """Whether it was signed, should its webhook be lost."""
    order = book_of(state).order(asked.about)
    status = await payer.mandate_status(str(asked.facts["reference"]))
    payment = str(asked.facts.get("payment") or asked.id.removesuffix(":ask"))
    if status.state == "active" and status.reference is not None:
        return heard_mandate(MandateFact(payer.name, status.reference, "active", payment), asked.id)
    agreement = book_of(state).agreements.get(asked.about)
    signs = agreement is not None and (agreement.binding or {}).get("id") == payment
    if status.state != "unknown" and not signs and (order is None or not order.is_open or order.payment != payment):
        return done("over")
    return later(problem_of(status))


def heard_mandate(fact: MandateFact, asked: str) -> Answer:
    """The end of a question about a mandate."""

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            draft.add(outbox.answered(draft.state, mine, fact.state, now, f"{id}:{mine.tries}:answered"))
        hear_mandate(draft, fact, now, f"{asked}:heard")

    return Answer(write)


def _mandate_order(
    asked: Effect, wanted: dict[str, Any], payer: PaymentProvider, account: str, url: str
) -> PaymentOrder:
    return PaymentOrder(
        order=asked.id,
        amount=Money(int(wanted["amount"]), wanted["currency"]),
        description=wanted["title"],
        customer=account,
        idempotency_key=asked.id,
        notify_url=f"{url}/api/v1/payments/{payer.name}/webhook",
        return_url=wanted["return_url"] or f"{url}/",
        at=int(wanted["at"]),
        mandate=period_of(wanted["period"]),
    )
