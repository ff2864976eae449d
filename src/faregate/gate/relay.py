"""From the upstream's answer to the client's: relaying, watching for usage, and ending well in every case.

Owns one generation after its admission. Does not decide what is charged (``outcome``) nor how a dialect looks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from faregate.dialects.dialect import Dialect, ErrorReply
from faregate.dialects.problem import Problem
from faregate.dialects.reported import Reported
from faregate.dialects.stream import StreamScanner
from faregate.gate.hold import OpenHold
from faregate.gate.outcome import NOTHING, Ending, Seen
from faregate.gate.upstream_errors import problem_of_failure, translated_status
from faregate.wire.call import Call, CallLimits
from faregate.wire.exchange import Exchange
from faregate.wire.failures import ConnectError, ConnectTimeoutError, IdleTimeoutError, QueueFullError, WireError
from faregate.wire.headers import Header, encode_headers

if TYPE_CHECKING:
    from faregate.gate.generation import Generation

logger = logging.getLogger(__name__)

REPLY_BYTES_LIMIT = 64 * 1024 * 1024
"""A longer JSON reply is a failure of the upstream."""

PASSED_HEADERS = frozenset((b"content-type", b"openai-processing-ms", b"openai-version"))
"""Headers of the upstream that the client gets to see: its rate limits and cookies are the operator's."""
PASSED_WITH_ERRORS = PASSED_HEADERS | {b"retry-after", b"retry-after-ms", b"x-should-retry"}
_STREAM = b"text/event-stream"
_STREAM_HEADERS = b"cache-control: no-cache\r\nx-accel-buffering: no\r\n"


