"""One request and the writing of its response.

Owns the forms of a response (whole, stream, aborted) and their framing. Does not parse, and does not
know the order of pipelined requests: that is the connection's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from faregate.wire.headers import STATUS_LINES, Header, encode_headers, status_line

Headers = Sequence[Header] | bytes
"""Response headers: pairs, or a block already made by ``encode_headers``. Framing headers
(content-length, transfer-encoding, connection) are the exchange's: never pass them."""

_WAITING, _STREAMING, _DONE = range(3)
_BODYLESS = frozenset((204, 304))
_CLOSE = b"connection: close\r\n"
_KEEP = b"connection: keep-alive\r\n"


class ResponseOrderError(RuntimeError):
    """The handler wrote a second response, or a body before its head."""


class Carrier(Protocol):
    """What an exchange needs of its connection."""

    write_paused: bool
    write: Callable[[bytes], None]
    closing_soon: bool

    def release(self, exchange: Exchange, *, close: bool) -> None:
        """``exchange`` is whole: go on to the next request, or close once all is written."""

    def abort(self) -> None:
        """Reset the connection."""

    def peer_address(self) -> tuple[str, int]:
        """Host and port of the client."""

    def local_address(self) -> tuple[str, int]:
        """Host and port the client connected to."""


class Exchange:
    """A request with its whole body, and its response.

    ``path`` is as sent (percent-encoded), ``query`` is what follows ``?``; ``headers`` maps
    lower-case names to values, repeated ones joined by ``", "`` (cookies by ``"; "``); it may be
    shared with other requests of the connection, so it is only to be read.
    ``extra`` is a block of headers that goes out with whatever is answered.
    ``on_disconnect`` is called once if the client goes before the response is whole;
    ``on_unwritable`` when the write buffer is full (within a write), ``on_writable`` when it has emptied. After a
    disconnect every write is a no-op.
    """

    # Defaults on the class: an exchange is made for every request, and most never set these.
    http_10 = False
    upgrade = False
    disconnected = False
    on_disconnect: Callable[[], None] | None = None
    on_writable: Callable[[], None] | None = None
    on_unwritable: Callable[[], None] | None = None
    extra = b""
    _state = _WAITING
    _chunked = False
    _writable: asyncio.Future[None] | None = None

    def __init__(
        self,
        carrier: Carrier,
        method: bytes,
        path: bytes,
        query: bytes,
        headers: dict[bytes, bytes],
        body: bytes,
        keep_alive: bool,
    ) -> None:
        self._carrier = carrier
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.keep_alive = keep_alive

    @property
    def started(self) -> bool:
        """Whether a response head has been written."""
        return self._state != _WAITING

    @property
    def finished(self) -> bool:
        """Whether the response is whole (or given up)."""
        return self._state == _DONE

    @property
    def write_paused(self) -> bool:
        """Whether the client reads slower than the response is written."""
        return self._carrier.write_paused

    @property
    def peer_address(self) -> tuple[str, int]:
        """Host and port of the client; empty and 0 where the transport has none."""
        return self._carrier.peer_address()

    @property
    def local_address(self) -> tuple[str, int]:
        """Host and port the client connected to; empty and 0 where the transport has none."""
        return self._carrier.local_address()

    def send(self, status: int, headers: Headers = b"", body: bytes = b"") -> None:
        """Write a whole response in one go."""
        if self._state != _WAITING:
            self._refuse_second_head()
            return
        block = self.extra + (headers if isinstance(headers, bytes) else encode_headers(headers))
        self._state = _DONE
        self.on_disconnect = None
        carrier = self._carrier
        if self.method == b"HEAD" or status in _BODYLESS:
            self._send_head_alone(status, block, len(body))
        elif self.keep_alive and not self.http_10 and not carrier.closing_soon:
            line = STATUS_LINES.get(status) or status_line(status)
            carrier.write(b"%b%bcontent-length: %d\r\n\r\n%b" % (line, block, len(body), body))
            carrier.release(self, close=False)
        else:
            close = not self.keep_alive or carrier.closing_soon
            length = b"content-length: %d\r\n" % len(body)
            end = self._connection(close) + b"\r\n"
            carrier.write(b"".join((status_line(status), block, length, end, body)))
            carrier.release(self, close=close)

    def start(self, status: int, headers: Headers = b"", length: int | None = None) -> None:
        """Write the head of a streamed response; ``length`` in bytes when it is known."""
        if self._state != _WAITING:
            self._refuse_second_head()
            return
        block = self.extra + (headers if isinstance(headers, bytes) else encode_headers(headers))
        self._state = _STREAMING
        framing = b""
        if length is not None:
            framing = b"content-length: %d\r\n" % length
        elif self.http_10:
            self.keep_alive = False
        elif status not in _BODYLESS:
            self._chunked = self.method != b"HEAD"
            framing = b"transfer-encoding: chunked\r\n"
        if self._carrier.closing_soon:
            self.keep_alive = False
        connection = self._connection(not self.keep_alive)
        self._carrier.write(b"%b%b%b%b\r\n" % (status_line(status), block, framing, connection))

    def write(self, chunk: bytes) -> None:
        """Write a piece of a streamed body. Empty pieces write nothing."""
        if self._state != _STREAMING:
            if self.disconnected:
                return
            raise ResponseOrderError("write() outside start() and finish()")
        if chunk:
            if self._chunked:
                self._carrier.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            elif self.method != b"HEAD":
                self._carrier.write(chunk)

    def chunk_writer(self) -> Callable[[bytes], None] | None:
        """What writes pieces that are chunks already, framing and all: None unless this response is a chunked
        stream. To be used until ``finish``, ``abort`` or ``on_disconnect``."""
        return self._carrier.write if self._chunked and self._state == _STREAMING else None

    def finish(self, last: bytes = b"") -> None:
        """End a streamed response, writing ``last`` before the end."""
        if last:
            self.write(last)
        if self._state != _STREAMING:
            if self.disconnected:
                return
            raise ResponseOrderError("finish() without start()")
        self._state = _DONE
        self._forget_listeners()
        if self._chunked:
            self._carrier.write(b"0\r\n\r\n")
        self._carrier.release(self, close=not self.keep_alive)

    def abort(self) -> None:
        """Drop the connection after what is written has gone out, never with a clean end."""
        if self._state == _DONE:
            return
        self._forget_listeners()
        clean_by_close = self._state == _STREAMING and not self._chunked
        self._state = _DONE
        if clean_by_close:  # closing is how such a body ends: only a reset tells the client
            self._carrier.abort()
        else:
            self._carrier.release(self, close=True)

    async def drain(self) -> None:
        """Wait until the write buffer has room, or the client has gone."""
        if not self._carrier.write_paused or self.disconnected:
            return
        self._writable = asyncio.get_running_loop().create_future()
        await self._writable

    def notice_unwritable(self) -> None:
        """The connection's word that its write buffer is full."""
        if self.on_unwritable is not None:
            self.on_unwritable()

    def notice_writable(self) -> None:
        """The connection's word that its write buffer has emptied."""
        self._wake()
        if self.on_writable is not None:
            self.on_writable()

    def notice_disconnect(self) -> None:
        """The connection's word that the client has gone."""
        whole = self._state == _DONE
        self._state = _DONE
        self.disconnected = True
        self._wake()
        gone = self.on_disconnect
        self._forget_listeners()
        if not whole and gone is not None:
            gone()

    def _forget_listeners(self) -> None:
        """Who listens mostly holds the exchange too: two that hold each other wait for the garbage collector."""
        self.on_disconnect = self.on_writable = self.on_unwritable = None

    def _send_head_alone(self, status: int, block: bytes, length: int) -> None:
        close = not self.keep_alive or self._carrier.closing_soon
        framing = b"" if status in _BODYLESS else b"content-length: %d\r\n" % length
        head = (status_line(status), block, framing, self._connection(close), b"\r\n")
        self._carrier.write(b"".join(head))
        self._carrier.release(self, close=close)

    def _wake(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def _connection(self, close: bool) -> bytes:
        if close:
            return _CLOSE
        return _KEEP if self.http_10 else b""

    def _refuse_second_head(self) -> None:
        if not self.disconnected:
            raise ResponseOrderError("a response was already begun")
