"""Instants as logs write them, as microseconds UTC.

Owns the reading of RFC 3339 and of numbers of seconds or milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from faregate.readers.broken_line import Broken

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTES_KEPT = 4_096
_minutes: dict[str, int] = {}

EARLIEST = 946_684_800_000_000
"""2000-01-01: what is earlier is no time of a request."""
LATEST = 4_102_444_800_000_000
"""2100-01-01."""


def instant(text: str) -> int:
    """Microseconds UTC of an RFC 3339 instant; one without a zone is UTC. Raises Broken.

    The form that all these tools write, 2026-11-23T04:56:59.123Z, is taken apart by place: its minute is looked up.
    """
    if len(text) == 24 and text[23] == "Z" and text[19] == ".":
        minute = _minutes.get(text[:16])
        millis = text[17:19] + text[20:23]
        if minute is not None and millis.isdecimal() and millis.isascii():
            return minute + int(millis) * 1_000
    return _instant(text)


def _instant(text: str) -> int:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Broken("bad_time", text[:40]) from None
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC)
    at = _within((read - _EPOCH) // _MICROSECOND)
    if len(text) == 24 and text[23] == "Z":
        if len(_minutes) >= _MINUTES_KEPT:
            _minutes.clear()
        _minutes[text[:16]] = at // 60_000_000 * 60_000_000
    return at


def of_milliseconds(value: int) -> int:
    """Microseconds of milliseconds since 1970, which must lie in this century. Raises Broken."""
    return _within(value * 1_000)


def _within(at: int) -> int:
    if EARLIEST <= at < LATEST:
        return at
    raise Broken("bad_time", str(at))
