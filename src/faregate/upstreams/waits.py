"""How long an upstream asks to be left alone: its headers, or its error, as an instant.

Owns the forms in which APIs say so: ``retry-after-ms``, ``Retry-After`` in seconds and as a date, the resets of
OpenAI's and Anthropic's rate limits, and the ``retryDelay`` in an error of Google's. Does not judge whether to obey.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from fractions import Fraction

from faregate.wire.headers import Header

_SECOND = 1_000_000
_MILLISECOND = 1_000
_LONGEST = 400 * 86_400 * _SECOND
"""What is further ahead is no wait that is meant."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECIMAL = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|us|µs|ns|d|h|m|s)")
_SPAN_UNITS = {
    "d": Fraction(86_400 * _SECOND),
    "h": Fraction(3_600 * _SECOND),
    "m": Fraction(60 * _SECOND),
    "s": Fraction(_SECOND),
    "ms": Fraction(_MILLISECOND),
    "us": Fraction(1),
    "µs": Fraction(1),
    "ns": Fraction(1, 1000),
}
_RETRY_DELAY = re.compile(rb'"retryDelay"\s*:\s*"(\d{1,9}(?:\.\d{1,9})?)s"')
_OPENAI = ("requests", "tokens")
_ANTHROPIC = ("requests", "tokens", "input-tokens", "output-tokens")
_UNIFIED = ("anthropic-ratelimit-unified-reset", "anthropic-ratelimit-unified-5h-reset")


def asked_wait(headers: Sequence[Header], now: int) -> int | None:
    """The instant (microseconds UTC) until which the peer wants to be left alone, None when it does not say.

    An explicit ``retry-after`` goes before resets; of several limits those count that have nothing left.
    """
    given = {name.decode("latin-1"): value.decode("latin-1").strip() for name, value in headers if _tells(name)}
    if not given:
        return None
    for name, unit in (("retry-after-ms", _MILLISECOND), ("retry-after", _SECOND)):
        if name in given and (at := _after(given[name], unit, now)) is not None:
            return at
    return _reset(given, now)


def wait_in_error(body: bytes, now: int) -> int | None:
    """The same of an error's body, as Google says it in its details; None when it does not say."""
    found = _RETRY_DELAY.search(body)
    return None if found is None else _after(found[1].decode("ascii"), _SECOND, now)


def _tells(name: bytes) -> bool:
    return name.startswith((b"retry-after", b"x-ratelimit-", b"anthropic-ratelimit-"))


def _after(text: str, unit: int, now: int) -> int | None:
    """A number of ``unit``, or a date."""
    if _DECIMAL.fullmatch(text):
        return _sensible(now + int(Decimal(text) * unit), now)
    if unit != _SECOND:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _sensible(_instant(date), now)


def _reset(given: Mapping[str, str], now: int) -> int | None:
    """When the limits that are used up open again: the latest of those with nothing left, else the earliest told."""
    empty: list[int] = []
    told: list[int] = []
    for limit, at in _resets(given, now):
        told.append(at)
        if given.get(limit, "").lstrip("0.") == "" and given.get(limit):
            empty.append(at)
    if empty:
        return max(empty)
    return min(told, default=None)


def _resets(given: Mapping[str, str], now: int) -> list[tuple[str, int]]:
    """(name of the header that tells what remains, instant of the reset) of each limit that is told of."""
    found: list[tuple[str, int | None]] = []
    for kind in _OPENAI:
        text = given.get(f"x-ratelimit-reset-{kind}")
        if text:
            found.append((f"x-ratelimit-remaining-{kind}", _span(text, now)))
    for kind in _ANTHROPIC:
        text = given.get(f"anthropic-ratelimit-{kind}-reset")
        if text:
            found.append((f"anthropic-ratelimit-{kind}-remaining", _date(text, now)))
    for name in _UNIFIED:
        text = given.get(name)
        if text:
            found.append((name, _date(text, now)))
    return [(name, at) for name, at in found if at is not None]


def _span(text: str, now: int) -> int | None:
    """``6m0s``, ``1h2m3.5s``, ``20ms``, or plain seconds."""
    if _DECIMAL.fullmatch(text):
        return _sensible(now + int(Decimal(text) * _SECOND), now)
    length, position = Fraction(0), 0
    for part in _SPAN.finditer(text):
        if part.start() != position:
            return None
        length += Fraction(part[1]) * _SPAN_UNITS[part[2]]
        position = part.end()
    return _sensible(now + int(length), now) if position and position == len(text) else None


def _date(text: str, now: int) -> int | None:
    """RFC 3339, or seconds since 1970."""
    if _DECIMAL.fullmatch(text):
        return _sensible(int(Decimal(text) * _SECOND), now)
    try:
        return _sensible(_instant(datetime.fromisoformat(text)), now)
    except (ValueError, OverflowError):
        return None


def _instant(date: datetime) -> int:
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def _sensible(at: int, now: int) -> int | None:
    return at if now - _LONGEST < at <= now + _LONGEST else None
