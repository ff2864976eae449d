"""Moments and durations as text. A moment is microseconds UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def rfc3339(second: int) -> str:
    """A whole second since 1970 as `2026-03-01T10:00:00Z`."""
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_ceil(at: int) -> str:
    """A moment as text, rounded up to the second: at that time it has come."""
    return rfc3339(-(-at // SECOND))


def seconds_until(at: int, now: int) -> int:
    """Whole seconds from ``now`` to ``at``, rounded up, at least 1."""
    return max(-(-(at - now) // SECOND), 1)


def span_of(seconds: int) -> str:
    """A duration for a person: its two largest parts, `1 h 20 min`."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    parts = [(days, "d"), (hour, "h"), (minute, "min"), (second, "s")]
    first = next((index for index, (value, _) in enumerate(parts) if value), len(parts) - 1)
    return " ".join(f"{value} {unit}" for value, unit in parts[first : first + 2] if value) or "0 s"


def compact_span_of(seconds: int) -> str:
    """A duration as OpenAI's reset headers write it: `1h20m0s`."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minute}m{second}s"
    return f"{minute}m{second}s" if minute else f"{second}s"
