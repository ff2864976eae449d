"""What failures of an upstream are called towards a client.

Owns two total tables: failures of the wire, and statuses that must not reach a client as they are.
"""

from __future__ import annotations

from faregate.dialects.problem import Problem
from faregate.gate.replies import is_error
from faregate.wire.failures import (
    BodyTooLargeError,
    ClientClosedError,
    ConnectError,
    ConnectTimeoutError,
    FirstByteTimeoutError,
    IdleTimeoutError,
    PeerClosedError,
    ProtocolViolationError,
    QueueFullError,
    WireError,
)

_FAILURES: dict[type[WireError], tuple[Problem, str]] = {
    ConnectError: (Problem.UPSTREAM_FAILED, "The upstream cannot be reached."),
    ConnectTimeoutError: (Problem.TIMEOUT, "The upstream could not be reached in time."),
    QueueFullError: (Problem.OVERLOADED, "Too many requests wait for the upstream."),
    FirstByteTimeoutError: (Problem.TIMEOUT, "The upstream did not begin to answer in time."),
    IdleTimeoutError: (Problem.TIMEOUT, "The upstream stopped in the middle of its answer."),
    PeerClosedError: (Problem.UPSTREAM_FAILED, "The upstream closed the connection before its answer was whole."),
    ProtocolViolationError: (Problem.UPSTREAM_FAILED, "The upstream sent what is not HTTP."),
    BodyTooLargeError: (Problem.UPSTREAM_FAILED, "The upstream's answer is too large."),
    ClientClosedError: (Problem.UNAVAILABLE, "The gate is shutting down."),
}


OF_THE_OPERATOR = (401, 402, 407)
"""Statuses about the operator's account at the upstream."""
NOT_ACCEPTED = Problem.UPSTREAM_FAILED, "The upstream does not accept the gate's credentials."
_EXAMINED_BYTES = 4096


def problem_of_failure(failure: WireError) -> tuple[Problem, str]:
    """The problem and a message fit for a client: it tells nothing of addresses."""
    return _FAILURES.get(type(failure), (Problem.UPSTREAM_FAILED, "The upstream failed."))


def is_of_the_operator(status: int, body: bytes) -> bool:
    """Whether an upstream's error is about the operator's account there. Google says 400 of a wrong key."""
    return status in OF_THE_OPERATOR or (status == 400 and b"API_KEY_INVALID" in body[:_EXAMINED_BYTES])


def translated_status(status: int, body: bytes) -> tuple[Problem, str] | None:
    """What a client is told in place of the upstream's own answer; None when that passes as it is.

    401, 402 and 407 are about the operator's account, and say parts of it; redirects are not for clients to follow;
    and what is no error of an API (a page of a proxy, say) no client can read.
    """
    if is_of_the_operator(status, body):
        return NOT_ACCEPTED
    if status >= 400 and is_error(body):
        return None
    message = f"The upstream answered with status {status}."
    return _STATUSES.get(status, Problem.BAD_REQUEST if 400 <= status < 500 else Problem.UPSTREAM_FAILED), message


_STATUSES = {
    404: Problem.NOT_FOUND,
    408: Problem.TIMEOUT,
    413: Problem.TOO_LARGE,
    429: Problem.RATE_LIMITED,
    503: Problem.OVERLOADED,
    504: Problem.TIMEOUT,
    529: Problem.OVERLOADED,
}
"""What statuses mean whose body says nothing."""
