"""From a checked document to trade terms: how one version of a plan is bought, renewed, changed and returned.

Owns the translation. Expects a document without problems.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.instants import DAY
from faregate.core.trade.terms import (
    NO_REFUND,
    NO_SWITCH,
    CreditTerms,
    PriceTerms,
    ReferralTerms,
    RefundTerms,
    RenewalTerms,
    SwitchTerms,
    TopUpTerms,
    TradeTerms,
)
from faregate.planfile.compiler import smallest_parts
from faregate.planfile.document import FamilyDocument, PlanDocument
from faregate.planfile.document_offer import PriceDocument, SwitchRule
from faregate.planfile.yaml_tree import Path

GRACE = 3 * DAY
RETRIES = (DAY, DAY)


def compile_trade(document: FamilyDocument, name: str) -> TradeTerms:
    """Trade terms of plan ``name``."""
    plan, path, family = document.plans[name], ("plans", name), document.family
    switch = plan.switch
    return TradeTerms(
        plan=f"{family}/{name}",
        version=document.version,
        prices=tuple(_price((*path, "prices", index), price) for index, price in enumerate(plan.prices)),
        top_ups=tuple(
            TopUpTerms(way.pay_with, smallest_parts((*path, "top_up", index), way.minimum), way.minimum.unit)
            for index, way in enumerate(plan.top_up)
        ),
        upgrade=_switch(switch.upgrade, family) if switch is not None else NO_SWITCH,
        downgrade=_switch(switch.downgrade, family) if switch is not None else NO_SWITCH,
        refund=_refund(plan, family),
        renewal=_renewal(plan),
        gift_buys=frozenset(document.gift.buys) if document.gift is not None else frozenset(),
        purses=tuple((id, pool.purse) for id, pool in plan.pools.items() if pool.purse is not None),
        referral=_referral(document),
        usage_rate=_usage_rate(document, plan),
        names=(plan.names.en, plan.names.zh),
    )


def _price(path: Path, price: PriceDocument) -> PriceTerms:
    period = None if price.period == "none" else price.period
    amount = smallest_parts(path, price.amount)
    return PriceTerms(price.id, amount, price.amount.unit, period, price.renews, tuple(price.pay_with), price.trial)


def _switch(rule: SwitchRule, family: str) -> SwitchTerms:
    credit = None
    if rule.credit is not None:
        written = rule.credit
        credit = CreditTerms(
            written.cycle,
            tuple(written.pool_weights.items()),
            written.minimum_consumed,
            written.capped_by == "price_difference",
            f"{family}/{written.into}",
        )
    return SwitchTerms(rule.when, rule.charges, rule.keeps_period, credit)


def _refund(plan: PlanDocument, family: str) -> RefundTerms:
    written = plan.refund
    if written is None:
        return NO_REFUND
    return RefundTerms(
        written.allowed,
        written.within,
        frozenset(written.deducts),
        written.refused_when_usage_exceeds_paid,
        written.fee or Fraction(0),
        f"{family}/{written.falls_to}" if written.falls_to else None,
        tuple(written.working_days),
    )


def _renewal(plan: PlanDocument) -> RenewalTerms:
    written = plan.renewal
    if written is None:
        return RenewalTerms(grace=GRACE, retries=RETRIES)
    return RenewalTerms(
        tuple(written.paid_from) or ("provider",),
        written.cancel_before or 0,
        GRACE if written.grace is None else written.grace,
        RETRIES if written.retries is None else tuple(written.retries),
    )


def _referral(document: FamilyDocument) -> ReferralTerms | None:
    written = document.referral
    if written is None:
        return None
    return ReferralTerms(
        written.reward,
        written.into,
        written.new_customers_only,
        written.pays_within,
        written.no_refund_for,
        tuple(written.review),
        written.friend_discount or Fraction(0),
        written.first_order_discount or Fraction(0),
    )


def _usage_rate(document: FamilyDocument, plan: PlanDocument) -> tuple[tuple[int, Fraction, str], ...]:
    """The worth of the plan's own unit in the currency of its price, dated; empty where list value is counted."""
    meters = {source.meter for source in plan.sources}
    if len(meters) != 1 or not plan.prices:
        return ()
    written = document.meters.get(meters.pop())
    if written is None or written.unit == plan.prices[0].amount.unit:
        return ()
    rates = []
    for version in written.versions:
        if version.cost is None or version.cost.currency != plan.prices[0].amount.unit:
            return ()
        rates.append((version.since or 0, 1 / version.cost.times, written.unit))
    return tuple(sorted(rates))
