"""What failures of an upstream are called towards a client.

Owns two total tables: failures of the wire, and statuses that must not reach a client as they are.
"""

from __future__ import annotations

from faregate.dialects.problem import Problem
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


def problem_of_failure(failure: WireError) -> tuple[Problem, str]:
    """The problem and a message fit for a client: it tells nothing of addresses."""
    return _FAILURES.get(type(failure), (Problem.UPSTREAM_FAILED, "The upstream failed."))


def translated_status(status: int) -> str | None:
    """A message to send with 502 in place of the upstream's own answer; None when that passes as it is.

    401 and 407 are about the operator's credentials, and say parts of them; redirects are not for clients to follow.
    """
    if status in (401, 407):
        return "The upstream does not accept the gate's credentials."
    if status < 400:
        return f"The upstream answered with status {status}."
    return None
