"""The ASGI application: routes, the key check, and one generation from body to reply.

Owns the order of things in a call and the state between calls (counter, prefix memory, how
often a fault was asked for). Wire shapes are the dialects', timing and cutting is
``delivery``'s.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec

from faregate.demo_upstream.answer import compose
from faregate.demo_upstream.chat import ChatDialect
from faregate.demo_upstream.conversation import read_turn
from faregate.demo_upstream.delivery import (
    BodyTooLarge,
    Call,
    ClientGone,
    Delivery,
    Headers,
    Sleep,
)
from faregate.demo_upstream.embeddings import EmbeddingsDialect
from faregate.demo_upstream.exchange import BadRequest, Dialect, Reply, Request, token_use
from faregate.demo_upstream.faults import (
    NO_FAULTS,
    Faults,
    FaultSyntaxError,
    marked_faults,
    parse_faults,
)
from faregate.demo_upstream.google import GoogleDialect, body_of, google_model, google_models, named
from faregate.demo_upstream.images import ImagesDialect
from faregate.demo_upstream.messages import MessagesDialect
from faregate.demo_upstream.models import (
    DEFAULT_MODELS,
    anthropic_model,
    anthropic_models,
    openai_model,
    openai_models,
)
from faregate.demo_upstream.prefix_cache import PrefixCache
from faregate.demo_upstream.responses import CompactionDialect, ResponsesDialect
from faregate.wire.asgi import Receive, Send

LARGEST_BODY_BYTES = 64 * 1024 * 1024
_REMEMBERED_FAULTS = 1024
_HTML = b"<html><head><title>%d</title></head><body><center><h1>%d</h1></center></body></html>\n"
_chat = ChatDialect()
_messages = MessagesDialect()
_google = GoogleDialect()


def _system_clock() -> int:
    return time.time_ns() // 1000


class DemoUpstream:
    """A bare ASGI 3 application.

    ``clock`` gives microseconds UTC, ``sleep`` waits seconds; ``default_faults`` (a string of
    fault words) hold for every request and may be changed between requests; ``on_call`` is
    shown each call as it arrives, ``on_end`` when it is over. A server sets ``hang_up``, which
    closes the connection of the current request unanswered: ASGI has no word for that.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], int] = _system_clock,
        sleep: Sleep = asyncio.sleep,
        default_faults: str = "",
        models: tuple[str, ...] = DEFAULT_MODELS,
        on_call: Callable[[Call], None] | None = None,
        on_end: Callable[[Call], None] | None = None,
        remembered_prefixes: int = 16_384,
    ) -> None:
        self.default_faults = default_faults
        self.hang_up: Callable[[], None] | None = None
        self._clock = clock
        self._sleep = sleep
        self._models = models
        self._on_call = on_call
        self._on_end = on_end
        self._cache = PrefixCache(remembered_prefixes)
        self._asked: OrderedDict[str, int] = OrderedDict()
        self._count = 0
        responses = ResponsesDialect()
        self._dialects: dict[str, Dialect] = {
            "/chat/completions": _chat,
            "/messages": _messages,
            "/responses": responses,
            "/responses/compact": CompactionDialect(),
            "/embeddings": EmbeddingsDialect(),
            "/images/generations": ImagesDialect(),
        }
        self._counters: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "/messages/count_tokens": _messages.count,
            "/responses/input_tokens": responses.count,
        }

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"the demo upstream serves http, not {scope['type']}")
        headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        call = Call(scope["method"], scope["path"], scope.get("query_string", b""), headers)
        delivery = Delivery(receive, send, self._sleep, call)
        try:
            await self._serve(delivery)
        except ClientGone:
            call.outcome = "client-gone"
        finally:
            delivery.close()
            if self._on_end is not None:
                self._on_end(call)

    async def _serve(self, delivery: Delivery) -> None:
        call = delivery.call
        path = _path(call)
        dialect = self._dialects.get(path) or _dialect(call)
        try:
            call.body = await delivery.read_body(LARGEST_BODY_BYTES)
        except BodyTooLarge:
            await _refuse(delivery, dialect, 413, "The request is too large.")
            return
        if self._on_call is not None:
            self._on_call(call)
        if path in ("/", "/api/hello") and call.method in ("GET", "HEAD"):
            await delivery.body(200, [(b"content-type", b"text/plain")], b"ok\n", NO_FAULTS)
            return
        if not _key(call):
            await _refuse(delivery, dialect, 401, "No API key was given.")
            return
        try:
            await self._route(delivery, dialect, path)
        except BadRequest as error:
            await _refuse(delivery, dialect, 400, str(error), error.param)
        except FaultSyntaxError as error:
            await _refuse(delivery, dialect, 400, f"x-demo-fault: {error}")

    async def _route(self, delivery: Delivery, dialect: Dialect, path: str) -> None:
        call = delivery.call
        if (said := named(path)) is not None and call.method == "POST":
            body = body_of(_json_object(call.body), *said, call.query)
            if said[1] == "countTokens":
                await self._respond(delivery, dialect, _google.count(body), self._told(call, "", ""))
            else:
                await self._generate(delivery, dialect, dialect.read(body))
            return
        if path == "/models" or path.startswith("/models/"):
            await self._list_models(delivery, dialect, path.removeprefix("/models")[1:])
            return
        if path not in self._dialects and path not in self._counters:
            await _refuse(delivery, dialect, 404, f"No such path: {call.path}")
            return
        if call.method != "POST":
            await _refuse(delivery, dialect, 405, f"{call.method} is not allowed here.")
            return
        body = _json_object(call.body)
        if path in self._counters:
            counted = self._counters[path](body)
            await self._respond(delivery, dialect, counted, self._told(call, "", ""))
            return
        await self._generate(delivery, dialect, dialect.read(body))

    async def _generate(self, delivery: Delivery, dialect: Dialect, request: Request) -> None:
        turn = read_turn(request.messages)
        faults = self._told(delivery.call, request.model_faults, turn.prompt)
        await delivery.pause(faults.slow_ms)
        if faults.drop:
            self._drop(delivery.call)
            return
        if faults.fail_status is not None:
            await _fail(delivery, dialect, faults.fail_status, faults)
            return
        now = self._clock()
        scope = f"{type(dialect).__name__}\0{_key(delivery.call)}\0{request.model}"
        tokens = dialect.input_tokens(self._cache, scope, request, now)
        answer = compose(turn, request.wishes, faults)
        use = token_use(tokens, answer, faults, request.choices)
        delivery.call.reported = use._asdict() if use is not None else {}
        reply = Reply(self._next_id(now), now // 1_000_000, request, answer, use)
        if not request.stream:
            await self._send_json(delivery, dialect, reply, faults)
            return
        headers = _headers(dialect, reply.id, faults, b"text/event-stream; charset=utf-8")
        headers.append((b"cache-control", b"no-cache"))
        await delivery.stream(headers, dialect.events(reply), dialect.error_event(), faults)

    async def _send_json(self, delivery: Delivery, dialect: Dialect, reply: Reply, faults: Faults) -> None:
        headers = _headers(dialect, reply.id, faults, b"application/json")
        await delivery.body(200, headers, msgspec.json.encode(dialect.whole(reply)), faults)

    async def _list_models(self, delivery: Delivery, dialect: Dialect, model: str) -> None:
        one, several = openai_model, openai_models
        if dialect is _messages:
            one, several = anthropic_model, anthropic_models
        elif dialect is _google:
            one, several = google_model, google_models
        body = one(model) if model else several(self._models)
        await self._respond(delivery, dialect, body, self._told(delivery.call, "", ""))

    async def _respond(self, delivery: Delivery, dialect: Dialect, body: dict[str, Any], faults: Faults) -> None:
        await delivery.pause(faults.slow_ms)
        if faults.fail_status is not None:
            await _fail(delivery, dialect, faults.fail_status, faults)
            return
        headers = _headers(dialect, self._next_id(self._clock()), faults, b"application/json")
        await delivery.body(200, headers, msgspec.json.encode(body), faults)

    def _drop(self, call: Call) -> None:
        """Leave the request without an answer; a server that hears of it says 500 at most."""
        call.outcome = "cut"
        if self.hang_up is not None:
            self.hang_up()

    def _told(self, call: Call, model_words: str, prompt: str) -> Faults:
        header = call.headers.get(b"x-demo-fault", b"").decode("utf-8", "replace")
        faults = NO_FAULTS
        for words in (self.default_faults, model_words, marked_faults(prompt), header):
            faults = parse_faults(words, faults)
        if faults.first_requests is None:
            return faults
        words_asked = repr(faults)
        asked = self._asked.pop(words_asked, 0) + 1
        self._asked[words_asked] = asked
        if len(self._asked) > _REMEMBERED_FAULTS:
            self._asked.popitem(last=False)
        return faults if asked <= faults.first_requests else NO_FAULTS

    def _next_id(self, now: int) -> str:
        self._count += 1
        return blake2b(f"{self._count} {now}".encode(), digest_size=10).hexdigest()


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _path(call: Call) -> str:
    path = call.path
    for version in ("/v1/", "/v1beta/"):
        if path.startswith(version):
            path = path[len(version) - 1 :]
    return path.rstrip("/") or "/"


def _dialect(call: Call) -> Dialect:
    path = _path(call)
    if path.startswith("/messages"):
        return _messages
    if call.path.startswith("/v1beta/") or named(path) is not None:
        return _google
    if b"anthropic-version" in call.headers:
        return _messages
    if b"x-goog-api-key" in call.headers:
        return _google
    return _chat


def _key(call: Call) -> str:
    """The caller's key, "" where there is none; any key will do."""
    scheme, _, token = call.headers.get(b"authorization", b"").partition(b" ")
    bearer = token.strip() if scheme.lower() == b"bearer" else b""
    given = (call.headers.get(name, b"").strip() for name in (b"x-api-key", b"x-goog-api-key"))
    return (bearer or next((key for key in given if key), _key_in_query(call.query))).decode("latin-1")


def _key_in_query(query: bytes) -> bytes:
    return next((part[4:] for part in query.split(b"&") if part.startswith(b"key=")), b"")


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.")
    return value


def _headers(dialect: Dialect, reply_id: str, faults: Faults, content_type: bytes) -> Headers:
    if faults.wrong_content_type:
        content_type = b"text/html; charset=utf-8"
    return [(b"content-type", content_type), *dialect.id_headers(reply_id)]


async def _refuse(delivery: Delivery, dialect: Dialect, status: int, message: str, param: str | None = None) -> None:
    body = msgspec.json.encode(dialect.error(status, message, param))
    await delivery.body(status, [(b"content-type", b"application/json")], body, NO_FAULTS)


async def _fail(delivery: Delivery, dialect: Dialect, status: int, faults: Faults) -> None:
    message = f"The demo upstream was told to fail with {status}."
    headers: Headers = [(b"content-type", b"application/json")]
    body = msgspec.json.encode(dialect.error(status, message))
    if faults.fail_as_html:
        headers, body = [(b"content-type", b"text/html")], _HTML % (status, status)
    if faults.fail_retry_after_seconds is not None:
        headers.append((b"retry-after", str(faults.fail_retry_after_seconds).encode()))
    await delivery.body(status, headers, body, NO_FAULTS)
