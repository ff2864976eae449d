"""Exact figures that may be bands, and the units that come out when they are multiplied and divided.

Owns this arithmetic. Does not know plans.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

Unit = str | None
"""``token``, ``CNY``, ``token/request``, on the way to a result also ``token·prompt``; None for a plain number."""


class Span(NamedTuple):
    """A figure between ``low`` and ``high``; ``amount`` is what it is taken for, None when only the band is known."""

    low: Fraction
    high: Fraction
    amount: Fraction | None
    unit: Unit

    @property
    def exact(self) -> bool:
        """True when it is one number."""
        return self.low == self.high

    def times(self, other: Span) -> Span:
        """The product; neither side is below zero."""
        amount = None if self.amount is None or other.amount is None else self.amount * other.amount
        return Span(self.low * other.low, self.high * other.high, amount, _unit(self.unit, other.unit, False))

    def over(self, other: Span) -> Span:
        """The quotient by a figure above zero."""
        amount = None if self.amount is None or other.amount is None else self.amount / other.amount
        return Span(self.low / other.high, self.high / other.low, amount, _unit(self.unit, other.unit, True))


def plain(unit: Unit) -> bool:
    """Whether a figure may be shown in ``unit``: one thing, or one for each of another."""
    return unit is None or ("·" not in unit and not unit.startswith("1/"))


def exactly(amount: Fraction, unit: Unit = None) -> Span:
    """``amount`` without a band."""
    return Span(amount, amount, amount, unit)


def _unit(first: Unit, second: Unit, divided: bool) -> Unit:
    over, under = _parts(first)
    more_over, more_under = reversed(_parts(second)) if divided else _parts(second)
    over, under = over + more_over, under + more_under
    for part in list(under):
        if part in over:
            over.remove(part)
            under.remove(part)
    numerator, denominator = "·".join(over), "·".join(under)
    return f"{numerator or 1}/{denominator}" if under else numerator or None


def _parts(unit: Unit) -> tuple[list[str], list[str]]:
    numerator, _, denominator = (unit or "").partition("/")
    return [part for part in numerator.split("·") if part not in {"", "1"}], list(
        filter(None, denominator.split("·"))
    )
