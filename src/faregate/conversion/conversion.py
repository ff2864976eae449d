"""One request from a client's dialect to an upstream's, and what comes back.

Owns the table of dialects and the order of steps. Pure: bytes in, bytes out; time and ids are arguments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

from faregate.conversion import (
    chat_ask,
    chat_body,
    chat_reply,
    google_ask,
    google_body,
    google_reply,
    messages_ask,
    messages_body,
    messages_reply,
    responses_ask,
    responses_body,
    responses_reply,
)
from faregate.conversion.answer import Answer, AnswerPart, Began, Event, Failed, Grew, PartBegan, PartEnded
from faregate.conversion.ask import Ask, Call, JsonObject, NotCarried
from faregate.conversion.chat_stream import ChatStreamReader, ChatStreamWriter
from faregate.conversion.custom_tools import unwrapped
from faregate.conversion.event_feed import EventFeed
from faregate.conversion.fields import BadField
from faregate.conversion.messages_stream import MessagesStreamReader, MessagesStreamWriter
from faregate.conversion.responses_stream import ResponsesStreamReader, ResponsesStreamWriter
from faregate.conversion.tool_names import ToolNames
from faregate.conversion.unseen import unseen


class StreamReader(Protocol):
    """Records of an upstream's stream to events; ``ended`` once its closing event was read."""

    @property
    def ended(self) -> bool: ...

    def read(self, record: JsonObject | None) -> Iterator[Event]: ...


class StreamWriter(Protocol):
    """Events to a client's stream."""

    def write(self, event: Event) -> bytes: ...

    def close(self) -> bytes: ...


class Dialect(NamedTuple):
    """How one dialect is read and written."""

    title: str
    read_ask: Callable[[JsonObject, str], Ask]
    write_ask: Callable[[Ask, str, ToolNames], JsonObject]
    read_reply: Callable[[JsonObject], Answer]
    write_reply: Callable[[Ask, Answer, int], JsonObject]
    reader: Callable[[], StreamReader]
    writer: Callable[[Ask, int], StreamWriter]


DIALECTS: Final = {
    "openai_chat": Dialect(
        "Chat Completions",
        chat_ask.read_ask,
        chat_body.write_ask,
        chat_reply.read_reply,
        lambda ask, answer, created: chat_reply.write_reply(answer, created),
        ChatStreamReader,
        lambda ask, created: ChatStreamWriter(created, ask.wants_usage),
    ),
    "anthropic_messages": Dialect(
        "Messages",
        messages_ask.read_ask,
        messages_body.write_ask,
        messages_reply.read_reply,
        lambda ask, answer, created: messages_reply.write_reply(answer),
        MessagesStreamReader,
        lambda ask, created: MessagesStreamWriter(),
    ),
    "openai_responses": Dialect(
        "Responses",
        responses_ask.read_ask,
        responses_body.write_ask,
        responses_reply.read_reply,
        responses_reply.write_reply,
        ResponsesStreamReader,
        ResponsesStreamWriter,
    ),
    "google_generate": Dialect(
        "generateContent",
        google_ask.read_ask,
        google_body.write_ask,
        google_reply.read_reply,
        lambda ask, answer, created: google_reply.write_reply(answer),
        google_reply.GoogleStreamReader,
        lambda ask, created: google_reply.GoogleStreamWriter(),
    ),
}
"""By the names that dialects have everywhere."""


_SAID: Final = {"openai_responses": "input", "google_generate": "contents"}
_STOPS: Final = {"anthropic_messages": "stop_sequences", "google_generate": "generationConfig.stopSequences"}


def _own_name(field: str, client: str) -> str:
    """What ``client`` calls a field that the upstream's side has no room for."""
    if field in ("messages", "input", "contents"):
        return _SAID.get(client, "messages")
    return _STOPS.get(client, field) if field == "stop" else field


class BadReply(Exception):
    """An upstream's answer that is none in its dialect."""


