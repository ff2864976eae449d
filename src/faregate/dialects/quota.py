"""What is left and what was refused, as neutral values, and the parts of their text all dialects
share.

Owns the values, the message of a refusal, the one-minute rule and our own headers. Does not know
any dialect's statuses, header names or error types, nor how limits are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from faregate.dialects.instant import SECOND, rfc3339_ceil, seconds_until, span_of

Headers = tuple[tuple[bytes, bytes], ...]
"""Response headers, names in lower case."""

PAYMENT_REQUIRED = 402
WAITABLE_SECONDS = 60
"""Clients wait by themselves up to a minute; longer waits hang them (CLIENTS: Claude Code, OpenAI
SDK)."""


class QuotaWindow(NamedTuple):
    """A cap over a period. Amounts count ``1 / scale`` of the meter's unit (tokens and requests:
    1,000).

    ``meter``: `requests`, `tokens`, `prompts`, `cost` …; ``unit`` is what an amount is called in
    text. ``reopens_at``: microseconds UTC at which it has full room again, None when it never
    does.
    """

    id: str
    meter: str
    limit: int
    used: int
    remaining: int
    reopens_at: int | None = None
    scale: int = 1_000
    unit: str = ""


class QuotaPool(NamedTuple):
    """A balance. ``remaining`` counts ``1 / scale`` of ``unit`` (money and credits: 10⁻⁹)."""

    id: str
    unit: str
    remaining: int
    scale: int = 1_000_000_000


class Quota(NamedTuple):
    """All that can limit the caller now."""

    windows: tuple[QuotaWindow, ...] = ()
    pools: tuple[QuotaPool, ...] = ()


class RefusalKind(StrEnum):
    """What refused: ``RATE`` (RPM and the like), ``CONCURRENCY`` (open requests), ``QUOTA`` (a
    window of the plan), ``BALANCE`` (a pool), ``CALLER`` (the plan does not serve this caller), ``REVIEW`` (a flag on
    the account is under review)."""

    RATE = "rate"
    CONCURRENCY = "concurrency"
    QUOTA = "quota"
    BALANCE = "balance"
    CALLER = "caller"
    REVIEW = "review"


class QuotaRefusal(NamedTuple):
    """Why a request was not let in. ``subject``: id of the window or pool; ``retry_at``:
    microseconds UTC at which it would pass, None when waiting does not help. ``window`` adds the
    numbers to the message."""

    kind: RefusalKind
    subject: str
    retry_at: int | None = None
    window: QuotaWindow | None = None
    advice: str = ""


def retry_after_seconds(refused: QuotaRefusal, now: int) -> int | None:
    """Whole seconds to wait, at least 1; None when waiting does not help."""
    if refused.retry_at is not None:
        return seconds_until(refused.retry_at, now)
    return 1 if refused.kind is RefusalKind.CONCURRENCY else None


def is_waitable(refused: QuotaRefusal, now: int) -> bool:
    """Whether a client should wait by itself rather than tell its user."""
    seconds = retry_after_seconds(refused, now)
    return seconds is not None and seconds <= WAITABLE_SECONDS


def has_to_pay(refused: QuotaRefusal, now: int, tool: str, own: str = "") -> bool:
    """Whether ``tool`` is to be told 402: coding tools stop there and show the message, where a 429 makes many sleep
    until the window reopens. ``own`` is the tool that stops at the dialect's own 429, and tells it better."""
    return tool not in ("", own) and not is_waitable(refused, now)


def message_of(refused: QuotaRefusal, now: int) -> str:
    """The refusal in words, with the time at which it reopens: all that most clients show."""
    sentences = [_cause(refused)]
    if refused.retry_at is not None:
        wait = span_of(seconds_until(refused.retry_at, now))
        sentences.append(f"It reopens at {rfc3339_ceil(refused.retry_at)} (in {wait}).")
    elif refused.kind is RefusalKind.CONCURRENCY:
        sentences.append("It reopens when one of them ends.")
    if refused.advice:
        sentences.append(refused.advice)
    return " ".join(sentences)


