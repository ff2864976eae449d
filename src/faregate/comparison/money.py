"""Money of a comparison: everything in one currency, at dated rates that are remembered.

Owns the conversion and which rates were used. Amounts are integers of 10⁻⁹ of the comparison's currency, each rounded
half-even once; a price as printed stays an exact fraction until then.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.comparison.result import RateUsed
from faregate.core.amounts import NANO, decimal_text, render, round_half_even
from faregate.core.instants import DAY, render_instant
from faregate.ratecards import Conversion, DatedRate, PriceBook


class Money:
    """Converts into ``currency``. Raises NoRate where no dated rate leads there."""

    def __init__(self, book: PriceBook, currency: str) -> None:
        self.currency = currency
        self.used: set[DatedRate] = set()
        self._book = book
        self._rates: dict[tuple[str, int], Conversion] = {}

    def rate(self, currency: str, at: int) -> Fraction:
        """Units of the comparison's currency for one of ``currency`` on the day of ``at``."""
        conversion = self._conversion(currency, at)
        self.used.update(conversion.steps)
        return conversion.rate

    def known_rate(self, currency: str, at: int) -> Fraction:
        """The same, without remembering that it was used."""
        return self._conversion(currency, at).rate

    def _conversion(self, currency: str, at: int) -> Conversion:
        key = (currency, at // DAY)
        known = self._rates.get(key)
        if known is None:
            known = self._rates[key] = self._book.conversion(currency, self.currency, at)
        return known

    def convert(self, numerator: int, denominator: int, currency: str, at: int) -> int:
        """``numerator / denominator`` 10⁻⁹ of ``currency`` in 10⁻⁹ of the comparison's currency."""
        if currency == self.currency:
            return round_half_even(numerator, denominator)
        rate = self.rate(currency, at)
        return round_half_even(numerator * rate.numerator, denominator * rate.denominator)

    def printed(self, amount: Fraction, currency: str, at: int) -> Fraction:
        """A printed ``amount`` in the comparison's currency, exact, in whole units."""
        return amount * self.rate(currency, at)


def nano(amount: Fraction) -> int:
    """Whole units as 10⁻⁹, rounded half-even."""
    return round_half_even(amount.numerator * NANO, amount.denominator)


def text(amount: int) -> str:
    """10⁻⁹ of a currency as an exact decimal."""
    return render(amount, "USD")


def rates_used(used: set[DatedRate]) -> list[RateUsed]:
    """The rates as the result shows them, by pair and date."""
    return [
        {
            "base": each.base,
            "quote": each.quote,
            "rate": decimal_text(each.rate),
            "since": render_instant(each.since),
            "source": each.source,
        }
        for each in sorted(used, key=lambda each: (each.base, each.quote, each.since))
    ]
