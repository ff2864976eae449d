"""Instants as logs write them, as microseconds UTC.

Owns the reading of RFC 3339 and of numbers of seconds or milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from faregate.readers.broken_line import Broken

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)

EARLIEST = 946_684_800_000_000
"""2000-01-01: what is earlier is no time of a request."""
LATEST = 4_102_444_800_000_000
"""2100-01-01."""


def instant(text: str) -> int:
    """Microseconds UTC of an RFC 3339 instant; one without a zone is UTC. Raises Broken."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Broken("bad_time", text[:40]) from None
    if read.tzinfo is UTC or read.tzinfo is None:
        # By its parts: a third of the time that the difference of two takes.
        minutes = (read.toordinal() - _FIRST_DAY) * 1_440 + read.hour * 60 + read.minute
        return _within((minutes * 60 + read.second) * 1_000_000 + read.microsecond)
    return _within((read - _EPOCH) // _MICROSECOND)


def of_milliseconds(value: int) -> int:
    """Microseconds of milliseconds since 1970, which must lie in this century. Raises Broken."""
    return _within(value * 1_000)


def _within(at: int) -> int:
    if EARLIEST <= at < LATEST:
        return at
    raise Broken("bad_time", str(at))
