"""The gate as a handler of exchanges: its routes, and the small ones answered here.

Owns the routing table. Generations are served elsewhere; what is not the gate's goes to the handler behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from faregate.app.settlement import FIRST_PAUSE_SECONDS
from faregate.dialects import COUNTING, METERED, anthropic_messages, google_generate, openai_chat, openai_responses
from faregate.dialects.dialect import CountingDialect, Dialect
from faregate.dialects.google_generate import GoogleCount
from faregate.dialects.openai_image_edits import EDITS, VARIATIONS, OpenAIImageForm
from faregate.dialects.problem import Problem
from faregate.gate import pages
from faregate.gate.bodies import Refusal
from faregate.gate.counters import Counters
from faregate.gate.destination import forms_in
from faregate.gate.drains import DrainLimits
from faregate.gate.generation import Generation, Ports
from faregate.gate.patience import Patience
from faregate.gate.sender import Network
from faregate.gate.token_counts import TokenCounts
from faregate.gate.trail import Failover
from faregate.wire.exchange import Exchange, Headers
from faregate.wire.server_connection import Handler

_MODELS = ("/v1/models", "/models", "/v1beta/models", "/v1alpha/models")
_MODEL = (b"/v1beta/models/", b"/v1/models/", b"/models/", b"/v1alpha/models/")
_OF_GOOGLE = (b"/v1beta/", b"/v1alpha/")
_OF_KEYS = (b"/v1/", *_OF_GOOGLE, b"/models", b"/chat/", b"/responses", b"/messages", b"/embeddings", b"/images/")
"""Where a caller shows a key and never a cookie: pages of other sites may call there."""
_PICTURES = (EDITS, VARIATIONS)
_HELLO = ("/", "/api/hello")
_KEPT = (b"/v1/responses/", b"/responses/", b"/v1/conversations", b"/conversations")
_OWN = (
    b"/v1/usage",
    b"/v1/explain/",
    b"/v1/requests",
    b"/v1/restore",
    b"/v1/extra-usage",
    b"/v1/self-service.json",
)
"""Self-service, which the handler behind serves."""
_JSON = ((b"content-type", b"application/json"),)

_WIRE_PROBLEMS = {
    400: (Problem.BAD_REQUEST, "This is not an HTTP/1.1 request."),
    408: (Problem.TIMEOUT, "The request was not whole in time."),
    413: (Problem.TOO_LARGE, "The request body is too large."),
    431: (Problem.TOO_LARGE, "The request's headers are too large."),
}


class Gate:
    """A wire handler. ``behind`` serves what is not the gate's (the operator API, the console).

    ``close`` ends it: drains are cut, holds closed, and what is on its way to the books waited for. A request waits
    ``patience_seconds`` for the books at most (0: as long as it takes).
    """

    def __init__(
        self,
        ports: Ports,
        *,
        behind: Handler | None = None,
        drain_limits: DrainLimits | None = None,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
        patience_seconds: float = 0.0,
    ) -> None:
        self.counters = Counters()
        self._ports = ports
        self._behind = behind
        self._generation = Generation(
            ports, drain_limits or DrainLimits(), self.counters, first_pause_seconds, Patience(patience_seconds)
        )
        self._counts = TokenCounts(self._generation, ports)
        self._routes = self._table()

    def __call__(self, exchange: Exchange) -> None:
        """Serve ``exchange``."""
        route = self._routes.get(exchange.path)
        if b"origin" in exchange.headers and exchange.path.startswith(_OF_KEYS) and pages.opened(exchange):
            return
        if route is not None:
            route(exchange)
        else:
            self._other(exchange)

    def follow_failover(self, failover: Failover) -> None:
        """From now on these bounds hold for trying again at other upstreams."""
        self._generation.failover = failover

    def trust(self, proxies: tuple[Network, ...]) -> None:
        """From now on these proxies in front of the gate are believed about addresses."""
        self._generation.watching.proxies = proxies

    def bound_bodies(self, size: int) -> None:
        """From now on packed bodies have so many bytes at most when they are unpacked."""
        self._generation.largest_body = size

    async def close(self, seconds: float = 10.0) -> int:
        """Close every hold that is still out; returns how many closings could not be written in ``seconds``.

        To be called after the server has closed: exchanges still standing count as clients that have gone.
        """
        self._generation.drains.cut_all()
        return await self._generation.settlement.finish(seconds)

    def _table(self) -> dict[bytes, Callable[[Exchange], None]]:
        table: dict[bytes, Callable[[Exchange], None]] = {}
        for dialect in METERED:
            table |= {path.encode(): self._generating(dialect) for path in dialect.paths}
        for counting in COUNTING:
            table |= {path.encode(): self._counting(counting) for path in counting.count_paths}
        for picture in _PICTURES:
            table |= {(version + picture).encode(): self._picturing(picture) for version in ("/v1", "")}
        table |= {path.encode(): self._models for path in _MODELS}
        table |= {path.encode(): self._hello for path in _HELLO}
        table |= {path.encode(): self._responses for path in openai_responses.paths}
        return table

    # ---- routes

    def _generating(self, dialect: Dialect) -> Callable[[Exchange], None]:
        serve = self._generation.serve

        def generate(exchange: Exchange) -> None:
            if exchange.method == b"POST":
                serve(exchange, dialect)
            else:
                _refuse_method(exchange, dialect, b"POST")

        return generate

    def _picturing(self, path: str) -> Callable[[Exchange], None]:
        def picture(exchange: Exchange) -> None:
            dialect = OpenAIImageForm(path, exchange.headers.get(b"content-type", b""))
            if exchange.method == b"POST":
                self._generation.serve(exchange, dialect)
            else:
                _refuse_method(exchange, dialect, b"POST")

        return picture

    def _counting(self, dialect: CountingDialect) -> Callable[[Exchange], None]:
        def count(exchange: Exchange) -> None:
            if exchange.method == b"POST":
                self._counts.serve(exchange, dialect)
            else:
                _refuse_method(exchange, dialect, b"POST")

        return count

    def _models(self, exchange: Exchange) -> None:
        self._list(exchange, "")

    def _model(self, exchange: Exchange, name: str) -> None:
        """One model: its entry, or in Google's dialect an answer of its."""
        named = google_generate.named_in(name)
        if named is None:
            self._list(exchange, name)
            return
        dialect = google_generate.at(*named, forms_in(exchange.query))
        if exchange.method != b"POST":
            _refuse_method(exchange, dialect, b"POST")
        elif isinstance(dialect, GoogleCount):
            self._counts.serve(exchange, dialect)
        else:
            self._generation.serve(exchange, dialect)

    def _list(self, exchange: Exchange, model: str) -> None:
        """The list of models, or the entry of one, in the caller's dialect."""
        dialect = _dialect_of(exchange)
        if exchange.method not in (b"GET", b"HEAD"):
            _refuse_method(exchange, dialect, b"GET")
            return
        try:
            self._generation.authenticate(exchange, dialect, self._ports.clock())
        except Refusal as refusal:
            exchange.send(refusal.reply.status, refusal.reply.headers, refusal.reply.body)
            return
        models = self._ports.upstreams.models()
        if not model:
            exchange.send(200, _JSON, dialect.models_list(models))
            return
        found = next((each for each in models if each.id == model), None)
        if found is None:
            _answer(exchange, dialect, Problem.UNKNOWN_MODEL, f"The model `{model}` is not served here.")
        else:
            exchange.send(200, _JSON, dialect.model_entry(found))

    def _hello(self, exchange: Exchange) -> None:
        """Clients warm their connection up with it, without a key."""
        if exchange.method == b"HEAD" or (exchange.path != b"/" and exchange.method == b"GET"):
            exchange.send(200)
        else:
            self._other(exchange)

    def _responses(self, exchange: Exchange) -> None:
        if exchange.upgrade or b"upgrade" in exchange.headers:
            # Codex falls back to POST at once on this status, on no other.
            _answer(exchange, openai_responses, Problem.UNSUPPORTED, "WebSockets are not served here.", status=426)
        elif exchange.method == b"POST":
            self._generation.serve(exchange, openai_responses)
        else:
            _refuse_method(exchange, openai_responses, b"POST")

    def _other(self, exchange: Exchange) -> None:
        for prefix in _MODEL:
            if exchange.path.startswith(prefix):
                self._model(exchange, unquote(exchange.path[len(prefix) :].decode("latin-1")))
                return
        if exchange.path.startswith(_KEPT):
            message = "What an upstream keeps of answers cannot be read, changed or cancelled through this gate."
            _answer(exchange, openai_responses, Problem.NOT_FOUND, message)
            return
        own = exchange.path.startswith(_OWN) or not exchange.path.startswith((b"/v1/", *_OF_GOOGLE))
        if self._behind is not None and own:
            self._behind(exchange)
            return
        method, path = exchange.method.decode("latin-1"), exchange.path.decode("latin-1")
        _answer(exchange, _dialect_of(exchange), Problem.NOT_FOUND, f"{method} {path} is not served here.")


