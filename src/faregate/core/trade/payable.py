"""Payable amounts: what can be asked of a customer, in the currency's own smallest coin.

Owns the one rounding of prices, shares and credits: half-even, to the coin. Does not know who pays.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import NANO, checked, round_half_even

NO_CENTS = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
        *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
MILLS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def coin(currency: str) -> int:
    """The smallest coin of ``currency`` in 10⁻⁹ of it (ISO 4217: hundredths unless it says otherwise)."""
    if currency in NO_CENTS:
        return NANO
    return NANO // 1000 if currency in MILLS else NANO // 100


def payable(amount: Fraction | int, currency: str) -> int:
    """``amount`` (10⁻⁹ of ``currency``) to whole coins, half-even."""
    value, unit = Fraction(amount), coin(currency)
    return checked(round_half_even(value.numerator, value.denominator * unit) * unit)


def is_payable(amount: int, currency: str) -> bool:
    """Whether ``amount`` is a whole number of coins."""
    return amount % coin(currency) == 0
