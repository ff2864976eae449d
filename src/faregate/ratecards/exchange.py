"""Converting money between currencies at dated rates, and saying which rate was used.

Owns the rates as data, the choice of one by day, and the sum. Does not read files; a decision of the engine converts
at the rates of its plan instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import prod
from typing import NamedTuple

from faregate.core.instants import calendar_period


class CurrencyPair(NamedTuple):
    """``dated``: (instant in microseconds UTC, units of ``quote`` for one of ``base`` from then on), in order."""

    base: str
    quote: str
    dated: tuple[tuple[int, Fraction], ...]
    source: str = ""


ExchangeRates = tuple[CurrencyPair, ...]


class DatedRate(NamedTuple):
    """A rate as its source prints it: ``rate`` units of ``quote`` for one of ``base``, from ``since`` on.

    ``carried``: the month asked for has no rate of its own, the nearest one that is known stands for it.
    """

    base: str
    quote: str
    rate: Fraction
    since: int
    source: str
    carried: bool


class Conversion(NamedTuple):
    """How money of ``base`` becomes money of ``quote``: multiplied by ``rate``, exactly.

    ``steps`` are the printed rates that ``rate`` was made of: none where the currencies are equal, two where the way
    leads through a third one.
    """

    base: str
    quote: str
    rate: Fraction
    steps: tuple[DatedRate, ...]

    def convert(self, amount: Fraction) -> Fraction:
        """``amount`` of ``base`` in ``quote``, not rounded."""
        return amount * self.rate


class NoRate(ValueError):
    """No dated rate leads from ``base`` to ``quote``. ``known`` are the currencies that rates are known of."""

    code = "no_rate"

    def __init__(self, base: str, quote: str, known: Iterable[str]) -> None:
        self.base, self.quote, self.known = base, quote, sorted(set(known))
        have = ", ".join(self.known) or "none"
        super().__init__(f"no exchange rate from {base} to {quote}; rates are known between: {have}")


def find_conversion(rates: ExchangeRates, base: str, quote: str, at: int) -> Conversion:
    """The conversion from ``base`` to ``quote`` at ``at`` (microseconds UTC), directly or through one other currency.

    Before the first rate that is known the first one stands, after the last one the last. Raises NoRate.
    """
    if base == quote:
        return Conversion(base, quote, Fraction(1), ())
    for way in _ways(rates, base, quote):
        steps = tuple(_rate_at(pair, at) for pair, _ in way)
        rate = prod((1 / step.rate if turned else step.rate for step, (_, turned) in zip(steps, way, strict=True)))
        return Conversion(base, quote, Fraction(rate), steps)
    raise NoRate(base, quote, (currency for pair in rates if pair.dated for currency in pair[:2]))


def _ways(rates: ExchangeRates, base: str, quote: str) -> Iterator[list[tuple[CurrencyPair, bool]]]:
    """Ways from ``base`` to ``quote``, the shortest first, as pairs and whether each is used the other way round."""
    leaving = [(pair, pair.base != base, _other(pair, base)) for pair in rates if base in pair[:2] and pair.dated]
    for pair, turned, reached in leaving:
        if reached == quote:
            yield [(pair, turned)]
    for pair, turned, reached in leaving:
        for following in rates:
            if following.dated and {reached, quote} == {following.base, following.quote}:
                yield [(pair, turned), (following, following.base != reached)]


def _other(pair: CurrencyPair, currency: str) -> str:
    return pair.quote if pair.base == currency else pair.base


def _rate_at(pair: CurrencyPair, at: int) -> DatedRate:
    since, rate = next((dated for dated in reversed(pair.dated) if dated[0] <= at), pair.dated[0])
    carried = at < since or at >= calendar_period(since, "month", "UTC")[1]
    return DatedRate(pair.base, pair.quote, rate, since, pair.source, carried)
