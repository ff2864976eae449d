"""Rate cards: what a model costs, dated, by usage class, with tiers on length.

Owns pricing one usage at one card version. Does not know plans, multipliers or where the figures come from.
Prices stay exact fractions; nothing is rounded here.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from faregate.core.amounts import NANO
from faregate.core.usage import Usage


class Rates(NamedTuple):
    """Prices by class as numerators over one ``denominator``, in 10⁻⁹ of the currency a unit of usage."""

    input: int
    cached: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    image: int
    tool_call: int
    request: int
    denominator: int


class RateTier(NamedTuple):
    """Rates that hold from ``min_input`` tokens of total input and ``min_output`` tokens of output on."""

    min_input: int
    min_output: int
    rates: Rates


class CardVersion(NamedTuple):
    """One dated version of a card. ``tiers[0]`` has no bounds; the last tier whose bounds are reached wins."""

    version: str
    effective_from: int
    tiers: tuple[RateTier, ...]
    source: str = ""

    def list_value(self, usage: Usage) -> tuple[int, int]:
        """Price of ``usage`` as (numerator, denominator) in 10⁻⁹ of the card's currency, exact."""
        tiers = self.tiers
        rates = tiers[0].rates
        if len(tiers) > 1:
            total_input = usage.total_input
            for tier in tiers:
                if total_input >= tier.min_input and usage.output >= tier.min_output:
                    rates = tier.rates
        numerator = (
            usage[0] * rates[0]
            + usage[1] * rates[1]
            + usage[2] * rates[2]
            + usage[3] * rates[3]
            + usage[4] * rates[4]
            + usage[5] * rates[5]
            + usage[6] * rates[6]
            + usage[7] * rates[7]
        )
        return numerator, rates[8]


class RateCard(NamedTuple):
    """All versions of one model's prices in its native ``currency``, oldest first."""

    model: str
    currency: str
    versions: tuple[CardVersion, ...]

    def version_at(self, at: int) -> CardVersion:
        """The version in force at ``at`` (microseconds UTC); before the first one, the first."""
        index = bisect_right(self.versions, at, key=lambda version: version.effective_from)
        return self.versions[max(index - 1, 0)]

    def changes_after(self, at: int) -> int | None:
        """When the next version after ``at`` begins, or None."""
        for version in self.versions:
            if version.effective_from > at:
                return version.effective_from
        return None


def rates_per_unit(
    *,
    input: Fraction,
    cached: Fraction,
    cache_write_5m: Fraction,
    cache_write_1h: Fraction,
    output: Fraction,
    image: Fraction = Fraction(0),
    tool_call: Fraction = Fraction(0),
    request: Fraction = Fraction(0),
) -> Rates:
    """Rates from exact prices in whole currency units for one token, image, call or request."""
    prices = [
        price * NANO
        for price in (
            input,
            cached,
            cache_write_5m,
            cache_write_1h,
            output,
            image,
            tool_call,
            request,
        )
    ]
    denominator = lcm(*(price.denominator for price in prices))
    numerators = [price.numerator * (denominator // price.denominator) for price in prices]
    return Rates._make([*numerators, denominator])
