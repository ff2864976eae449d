"""The client's side of one connection.

Owns writing one request at a time and parsing its response; a whole chunk of a stream passes unparsed. Does not
choose connections.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from faregate.wire.call import Call
from faregate.wire.failures import (
    BodyTooLargeError,
    ClientClosedError,
    FirstByteTimeoutError,
    IdleTimeoutError,
    PeerClosedError,
    ProtocolViolationError,
    WireError,
)
from faregate.wire.headers import Header
from faregate.wire.sweeper import NEVER, Sweeper

HEAD_BYTES_LIMIT = 131_072
_JOIN_BYTES = 16_384
"""Below this a request's head and body are copied into one buffer: cheaper than two writes."""

_CR, _LF = b"\r\n"
_FIRST_LINES = {len(line) + size + 2: line for size in range(1, 4096) for line in (b"%x\r\n" % size,)}
"""The line that tells the size, by the length of the whole chunk, for chunks of the sizes that streams have."""

Requeue = Callable[[Call], None]
Freed = Callable[["ClientConnection", bool], None]
"""(connection, reusable): the connection's call is over, or the connection itself is."""


class ClientConnection(asyncio.Protocol):
    """Carries calls one after another while the peer keeps the connection."""

    keep_seconds: float | None = None
    idle_since = 0.0
    _idle_seconds = 0.0
    _body_limit: int | None = None

    def __init__(self, sweeper: Sweeper, freed: Freed, requeue: Requeue) -> None:
        self._sweeper = sweeper
        self._freed = freed
        self.requeue = requeue
        self._transport: asyncio.Transport | None = None
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        self._call: Call | None = None
        self._alive = False
        self._used = False
        self._paused = False
        self._status = 0
        self._headers: list[Header] = []
        self._head_given = False
        self._head_bytes = 0
        self._pieces: list[bytes] = []
        self._body_bytes = 0
        self._complete = False
        self._keep_alive = False
        self._between_chunks = False
        self._next_is_chunk = False
        self.deadline = NEVER

    # The pool's calls.

    def peer_has_closed(self) -> bool:
        """Ask the kernel whether the peer's end, or stray bytes, already wait unread."""
        transport = self._transport
        sock = transport.get_extra_info("socket") if transport is not None else None
        if sock is None or sock.fileno() < 0:
            return True
        poller = select.poll()
        poller.register(sock.fileno(), select.POLLIN)
        return bool(poller.poll(0))

    def carry(self, call: Call) -> None:
        """Write ``call``'s request and begin to wait for its response."""
        transport = self._transport
        call.connection = self
        if transport is None or not self._alive:
            call.fail(PeerClosedError("the connection was lost before the request", sent=False))
            return
        self._call = call
        limits = call.limits
        self._idle_seconds = limits.idle_seconds
        self._body_limit = limits.body_bytes
        self.deadline = self._sweeper.base + limits.first_byte_seconds
        body = call.body
        if len(body) < _JOIN_BYTES:
            transport.write(call.head + body)
        else:
            transport.writelines((call.head, body))

    def close(self) -> None:
        """Close; a call in flight fails with ClientClosedError."""
        call, self._call = self._call, None
        self._drop()
        if call is not None:
            call.fail(ClientClosedError("the client was closed"))

    # The call's.

    def abandon(self, call: Call) -> None:
        """The call was cancelled: the connection cannot be used again."""
        if self._call is call:
            self._call = None
            self._drop()

    def pause(self, call: Call) -> None:
        """Stop reading; the idle limit rests."""
        if self._call is call and not self._paused and self._transport is not None:
            self._paused = True
            self.deadline = NEVER
            self._transport.pause_reading()

    def resume(self, call: Call) -> None:
        """Read on."""
        if self._call is call and self._paused and self._transport is not None:
            self._paused = False
            self.deadline = self._sweeper.base + self._idle_seconds
            self._transport.resume_reading()

    # The transport's.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open for calls."""
        self._transport = cast(asyncio.Transport, transport)
        self._alive = True
        self._sweeper.watch(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, by whichever side."""
        self._ended(f"{type(exc).__name__}: {exc}" if exc is not None else "")
        self._transport = None
        self._parser = None
        self._drop()

    def eof_received(self) -> None:
        """The peer sends no more; a half-open connection is of no use."""
        self._ended("")

    def data_received(self, data: bytes) -> None:
        """Parse, then tell the call: the head, all body bytes of this read at once, the end."""
        call = self._call
        if call is None:
            self._drop()  # bytes nobody asked for
            return
        if self._next_is_chunk:
            # One whole chunk and nothing else, the most frequent of all reads: it need not be parsed, and the parser
            # still stands between two chunks afterwards.
            first_line = _FIRST_LINES.get(len(data))
            if first_line is not None and data.startswith(first_line) and data[-2] == _CR and data[-1] == _LF:
                if not self._paused:
                    self.deadline = self._sweeper.base + self._idle_seconds
                call.on_chunk(data, len(first_line))
                return
        self._parse(call, data)

    def on_deadline(self) -> None:
        """The first byte, or the next one, did not come in time."""
        if self._head_given:
            self._fail(IdleTimeoutError("the response stood still"))
        else:
            self._fail(FirstByteTimeoutError("no response head in time"))

    # The parser's.

    def on_message_begin(self) -> None:
        """A response begins; a second one was not asked for."""
        if self._complete:
            self._keep_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; trailers are not read."""
        if not self._head_given and not self._status:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is whole; an interim one is forgotten."""
        parser = self._parser
        if parser is None or self._complete:
            return
        self._between_chunks = False
        status = parser.get_status_code()
        if status < 200:
            self._headers = []
        else:
            self._status = status

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        if not self._complete:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The response is whole, unless it was an interim one."""
        parser = self._parser
        if parser is None or not (self._status or self._head_given):
            return
        self._keep_alive = not self._complete and parser.should_keep_alive()
        self._complete = True

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._between_chunks = False

    def on_chunk_complete(self) -> None:
        """A chunk is whole."""
        self._between_chunks = True

    # Inside.

    def _parse(self, call: Call, data: bytes) -> None:
        parser = self._parser
        if parser is None:
            self._drop()
            return
        try:
            parser.feed_data(data)
        except HttpParserUpgrade:
            self._fail(ProtocolViolationError("the peer switched protocols"))
            return
        except HttpParserError as error:
            self._keep_alive = False
            if not self._complete:
                self._tell(call)
                self._fail(ProtocolViolationError(f"not HTTP/1.1: {error}"))
                return
        if self._complete and self._status and call.takes_whole and self._body_limit is None:
            self._finish_whole(call)
            return
        # A size that is cut in two leaves no line break at the end.
        self._next_is_chunk = self._between_chunks and self._body_limit is None and data.endswith(b"\r\n")
        if self._status or self._pieces:
            self._tell(call)
            if self._call is not call:
                return
        elif not self._head_given:
            self._count_head(len(data))
        if self._complete:
            self._finish(call)
        elif self._head_given and not self._paused:
            self.deadline = self._sweeper.base + self._idle_seconds

    def _finish_whole(self, call: Call) -> None:
        """All of the response came in one read."""
        status, headers, pieces = self._status, self._headers, self._pieces
        if not self._used:
            self._used = True
            self.keep_seconds = _keep_alive_seconds(headers)
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if pieces:
            self._pieces = []
        self._status = 0
        self._free(call)
        call.on_whole(status, headers, body)

    def _tell(self, call: Call) -> None:
        status = self._status
        if status:
            self._status = 0
            self._head_given = True
            if not self._used:
                self._used = True
                self.keep_seconds = _keep_alive_seconds(self._headers)
            call.on_head(status, self._headers)
            if call.head[:5] == b"HEAD " and self._call is call:
                self._complete, self._keep_alive = True, False
        pieces = self._pieces
        if not pieces or self._call is not call:
            return
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        limit = self._body_limit
        if limit is not None:
            self._body_bytes += len(data)
            if self._body_bytes > limit:
                self._fail(BodyTooLargeError("the response body is too large"))
                return
        call.on_data(data)

    def _count_head(self, length: int) -> None:
        self._head_bytes += length
        if self._head_bytes > HEAD_BYTES_LIMIT:
            self._fail(ProtocolViolationError("the response head is too large"))

    def _finish(self, call: Call) -> None:
        """The response is whole."""
        if self._paused:
            self.resume(call)
        self._free(call)
        call.on_end()

    def _free(self, call: Call) -> None:
        """The connection is free before the call hears of the end, so that the call may use it."""
        transport = self._transport
        self._call = None
        call.done = True
        call.connection = None
        if self._keep_alive and self._alive and transport is not None and not transport.get_write_buffer_size():
            self._headers = []
            self._head_given = False
            self._head_bytes = 0
            self._body_bytes = 0
            self._complete = False
            self._next_is_chunk = False
            self._freed(self, True)
        else:  # closed, or the request itself is not all out: the peer answered early
            self._drop()

    def _ended(self, reason: str) -> None:
        """The peer's end of the stream: the end of a body without a length, else a failure."""
        call = self._call
        self._alive = False
        if call is None:
            self._drop()
            return
        if self._head_given and not reason and not _delimited(self._headers):
            self._finish(call)
            return
        unsent = self._transport is not None and self._transport.get_write_buffer_size() > 0
        self._fail(
            PeerClosedError(
                f"the peer closed before the response was whole{': ' if reason else ''}{reason}",
                sent=self._head_given or self._head_bytes > 0 or not unsent,
            )
        )

    def _fail(self, failure: WireError) -> None:
        call, self._call = self._call, None
        self._drop()
        if call is not None:
            call.fail(failure)

    def _drop(self) -> None:
        """Close for good; the pool hears of it once."""
        self._alive = False
        self.deadline = NEVER
        self._sweeper.forget(self)
        if self._transport is not None:
            self._transport.abort()
        freed, self._freed = self._freed, _ignore
        freed(self, False)


def _ignore(connection: ClientConnection, reusable: bool) -> None:
    """What a dropped connection calls instead of its pool."""


def _delimited(headers: list[Header]) -> bool:
    """Whether the end of the body is told in the stream itself, not by its closing."""
    return any(
        name == b"content-length" or (name == b"transfer-encoding" and value.lower().endswith(b"chunked"))
        for name, value in headers
    )


def _keep_alive_seconds(headers: list[Header]) -> float | None:
    """The peer's ``Keep-Alive: timeout=N``, less a second for the way; None without."""
    for name, value in headers:
        if name == b"keep-alive":
            for part in value.split(b","):
                key, _, number = part.strip().partition(b"=")
                if key.lower() == b"timeout" and number.isdigit():
                    return max(float(number) - 1.0, 0.0)
    return None
