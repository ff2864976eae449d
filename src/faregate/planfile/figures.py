"""Figures of a plan: what checks compare and what is computed and shown, exact, at an instant, with its steps.

Owns the arithmetic of ``checks:`` and ``facts:``. Does not enforce anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from faregate.core.amounts import COUNTED_UNITS, decimal_text
from faregate.core.market import Market
from faregate.planfile.document import FamilyDocument, PlanDocument
from faregate.planfile.document_base import Bilingual
from faregate.planfile.document_offer import Fact
from faregate.planfile.mixes import mix_price, mix_request, mix_uncached
from faregate.planfile.spans import Span, exactly, plain
from faregate.planfile.units import Units


class Step(NamedTuple):
    """One step of a sum: ``sign`` is "", "×" or "÷"; ``origin`` names the figure, else what kind of number it is
    (``number``, ``exchange``, ``mix``, ``list_price``)."""

    sign: str
    origin: str
    span: Span


@dataclass(frozen=True, slots=True)
class Figure:
    """A named exact number; ``unit`` None for a ratio. ``kind``: computed, claim or measured; ``text`` for words.

    ``low`` and ``high`` differ where it is a band; ``amount`` is None where but the band, or words, are known.
    ``steps`` is how it was computed; ``source`` a key of the family's sources.
    """

    id: str
    kind: str
    names: Bilingual
    amount: Fraction | None
    unit: str | None
    text: Bilingual | None = None
    source: str | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    steps: tuple[Step, ...] = ()
    about: Bilingual | None = None

    def rounded(self, places: int = 2) -> str:
        """The number to ``places`` decimals, half-even, for showing only; empty when it is words."""
        return "" if self.amount is None else rounded(self.amount, places)

    @property
    def span(self) -> Span | None:
        """The number with its band; None when it is words."""
        if self.low is None or self.high is None:
            return None
        return Span(self.low, self.high, self.amount, self.unit)


def rounded(amount: Fraction, places: int = 2) -> str:
    """``amount`` to at most ``places`` decimals, without needless zeros."""
    return decimal_text(Fraction(round(amount * 10**places), 10**places))


class FigureError(Exception):
    """A figure that cannot be computed: ``what`` says why."""


class _NotPriced(Exception):
    """The figure needs list prices, and none are at hand."""


Valued = tuple[Fraction, str | None]


def named_figure(plan: PlanDocument, name: str) -> Valued:
    """The amount and unit of ``price``, ``windows.ID`` or ``pools.ID`` (a refill without its bonus)."""
    kind, _, id = name.partition(".")
    if kind == "price":
        quantity = plan.prices[0].amount
    elif kind == "windows":
        quantity = plan.windows[id].limit
    else:
        pool = plan.pools[id]
        found = pool.refill.amount if pool.refill else pool.granted
        if found is None:
            raise FigureError(f"pool {id!r} has no amount")
        quantity = found
    return quantity.amount, quantity.unit


def product(factors: Iterable[Fraction]) -> Fraction:
    """All ``factors`` multiplied."""
    result = Fraction(1)
    for factor in factors:
        result *= factor
    return result


def facts_at(document: FamilyDocument, plan: PlanDocument, at: int, market: Market | None = None) -> list[Figure]:
    """Every fact of ``plan``, computed by the meters and exchange rates in force at ``at``. Raises FigureError.

    Facts that need list prices are left out where ``market`` is None or does not know their model.
    """
    known: dict[str, Span] = {}
    figures = []
    for fact in plan.facts:
        try:
            span, steps = _Reckoning(document, plan, known, at, market).of(fact)
        except _NotPriced:
            continue
        if span is not None and not plain(span.unit):
            raise FigureError(f"{fact.id!r} comes out in {span.unit}")
        if span is not None:
            known[f"facts.{fact.id}"] = span
        figures.append(_figure(fact, span, steps))
    return figures


def _figure(fact: Fact, span: Span | None, steps: tuple[Step, ...]) -> Figure:
    amount, unit = (span.amount, span.unit) if span is not None else (None, None)
    low, high = (span.low, span.high) if span is not None else (None, None)
    return Figure(fact.id, fact.kind, fact.names, amount, unit, fact.text, fact.source, low, high, steps, fact.about)


class _Reckoning:
    """Computes the facts of one plan, in their order."""

    def __init__(
        self, document: FamilyDocument, plan: PlanDocument, known: dict[str, Span], at: int, market: Market | None
    ) -> None:
        self.document, self.plan, self.known, self.at, self.market = document, plan, known, at, market
        self.steps: list[Step] = []

    def of(self, fact: Fact) -> tuple[Span | None, tuple[Step, ...]]:
        """The value of ``fact`` and the steps to it; None for words."""
        if fact.of is None:
            return stated_span(fact), ()
        value = self.begin(fact.of)
        for factor in fact.times:
            value = self.by(value, factor if isinstance(factor, str) else exactly(factor), "×")
        if fact.priced is not None:
            value = self.priced(value, fact.priced.model, fact.priced.mix)
        if fact.over is not None:
            value = self.divided(fact, value, fact.over)
        if fact.in_ is not None and value.unit is not None:
            value = self.converted(value, fact.in_)
        return value, tuple(self.steps)

    def begin(self, name: str) -> Span:
        span = self.named(name)
        self.steps.append(Step("", name, span))
        return span

    def named(self, name: str) -> Span:
        if name in self.known:
            return self.known[name]
        if name.startswith("facts."):
            raise _NotPriced
        if name.startswith("mixes."):
            _, id, *share = name.split(".")
            return mix_uncached(self.document.mixes[id]) if share else mix_request(self.document.mixes[id])
        return span_of(self.plan, name)

    def by(self, value: Span, factor: str | Span, sign: str, origin: str = "number") -> Span:
        if isinstance(factor, str):
            origin, factor = factor, self.named(factor)
        self.steps.append(Step(sign, origin, factor))
        return value.over(factor) if sign == "÷" else value.times(factor)

    def divided(self, fact: Fact, value: Span, name: str) -> Span:
        below = self.named(name)
        if below.low == 0:
            raise FigureError(f"fact {fact.id!r} divides by {name!r}, which is 0")
        if value.unit is not None and below.unit is not None and _exchangeable(value.unit, below.unit):
            value = self.converted(value, below.unit)
        return self.by(value, name, "÷")

    def converted(self, value: Span, target: str) -> Span:
        unit = value.unit or target
        if unit == target:
            return value
        rate = conversion(self.document, unit, target, self.at)
        return self.by(value, exactly(rate, f"{target}/{unit}"), "×", "exchange")

    def priced(self, value: Span, model: str, mix_id: str) -> Span:
        card = self.market.card(model) if self.market is not None else None
        if card is None:
            raise _NotPriced
        mix = self.document.mixes[mix_id]
        if value.unit == "request":
            value = self.by(value, mix_request(mix), "×", f"mixes.{mix_id}")
        return self.by(value, mix_price(mix, card, self.at), "×", f"prices.{model}")


def stated_span(fact: Fact) -> Span | None:
    """What a claimed or measured fact says: an amount, a band or a ratio; None for words."""
    if fact.ratio is not None:
        low, high = fact.ratio[0], fact.ratio[-1]
        return Span(low, high, low if low == high else None, None)
    if fact.between is not None:
        low, high = fact.between[0].amount, fact.between[1].amount
        return Span(low, high, fact.value.amount if fact.value else None, fact.between[0].unit)
    return exactly(fact.value.amount, fact.value.unit) if fact.value else None


def span_of(plan: PlanDocument, name: str) -> Span:
    """The figure ``price``, ``windows.ID`` or ``pools.ID`` with its band."""
    amount, unit = named_figure(plan, name)
    kind, _, id = name.partition(".")
    band = None
    if kind == "windows":
        band = plan.windows[id].between
    elif kind == "pools":
        band = plan.pools[id].between
    if band is None:
        return exactly(amount, unit)
    return Span(band[0].amount, band[1].amount, amount, unit)


def _exchangeable(unit: str, other: str) -> bool:
    """Whether one may be worth some of the other: nothing converts what is counted."""
    return not any("/" in name or name in COUNTED_UNITS for name in (unit, other))


def conversion(document: FamilyDocument, unit: str, target: str, at: int) -> Fraction:
    """How many ``target`` one ``unit`` is worth: by meters that count list value, then by exchange rates."""
    if unit == target:
        return Fraction(1)
    rates = _exchange(document, at)
    rates[("credit", "USD")], rates[("USD", "credit")] = Fraction(1, 100), Fraction(100)
    for meter in Units(document).meters.values():
        version = meter.version_at(at)
        if version.cost and version.currency:
            rates[(meter.unit, version.currency)] = 1 / version.cost
            rates[(version.currency, meter.unit)] = version.cost
    if (unit, target) in rates:
        return rates[(unit, target)]
    for (start, middle), rate in rates.items():
        if start == unit and (middle, target) in rates:
            return rate * rates[(middle, target)]
    raise FigureError(f"nothing converts {unit} into {target}")


def _exchange(document: FamilyDocument, at: int) -> dict[tuple[str, str], Fraction]:
    rates: dict[tuple[str, str], Fraction] = {}
    for exchange in document.exchange:
        chosen = exchange.rates[0].rate
        for dated in exchange.rates:
            if (dated.since or 0) <= at:
                chosen = dated.rate
        rates[(exchange.from_, exchange.to)] = chosen
        rates[(exchange.to, exchange.from_)] = 1 / chosen
    return rates