class Conversion:
    """One request on its way from ``client`` to ``upstream``, names of dialects. ``left_out``: hints nobody will see.

    ``beside``: fields that stand outside the body, say in the path. Raises NotCarried where the upstream has
    no room for something, BadField where the body is not right.
    """

    def __init__(self, client: str, upstream: str, body: bytes, beside: Mapping[str, Any] | None = None) -> None:
        self._client, self._upstream = DIALECTS[client], DIALECTS[upstream]
        self.upstream = upstream
        self.names = ToolNames()
        self.ask = self._client.read_ask({**_object(body), **(beside or {})}, self._upstream.title)
        self._custom = frozenset(tool.name for tool in self.ask.tools if tool.schema is None)
        try:
            self._written = self._upstream.write_ask(self.ask, "", self.names)
        except NotCarried as problem:
            raise type(problem)(_own_name(problem.field, client), problem.what) from None
        self.left_out = (*self.ask.left_out, *unseen(self.ask, upstream, self._written))

    def upstream_body(self, model: str) -> bytes:
        """What to send, for ``model`` as the upstream calls it (where the body names it at all)."""
        if "model" in self._written:
            self._written["model"] = model
        if self.upstream == "openai_chat":
            chat_body.suit(self._written, model, self.ask)
        return _bytes(self._written)

    def reply(self, body: bytes, model: str, created: int) -> bytes:
        """The upstream's whole answer in the client's dialect, under ``model``. Raises BadReply."""
        try:
            found = json.loads(body)
        except ValueError as problem:
            raise BadReply(f"no JSON: {problem}") from None
        if not isinstance(found, dict):
            raise BadReply("no JSON object")
        answer = self._upstream.read_reply(found)
        parts = tuple(self._part_back(part) for part in answer.parts)
        answer = answer._replace(parts=parts, model=model)
        return _bytes(self._client.write_reply(self.ask, answer, created))

    def stream(self, model: str, created: int) -> StreamConversion:
        """The conversion of the upstream's stream, under ``model``."""
        reader, writer = self._upstream.reader(), self._client.writer(self.ask, created)
        return StreamConversion(reader, writer, NamesBack(self.names, self._custom), model)

    def _part_back(self, part: AnswerPart) -> AnswerPart:
        if not isinstance(part, Call):
            return part
        name = self.names.back(part.name)
        if name in self._custom and not part.custom:
            return Call(part.id, name, unwrapped(part.arguments), True)
        return part._replace(name=name)


class NamesBack:
    """Events with the client's own names of tools; free text out of its wrapping."""

    def __init__(self, names: ToolNames, custom: frozenset[str]) -> None:
        self._names = names
        self._custom = custom
        self._wrapped: dict[int, list[str]] = {}

    def of(self, event: Event) -> Iterable[Event]:
        """``event`` as the client is to see it."""
        if isinstance(event, PartBegan) and event.kind in ("call", "custom"):
            name = self._names.back(event.name)
            if event.kind == "call" and name in self._custom:
                self._wrapped[event.part] = []
                return (event._replace(kind="custom", name=name),)
            return (event._replace(name=name),)
        if self._wrapped:
            if isinstance(event, Grew) and event.part in self._wrapped:
                self._wrapped[event.part].append(event.text)
                return ()
            if isinstance(event, PartEnded) and event.part in self._wrapped:
                text = unwrapped("".join(self._wrapped.pop(event.part)))
                return (Grew(event.part, text), event) if text else (event,)
        return (event,)


class StreamConversion:
    """Feed it the upstream's bytes; it gives the client's. ``failed`` once the upstream broke off in words."""

    def __init__(self, reader: StreamReader, writer: StreamWriter, names: NamesBack, model: str) -> None:
        self._feed = EventFeed()
        self._reader = reader
        self._writer = writer
        self._names = names
        self._model = model
        self.failed: Failed | None = None

    @property
    def ended(self) -> bool:
        """Whether the upstream's closing event was seen."""
        return self._reader.ended

    @property
    def broken(self) -> bool:
        """Whether what came is no stream of events: nothing is read of it any more."""
        return self._feed.broken

    def feed(self, chunk: bytes) -> bytes:
        """The client's bytes for these."""
        return b"".join(self._written(record) for record in self._feed.feed(chunk))

    def close(self) -> bytes:
        """At the clean end of the upstream's bytes: the rest and, where all of it came, the client's own end."""
        rest = b"".join(self._written(record) for record in self._feed.finish())
        return rest + self._writer.close() if self.ended and self.failed is None else rest

    def _written(self, record: JsonObject | None) -> bytes:
        if self.failed is not None:
            return b""
        out = b""
        for event in self._reader.read(record):
            if isinstance(event, Failed):
                self.failed = event
                break
            for told in self._names.of(event):
                out += self._writer.write(_under(told, self._model))
        return out


def _under(event: Event, model: str) -> Event:
    """``event`` with the model's name that the client asked for."""
    return event._replace(model=model) if isinstance(event, Began) else event


def convertible(client: str, upstream: str) -> bool:
    """Whether requests of the dialect named ``client`` can go to upstreams that speak ``upstream``."""
    return client == upstream or (client in DIALECTS and upstream in DIALECTS)


def _object(body: bytes) -> JsonObject:
    try:
        found: Any = json.loads(body)
    except ValueError as problem:
        raise BadField("body", f"is no JSON: {problem}") from None
    if not isinstance(found, dict):
        raise BadField("body", "is to be a JSON object")
    return found


def _bytes(record: JsonObject) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