def refusal_headers(refused: QuotaRefusal, now: int, *, retry_after: bool) -> Headers:
    """Retry-After (whole seconds), x-should-retry where waiting would hang, and what binds, by
    name."""
    headers: list[tuple[bytes, bytes]] = []
    seconds = retry_after_seconds(refused, now)
    if retry_after and seconds is not None:
        headers.append((b"retry-after", b"%d" % seconds))
    if not is_waitable(refused, now):
        headers.append((b"x-should-retry", b"false"))
    headers.append((b"x-faregate-refused-by", header_value(refused.subject)))
    if refused.retry_at is not None:
        headers.append((b"x-faregate-reopens-at", rfc3339_ceil(refused.retry_at).encode()))
    return tuple(headers)


def quota_header(quota: Quota) -> Headers:
    """All windows and pools in one header of ours, whatever the dialect; empty when nothing
    limits."""
    members = [_window_member(window) for window in quota.windows]
    members += [f"{pool.id};unit={pool.unit};remaining={amount(pool.remaining, pool.scale)}" for pool in quota.pools]
    return ((b"x-faregate-quota", header_value(", ".join(members))),) if members else ()


def tightest(windows: Iterable[QuotaWindow], meter: str) -> QuotaWindow | None:
    """The window of this meter with the smallest share left (the first of equals)."""
    found: QuotaWindow | None = None
    for window in windows:
        if window.meter == meter and window.limit > 0 and (found is None or _is_tighter(window, found)):
            found = window
    return found


def amount(value: int, scale: int) -> str:
    """An exact decimal: `1500` of thousandths is `1.5`."""
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), scale)
    if not part:
        return f"{sign}{whole}"
    digits = len(str(scale)) - 1
    return f"{sign}{whole}.{part:0{digits}d}".rstrip("0")


def whole_units(value: int, scale: int) -> int:
    """Whole units at hand, never below zero."""
    return max(value, 0) // scale


def header_value(text: str) -> bytes:
    """Text as a header's value: no line breaks, other scripts as UTF-8."""
    return " ".join(text.split()).encode()


def _is_tighter(window: QuotaWindow, other: QuotaWindow) -> bool:
    return window.remaining * other.limit < other.remaining * window.limit


def _window_member(window: QuotaWindow) -> str:
    scale = window.scale
    text = (
        f"{window.id};meter={window.meter};limit={amount(window.limit, scale)}"
        f";used={amount(window.used, scale)};remaining={amount(window.remaining, scale)}"
    )
    at = window.reopens_at
    return text if at is None else f"{text};reopens={rfc3339_ceil(at)}"


def _cause(refused: QuotaRefusal) -> str:
    subject, window = refused.subject, refused.window
    numbers = ""
    if window is not None:
        unit = window.unit or window.meter
        numbers = f" ({amount(window.used, window.scale)} of {amount(window.limit, window.scale)} {unit})"
    match refused.kind:
        case RefusalKind.RATE:
            return f"Too many requests: the rate limit `{subject}` is full{numbers}."
        case RefusalKind.CONCURRENCY:
            return f"Too many requests at once: the limit `{subject}` is full{numbers}."
        case RefusalKind.QUOTA:
            return f"The limit `{subject}` of your plan is used up{numbers}."
        case RefusalKind.BALANCE:
            return f"The balance `{subject}` is used up."
        case RefusalKind.CALLER:
            return f"Your plan `{subject}` does not pay for this call."
        case RefusalKind.REVIEW:
            return f"Your plan `{subject}` is restricted."


__all__ = [
    "SECOND",
    "WAITABLE_SECONDS",
    "Headers",
    "Quota",
    "QuotaPool",
    "QuotaRefusal",
    "QuotaWindow",
    "RefusalKind",
]
