"""What the client of one generation is told when it ends, and how its hold is concluded.

Owns the end in every case, the head of every answer, and reading on once the client has gone. Does not hear the
upstream (``relay`` does) nor decide what is charged (``outcome``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faregate.dialects.dialect import Dialect, ErrorReply
from faregate.dialects.problem import Problem
from faregate.dialects.reported import Reported, believable
from faregate.dialects.stream import StreamScanner
from faregate.gate.hold import OpenHold
from faregate.gate.outcome import NOTHING, Ending, Seen
from faregate.gate.translation import TranslatingScanner, Translation
from faregate.wire.call import Call, CallLimits
from faregate.wire.exchange import Exchange
from faregate.wire.headers import Header, encode_headers

if TYPE_CHECKING:
    from faregate.gate.generation import Generation

_UNSET = CallLimits()


class Answering(Call):
    """The client's side of one admitted request."""

    # Defaults on the class: one is made for every request, and most never set these.
    _size = 0
    _scanner: StreamScanner | None = None
    _reported: Reported | None = None
    _forward: Callable[[bytes], None] | None = None
    """Writes the upstream's chunks to the client as they come: set while the client is there and takes chunks."""
    _client_gone = _told_all = _started = False

    def __init__(
        self,
        gate: Generation,
        exchange: Exchange,
        dialect: Dialect,
        hold: OpenHold,
        translation: Translation | None = None,
    ) -> None:
        super().__init__(b"", b"", _UNSET)
        self._translation = translation
        self._gate = gate
        self._exchange = exchange
        self._dialect = dialect
        self._hold = hold
        self._headers: list[Header] = []
        self._pieces: list[bytes] = []
        exchange.on_disconnect = self._on_client_gone

    # ---- the client

    def _on_client_gone(self) -> None:
        """Read on for the usage, if there is room for one more drain."""
        self._client_gone = True
        # Some clients leave with the closing event, before the connection's own end.
        self._told_all = self._scanner is not None and self._scanner.ended
        self._forward = None
        self._gate.counters.clients_gone += 1
        self.resume()
        if not self._hold.closed and not self._gate.drains.begin(self):
            self.cut_drain()

    def cut_drain(self) -> None:
        """The drain has gone on for too long: charge what was seen."""
        self.cancel()
        self._conclude(Ending.COMPLETE if self._told_all else Ending.CLIENT_GONE)

    def _bound_drain(self) -> None:
        if self._size > self._gate.drains.limits.bytes:
            self.cut_drain()

    # ---- the end

    def _seen(self) -> Seen:
        if not self._size:
            return NOTHING
        if self._scanner is not None:
            scanner = self._scanner
            return Seen(True, believable(scanner.reported), scanner.output_bytes, scanner.covered_bytes)
        if believable(self._reported) is not None:
            return Seen(True, self._reported)
        spoken = self._dialect if self._translation is None else self._translation.spoken
        return Seen(True, None, spoken.output_bytes_of_reply(self._body()))

    def _body(self) -> bytes:
        if len(self._pieces) != 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0]

    def _conclude(self, ending: Ending) -> None:
        self._gate.drains.end(self)
        if self._client_gone and not self._told_all and ending is Ending.COMPLETE:
            ending = Ending.CLIENT_GONE
        seen = self._seen()
        self._hold.conclude(ending, seen)
        if seen.reported is not None and seen.reported.id:
            self._gate.keep(self._hold, seen.reported.id)

    def _break_off(self, ending: Ending, problem: Problem, message: str) -> None:
        """End without a whole answer: a real status while nothing is written, else an error event and a drop."""
        self._conclude(ending)
        exchange = self._exchange
        if self._client_gone or exchange.finished:
            return
        if exchange.started:
            id, stream = self._hold.id, self._scanner
            if isinstance(stream, TranslatingScanner):
                stream = stream.told
            exchange.write(self._dialect.error_event(problem, message, request_id=id, stream=stream))
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
        if self._translation is not None:
            more = self._translation.head + more
        return kept + self._gate.head(self._dialect, self._hold) + more
