"""The server's side of one connection.

Owns parsing, the order of pipelined requests, limits and deadlines. Does not know routes; framing of
responses is the exchange's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url

from faregate.wire.exchange import Exchange, Headers
from faregate.wire.sweeper import NEVER, Sweeper

if TYPE_CHECKING:
    from faregate.wire.server import Server

logger = logging.getLogger(__name__)

Handler = Callable[[Exchange], None]
"""Called once a request, when its body is whole. Must not block; writes now or later."""

Refuser = Callable[[int, bytes], tuple[Headers, bytes]]
"""(status, path) -> headers and body for what no handler sees: 400, 408, 413, 431, and its 500."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds on one connection. Bytes and seconds."""

    head_bytes: int = 65_536
    body_bytes: int = 32 * 1024 * 1024
    head_seconds: float = 15.0
    body_seconds: float = 60.0
    idle_seconds: float = 75.0
    write_seconds: float = 120.0
    linger_seconds: float = 2.0
    write_buffer_bytes: int = 262_144


class ServerConnection(asyncio.Protocol):
    """Parses requests and hands them, one at a time and in order, to the server's handler."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._handler = server.handler
        self._limits: ServerLimits = server.limits
        self._sweeper: Sweeper = server.sweeper
        self._transport: asyncio.Transport | None = None
        self._parser: HttpRequestParser | None = HttpRequestParser(self)
        self._target = b""
        self._method = b""
        self._headers: dict[bytes, bytes] = {}
        self._head: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._head_bytes = 0
        self._in_body = False
        self._keep_alive = True
        self._http_10 = False
        self._refused = 0
        self._queue: deque[Exchange | int] = deque()
        self._current: Exchange | None = None
        self._dispatching = False
        self._read_paused = False
        self.write: Callable[[bytes], None] = _discard
        self.write_paused = False
        self.closing_soon = server.draining
        self.deadline = NEVER

    # The transport's calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch the clock: a client that connects must ask."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._limits.write_buffer_bytes)
        self.write = self._transport.write
        self.deadline = self._sweeper.base + self._limits.head_seconds
        self._sweeper.watch(self)
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange that stands, drop those that wait."""
        self.closing_soon = True
        self.write = _discard
        self._transport = None
        self._parser = None
        self._queue.clear()
        self._sweeper.forget(self)
        self._server.forget(self)
        current, self._current = self._current, None
        if current is not None:
            current.notice_disconnect()

    def data_received(self, data: bytes) -> None:
        """Parse, then hand over what became whole."""
        parser = self._parser
        if parser is None:
            return
        try:
            parser.feed_data(data)
        except HttpParserUpgrade:
            self._stop_parsing()  # no handler takes over a connection: it answers, then we close
        except HttpParserError:
            self._refuse(400)
        if self._queue:
            self._head_bytes = 0
            self._dispatch()
        elif self._in_body:
            self.deadline = self._sweeper.base + self._limits.body_seconds
        elif self._target or self._headers or self._current is None:
            self._count_head(len(data))
        if self._current is not None and not self.write_paused:
            self.deadline = NEVER

    def pause_writing(self) -> None:
        """The client reads too slowly; not for ever."""
        self.write_paused = True
        self.deadline = self._sweeper.base + self._limits.write_seconds
        if self._current is not None:
            self._current.notice_unwritable()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.write_paused = False
        self.deadline = NEVER
        if self._current is not None:
            self._current.notice_writable()
        else:
            self._rest()

    def on_deadline(self) -> None:
        """Nothing moved for too long: say so where a request was half sent, else just close."""
        self.deadline = NEVER
        half_sent = self._head_bytes or self._in_body
        if self._current is None and half_sent and self._parser is not None and not self._refused:
            self._refuse(408)
            self._dispatch()
        else:
            self.abort()

    # The parser's calls.

    def on_url(self, url: bytes) -> None:
        """A piece of the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; a trailer ends up in a mapping that nobody reads."""
        name = name.lower()
        headers = self._headers
        first = headers.setdefault(name, value)
        if first is not value:
            headers[name] = first + (b"; " if name == b"cookie" else b", ") + value

    def on_headers_complete(self) -> None:
        """Settle framing; refuse a body announced too large; answer ``Expect``."""
        parser = self._parser
        if parser is None:
            return
        self._in_body = True
        self._method = parser.get_method()
        self._keep_alive = parser.should_keep_alive()
        headers = self._head = self._headers
        self._headers = {}
        self._http_10 = (not self._keep_alive or b"connection" in headers) and parser.get_http_version() != "1.1"
        length = headers.get(b"content-length")
        if length is not None and int(length) > self._limits.body_bytes:
            self._refuse(413)
        elif b"expect" in headers and self._may_continue(headers[b"expect"]):
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the body, within the limit."""
        self._body_bytes += len(piece)
        if self._body_bytes > self._limits.body_bytes:
            self._refuse(413)
        elif not self._refused:
            self._body.append(piece)

    def on_message_complete(self) -> None:
        """A request is whole: queue its exchange."""
        parser = self._parser
        self._in_body = False
        if self._refused or parser is None:
            return
        headers, body, target = self._head, self._body, self._target
        path, _, query = target.partition(b"?") if target[:1] == b"/" else self._split(target)
        whole = body[0] if len(body) == 1 else b"".join(body)
        exchange = Exchange(self, self._method, path, query, headers, whole, self._keep_alive)
        if self._http_10:
            exchange.http_10 = True
        if b"upgrade" in headers:
            exchange.upgrade = parser.should_upgrade()
        self._queue.append(exchange)
        self._target = b""
        if self._headers:
            self._headers = {}
        if body:
            self._body = []
            self._body_bytes = 0

    def _may_continue(self, expectation: bytes) -> bool:
        """Whether to ask for the body: not while an earlier response would come first."""
        idle = self._current is None and not self._queue
        return idle and not self._http_10 and expectation.lower() == b"100-continue"

    def _split(self, target: bytes) -> tuple[bytes, bytes, bytes]:
        """Path, ``?`` and query of a target that does not begin with a slash."""
        if self._method == b"CONNECT" or target == b"*":
            return target, b"", b""
        url = parse_url(target)  # absolute form, as sent to a proxy
        return url.path or b"/", b"?", url.query or b""

    # The exchange's calls.

    def release(self, exchange: Exchange, *, close: bool) -> None:
        """``exchange`` is whole: go on to the next, or close."""
        if exchange is not self._current:
            return
        self._current = None
        if close:
            self._close()
        elif self._queue:
            self._dispatch()
        elif not self._dispatching:
            self._rest()

    def abort(self) -> None:
        """Reset the connection, dropping what was not yet written."""
        self.closing_soon = True
        self._parser = None
        if self._transport is not None:
            self._transport.abort()

    def peer_address(self) -> tuple[str, int]:
        """Host and port of the client."""
        return self._address("peername")

    def local_address(self) -> tuple[str, int]:
        """Host and port the client connected to."""
        return self._address("sockname")

    # The server's calls.

    def drain(self) -> None:
        """Close now if nothing stands, else when the current response is whole."""
        self.closing_soon = True
        if self._current is None and not self._queue:
            self._close()

    # Inside.

    def _address(self, which: str) -> tuple[str, int]:
        found = self._transport.get_extra_info(which) if self._transport is not None else None
        if not isinstance(found, tuple):
            return "", 0
        return str(found[0]), int(found[1])

    def _dispatch(self) -> None:
        """Hand over queued requests while none stands; reading rests while others wait."""
        if self._dispatching:
            return
        queue = self._queue
        self._dispatching = True
        try:
            while queue and self._current is None and self._transport is not None:
                following = queue.popleft()
                if isinstance(following, int):
                    self._answer_refusal(following)
                    return
                self._current = following
                try:
                    self._handler(following)
                except Exception:
                    logger.exception("a handler failed")
                    self._fail(following)
        finally:
            self._dispatching = False
        if queue:
            if self._transport is not None:
                self._transport.pause_reading()
                self._read_paused = True
            return
        if self._read_paused:
            self._resume_reading()
        if self._current is None:
            self._rest()

    def _fail(self, exchange: Exchange) -> None:
        """The handler raised: nobody else will answer."""
        if exchange.started:
            exchange.abort()
        else:
            exchange.keep_alive = False
            headers, body = self._server.refuser(500, exchange.path)
            exchange.send(500, headers, body)

    def _count_head(self, length: int) -> None:
        """A head has begun and is not whole: its time runs from its first byte."""
        if not self._head_bytes:
            self.deadline = self._sweeper.base + self._limits.head_seconds
        self._head_bytes += length
        if self._head_bytes > self._limits.head_bytes:
            self._refuse(431)
            self._dispatch()

    def _refuse(self, status: int) -> None:
        """Queue an error for what cannot become an exchange; nothing after it is read."""
        if not self._refused:
            self._refused = status
            self._queue.append(status)

    def _answer_refusal(self, status: int) -> None:
        path = self._target.partition(b"?")[0]
        exchange = Exchange(self, self._method, path, b"", {}, b"", False)
        headers, body = self._server.refuser(status, path)
        self._current = exchange
        exchange.send(status, headers, body)

    def _rest(self) -> None:
        """Nothing stands: wait for the next request, or for the rest of one begun."""
        if self.closing_soon:
            if self._transport is not None and not self._refused:
                self._transport.close()
        elif self._in_body:
            self.deadline = self._sweeper.base + self._limits.body_seconds
        elif self._head_bytes:
            self.deadline = self._sweeper.base + self._limits.head_seconds
        else:
            self.deadline = self._sweeper.base + self._limits.idle_seconds

    def _resume_reading(self) -> None:
        if self._transport is not None and self._read_paused and not self._transport.is_closing():
            self._read_paused = False
            self._transport.resume_reading()

    def _stop_parsing(self) -> None:
        self._parser = None
        if self._queue and isinstance(self._queue[-1], Exchange):
            self._queue[-1].keep_alive = False

    def _close(self) -> None:
        """Close once all is written. With a request half read, linger: a reset would eat the
        answer."""
        self.closing_soon = True
        self._parser = None
        transport = self._transport
        if transport is None:
            return
        if self._refused and transport.can_write_eof():
            self._resume_reading()
            transport.write_eof()
            self.deadline = self._sweeper.base + self._limits.linger_seconds
        else:
            transport.close()


def _discard(data: bytes) -> None:
    """Where writes go after the connection is lost."""
