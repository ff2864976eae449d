"""From the upstream's answer to the client's: relaying, watching for usage, and ending well in every case.

Owns one generation after its admission. Does not decide what is charged (``outcome``) nor how a dialect looks.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from faregate.conversion import NotCarried
from faregate.core.usage import TOKEN_CLASSES
from faregate.dialects.problem import Problem
from faregate.dialects.stream import StreamScanner
from faregate.gate.answering import Answering
from faregate.gate.destination import destination
from faregate.gate.outcome import Ending
from faregate.gate.ports import Attempt, Fault
from faregate.gate.replies import as_json, flaw_of_reply, with_content_type
from faregate.gate.translation import message_of_error, of_no_dialect, reported_by, translation_for
from faregate.gate.upstream_errors import NOT_ACCEPTED, is_of_the_operator, problem_of_failure, translated_status
from faregate.wire.failures import ConnectError, ConnectTimeoutError, IdleTimeoutError, QueueFullError, WireError
from faregate.wire.headers import Header
from faregate.wire.sweeper import NEVER

if TYPE_CHECKING:
    pass

logger = logging.getLogger(__name__)

REPLY_BYTES_LIMIT = 64 * 1024 * 1024
"""A longer JSON reply is a failure of the upstream."""

PASSED_HEADERS = frozenset((b"content-type", b"openai-processing-ms", b"openai-version"))
"""Headers of the upstream that the client gets to see: its rate limits and cookies are the operator's."""
PASSED_WITH_ERRORS = PASSED_HEADERS | {b"retry-after", b"retry-after-ms", b"x-should-retry"}
_JSON = (b"content-type", b"application/json")
_STREAM = b"text/event-stream"
_STREAM_STARTS = (b"data:", b"event:", b":", b"id:", b"retry:")
_STREAM_HEADERS = b"cache-control: no-cache\r\nx-accel-buffering: no\r\n"


