"""Units and exact amounts.

Owns the scale of every unit, the reading and printing of decimals, and the one rounding of the house
(half-even). Does not know what an amount is for. There are no floats here.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.errors import AmountOverflow, BadAmount

NANO = 1_000_000_000
"""Smallest parts in one unit of money, credit or flow."""
MILLI = 1_000
"""Smallest parts in one token, request, prompt, image or call."""
LARGEST = 2**63 - 1

COUNTED_UNITS = frozenset({"token", "request", "prompt", "image", "call"})


def scale(unit: str) -> int:
    """Smallest parts in one ``unit``: 10³ for counted units, 10⁹ for money, credit, flow and the like."""
    return MILLI if unit in COUNTED_UNITS else NANO


def round_half_even(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest integer, ties to even. ``denominator`` is positive."""
    if denominator == 1:
        return numerator
    quotient, rest = divmod(numerator, denominator)
    twice = rest * 2
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


def checked(amount: int) -> int:
    """``amount`` unchanged, or AmountOverflow when it does not fit a signed 64-bit integer."""
    if not -LARGEST <= amount <= LARGEST:
        raise AmountOverflow(amount)
    return amount


def fraction(text: str | int) -> Fraction:
    """An exact number from ``"12.5"``, ``"1/39.6"`` or ``3``. Raises BadAmount for anything else."""
    try:
        if isinstance(text, int) and not isinstance(text, bool):
            return Fraction(text)
        if "e" in str(text).lower() or str(text).count("/") > 1:
            # An exponent writes numbers too large to work with in a few characters.
            raise ValueError
        top, slash, bottom = str(text).strip().partition("/")
        value = Fraction(top.strip())
        return value / Fraction(bottom.strip()) if slash else value
    except (ValueError, ZeroDivisionError) as problem:
        raise BadAmount(str(text), "not an exact decimal or fraction") from problem


def parse(text: str | int, unit: str) -> int:
    """``text`` (an exact decimal) in the smallest parts of ``unit``.

    Raises BadAmount when it is no number or finer than the unit, AmountOverflow when it does not fit.
    """
    value = fraction(text) * scale(unit)
    if value.denominator != 1:
        raise BadAmount(str(text), f"finer than the smallest part of {unit}, 1/{scale(unit)}")
    return checked(value.numerator)


def render(amount: int, unit: str) -> str:
    """``amount`` smallest parts of ``unit`` as an exact decimal without needless zeros."""
    whole, rest = divmod(abs(amount), scale(unit))
    sign = "-" if amount < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    places = 3 if unit in COUNTED_UNITS else 9
    return f"{sign}{whole}.{str(rest).rjust(places, '0').rstrip('0')}"


def decimal_text(value: Fraction) -> str:
    """``value`` as a decimal where it has a finite one, else as ``n/d``."""
    numerator, denominator = value.numerator, value.denominator
    rest, twos, fives = denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{numerator}/{denominator}"
    places = max(twos, fives)
    if places == 0:
        return str(numerator)
    digits = str(abs(numerator) * 10**places // denominator).rjust(places + 1, "0")
    return f"{'-' if numerator < 0 else ''}{digits[:-places]}.{digits[-places:]}"
