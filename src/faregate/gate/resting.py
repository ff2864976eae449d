"""What a client is told while every upstream of a model rests.

Owns the answer: overloaded, in the client's dialect, with the time at which the first one may be asked again.
"""

from __future__ import annotations

from faregate.dialects.dialect import Dialect, ErrorReply
from faregate.dialects.instant import rfc3339_ceil, seconds_until, span_of
from faregate.dialects.problem import Problem
from faregate.dialects.quota import WAITABLE_SECONDS

_SETTLED = ((b"x-should-retry", b"false"),)


def resting_reply(dialect: Dialect, model: str, retry_at: int, now: int, request_id: str = "") -> ErrorReply:
    """503, in Messages 529, with ``retry-after``; ``retry_at`` in microseconds UTC."""
    seconds = seconds_until(retry_at, now)
    at = rfc3339_ceil(retry_at)
    message = (
        f"No upstream can take requests for `{model}` right now. The first may again at {at} (in {span_of(seconds)})."
    )
    reply = dialect.error(Problem.OVERLOADED, message, request_id=request_id)
    told = ((b"retry-after", b"%d" % seconds), (b"x-faregate-reopens-at", at.encode()))
    # SDKs would sleep a long wait out in silence.
    return reply._replace(headers=(*reply.headers, *told, *(_SETTLED if seconds > WAITABLE_SECONDS else ())))
