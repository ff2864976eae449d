"""Figures of the page as people read them.

Owns rounding and signs of money, shares, counts, spans of time and instants. Amounts come as exact decimal strings
and are never turned into floats. A share is never rounded up to all or down to nothing. Words are not its matter.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
_SCALES = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))
_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")


def rounded(value: Decimal, step: Decimal) -> Decimal:
    """``value`` to the nearest ``step`` (a power of ten), halves upwards."""
    return value.quantize(step, ROUND_HALF_UP)


def money(amount: str, currency: str) -> str:
    """``¥1,234``, ``$56.70``, ``XTS 3``: cents below 100 where there are any, more places below a cent."""
    value = Decimal(amount)
    size = abs(value)
    sign = "−" if value < 0 else ""
    before = SIGNS.get(currency, f"{currency} ")
    if size >= 100 or size == size.to_integral_value():
        return f"{sign}{before}{rounded(size, Decimal(1)):,}"
    if size >= _CENT:
        return f"{sign}{before}{rounded(size, _CENT)}"
    return f"{sign}{before}{plain(rounded(size, Decimal(1).scaleb(size.adjusted() - 1)))}"


def share(value: str) -> str:
    """A share as a percentage with at most one place; never 100% where a part is missing, never 0% where one is."""
    percent = Decimal(value) * 100
    if percent != percent.to_integral_value():
        near = rounded(percent, _TENTH)
        if near >= 100 > percent:
            return ">99.9%"
        if near == 0 and percent > 0:
            return "<0.1%"
        percent = near if abs(near) < 1000 else rounded(percent, Decimal(1))
    return f"{plain(percent)}%"


def plain(value: Decimal) -> str:
    """Without an exponent and without zeros that say nothing; thousands grouped."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def compact(value: str | int) -> str:
    """A count in three digits: ``312``, ``8.21K``, ``457M``, ``1.2B``."""
    number = Decimal(value)
    for scale, letter in _SCALES:
        if number >= scale * Decimal("0.9995"):
            scaled = number / scale
            places = 2 if scaled < Decimal("9.995") else 1 if scaled < Decimal("99.95") else 0
            return plain(rounded(scaled, Decimal(1).scaleb(-places))) + letter
    return plain(rounded(number, Decimal(1) if number >= 10 or number == number.to_integral_value() else _TENTH))


def grouped(value: str | int) -> str:
    """A count in full with thousands grouped; a part of one keeps at most one place."""
    number = Decimal(value)
    return plain(number if number == number.to_integral_value() else rounded(number, _TENTH))


def times(value: str) -> str:
    """A leverage: ``×12.4``, ``×0.85``, ``×1,240``."""
    number = Decimal(value)
    places = 2 if number < 10 else 1 if number < 100 else 0
    return f"×{rounded(number, Decimal(1).scaleb(-places)):,}"


def span(hours: str) -> tuple[str, str]:
    """Hours as the unit people use (``minutes``, ``hours``, ``days``) and how many of it."""
    value = Decimal(hours)
    if value == 0:
        return "hours", "0"
    if value < 1:
        return "minutes", str(max(Decimal(1), rounded(value * 60, Decimal(1))))
    if value < 72:
        return "hours", plain(rounded(value, _TENTH))
    return "days", plain(rounded(value / 24, _TENTH))


def percent_of(part: Decimal, whole: Decimal) -> str:
    """Where ``part`` lies on a bar of ``whole``, for geometry: 0 to 100, two places, inside the bar."""
    if whole <= 0:
        return "0"
    inside = min(max(part / whole * 100, Decimal(0)), Decimal(100))
    return plain(inside.quantize(_CENT, ROUND_DOWN))


def zone_of(name: str) -> tzinfo:
    """The time zone called ``name``; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def instant(text: str) -> datetime:
    """An RFC 3339 instant. Raises ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def day(text: str, zone: tzinfo) -> str:
    """The date of an instant in ``zone``."""
    return instant(text).astimezone(zone).strftime("%Y-%m-%d")


def clock(text: str, zone: tzinfo) -> str:
    """Month, day and time of an instant in ``zone``."""
    return instant(text).astimezone(zone).strftime("%m-%d %H:%M")