class Relay(Answering):
    """The upstream's answer to one admitted request."""

    takes_whole = True
    # Defaults on the class: a relay is made for every request, and most never set these.
    _status = 0
    _attempt: Attempt

    def begin(self, attempt: Attempt) -> None:
        """Send the request where ``attempt`` says."""
        self._attempt = attempt
        dialect, exchange = self._dialect, self._exchange
        if attempt.dialect != dialect.name:
            assert self._translation is not None, "made before the attempt"
            body = self._translation.body_for(attempt.model)
            path, query = destination(self._translation.spoken, attempt.model, b"")
            attempt.send(self, path, query, of_no_dialect(exchange.headers), body)
            return
        body = dialect.upstream_body(self._hold.request, attempt.model)
        path, query = destination(dialect, attempt.model, exchange.query)
        attempt.send(self, path, query, exchange.headers, body)

    # ---- what the upstream says

    def on_head(self, status: int, headers: list[Header]) -> None:
        """Choose between a stream and a reply; nothing is written yet: the first byte may never come."""
        self._status = status
        self._headers = headers
        if status == 200 and self._hold.request.stream:
            kind = next((value for name, value in headers if name == b"content-type"), b"")
            if kind[:17].lower() == _STREAM:
                self._scanner = self._new_scanner()

    def on_whole(self, status: int, headers: list[Header], body: bytes) -> None:
        """The usual reply: all of it in one read."""
        attempt = self._attempt
        self.on_head(status, headers)
        if self._scanner is None and not self._hold.request.stream:
            self._size = len(body)
            self._pieces.append(body)
        elif body:
            self.on_data(body)
        if self._attempt is attempt and not self._hold.closed:
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
        began = self._size
        self._size = began + len(data)
        try:
            if self._scanner is None and (began or not self._is_stream_after_all(data)):
                self._keep(data)
            elif self._scanner is not None:
                self._pass_on(self._scanner, self._scanner.feed(data))
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
        if self._status and not 200 <= self._status < 300:
            self._end_error(whole=False)
            return
        if self._scanner is not None and self._scanner.ended:
            self.on_end()  # all that counts had come
            return
        self._gate.counters.upstream_failures += 1
        if not self._size and isinstance(failure, ConnectError | ConnectTimeoutError | QueueFullError):
            logger.warning("%s: upstream not reached: %s", self._hold.id, failure)
        if self._goes_elsewhere(self._attempt.failed(failure, self._gate.clock())):
            return
        ending = Ending.IDLE_TIMEOUT if isinstance(failure, IdleTimeoutError) else Ending.UPSTREAM_CUT
        problem, message = problem_of_failure(failure)
        self._break_off(ending, problem, message)

    # ---- another upstream

    def _goes_elsewhere(self, fault: Fault) -> bool:
        """Begin again at another upstream, while the client was given nothing; False when this is the end."""
        exchange = self._exchange
        if not fault.elsewhere or self._started or self._client_gone or exchange.disconnected or self._hold.closed:
            return False
        if not (self.done or self.connection is None):
            self.cancel()
        trail = self._hold.trail
        attempt = trail.go_on(self._gate.clock(), self._gate.failover)
        while attempt is not None and not self._translated_for(attempt):
            attempt = trail.go_on(self._gate.clock(), self._gate.failover)
        if attempt is None:
            return False
        self._gate.counters.failovers += 1
        self._begin_again()
        self.begin(attempt)
        return True

    def _translated_for(self, attempt: Attempt) -> bool:
        """Make what the next attempt needs to be told in its own dialect; False where that has no room for it."""
        try:
            self._translation = translation_for(self._translation, self._dialect, attempt, self._hold.request)
        except NotCarried:
            return False
        return True

    def _begin_again(self) -> None:
        """As if nothing had been heard."""
        self.done = self._retried = False
        self.connection = self.withdraw = None
        self.deadline = NEVER
        self._status = self._size = 0
        self._scanner = self._reported = None
        self._headers, self._pieces = [], []

    # ---- streams

    def _is_stream_after_all(self, data: bytes) -> bool:
        """Whether these first bytes are of a stream that was asked for, whatever the upstream calls it."""
        if self._status != 200 or not self._hold.request.stream or not data.lstrip()[:6].startswith(_STREAM_STARTS):
            return False
        self._headers = with_content_type(self._headers, _STREAM)
        self._scanner = self._new_scanner()
        return True

    def _new_scanner(self) -> StreamScanner:
        request = self._hold.request
        if self._translation is not None:
            scanner = self._translation.scanner(request.model, self._seconds())
        else:
            scanner = self._dialect.scanner(request)
        if scanner.content_type:
            self._headers = with_content_type(self._headers, scanner.content_type)
        return scanner

    def _seconds(self) -> int:
        return self._gate.clock() // 1_000_000

    def _pass_on(self, scanner: StreamScanner, out: bytes) -> None:
        if scanner.broken and not scanner.ended:
            self._end_broken(out)
        elif self._client_gone:
            self._bound_drain()
        elif out:
            if not self._started:
                # Of a stream that begins with an error nothing was given to the client yet.
                if scanner.error is not None and self._goes_elsewhere(self._spoiled("error_event")):
                    return
                self._start()
            self._exchange.write(out)

    def _end_broken(self, out: bytes) -> None:
        """An event that is none: what came before it counts, what comes after it nobody could read."""
        if not (out or self._started or self._client_gone):
            self._end_flawed("not_json")
            if self._hold.closed:
                self.cancel()
            return
        self._gate.counters.upstream_failures += 1
        if self._goes_elsewhere(self._spoiled("not_json")):
            return
        self.cancel()
        if out and not self._client_gone:
            if not self._started:
                self._start()
            self._exchange.write(out)
        self._break_off(
            Ending.UPSTREAM_CUT, Problem.UPSTREAM_FAILED, "The upstream sent what is no event of a stream."
        )

    def _spoiled(self, code: str) -> Fault:
        return self._attempt.spoiled(code, self._gate.clock())

    def _start(self) -> None:
        """Write the head; from here on a slow reader holds the upstream back."""
        exchange = self._exchange
        if self._attempt.fault is None:
            self._attempt.answered(self._gate.clock())
        self._started = True
        exchange.on_unwritable = self.pause
        exchange.on_writable = self.resume
        exchange.start(200, self._head(PASSED_HEADERS, _STREAM_HEADERS))
        self._forward = exchange.chunk_writer()

    def _end_stream(self, scanner: StreamScanner) -> None:
        rest = scanner.close()
        if scanner.error is not None and self._attempt.fault is None:
            self._spoiled("error_event")
        if not scanner.ended:
            if scanner.error is None and self._goes_elsewhere(self._spoiled("ended_early")):
                return
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
            if not self._goes_elsewhere(self._spoiled("too_large")):
                self._break_off(Ending.UPSTREAM_CUT, Problem.UPSTREAM_FAILED, "The upstream's answer is too large.")

    def _end_reply(self) -> None:
        body = self._body()
        self._reported = reported_by(self._dialect, self._translation, body)
        counted = self._reported is not None and any(self._reported.usage[: len(TOKEN_CLASSES)])
        spoken = self._dialect if self._translation is None else self._translation.spoken
        # What is converted has to be there; of what passes as it is, usage says enough.
        if (not counted or spoken is not self._dialect) and (flaw := flaw_of_reply(body, spoken.answer_fields)):
            self._end_flawed(flaw)
            return
        told = body
        if self._translation is not None:
            told = self._translation.reply(body, self._hold.request.model, self._seconds())
        self._attempt.answered(self._gate.clock())
        self._conclude(Ending.COMPLETE)
        if not self._client_gone:
            if _JSON not in self._headers:
                self._headers = as_json(self._headers)
            self._exchange.send(self._status, self._head(PASSED_HEADERS), told)

    def _end_flawed(self, flaw: str) -> None:
        """A reply that says 200 and is none: an error, and not charged."""
        self._gate.counters.upstream_failures += 1
        if self._goes_elsewhere(self._spoiled(flaw)):
            return
        self._gate.drains.end(self)
        self._hold.release(f"upstream_{flaw}")
        if not self._client_gone:
            self._answer(Problem.UPSTREAM_FAILED, "The upstream answered with what is no answer.")

    def _end_error(self, *, whole: bool = True) -> None:
        self._gate.counters.upstream_failures += 1
        body = self._body()
        if self._goes_elsewhere(self._attempt.refused(self._status, self._headers, body, self._gate.clock())):
            return
        self._gate.drains.end(self)
        self._hold.release(f"upstream_{self._status}")
        if self._client_gone:
            return
        translated = translated_status(self._status, body if whole and self._translation is None else b"")
        if is_of_the_operator(self._status, body):
            translated = NOT_ACCEPTED
        elif translated is not None and self._translation is not None:
            translated = translated[0], message_of_error(body) or translated[1]
        if translated is None:
            self._headers = as_json(self._headers)
            self._exchange.send(self._status, self._head(PASSED_WITH_ERRORS), body)
        else:
            self._answer(*translated)
