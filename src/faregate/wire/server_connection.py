"""The server's side of one connection.

Owns the order of pipelined requests, limits and deadlines. Does not know routes; what bytes mean is the reader's,
framing of responses the exchange's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from httptools import HttpParserError, HttpParserUpgrade

from faregate.wire.exchange import Exchange, Headers
from faregate.wire.repeated_head import RepeatedHead
from faregate.wire.request_reader import RequestReader, discard
from faregate.wire.sweeper import NEVER, Sweeper

if TYPE_CHECKING:
    from faregate.wire.server import Server

logger = logging.getLogger(__name__)

Handler = Callable[[Exchange], None]
"""Called once a request, when its body is whole. Must not block; writes now or later."""

Refuser = Callable[[int, bytes], tuple[Headers, bytes]]
"""(status, path) -> headers and body for what no handler sees: 400, 408, 413, 431, and its 500."""


class ServerConnection(RequestReader, asyncio.Protocol):
    """Parses requests and hands them, one at a time and in order, to the server's handler."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.limits)
        self._server = server
        self._handler = server.handler
        self._sweeper: Sweeper = server.sweeper
        self._transport: asyncio.Transport | None = None
        self._missing = 0
        self._at_rest = True
        self._dispatching = False
        self._read_paused = False
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
        self.write = discard
        self._transport = None
        self._parser = self._known = None
        self._queue.clear()
        self._sweeper.forget(self)
        self._server.forget(self)
        current, self._current = self._current, None
        if current is not None:
            current.notice_disconnect()

    def data_received(self, data: bytes) -> None:
        """Hand over what became whole: a head known from before is not parsed again."""
        known = self._known
        if known is not None and self._at_rest and data.startswith(known.before):
            measured = known.measure(data)
            if measured is not None:
                start, length = measured
                have = len(data) - start
                if have <= length <= self._limits.body_bytes:
                    if have == length:
                        self._hand_over(known, data[start:])
                    else:
                        self._collect_from(known, data[start:], length - have)
                    return
        if self._missing:
            self._collect(data)
        else:
            self._parse(data)

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
        self._parser = self._known = None
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

    def _parse(self, data: bytes) -> None:
        """Parse, then hand over what became whole."""
        parser = self._parser
        if parser is None:
            return
        self._at_rest = False
        self._opening = b"" if self._midway or not self._lessons else data
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

    def _hand_over(self, known: RepeatedHead, body: bytes) -> None:
        """A request with a known head, whole and with nothing behind it."""
        exchange = Exchange(self, known.method, known.path, known.query, known.headers, body, True)
        self._at_rest = False
        self._current = exchange
        self.deadline = NEVER
        try:
            self._handler(exchange)
        except Exception:
            logger.exception("a handler failed")
            self._fail(exchange)

    def _collect_from(self, known: RepeatedHead, piece: bytes, missing: int) -> None:
        """A request with a known head, and more of its body to come."""
        self._at_rest = False
        self._in_body = True
        self._target = known.path  # for a refusal in its dialect
        self._body = [piece]
        self._missing = missing
        self.deadline = self._sweeper.base + self._limits.body_seconds

    def _collect(self, data: bytes) -> None:
        """More of the body of a request with a known head."""
        known = self._known
        if known is None:
            return
        rest = b""
        if len(data) > self._missing:
            data, rest = data[: self._missing], data[self._missing :]
        self._body.append(data)
        self._missing -= len(data)
        self.deadline = self._sweeper.base + self._limits.body_seconds
        if self._missing:
            return
        body = b"".join(self._body)
        self._body = []
        self._target = b""
        self._in_body = False
        self._hand_over(known, body)
        if rest:
            self._parse(rest)

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
            self._at_rest = not self._midway
            self.deadline = self._sweeper.base + self._limits.idle_seconds

    def _resume_reading(self) -> None:
        if self._transport is not None and self._read_paused and not self._transport.is_closing():
            self._read_paused = False
            self._transport.resume_reading()

    def _close(self) -> None:
        """Close once all is written. With a request half read, linger: a reset would eat the
        answer."""
        self.closing_soon = True
        self._parser = self._known = None
        transport = self._transport
        if transport is None:
            return
        if self._refused and transport.can_write_eof():
            self._resume_reading()
            transport.write_eof()
            self.deadline = self._sweeper.base + self._limits.linger_seconds
        else:
            transport.close()
