"""Hearing: what payment providers tell without being asked, written into the books of the account it is about.

Owns finding that account, also where a payment provider names its own payment alone, and the translation of the
port's facts. What a fact comes to is core's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

from faregate.app.payments_errors import PaymentUnclear
from faregate.app.payments_port import (
    DisputeStatus,
    MandateStatus,
    PaymentProvider,
    PaymentStatus,
    RefundStatus,
    WebhookEvent,
)
from faregate.app.questions import fact_of, hear_return
from faregate.app.till import Till
from faregate.core.trade.cases import (
    OutsideFact,
    hear_dispute,
    hear_late_part,
    hear_outside_refund,
    hear_paid_twice,
    is_late_part,
)
from faregate.core.trade.draft import Draft
from faregate.core.trade.mandates import MandateFact, hear_mandate
from faregate.core.trade.ordering import account_of, book_of
from faregate.core.trade.payments import PaymentFact, hear, hear_renewal, order_of

log = logging.getLogger("faregate.payments")

UNKNOWN = "unknown_order"


class Hearing:
    """Over one till. ``payers`` by name; ``now`` is the time of an account."""

    def __init__(self, till: Till, payers: Mapping[str, PaymentProvider], now: Callable[[str], int]) -> None:
        self._till, self._payers, self._now = till, payers, now

    async def hear(self, event: WebhookEvent) -> str:
        """Write down what a verified event comes to: ``unknown_order`` where it is about nothing of ours.

        Raises PaymentUnclear where that cannot be known now.
        """
        fact = event.fact
        if fact is None:
            return "ignored"
        order = await self._order_of(fact)
        account = account_of(order) if order is not None else None
        if order is None or account is None or not self._till.knows(account):
            log.warning("%s tells of a %s that is not known here", event.payment_provider, event.kind)
            return UNKNOWN
        now, key = self._now(account), f"{event.payment_provider}:{event.event}"
        renewal = event.kind == "renewal"
        came = str(
            await self._till.act(account, now, lambda draft: _hear(draft, fact, order, renewal, self, now, key))
        )
        if came == "wait":
            raise PaymentUnclear(event.payment_provider, "another refund of this payment is on its way")
        return came

    def names_refunds(self, payer: str) -> bool:
        """Whether a refund of that payment provider that we asked for says so."""
        found = self._payers.get(payer)
        return found is None or found.capabilities.names_refunds

    async def _order_of(self, fact: Fact) -> str | None:
        """Our id of the payment a fact is about, or of the refund; asked for where it names its own payment alone."""
        if isinstance(fact, RefundStatus) and fact.refund is not None and account_of(fact.refund) is not None:
            return fact.refund
        if fact.order is not None:
            return fact.order
        payment = fact.payment if isinstance(fact, RefundStatus | DisputeStatus) else None
        payer = self._payers.get(fact.payment_provider)
        if payment is None or payer is None:
            return None
        status = await payer.status(payment)
        if status.order is None and status.state == "unknown":
            raise PaymentUnclear(fact.payment_provider, f"{payment} cannot be asked about")
        return status.order


Fact: TypeAlias = PaymentStatus | RefundStatus | MandateStatus | DisputeStatus


def _hear(draft: Draft, fact: Fact, order: str, renewal: bool, hearing: Hearing, now: int, key: str) -> str:
    match fact:
        case PaymentStatus():
            return _payment(draft, fact_of(fact, order), renewal, now, key)
        case RefundStatus():
            refund = book_of(draft.state).refunds.get(order)
            if refund is not None:
                return hear_return(draft, refund, fact, now, key)
            if fact.refund == order:
                return UNKNOWN
            return hear_outside_refund(draft, _refund(fact, order, hearing), now, key)
        case MandateStatus():
            if fact.reference is None or fact.state not in ("active", "ended"):
                return "known"
            told = MandateFact(fact.payment_provider, fact.reference, fact.state, order)
            return hear_mandate(draft, told, now, key)
        case DisputeStatus():
            return hear_dispute(draft, _dispute(fact, order), now, key)


def _payment(draft: Draft, fact: PaymentFact, renewal: bool, now: int, key: str) -> str:
    if fact.problem == "paid_twice":
        twice = OutsideFact(fact.payer, fact.reference, None, fact.payment, None, None, "paid_twice")
        return hear_paid_twice(draft, twice, now, key)
    order = book_of(draft.state).order(order_of(fact.payment))
    if order is None:
        return UNKNOWN
    if is_late_part(order, fact):
        return hear_late_part(draft, fact, now, key)
    if renewal:
        return hear_renewal(draft, order, fact, now, key)
    return hear(draft, order, fact, now, key)


def _refund(fact: RefundStatus, order: str, hearing: Hearing) -> OutsideFact:
    money, named = fact.amount or fact.total, hearing.names_refunds(fact.payment_provider)
    by_total = fact.amount is None and fact.total is not None
    return OutsideFact(
        fact.payment_provider,
        fact.reference or fact.payment or order,
        fact.payment,
        order,
        money.amount if money is not None else None,
        money.currency if money is not None else None,
        "succeeded" if by_total else fact.state,
        by_total,
        named,
    )


def _dispute(fact: DisputeStatus, order: str) -> OutsideFact:
    amount = fact.amount.amount if fact.amount is not None else None
    currency = fact.amount.currency if fact.amount is not None else None
    return OutsideFact(fact.payment_provider, fact.reference, fact.payment, order, amount, currency, fact.state)
