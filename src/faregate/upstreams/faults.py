"""What a failed attempt says: about whom, whether another channel may do better, and how long to leave it alone.

Owns the two total tables, of statuses and of failures of the wire. Pure. Keeps no health and sends nothing.

| the upstream | concerns | elsewhere it may work |
|---|---|---|
| cannot be reached | the upstream | yes |
| breaks off, is silent, sends what is no answer | the model there | yes |
| 500 and above, 408, an error that says it is overloaded | the model there | yes |
| 429 | the key for this model | yes |
| 429, 400 or 403 that says the balance is used up, 402 | the key | yes |
| 401, 407, Google's 400 of a wrong key | the key | yes |
| 403 | the key, after several in a row | yes, unless it is about what the request holds |
| 3xx | the model there | yes |
| 404 for a model that the configuration names | nobody | yes |
| any other 4xx | nobody: the request is at fault | no |
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from faregate.upstreams.waits import asked_wait, wait_in_error
from faregate.wire.failures import ClientClosedError, ConnectError, ConnectTimeoutError, QueueFullError, WireError
from faregate.wire.headers import Header


class Concern(Enum):
    """Who is to blame, and so rests."""

    NOBODY = auto()
    UPSTREAM = auto()
    MODEL = auto()
    KEY = auto()
    KEY_FOR_MODEL = auto()


class Fault(NamedTuple):
    """``code`` is stable, as in settlements; ``elsewhere``: another channel or key may do better.

    ``at_once``: this one failure is enough to rest; ``until``: where the upstream says for how long.
    """

    code: str
    concern: Concern
    elsewhere: bool = True
    at_once: bool = False
    until: int | None = None


_EXAMINED_BYTES = 4096
_ERROR_BYTES = 65_536
_KEY_INVALID = b"api_key_invalid"
"""Google answers 400 where others answer 401."""
_USED_UP = (
    b"insufficient_quota",
    b"credit balance is too low",
    b"insufficient balance",
    b"exceeded your current quota",
)
_ABOUT_CONTENT = (b"moderation", b"flagged", b"content_policy", b"content policy", b"safety")
_OVERLOADED = (b"overloaded_error", b"server_is_overloaded")


def fault_of_status(status: int, headers: Sequence[Header], body: bytes, *, named: bool, now: int) -> Fault:
    """What an answer with ``status`` outside 200 to 299 says. ``named``: the configuration names the model itself."""
    code = f"status_{status}"
    start = body[:_EXAMINED_BYTES].lower()
    if status in (401, 407) or (status == 400 and _KEY_INVALID in start):
        return Fault(code, Concern.KEY, at_once=True)
    if status == 429 and (until := wait_in_error(body[:_ERROR_BYTES], now)) is not None:
        # Google says "exceeded your current quota" of limits for a minute, too.
        return Fault(code, Concern.KEY_FOR_MODEL, at_once=True, until=until)
    if status == 402 or (status in (400, 403, 429) and _holds(start, _USED_UP)):
        return Fault("balance_used_up", Concern.KEY, at_once=True, until=_told(headers, now))
    if status == 429:
        return Fault(code, Concern.KEY_FOR_MODEL, at_once=True, until=asked_wait(headers, now))
    if status == 403:
        blames = _holds(start, _ABOUT_CONTENT)
        return Fault(code, Concern.NOBODY if blames else Concern.KEY, elsewhere=not blames)
    if status == 404:
        return Fault(code, Concern.NOBODY, elsewhere=named)
    if status >= 500 or status == 408 or status < 400 or _holds(start, _OVERLOADED):
        until = _told(headers, now)
        return Fault(code, Concern.MODEL, at_once=until is not None, until=until)
    return Fault(code, Concern.NOBODY, elsewhere=False)


def fault_of_failure(failure: WireError) -> Fault:
    """What a failure of the wire says, whatever had come by then."""
    if isinstance(failure, ClientClosedError):
        return Fault(failure.code, Concern.NOBODY, elsewhere=False)
    if isinstance(failure, QueueFullError):
        return Fault(failure.code, Concern.NOBODY)
    if isinstance(failure, ConnectError | ConnectTimeoutError):
        return Fault(failure.code, Concern.UPSTREAM)
    return Fault(failure.code, Concern.MODEL)


def fault_of_answer(code: str) -> Fault:
    """An answer that is none: an error in place of the first event, or what is not of the dialect."""
    return Fault(code, Concern.MODEL)


def _holds(start: bytes, marks: Sequence[bytes]) -> bool:
    return any(mark in start for mark in marks)


def _told(headers: Sequence[Header], now: int) -> int | None:
    """An explicit wait alone: resets of rate limits stand on answers that have nothing to do with them."""
    explicit = [header for header in headers if header[0].startswith(b"retry-after")]
    return asked_wait(explicit, now) if explicit else None