class Relay(Call):
    """The upstream's answer to one admitted request."""

    takes_whole = True
    # Defaults on the class: a relay is made for every request, and most never set these.
    _status = 0
    _size = 0
    _scanner: StreamScanner | None = None
    _forward: Callable[[bytes], None] | None = None
    """Writes the upstream's chunks to the client as they come: set while the client is there and takes chunks."""
    _reported: Reported | None = None
    _client_gone = False
    _started = False

    def __init__(self, gate: Generation, exchange: Exchange, dialect: Dialect, hold: OpenHold) -> None:
        super().__init__(b"", b"", _UNSET)
        self._gate = gate
        self._exchange = exchange
        self._dialect = dialect
        self._hold = hold
        self._headers: list[Header] = []
        self._pieces: list[bytes] = []
        exchange.on_disconnect = self._on_client_gone

    # ---- what the upstream says

    def on_head(self, status: int, headers: list[Header]) -> None:
        """Choose between a stream and a reply; nothing is written yet: the first byte may never come."""
        self._status = status
        self._headers = headers
        if status == 200 and self._hold.request.stream:
            kind = next((value for name, value in headers if name == b"content-type"), b"")
            if kind[:17].lower() == _STREAM:
                self._scanner = self._dialect.scanner(self._hold.request)

    def on_whole(self, status: int, headers: list[Header], body: bytes) -> None:
        """The usual reply: all of it in one read."""
        self.on_head(status, headers)
        if self._scanner is None:
            self._size = len(body)
            self._pieces.append(body)
        elif body:
            self.on_data(body)
        if not self._hold.closed:
            self.on_end()

    def on_chunk(self, framed: bytes, start: int) -> None:
        """Pass on as it is, if nobody needs to read it."""
        forward, scanner = self._forward, self._scanner
        if forward is not None and scanner is not None and scanner.passes(framed, start):
            self._size += len(framed)
            forward(framed)
        else:
            self.on_data(framed[start:-2])

    def on_data(self, data: bytes) -> None:
        """Pass on, or keep until it is whole."""
        self._size += len(data)
        try:
            if self._scanner is None:
                self._keep(data)
                return
            out = self._scanner.feed(data)
            if self._client_gone:
                self._bound_drain()
            elif out:
                if not self._started:
                    self._start()
                self._exchange.write(out)
        except Exception:
            logger.exception("relaying %s failed", self._hold.id)
            self.cancel()
            self._break_off(Ending.INTERNAL_ERROR, Problem.INTERNAL, "The gate failed while it passed on the answer.")

    def on_end(self) -> None:
        """All came."""
        try:
            if self._scanner is not None:
                self._end_stream(self._scanner)
            elif 200 <= self._status < 300:
                self._end_reply()
            else:
                self._end_error()
        except Exception:
            logger.exception("ending %s failed", self._hold.id)
            self._break_off(Ending.INTERNAL_ERROR, Problem.INTERNAL, "The gate failed at the end of the answer.")

    def on_failure(self, failure: WireError) -> None:
        """The answer will never be whole."""
        self._gate.counters.upstream_failures += 1
        ending = Ending.IDLE_TIMEOUT if isinstance(failure, IdleTimeoutError) else Ending.UPSTREAM_CUT
        if not self._size and isinstance(failure, ConnectError | ConnectTimeoutError | QueueFullError):
            logger.warning("%s: upstream not reached: %s", self._hold.id, failure)
        problem, message = problem_of_failure(failure)
        self._break_off(ending, problem, message)

    # ---- streams

    def _start(self) -> None:
        """Write the head; from here on a slow reader holds the upstream back."""
        exchange = self._exchange
        self._started = True
        exchange.on_unwritable = self.pause
        exchange.on_writable = self.resume
        exchange.start(200, self._head(PASSED_HEADERS, _STREAM_HEADERS))
        self._forward = exchange.chunk_writer()

    def _bound_drain(self) -> None:
        if self._size > self._gate.drains.limits.bytes:
            self.cut_drain()

    def _end_stream(self, scanner: StreamScanner) -> None:
        rest = scanner.close()
        if not scanner.ended:
            # Most clients take a quiet end for a whole answer, so it must not look like one.
            if rest and not self._client_gone and self._started:
                self._exchange.write(rest)
            ending = Ending.UPSTREAM_ERROR if scanner.error is not None else Ending.UPSTREAM_CUT
            self._break_off(ending, Problem.UPSTREAM_FAILED, "The upstream ended its answer in the middle.")
            return
        if scanner.error is not None:
            self._conclude(Ending.UPSTREAM_ERROR)
        else:
            self._conclude(Ending.COMPLETE)
        if self._client_gone:
            return
        if not self._started:
            self._start()
        self._exchange.finish(rest)

    # ---- replies

    def _keep(self, data: bytes) -> None:
        self._pieces.append(data)
        if self._client_gone:
            self._bound_drain()
        elif self._size > REPLY_BYTES_LIMIT:
            self.cancel()
            self._break_off(Ending.UPSTREAM_CUT, Problem.UPSTREAM_FAILED, "The upstream's answer is too large.")

    def _end_reply(self) -> None:
        body = self._body()
        self._reported = self._dialect.usage_of_reply(body)
        self._conclude(Ending.COMPLETE)
        if not self._client_gone:
            self._exchange.send(self._status, self._head(PASSED_HEADERS), body)

    def _end_error(self) -> None:
        self._gate.counters.upstream_failures += 1
        self._gate.drains.end(self)
        self._hold.release(f"upstream_{self._status}")
        if self._client_gone:
            return
        message = translated_status(self._status)
        if message is None:
            self._exchange.send(self._status, self._head(PASSED_WITH_ERRORS), self._body())
        else:
            self._answer(Problem.UPSTREAM_FAILED, message)

    def _body(self) -> bytes:
        if len(self._pieces) != 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0]

    # ---- the client

    def _on_client_gone(self) -> None:
        """Read on for the usage, if there is room for one more drain."""
        self._client_gone = True
        self._forward = None
        self._gate.counters.clients_gone += 1
        self.resume()
        if not self._hold.closed and not self._gate.drains.begin(self):
            self.cut_drain()

    def cut_drain(self) -> None:
        """The drain has gone on for too long: charge what was seen."""
        self.cancel()
        self._conclude(Ending.CLIENT_GONE)

    # ---- the end

    def _seen(self) -> Seen:
        if not self._size:
            return NOTHING
        if self._scanner is not None:
            scanner = self._scanner
            return Seen(True, scanner.reported, scanner.output_bytes, scanner.covered_bytes)
        if self._reported is not None:
            return Seen(True, self._reported)
        return Seen(True, None, self._dialect.output_bytes_of_reply(self._body()))

    def _conclude(self, ending: Ending) -> None:
        self._gate.drains.end(self)
        if self._client_gone and ending is Ending.COMPLETE:
            ending = Ending.CLIENT_GONE
        self._hold.conclude(ending, self._seen())

    def _break_off(self, ending: Ending, problem: Problem, message: str) -> None:
        """End without a whole answer: a real status while nothing is written, else an error event and a drop."""
        self._conclude(ending)
        exchange = self._exchange
        if self._client_gone or exchange.finished:
            return
        if exchange.started:
            exchange.write(self._dialect.error_event(problem, message, request_id=self._hold.id))
            exchange.abort()
        else:
            self._answer(problem, message)

    def _answer(self, problem: Problem, message: str) -> None:
        reply: ErrorReply = self._dialect.error(problem, message, request_id=self._hold.id)
        block = encode_headers(reply.headers)
        self._exchange.send(reply.status, block + self._gate.marks(self._dialect, self._hold), reply.body)

    def _head(self, passed: frozenset[bytes], more: bytes = b"") -> bytes:
        # Parsed headers: there is no line break in them to look for.
        kept = b"".join([b"%b: %b\r\n" % header for header in self._headers if header[0] in passed])
        return kept + self._gate.head(self._dialect, self._hold) + more


_UNSET = CallLimits()
