"""How many tokens an input has: asked of the upstream where it knows, estimated where it does not.

Owns these answers. They cost nothing: no hold, no charge, no prompt, no window; a live key is all that is asked for.
An account that asks for many at once gets estimates beyond a bound, so that what is free cannot wear out the
operator's key.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from faregate.dialects import estimate
from faregate.dialects.body import Request
from faregate.dialects.dialect import CountingDialect
from faregate.dialects.problem import BadBody, Problem
from faregate.gate.destination import count_destination
from faregate.gate.generation import Generation, Refusal
from faregate.gate.ports import Clock, Upstreams
from faregate.wire.call import Call, CallLimits
from faregate.wire.exchange import Exchange
from faregate.wire.failures import WireError
from faregate.wire.headers import Header

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 32
"""Questions of one account that are with upstreams; a client's own survey of its context asks 25."""
ANSWER_BYTES = 65_536

_ESTIMATED = ((b"content-type", b"application/json"), (b"x-faregate-estimated", b"true"))
_JSON = ((b"content-type", b"application/json"),)
_ABOUT_THE_REQUEST = frozenset((400, 413, 422))
"""Statuses of an upstream that are for the client to see: its request is wrong, not the way to the upstream."""


class TokenCounts:
    """Answers questions for the number of tokens."""

    def __init__(self, generation: Generation, upstreams: Upstreams, clock: Clock) -> None:
        self._generation = generation
        self._upstreams = upstreams
        self._clock = clock
        self._asked: Counter[str] = Counter()

    def serve(self, exchange: Exchange, dialect: CountingDialect) -> None:
        """Answer ``exchange``, now or later. Never raises."""
        try:
            self._ask(exchange, dialect)
        except Refusal as refusal:
            exchange.send(refusal.reply.status, refusal.reply.headers, refusal.reply.body)
        except Exception:
            logger.exception("counting tokens failed")
            reply = dialect.error(Problem.INTERNAL, "The gate failed on this request; it was not charged.")
            exchange.send(reply.status, reply.headers, reply.body)

    def _ask(self, exchange: Exchange, dialect: CountingDialect) -> None:
        account = self._generation.authenticate(exchange, dialect, self._clock()).account
        try:
            request = dialect.read(exchange.body)
        except BadBody as bad:
            raise Refusal(dialect.error(bad.problem, str(bad), field=bad.field, code=bad.code)) from None
        channel = self._upstreams.channel(request.model, dialect.name)
        if channel is None:
            message = f"The model `{request.model}` is not served here; GET /v1/models lists those that are."
            raise Refusal(dialect.error(Problem.UNKNOWN_MODEL, message, field="model"))
        question = Question(exchange, dialect, request, lambda: self._answered(account))
        # What an upstream keeps may be another customer's: how long it is, too, is not for everybody to know.
        if channel.dialect != dialect.name or request.follows or self._asked[account] >= ASKED_AT_ONCE:
            question.estimate()
            return
        self._asked[account] += 1
        exchange.on_disconnect = question.give_up
        body = dialect.upstream_body(request, channel.model)
        path, query = count_destination(dialect, channel.model, exchange.query)
        channel.send(question, path, query, exchange.headers, body)

    def _answered(self, account: str) -> None:
        self._asked[account] -= 1
        if not self._asked[account]:
            del self._asked[account]


class Question(Call):
    """One question on its way; ``then`` is called once when it is over, if it was sent."""

    def __init__(
        self, exchange: Exchange, dialect: CountingDialect, request: Request, then: Callable[[], None]
    ) -> None:
        super().__init__(b"", b"", CallLimits())
        self._exchange = exchange
        self._dialect = dialect
        self._request = request
        self._then = then
        self._status = 0
        self._answer = b""

    def estimate(self) -> None:
        """Answer without the upstream."""
        tokens = estimate.input_tokens(self._request.body)
        self._exchange.send(200, _ESTIMATED, self._dialect.counted(tokens))

    def give_up(self) -> None:
        """The client has gone."""
        self.cancel()
        self._then()

    def on_head(self, status: int, headers: list[Header]) -> None:
        """Remember the status."""
        self._status = status

    def on_data(self, data: bytes) -> None:
        """Keep it: answers are short."""
        if len(self._answer) <= ANSWER_BYTES:
            self._answer += data

    def on_end(self) -> None:
        """Pass on what the upstream counted, or what it finds wrong with the request."""
        self._then()
        if len(self._answer) <= ANSWER_BYTES and (self._status == 200 or self._status in _ABOUT_THE_REQUEST):
            self._exchange.send(self._status, _JSON, self._answer)
        else:
            self.estimate()

    def on_failure(self, failure: WireError) -> None:
        """The upstream does not answer; an estimate does."""
        self._then()
        self.estimate()
