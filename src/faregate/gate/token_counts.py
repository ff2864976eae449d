"""How many tokens an input has: asked of the upstreams where they know, estimated where they do not.

Owns these answers. They cost nothing: no hold, no charge, no prompt, no window; a live key is all that is asked for.
An account that asks for many at once gets estimates beyond a bound, so that what is free cannot wear out the
operator's keys. What comes of a question says nothing of an upstream's health: counting is limited apart.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from faregate.dialects import estimate
from faregate.dialects.body import Request
from faregate.dialects.dialect import CountingDialect
from faregate.dialects.problem import BadBody, Problem
from faregate.gate.bodies import Refusal, unpack
from faregate.gate.destination import count_destination
from faregate.gate.generation import Generation, Ports
from faregate.gate.ports import Questioned, Route
from faregate.gate.upstream_errors import is_of_the_operator
from faregate.wire.call import Call, CallLimits
from faregate.wire.exchange import Exchange
from faregate.wire.failures import WireError
from faregate.wire.headers import Header

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 32
"""Questions of one account that are with upstreams; a client's own survey of its context asks 25."""
ANSWER_BYTES = 65_536
ATTEMPTS = 3
"""Keys and upstreams that one question goes to, one after the other."""

_ESTIMATED = ((b"content-type", b"application/json"), (b"x-faregate-estimated", b"true"))
_JSON = ((b"content-type", b"application/json"),)
_ABOUT_THE_REQUEST = frozenset((400, 413, 422))
"""Statuses of an upstream that are for the client to see: its request is wrong, not the way to the upstream."""


class TokenCounts:
    """Answers questions for the number of tokens."""

    def __init__(self, generation: Generation, ports: Ports) -> None:
        self._generation = generation
        self._upstreams = ports.upstreams
        self._ledger = ports.ledger
        self._clock = ports.clock
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
        now = self._clock()
        account = self._generation.authenticate(exchange, dialect, now).account
        if b"content-encoding" in exchange.headers:
            unpack(exchange, dialect, self._generation.largest_body)
        try:
            request = dialect.read(exchange.body)
        except BadBody as bad:
            raise Refusal(dialect.error(bad.problem, str(bad), field=bad.field, code=bad.code)) from None
        route = self._route(dialect, request.model, account)
        if route is None:
            message = f"The model `{request.model}` is not served here; GET /v1/models lists those that are."
            raise Refusal(dialect.error(Problem.UNKNOWN_MODEL, message, field="model"))
        asked = route.questioned(dialect.name, now)[:ATTEMPTS]
        question = Question(exchange, dialect, request, asked, lambda: self._answered(account))
        # What an upstream keeps may be another customer's: how long it is, too, is not for everybody to know.
        if not asked or request.follows or self._asked[account] >= ASKED_AT_ONCE:
            question.estimate()
            return
        self._asked[account] += 1
        exchange.on_disconnect = question.give_up
        question.ask()

    def _route(self, dialect: CountingDialect, model: str, account: str) -> Route | None:
        route = self._upstreams.route(model, dialect.name)
        if route is not None or self._ledger.standing(account) is None:
            return route
        # A name that the account's plans map to a model of theirs.
        served = self._ledger.served(account, model)
        found = self._upstreams.route(served, dialect.name)
        return found or self._upstreams.route(served.rpartition("/")[2], dialect.name)

    def _answered(self, account: str) -> None:
        self._asked[account] -= 1
        if not self._asked[account]:
            del self._asked[account]


class Question:
    """One question on its way, to each of ``asked`` until one answers; ``then`` is called once when it is over."""

    def __init__(
        self,
        exchange: Exchange,
        dialect: CountingDialect,
        request: Request,
        asked: Sequence[Questioned],
        then: Callable[[], None],
    ) -> None:
        self._exchange = exchange
        self._dialect = dialect
        self._request = request
        self._asked = list(asked)
        self._then = then
        self._call: Call | None = None

    def estimate(self) -> None:
        """Answer without the upstream."""
        tokens = estimate.input_tokens(self._request.body)
        self._exchange.send(200, _ESTIMATED, self._dialect.counted(tokens))

    def give_up(self) -> None:
        """The client has gone."""
        if self._call is not None:
            self._call.cancel()
        self._then()

    def ask(self) -> None:
        """Ask the next one; where there is none, an estimate answers."""
        if not self._asked:
            self._then()
            self.estimate()
            return
        lane = self._asked.pop(0)
        body = self._dialect.upstream_body(self._request, lane.model)
        path, query = count_destination(self._dialect, lane.model, self._exchange.query)
        self._call = _Attempt(self)
        lane.send(self._call, path, query, self._exchange.headers, body)

    def hear(self, status: int, answer: bytes) -> None:
        """Pass on what the upstream counted, or what it finds wrong with the request; else ask elsewhere."""
        is_about_request = status in _ABOUT_THE_REQUEST and not is_of_the_operator(status, answer)
        if len(answer) <= ANSWER_BYTES and (status == 200 or is_about_request):
            self._then()
            self._exchange.send(status, _JSON, answer)
        else:
            self.ask()


class _Attempt(Call):
    """A question at one upstream."""

    def __init__(self, question: Question) -> None:
        super().__init__(b"", b"", CallLimits())
        self._question = question
        self._status = 0
        self._answer = b""

    def on_head(self, status: int, headers: list[Header]) -> None:
        """Remember the status."""
        self._status = status

    def on_data(self, data: bytes) -> None:
        """Keep it: answers are short."""
        if len(self._answer) <= ANSWER_BYTES:
            self._answer += data

    def on_end(self) -> None:
        """An answer, whatever it is."""
        self._question.hear(self._status, self._answer)

    def on_failure(self, failure: WireError) -> None:
        """The upstream does not answer; another may."""
        self._question.ask()
