"""One request to a peer, from waiting for a connection to the end of its response.

Owns the request's bytes, its time limits and how the response is heard. Does not parse or connect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faregate.wire.failures import ConnectTimeoutError, WireError
from faregate.wire.headers import Header
from faregate.wire.sweeper import NEVER

if TYPE_CHECKING:
    from faregate.wire.client_connection import ClientConnection


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Bounds on one call. ``connect_seconds`` includes waiting for a free connection;
    ``body_bytes`` of None leaves the response body unbounded (a stream read as it comes)."""

    connect_seconds: float = 10.0
    first_byte_seconds: float = 300.0
    idle_seconds: float = 120.0
    body_bytes: int | None = None


class Call:
    """A request in flight; subclass it to hear the response.

    After ``Client.dispatch`` it hears ``on_head``, then any number of ``on_data``, then ``on_end`` —
    or at any point ``on_failure``, the last word. Nothing is heard after ``cancel``. ``head`` is a
    whole request head with its empty line, ``host`` and ``content-length`` included.
    """

    # Defaults on the class: a call is made for every request.
    connection: ClientConnection | None = None
    deadline = NEVER
    done = False
    withdraw: Callable[[Call], None] | None = None
    takes_whole = False
    """Whether ``on_whole`` may be called instead of the three others."""
    _retried = False

    def __init__(self, head: bytes, body: bytes, limits: CallLimits) -> None:
        self.head = head
        self.body = body
        self.limits = limits

    def on_head(self, status: int, headers: list[Header]) -> None:
        """Status and headers, names in lower case."""

    def on_data(self, data: bytes) -> None:
        """A piece of the body, unchunked."""

    def on_chunk(self, framed: bytes, start: int) -> None:
        """A piece of the body as one chunk just as it came: its content is ``framed[start:-2]``. For who passes it
        on chunked; by default it is heard by ``on_data``."""
        self.on_data(framed[start:-2])

    def on_whole(self, status: int, headers: list[Header], body: bytes) -> None:
        """The whole response came in one piece. Only for calls that take it so."""

    def on_end(self) -> None:
        """The response is whole."""

    def on_failure(self, failure: WireError) -> None:
        """The response will never be whole."""

    def cancel(self) -> None:
        """Stop: a connection in use is closed, and nothing more is heard."""
        if self.done:
            return
        self.done = True
        if self.connection is not None:
            self.connection.abandon(self)
        elif self.withdraw is not None:
            self.withdraw(self)

    def pause(self) -> None:
        """Stop reading the response until ``resume``; the idle limit rests meanwhile."""
        if self.connection is not None:
            self.connection.pause(self)

    def resume(self) -> None:
        """Read on."""
        if self.connection is not None:
            self.connection.resume(self)

    def fail(self, failure: WireError) -> None:
        """End with ``failure``, once — or try one other connection when a pooled one had died and
        nothing of the request can have been processed."""
        if self.done:
            return
        if self.connection is not None and not failure.sent and not self._retried:
            self._retried = True
            requeue = self.connection.requeue
            self.connection = None
            requeue(self)
            return
        self.done = True
        self.connection = None
        self.on_failure(failure)

    def on_deadline(self) -> None:
        """Waited too long for a connection."""
        if self.withdraw is not None:
            self.withdraw(self)
            self.fail(ConnectTimeoutError("no connection in time", sent=False))
