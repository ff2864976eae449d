"""From the bytes of a connection to requests.

Owns the parser's calls and what is begun but not whole. Does not hand requests over, nor watch the clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from httptools import HttpRequestParser, parse_url

from faregate.wire.exchange import Carrier, Exchange
from faregate.wire.repeated_head import RepeatedHead, split_at_length

_LESSONS = 8
"""How many heads a connection is learnt from: one whose heads all differ is not worth more."""


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


class RequestReader(Carrier):
    """Queues each request that became whole, and the status of what never can."""

    def __init__(self, limits: ServerLimits) -> None:
        self._limits = limits
        self._parser: HttpRequestParser | None = HttpRequestParser(self)
        self._target = b""
        self._method = b""
        self._headers: dict[bytes, bytes] = {}
        self._head: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._head_bytes = 0
        self._in_body = False
        self._midway = False
        self._opening = b""
        self._known: RepeatedHead | None = None
        self._lessons = _LESSONS
        self._keep_alive = True
        self._http_10 = False
        self._refused = 0
        self._queue: deque[Exchange | int] = deque()
        self._current: Exchange | None = None
        self.write: Callable[[bytes], None] = discard

    # The parser's calls.

    def on_message_begin(self) -> None:
        """A request begins: until it is whole, only the parser knows where in it we are."""
        self._midway = True

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
        if self._opening:
            self._learn(headers)
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
        self._midway = False
        self._opening = b""
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

    # Inside.

    def _learn(self, headers: dict[bytes, bytes]) -> None:
        """Keep the head that has just been parsed, if it is the first of what was read."""
        opening, self._opening = self._opening, b""
        self._lessons -= 1
        parts = split_at_length(opening)
        target = self._target
        if parts is not None and target[:1] == b"/" and self._keep_alive and not self._http_10:
            path, _, query = target.partition(b"?")
            self._known = RepeatedHead(parts, self._method, (path, query), headers)

    def _refuse(self, status: int) -> None:
        """Queue an error for what cannot become an exchange; nothing after it is read."""
        self._known = None
        if not self._refused:
            self._refused = status
            self._queue.append(status)

    def _stop_parsing(self) -> None:
        self._parser = self._known = None
        if self._queue and isinstance(self._queue[-1], Exchange):
            self._queue[-1].keep_alive = False


def discard(data: bytes) -> None:
    """Where writes go while there is no connection."""
