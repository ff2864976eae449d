"""Instants in local terms: the wall clock here, and how far away.

Owns how times of the books are shown to people. Programs get RFC 3339 in UTC instead.
"""

from __future__ import annotations

from datetime import datetime

from faregate.cli.language import say
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, parse_instant


def local(instant: str | None, none: str = "–") -> str:
    """An RFC 3339 ``instant`` on the wall clock here, to the second."""
    if instant is None:
        return none
    return datetime.fromisoformat(instant).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def ahead(instant: str | None, now: int, none: str = "–") -> str:
    """``instant`` on the wall clock here, and how long it is until then."""
    if instant is None:
        return none
    left = parse_instant(instant) - now
    return local(instant) if left <= 0 else say("time.ahead", at=local(instant), left=length(left))


def length(microseconds: int) -> str:
    """A length of time in its two largest units."""
    if microseconds < MINUTE:
        return say("time.seconds", count=max(1, microseconds // SECOND))
    minutes = microseconds // MINUTE
    days, hours = microseconds // DAY, microseconds // HOUR
    if days:
        return say("time.days", days=days, hours=hours % 24)
    if hours:
        return say("time.hours", hours=hours, minutes=minutes % 60)
    return say("time.minutes", count=minutes)
