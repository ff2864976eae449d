"""From a checked document to core terms: amounts in smallest parts, patterns written out, meters built.

Owns the translation. Expects a document without problems, except for amounts that do not fit (compile_plan raises
core's BadAmount or AmountOverflow with the place in ``Misfit``).
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import checked, scale
from faregate.core.errors import AmountOverflow
from faregate.core.ratecard import CardVersion, RateCard, RateTier, rates_per_unit
from faregate.core.terms import (
    HOLD_SECONDS,
    ClientRule,
    GraceRule,
    ModelRule,
    PoolTerms,
    Refill,
    SourceTerms,
    Terms,
    WindowTerms,
)
from faregate.planfile.document import FamilyDocument, PlanDocument
from faregate.planfile.document_limits import (
    CalendarRefill,
    GraceDocument,
    PoolDocument,
    Prices,
    RateCardDocument,
    RenewalRefill,
    SourceDocument,
    WindowDocument,
)
from faregate.planfile.model_lists import expand
from faregate.planfile.multiplier_compiler import compile_multiplier
from faregate.planfile.scalars import Quantity, singular
from faregate.planfile.sharing import compile_sharing
from faregate.planfile.units import Units, pool_unit
from faregate.planfile.yaml_tree import Path

_PER = {"1": 1, "1K": 1000, "1M": 1_000_000}


class Misfit(Exception):
    """An amount that the books cannot hold exactly, at ``path``."""

    def __init__(self, path: Path, what: str, mend: str) -> None:
        super().__init__(what)
        self.path, self.what, self.mend = path, what, mend


def smallest_parts(path: Path, quantity: Quantity) -> int:
    """``quantity`` in the smallest parts of its unit. Raises Misfit when it is finer or too large."""
    value = quantity.amount * scale(quantity.unit)
    if value.denominator != 1:
        what = f"{quantity} is finer than the smallest part, 1/{scale(quantity.unit)} {quantity.unit}"
        raise Misfit(path, what, "Round it")
    try:
        return checked(value.numerator)
    except AmountOverflow as problem:
        raise Misfit(path, f"{quantity} is too large for the books", "Write less") from problem


def compile_plan(document: FamilyDocument, name: str) -> Terms:
    """Terms of plan ``name``, bought at its first price."""
    plan, path = document.plans[name], ("plans", name)
    units = Units(document)
    group = next((id for id, members in document.one_of.items() if name in members), None)
    price = plan.prices[0] if plan.prices else None
    family = document.family
    return Terms(
        plan=f"{family}/{name}",
        version=document.version,
        rank=document.order.index(group or name),
        exclusive=f"{family}/{group}" if group else None,
        wallet=plan.wallet,
        opt_in=plan.opt_in,
        companions=tuple(f"{family}/{companion}" for companion in plan.companions),
        period=None if price is None or price.period == "none" else price.period,
        renews=price is not None and price.renews,
        zone=document.zone,
        admission=plan.admission,
        pools=tuple(_pool((*path, "pools", id), id, pool, document.zone) for id, pool in plan.pools.items()),
        windows=tuple(
            _window((*path, "windows", id), id, window, document, units) for id, window in plan.windows.items()
        ),
        sources=tuple(_source(source, plan, document, units) for source in plan.sources),
        exchange=tuple(
            (rate.from_, rate.to, tuple((dated.since or 0, dated.rate) for dated in rate.rates))
            for rate in document.exchange
        ),
        waits=plan.when_exhausted == "wait",
        clients=_clients(plan),
        sharing=compile_sharing(plan.sharing),
        mapping=tuple(ModelRule(rule.from_, rule.to, rule.client_may_override) for rule in plan.model_mapping),
        calls_per_prompt=plan.calls_per_prompt,
        hold_seconds=plan.hold_expires // 1_000_000 if plan.hold_expires else HOLD_SECONDS,
        lost_hold=plan.lost_hold,
        continuity_segments=frozenset(
            id for id, segment in document.segments.items() if segment.ends_with_continuity
        ),
        segments=frozenset(document.segments),
        key_kind=f"{family}/{plan.keys}" if plan.keys else None,
        extra_usage=f"{family}/{plan.extra_usage}" if plan.extra_usage else None,
        grace=_grace((*path, "while_books_are_away", "draw"), plan.while_books_are_away),
    )


def compile_ends(document: FamilyDocument, name: str) -> tuple[Terms, Terms] | None:
    """Terms of plan ``name`` with every banded amount at its low and at its high end; None when none has a band."""
    plan = document.plans[name]
    bands = [window.between for window in plan.windows.values()] + [pool.between for pool in plan.pools.values()]
    if not any(bands):
        return None
    low, high = (compile_plan(_at_end(document, name, end), name) for end in (0, 1))
    return low, high


def _at_end(document: FamilyDocument, name: str, end: int) -> FamilyDocument:
    plan = document.plans[name]
    windows = {
        id: window.model_copy(update={"limit": window.between[end]}) if window.between else window
        for id, window in plan.windows.items()
    }
    pools = {id: _pool_at_end(pool, end) for id, pool in plan.pools.items()}
    changed = plan.model_copy(update={"windows": windows, "pools": pools})
    return document.model_copy(update={"plans": {**document.plans, name: changed}})


def _pool_at_end(pool: PoolDocument, end: int) -> PoolDocument:
    if not pool.between:
        return pool
    amount = pool.between[end]
    if pool.refill is None:
        return pool.model_copy(update={"granted": amount})
    return pool.model_copy(update={"refill": pool.refill.model_copy(update={"amount": amount})})


def _pool(path: Path, id: str, pool: PoolDocument, zone: str) -> PoolTerms:
    refill = None
    if pool.refill is not None:
        written = pool.refill
        amount = smallest_parts((*path, "refill", "amount"), written.amount)
        if isinstance(written, RenewalRefill):
            refill = Refill("renewal", amount, bonus=written.bonus or Fraction(0))
            if (amount * (1 + refill.bonus)).denominator != 1:
                what = f"The bonus of {written.amount} is finer than the books"
                raise Misfit((*path, "refill", "bonus"), what, "Round it")
        elif isinstance(written, CalendarRefill):
            refill = Refill("calendar", amount, written.every, written.zone or zone)
        else:
            refill = Refill(
                "restore",
                amount,
                written.every,
                written.zone or zone,
                written.times,
                written.automatic,
            )
    granted = smallest_parts((*path, "granted"), pool.granted) if pool.granted else 0
    return PoolTerms(id, pool_unit(pool) or "", granted, refill, pool.debt)


def _window(path: Path, id: str, window: WindowDocument, document: FamilyDocument, units: Units) -> WindowTerms:
    unit = window.limit.unit
    name = "requests" if window.guard else window.meter
    return WindowTerms(
        id=id,
        kind=window.kind,
        limit=smallest_parts((*path, "limit"), window.limit),
        unit=unit,
        length=window.length or 0,
        every=window.every or "",
        zone=window.zone or document.zone,
        meter=None if name == "drawn" else units.meter(name, unit),
        multiplied=window.multiplied,
        guard=window.guard,
        lifted_by=f"{document.family}/{window.lifted_by}" if window.lifted_by else None,
        by_key=window.by == "key",
    )


def _grace(path: Path, written: GraceDocument | None) -> GraceRule | None:
    if written is None:
        return None
    if written.draw is None:
        return GraceRule(written.grace, written.requests)
    return GraceRule(written.grace, written.requests, smallest_parts(path, written.draw), written.draw.unit)


def _clients(plan: PlanDocument) -> ClientRule | None:
    rule = plan.clients
    if rule is None:
        return None
    return ClientRule(tuple(rule.allowed), rule.others == "bill_as_api", rule.may_choose_api, rule.signs)


def _source(source: SourceDocument, plan: PlanDocument, document: FamilyDocument, units: Units) -> SourceTerms:
    items = expand(source.models or plan.models, document.models)
    excluded = expand(source.excluded_models, document.models)
    coming = [item.id for item in items if item.status == "coming_soon"]
    clients = source.clients
    if clients is None:
        clients = plan.clients.allowed if plan.clients else []
    return SourceTerms(
        id=source.id,
        meter=units.meter(source.meter, _currency(source, plan)),
        pool=source.pool,
        windows=tuple(source.windows),
        multipliers=tuple(
            compile_multiplier(name, document.multipliers[name], document) for name in source.multipliers
        ),
        models=tuple(item.id for item in items if item.status == "available"),
        excluded_models=(*(item.id for item in excluded), *coming),
        clients=tuple(clients),
    )


def _currency(source: SourceDocument, plan: PlanDocument) -> str:
    if source.pool is not None:
        return pool_unit(plan.pools[source.pool]) or ""
    drawn = [plan.windows[id] for id in source.windows if plan.windows[id].meter == "drawn"]
    return singular(drawn[0].limit.unit) if drawn else ""


def compile_rates(document: FamilyDocument) -> dict[str, RateCard]:
    """The rate cards that the family brings, by model, versions oldest first."""
    cards: dict[str, RateCard] = {}
    for written in sorted(document.rates, key=lambda card: card.since or 0):
        before = cards.get(written.model)
        versions = (*(before.versions if before else ()), _card_version(document, written))
        cards[written.model] = RateCard(written.model, written.currency, versions)
    return cards


def _card_version(document: FamilyDocument, written: RateCardDocument) -> CardVersion:
    per = Fraction(1, _PER[written.per])
    tiers = [RateTier(0, 0, rates_per_unit(**_prices(written.prices, per)))]
    tiers += [
        RateTier(tier.min_input, tier.min_output, rates_per_unit(**_prices(tier.prices, per)))
        for tier in written.tiers
    ]
    version = f"{document.family}@{document.version}"
    return CardVersion(version, written.since or 0, tuple(tiers), written.source or "")


def _prices(prices: Prices, per: Fraction) -> dict[str, Fraction]:
    def a_token(price: Fraction | None) -> Fraction:
        return (prices.input if price is None else price) * per

    return {
        "input": prices.input * per,
        "cached": a_token(prices.cached),
        "cache_write_5m": a_token(prices.cache_write_5m),
        "cache_write_1h": a_token(prices.cache_write_1h),
        "output": prices.output * per,
        "image": prices.image or Fraction(0),
        "tool_call": prices.tool_call or Fraction(0),
        "request": prices.request or Fraction(0),
    }
