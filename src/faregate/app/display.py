"""Display currency: amounts shown in another currency at the rate of their day.

Owns the showing. Nothing that is kept or charged is converted.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from faregate.core.amounts import render, scale
from faregate.core.trade.payable import payable

RateAt = Callable[[str, str, int], Fraction]
"""(from, to, instant) -> units of the one for one of the other. Raises NoRate."""


class Display:
    """Amounts as ``currency``."""

    def __init__(self, currency: str, rate_at: RateAt) -> None:
        self.currency = currency
        self._rate_at = rate_at

    def show(self, amount: int, currency: str, at: int) -> str:
        """``amount`` of ``currency`` in this one at the rate of ``at``, to its coin, half-even. Raises NoRate."""
        worth = Fraction(amount, scale(currency)) * self._rate_at(currency, self.currency, at)
        return render(payable(worth * scale(self.currency), self.currency), self.currency)
