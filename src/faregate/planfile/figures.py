"""Figures of a plan: what checks compare and what is computed and shown, exact, at an instant.

Owns the arithmetic of ``checks:`` and ``facts:``. Does not enforce anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from faregate.core.amounts import decimal_text
from faregate.planfile.document import FamilyDocument, PlanDocument
from faregate.planfile.document_base import Bilingual
from faregate.planfile.document_offer import Fact
from faregate.planfile.units import Units


@dataclass(frozen=True, slots=True)
class Figure:
    """A named exact number; ``unit`` None for a ratio. ``kind``: computed, claim or measured; ``text`` for words."""

    id: str
    kind: str
    names: Bilingual
    amount: Fraction | None
    unit: str | None
    text: Bilingual | None = None
    source: str | None = None

    def rounded(self, places: int = 2) -> str:
        """The number to ``places`` decimals, half-even, for showing only; empty when it is words."""
        return "" if self.amount is None else rounded(self.amount, places)


def rounded(amount: Fraction, places: int = 2) -> str:
    """``amount`` to at most ``places`` decimals, without needless zeros."""
    return decimal_text(Fraction(round(amount * 10**places), 10**places))


class FigureError(Exception):
    """A figure that cannot be computed: ``what`` says why."""


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


def facts_at(document: FamilyDocument, plan: PlanDocument, at: int) -> list[Figure]:
    """Every fact of ``plan``, computed by the meters and exchange rates in force at ``at``. Raises FigureError."""
    known: dict[str, Valued] = {}
    figures = []
    for fact in plan.facts:
        amount, unit = _value(document, plan, fact, known, at)
        if amount is not None:
            known[f"facts.{fact.id}"] = (amount, unit)
        figures.append(Figure(fact.id, fact.kind, fact.names, amount, unit, fact.text, fact.source))
    return figures


def _value(
    document: FamilyDocument, plan: PlanDocument, fact: Fact, known: dict[str, Valued], at: int
) -> tuple[Fraction | None, str | None]:
    if fact.of is None:
        return (fact.value.amount, fact.value.unit) if fact.value else (None, None)
    amount, unit = known.get(fact.of) or named_figure(plan, fact.of)
    amount *= product(fact.times)
    if fact.over is not None:
        below, below_unit = known.get(fact.over) or named_figure(plan, fact.over)
        if below == 0:
            raise FigureError(f"fact {fact.id!r} divides by {fact.over!r}, which is 0")
        if unit != below_unit and unit is not None and below_unit is not None:
            amount *= conversion(document, unit, below_unit, at)
        amount, unit = amount / below, None
    if fact.in_ is not None and unit is not None:
        amount, unit = amount * conversion(document, unit, fact.in_, at), fact.in_
    return amount, unit


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
