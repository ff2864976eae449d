"""Instants and the calendar: microseconds UTC, calendar periods in a zone, months from an anchor.

Owns all date arithmetic of the core. Reads no clock: every instant is an argument.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(moment: datetime) -> int:
    """Microseconds UTC of an aware ``moment``."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def to_datetime(at: int, zone: str = "UTC") -> datetime:
    """``at`` as an aware datetime in ``zone``."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(_zone(zone))


def parse_instant(text: str) -> int:
    """Microseconds UTC of an RFC 3339 instant. Raises ValueError when it is none or has no zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone: end it with Z or +08:00")
    try:
        return from_datetime(moment)
    except OverflowError as problem:
        raise ValueError(f"{text!r} is beyond the calendar") from problem


def render_instant(at: int) -> str:
    """``at`` as RFC 3339 in UTC, with fractions of a second only where there are any."""
    return (_EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _calendar_period_of_quarter(quarter: int, every: str, zone_name: str) -> tuple[int, int]:
    local = to_datetime(quarter, zone_name)
    # Wall-clock arithmetic: aware datetimes of one zone move by days of the calendar, not by 24 hours.
    first = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if every == "day":
        following = first + timedelta(days=1)
    elif every == "week":
        first -= timedelta(days=first.weekday())
        following = first + timedelta(days=7)
    else:
        first = first.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
    return from_datetime(first), from_datetime(following)


def calendar_period(at: int, every: str, zone: str) -> tuple[int, int]:
    """[start, end) of the calendar ``every`` (day, week from Monday, month) in ``zone`` around ``at``."""
    # Zone offsets are whole quarters of an hour at the finest, so a quarter never straddles a midnight.
    quarter = 15 * MINUTE
    return _calendar_period_of_quarter(at - at % quarter, every, zone)


def add_months(anchor: int, months: int, zone: str = "UTC") -> int:
    """``anchor`` moved by whole months in ``zone``: same wall time, the day clipped to the month's last."""
    start = to_datetime(anchor, zone)
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return from_datetime(start.replace(year=year, month=month + 1, day=day, fold=0))


def anchored_period(anchor: int, at: int, every: str, zone: str = "UTC") -> tuple[int, int]:
    """[start, end) around ``at`` of the periods (day, week, month, or ``Nd`` days) counted from ``anchor``."""
    if every == "month":
        return _anchored_month(anchor, at, zone)
    length = {"day": DAY, "week": WEEK}.get(every) or int(every.removesuffix("d")) * DAY
    start = anchor + (at - anchor) // length * length
    return start, start + length


def _anchored_month(anchor: int, at: int, zone: str) -> tuple[int, int]:
    first, now = to_datetime(anchor, zone), to_datetime(at, zone)
    months = (now.year - first.year) * 12 + now.month - first.month
    while add_months(anchor, months, zone) > at:
        months -= 1
    while add_months(anchor, months + 1, zone) <= at:
        months += 1
    return add_months(anchor, months, zone), add_months(anchor, months + 1, zone)