def refuse_on_the_wire(status: int, path: bytes) -> tuple[Headers, bytes]:
    """A wire ``Refuser``: what the server itself refuses, worded in the dialect of the path."""
    dialect = _dialect_of_path(path)
    problem, message = _WIRE_PROBLEMS.get(status, (Problem.INTERNAL, "The gate failed on this request."))
    reply = dialect.error(problem, message)
    return reply.headers, reply.body


def _dialect_of(exchange: Exchange) -> Dialect:
    if b"anthropic-version" in exchange.headers:
        return anthropic_messages
    if b"x-goog-api-key" in exchange.headers:
        return google_generate.DIALECT
    return _dialect_of_path(exchange.path)


def _dialect_of_path(path: bytes) -> Dialect:
    if path.startswith(_OF_GOOGLE) or google_generate.named_in(path.decode("latin-1")) is not None:
        return google_generate.DIALECT
    return anthropic_messages if b"/messages" in path else openai_chat


def _answer(exchange: Exchange, dialect: Dialect, problem: Problem, message: str, status: int | None = None) -> None:
    reply = dialect.error(problem, message)
    exchange.send(status or reply.status, reply.headers, reply.body)


def _refuse_method(exchange: Exchange, dialect: Dialect, allowed: bytes) -> None:
    method, path = exchange.method.decode("latin-1"), exchange.path.decode("latin-1")
    reply = dialect.error(Problem.METHOD_NOT_ALLOWED, f"{method} is not allowed on {path}.")
    exchange.send(reply.status, (*reply.headers, (b"allow", allowed)), reply.body)
