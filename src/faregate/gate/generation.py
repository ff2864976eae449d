"""A request for a generation, from its first byte here to the upstream: who, what, held, sent.

Owns the order of the steps and their refusals. A request that gets no further than here holds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from faregate.app.catalogue_port import ApiKey, Receipt
from faregate.app.idempotency import MAX_KEY_BYTES, AlreadyClaimed, Claim, Idempotency, Receipts
from faregate.app.ids import RequestIds
from faregate.app.settlement import Settlement
from faregate.app.standing import MODEL_REASONS, refusal_of
from faregate.app.store_errors import StoreError, StoreUnreachable
from faregate.callers.caller import Caller
from faregate.callers.credentials import secret_in_query, secret_of
from faregate.callers.prompts import classify
from faregate.callers.recognise import recognise
from faregate.conversion import NotCarried, convertible
from faregate.core.billing import API, PLAN
from faregate.core.request import Admitted, Refused
from faregate.core.request import Request as Wanted
from faregate.dialects import estimate, google_generate
from faregate.dialects.body import Request
from faregate.dialects.dialect import Dialect, ErrorReply
from faregate.dialects.problem import BadBody, Problem
from faregate.gate.bodies import Refusal, unpack
from faregate.gate.counters import Counters
from faregate.gate.drains import DrainLimits, Drains
from faregate.gate.hold import OpenHold
from faregate.gate.kept_answers import KeptAnswers
from faregate.gate.patience import Patience
from faregate.gate.ports import Clock, Keyring, Ledger, Route, Upstreams
from faregate.gate.quota_lines import QuotaLines
from faregate.gate.relay import Relay
from faregate.gate.resting import resting_reply
from faregate.gate.trail import Failover, Trail
from faregate.gate.translation import Translation, translation_for
from faregate.gate.usual_output import UsualOutput
from faregate.gate.vouching import Vouching
from faregate.gate.watching import Watch, Watching, notice_of
from faregate.wire.exchange import Exchange
from faregate.wire.request_reader import ServerLimits

logger = logging.getLogger(__name__)

_IDEMPOTENCY_KEY = b"idempotency-key"
BILLING = b"x-faregate-billing"

UNAVAILABLE_SECONDS = b"5"
"""When to come back while the books cannot be written."""

_TOO_LATE = ("the store", "it did not answer in time")


class Ports(NamedTuple):
    """All the gate needs of the rest."""

    keyring: Keyring
    ledger: Ledger
    receipts: Receipts
    upstreams: Upstreams
    clock: Clock
    request_ids: RequestIds
    watch: Watch | None = None


class Admission(NamedTuple):
    """A request on its way through the ledger."""

    exchange: Exchange
    dialect: Dialect
    request: Request
    trail: Trail
    account: str
    key: str
    id: str
    caller: Caller
    receipt: Receipt | None
    translation: Translation | None


class Generation:
    """Serves the routes that generate."""

    def __init__(
        self, ports: Ports, limits: DrainLimits, counters: Counters, first_pause: float, patience: Patience
    ) -> None:
        self.counters = counters
        self._patience = patience
        self.failover = Failover()
        self.largest_body = ServerLimits().body_bytes
        self.clock = ports.clock
        self.drains = Drains(limits, counters)
        self.settlement = Settlement(ports.ledger, ports.clock, counters, first_pause)
        self._keyring = ports.keyring
        self._ledger = ports.ledger
        self._upstreams = ports.upstreams
        self._clock = ports.clock
        self._ids = ports.request_ids
        self._idempotency = Idempotency(ports.receipts, ports.ledger)
        self._usual = UsualOutput()
        self._kept = KeptAnswers()
        self._quota_lines = QuotaLines()
        self._vouching = Vouching()
        self.watching = Watching(ports.watch)

    def serve(self, exchange: Exchange, dialect: Dialect) -> None:
        """Serve one request, now or later. Never raises."""
        self.counters.requests += 1
        self._carried_out(exchange, dialect, lambda: self._begin(exchange, dialect))

    def _carried_out(self, exchange: Exchange, dialect: Dialect, step: Callable[[], None]) -> None:
        try:
            step()
        except Refusal as refusal:
            self._patience.end(exchange)
            _send(exchange, refusal.reply)
        except Exception as problem:  # noqa: BLE001 - fail closed: nothing is held here
            self._patience.end(exchange)
            self._fail(exchange, dialect, problem)

    def authenticate(self, exchange: Exchange, dialect: Dialect, now: int) -> ApiKey:
        """The caller's key. Raises Refusal."""
        secret = secret_of(exchange.headers)
        if secret is None and exchange.query and dialect.name == google_generate.name:
            secret = secret_in_query(exchange.query)
        key = self._keyring.authenticate(secret, now) if secret is not None else None
        if key is None:
            self.counters.unauthenticated += 1
            message = (
                "No API key was given: send it as `Authorization: Bearer <key>` or `x-api-key: <key>`."
                if secret is None
                else "This API key is not known here, or was revoked."
            )
            raise Refusal(dialect.error(Problem.UNAUTHENTICATED, message))
        return key

    # ---- from bytes to a question for the ledger

    def _begin(self, exchange: Exchange, dialect: Dialect) -> None:
        """Who asks; then the rest, once the account is in memory."""
        key = self.authenticate(exchange, dialect, self._clock())
        warming = self._ledger.warming(key.account)
        if warming is None:
            self._go_on(exchange, dialect, key)
            return
        self._wait(exchange, dialect)

        def warmed(warming: asyncio.Future[None]) -> None:
            if exchange.started:
                warming.exception()
                return

            def step() -> None:
                warming.result()
                self._go_on(exchange, dialect, key)

            self._carried_out(exchange, dialect, step)

        warming.add_done_callback(warmed)

    def _go_on(self, exchange: Exchange, dialect: Dialect, key: ApiKey) -> None:
        now = self._clock()
        if b"content-encoding" in exchange.headers:
            unpack(exchange, dialect, self.largest_body)
        try:
            request = dialect.read(exchange.body)
        except BadBody as bad:
            self.counters.malformed += 1
            raise Refusal(dialect.error(bad.problem, str(bad), field=bad.field, code=bad.code)) from None
        account = key.account
        route = self._route(dialect, request, account, now)
        translation = None if route.dialect == dialect.name else self._translated(dialect, request, route)
        only = self._followed(dialect, request, route, account) if request.follows else ""
        id = self._ids.new(account, now)
        conversation = dialect.conversation(request)
        caller = recognise(exchange.headers, conversation)
        verdict = classify(exchange.headers, caller, conversation)
        usual = self._usual.tokens(account, route.canonical)
        usage = estimate.hold_usage(request, usual, prompts=1 if verdict.opens_prompt else 0)
        evidence = self._vouching.evidence_of(key.id, caller, now)
        self.watching.look(exchange, caller, conversation, self._ledger.standing(account), now)
        billing = self._billing(exchange, dialect) if BILLING in exchange.headers else ""
        receipt = self._claim(exchange, dialect, account, id, now) if _IDEMPOTENCY_KEY in exchange.headers else None
        prompt, asker = verdict.prompt_key, (evidence, billing, key.kind)
        wanted = Wanted(id, route.canonical, usage, caller.client, key.id, verdict.session, prompt, *asker)
        trail = Trail(route, account, verdict.session, exchange.body, now, only)
        admission = Admission(exchange, dialect, request, trail, account, key.id, id, caller, receipt, translation)
        try:
            decided = self._ledger.admit(account, wanted, now, receipt)
        except Exception:
            self._give_up(admission)
            raise
        if decided.done():
            self._decided(admission, decided)
        else:
            self._wait(exchange, dialect)
            decided.add_done_callback(lambda future: self._decided(admission, future))

    def _wait(self, exchange: Exchange, dialect: Dialect) -> None:
        """Let the client wait for the books, up to a known time."""
        self._patience.begin(exchange, lambda: self._fail(exchange, dialect, StoreUnreachable(*_TOO_LATE)))

    def _billing(self, exchange: Exchange, dialect: Dialect) -> str:
        """What the caller asks to be billed as."""
        asked = exchange.headers[BILLING].decode("latin-1").strip().lower()
        if asked not in ("", API, PLAN):
            message = f"`x-faregate-billing` is `{API}` or `{PLAN}`, not `{asked[:40]}`."
            raise Refusal(dialect.error(Problem.BAD_REQUEST, message))
        return asked

    def _route(self, dialect: Dialect, request: Request, account: str, now: int) -> Route:
        served = self._ledger.served(account, request.model)
        route = self._upstreams.route(served, dialect.name)
        if route is None and served != request.model:
            # A plan names models with their maker, upstreams often without.
            route = self._upstreams.route(served.rpartition("/")[2], dialect.name)
        if route is None:
            message = f"The model `{request.model}` is not served here; GET /v1/models lists those that are."
            raise Refusal(dialect.error(Problem.UNKNOWN_MODEL, message, field="model"))
        if route.dialect != dialect.name and not convertible(dialect.name, route.dialect):
            message = f"The model `{request.model}` is served in another API dialect only ({route.dialect})."
            raise Refusal(dialect.error(Problem.UNSUPPORTED, message, field="model"))
        retry_at = route.resting(now)
        if retry_at is not None:
            self.counters.resting += 1
            raise Refusal(resting_reply(dialect, request.model, retry_at, now))
        return route

    def _translated(self, dialect: Dialect, request: Request, route: Route) -> Translation:
        try:
            return Translation(dialect, route.dialect, request)
        except NotCarried as problem:
            self.counters.malformed += 1
            raise Refusal(_not_carried(dialect, problem)) from None

    def _followed(self, dialect: Dialect, request: Request, route: Route, account: str) -> str:
        """A request goes on only from an answer of its own account, at the place that keeps it."""
        place = self._kept.place_of(request.follows, account)
        if place is None or not route.has(place):
            message = f"The answer `{request.follows}` is not known here (any more): send the whole input instead."
            code, field = "previous_response_not_found", "previous_response_id"
            raise Refusal(dialect.error(Problem.BAD_REQUEST, message, field=field, code=code))
        return place

    def _claim(self, exchange: Exchange, dialect: Dialect, account: str, id: str, now: int) -> Receipt | None:
        key = exchange.headers[_IDEMPOTENCY_KEY]
        if not key:
            return None
        if len(key) > MAX_KEY_BYTES:
            message = f"`Idempotency-Key` is longer than {MAX_KEY_BYTES} bytes."
            raise Refusal(dialect.error(Problem.BAD_REQUEST, message))
        # Where the body does not name the model, the path does.
        said = exchange.path + exchange.body if dialect.name == google_generate.name else exchange.body
        claimed = self._idempotency.claim(account, key.decode("latin-1"), said, id, now)
        if claimed.claim is Claim.FREE:
            return claimed.receipt
        receipt = {"request": claimed.first, "state": "settled" if claimed.settled else "open"}
        if claimed.claim is Claim.ANOTHER_BODY:
            message = "This `Idempotency-Key` was used with another body."
            raise Refusal(dialect.error(Problem.IDEMPOTENCY_MISMATCH, message, extra={"receipt": receipt}))
        message = f"This `Idempotency-Key` was used before, by request {claimed.first}; nothing was charged again."
        raise Refusal(dialect.error(Problem.CONFLICT, message, extra={"receipt": receipt}))

    # ---- from the ledger's answer to the upstream

    def _decided(self, admission: Admission, decided: asyncio.Future[Admitted | Refused]) -> None:
        exchange, dialect = admission.exchange, admission.dialect
        self._patience.end(exchange)
        try:
            answer = decided.result()
        except AlreadyClaimed:
            self._give_up(admission)
            self._carried_out(exchange, dialect, lambda: self._tell_claimed(admission))
            return
        except (Exception, asyncio.CancelledError) as problem:  # noqa: BLE001 - fail closed: nothing is held
            self._give_up(admission)
            self._fail(exchange, dialect, problem)
            return
        if isinstance(answer, Refused):
            self.counters.refused += 1
            self._give_up(admission)
            _send(exchange, self._refused(admission, answer))
            return
        hold = self._hold(admission)
        if exchange.disconnected or exchange.started:
            hold.release("client_gone" if exchange.disconnected else "not_admitted")
            return
        self._dispatch(admission, hold)

    def _tell_claimed(self, admission: Admission) -> None:
        """Another process was first with this Idempotency-Key. Raises Refusal."""
        exchange, dialect = admission.exchange, admission.dialect
        receipt = self._claim(exchange, dialect, admission.account, admission.id, self._clock())
        if receipt is not None:
            # It was given back meanwhile.
            self._idempotency.end(receipt)
        raise Refusal(dialect.error(Problem.CONFLICT, "This `Idempotency-Key` is in use by another request."))

    def _hold(self, admission: Admission) -> OpenHold:
        self.counters.admitted += 1
        self.counters.open += 1
        receipt = admission.receipt
        return OpenHold(
            self.settlement,
            self._usual,
            admission.account,
            admission.key,
            admission.id,
            admission.request,
            admission.trail,
            self._clock,
            (lambda: self._idempotency.end(receipt)) if receipt is not None else None,
        )

    def _dispatch(self, admission: Admission, hold: OpenHold) -> None:
        exchange, dialect, request = admission[:3]
        try:
            attempt = hold.trail.go()
            if isinstance(attempt, int):
                self.counters.resting += 1
                hold.release("upstreams_rest")
                _send(exchange, resting_reply(dialect, request.model, attempt, self._clock(), hold.id))
                return
            translation = None
            if attempt.dialect != dialect.name:
                translation = translation_for(admission.translation, dialect, attempt, request)
            Relay(self, exchange, dialect, hold, translation).begin(attempt)
        except NotCarried as problem:
            hold.release("not_carried")
            _send(exchange, _not_carried(dialect, problem))
        except Exception as problem:  # noqa: BLE001 - fail closed: the upstream was not called
            hold.release("internal_error")
            self._fail(exchange, dialect, problem)

    def _refused(self, admission: Admission, refused: Refused) -> ErrorReply:
        dialect, now = admission.dialect, self._clock()
        if refused.reason in MODEL_REASONS:
            message = f"Your plan does not include the model `{admission.request.model}` ({refused.reason})."
            return dialect.error(Problem.UNKNOWN_MODEL, message, field="model", request_id=admission.id)
        refusal = refusal_of(refused, self._ledger.standing(admission.account), now)
        caller = admission.caller
        tool = caller.client if caller.is_coding_tool else ""
        return dialect.refusal(refusal, now, tool=tool, request_id=admission.id)

    def _give_up(self, admission: Admission) -> None:
        """Nothing is held for this request."""
        self._ledger.forget(admission.id)
        if admission.receipt is not None:
            self._idempotency.end(admission.receipt)

    def _fail(self, exchange: Exchange, dialect: Dialect, problem: BaseException) -> None:
        self.counters.internal_errors += 1
        if isinstance(problem, StoreError):
            logger.error("the books cannot be written: %s", problem)
            reply = dialect.error(Problem.UNAVAILABLE, "The gate cannot keep its books right now; try again later.")
            reply = reply._replace(headers=(*reply.headers, (b"retry-after", UNAVAILABLE_SECONDS)))
        else:
            logger.error("a request failed inside the gate", exc_info=problem)
            reply = dialect.error(Problem.INTERNAL, "The gate failed on this request; it was not charged.")
        if not exchange.started:
            _send(exchange, reply)

    # ---- what every answer to an admitted request says

    def head(self, dialect: Dialect, hold: OpenHold) -> bytes:
        """Header lines: whose request it was, and what is left."""
        marks = b"%b: %b\r\n%b" % (dialect.request_id_header, hold.id.encode(), self.marks(dialect, hold))
        state = self._ledger.standing(hold.account)
        if state is None:
            return marks
        if state.flags:
            marks += notice_of(state)
        return marks + self._quota_lines.of(state, hold.key, dialect, self._clock())

    def keep(self, hold: OpenHold, answer: str) -> None:
        """The upstream keeps ``answer`` for the account."""
        self._kept.note(answer, hold.account, hold.place)

    def marks(self, dialect: Dialect, hold: OpenHold) -> bytes:
        """Header lines that name the request."""
        return b"x-faregate-request-id: %b\r\n" % hold.id.encode()


def _not_carried(dialect: Dialect, problem: NotCarried) -> ErrorReply:
    return dialect.error(Problem.UNSUPPORTED, str(problem), field=problem.field, code=problem.code)


def _send(exchange: Exchange, reply: ErrorReply) -> None:
    if not exchange.started:  # it may have waited too long, and been told
        exchange.send(reply.status, reply.headers, reply.body)
