"""What can go wrong on a wire, as typed errors with a stable code.

Owns the failures of the client side. Does not map them to statuses: that is the caller's table.
"""

from __future__ import annotations


class WireError(Exception):
    """A request to a peer did not end as HTTP says it should.

    ``code`` is stable; ``sent`` is False only when the peer cannot have had the whole request, so that
    nothing of it can have been processed.
    """

    code = "wire_failure"

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class ConnectError(WireError):
    """No connection: refused, unreachable, name not found, TLS not verified, proxy said no."""

    code = "connect_failed"


class ConnectTimeoutError(WireError):
    """No connection within the time given (waiting for a free one included)."""

    code = "connect_timeout"


class QueueFullError(WireError):
    """The queue for a connection to this origin is full."""

    code = "too_many_waiting"


class FirstByteTimeoutError(WireError):
    """The request is out and no response head came within the time given."""

    code = "first_byte_timeout"


class IdleTimeoutError(WireError):
    """The response had begun and then stood still for the time given."""

    code = "idle_timeout"


class PeerClosedError(WireError):
    """The peer closed before the response was whole."""

    code = "peer_closed"


class ProtocolViolationError(WireError):
    """The peer sent what is not HTTP/1.1, or a head beyond the limit."""

    code = "protocol_violation"


class BodyTooLargeError(WireError):
    """The response body passed the limit set for it."""

    code = "body_too_large"


class ClientClosedError(WireError):
    """The client object was closed while the request stood."""

    code = "client_closed"
