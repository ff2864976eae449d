"""Units and meters of one file: the built-in ones and those it brings in.

Owns their look-up by name and the compilation of meters. Does not know windows or pools.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import COUNTED_UNITS
from faregate.core.terms import Meter, MeterVersion, unit_meter, weights
from faregate.core.usage import USAGE_CLASSES
from faregate.planfile.document import FamilyDocument
from faregate.planfile.document_limits import MeterDocument, PoolDocument
from faregate.planfile.scalars import CURRENCIES, singular

COUNTING_METERS = {
    "tokens": "token",
    "requests": "request",
    "prompts": "prompt",
    "images": "image",
    "calls": "call",
}
"""Built-in meters that count one class (or all tokens), and their units."""


def pool_unit(pool: PoolDocument) -> str | None:
    """The unit of ``pool``: as said, else that of an amount."""
    if pool.unit is not None:
        return singular(pool.unit)
    amounts = [pool.granted, pool.refill.amount if pool.refill else None]
    return next((amount.unit for amount in amounts if amount is not None), None)


class Units:
    """What a file can count in."""

    def __init__(self, document: FamilyDocument) -> None:
        self.own = set(document.units)
        self.meters = {name: _meter(name, meter) for name, meter in document.meters.items()}

    def known(self) -> set[str]:
        """Every unit of the file, in the singular."""
        return {*COUNTED_UNITS, "credit", *CURRENCIES, *self.own}

    def known_meters(self) -> set[str]:
        """Every meter of the file."""
        return {*COUNTING_METERS, "uncached_tokens", "cost", "credits", *self.meters}

    def unit_of_meter(self, name: str) -> str | None:
        """The unit of meter ``name``; None for ``cost``, which takes the currency at hand."""
        if name in self.meters:
            return self.meters[name].unit
        if name == "uncached_tokens":
            return "token"
        return "credit" if name == "credits" else COUNTING_METERS.get(name)

    def meter(self, name: str, currency: str) -> Meter:
        """Meter ``name``; ``cost`` in ``currency``."""
        if name in self.meters:
            return self.meters[name]
        if name == "uncached_tokens":
            counted = weights(input=1, cache_write_5m=1, cache_write_1h=1, output=1)
            return Meter("uncached_tokens", "token", (MeterVersion(0, counted),))
        return unit_meter(self.unit_of_meter(name) or currency)


def is_currency(unit: str) -> bool:
    """True for a currency, false for any other unit."""
    return unit in CURRENCIES


def _meter(name: str, document: MeterDocument) -> Meter:
    versions = []
    for dated in document.versions:
        given = dated.weights
        counted = tuple((given and getattr(given, usage_class)) or Fraction(0) for usage_class in USAGE_CLASSES)
        cost = dated.cost
        versions.append(
            MeterVersion(
                dated.since or 0,
                counted,
                cost.times if cost else Fraction(0),
                cost.currency if cost else None,
            )
        )
    return Meter(name, singular(document.unit), tuple(versions))
