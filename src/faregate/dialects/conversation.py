"""What a request says of itself: who speaks last, the start of the system prompt, the caller's ids.

Owns the lazy view and its values; dialects fill it. Does not judge anything: callers do. Broken or
unknown parts come out empty, never as an error: the upstream is the judge of them.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import Raw

from faregate.dialects.body import UNREADABLE, Request, read_any
from faregate.dialects.tail import end_before, item_before, tail_of

HEAD_BYTES = 2048
"""How much of a system prompt is looked at."""

_BACKSLASH = 0x5C

_ITEMS: msgspec.json.Decoder[list[Raw]] = msgspec.json.Decoder(list[Raw])


class Block(msgspec.Struct, frozen=True, gc=False):
    """A part of a message. ``kind``: `text`, `tool_output`, `media` or `other`; ``text`` only for
    `text`."""

    kind: str
    text: str = ""


class Message(msgspec.Struct, frozen=True, gc=False):
    """``role`` as the client wrote it; `tool_output` blocks make no difference of role."""

    role: str
    blocks: tuple[Block, ...]


NOBODY = Message("", ())


class WrittenPart(msgspec.Struct, gc=False):
    """A part of a message's content as it stands in a body of either dialect."""

    type: str = ""
    text: str = ""


class WrittenMessage(msgspec.Struct, gc=False):
    """A message in its usual form, which both dialects share."""

    role: str = ""
    content: str | list[WrittenPart] | None = None


TOOL_OUTPUT = Block("tool_output")
MEDIA = Block("media")
OTHER = Block("other")


class Conversation:
    """Lazy and cached: each property decodes only what it needs, when it is asked."""

    __slots__ = ("_end", "_head", "_items", "_last", "_request", "_text")

    _usual: ClassVar[msgspec.json.Decoder[Any]]
    """Decodes a message as clients write it, and fails on any other."""
    _field: ClassVar[str] = "messages"
    """The field of the body that holds the messages."""
    _found_before = staticmethod(item_before)
    """Finds the message that ends at a place in the tail, and where it starts."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._items: list[Raw] | None = None
        self._head: str | None = None
        self._last: list[Message] = []
        # The messages' own text, or its end; where the next one towards the front ends in it, 0 when that is unknown.
        self._text = b""
        self._end = 0

    @property
    def has_tools(self) -> bool:
        """Whether the request offers any tool."""
        tools = self._request.fields.get("tools")
        # `[]` and `null` are shorter than any tool.
        return tools is not None and len(tools) > len(b"null")

    @property
    def cache_key(self) -> str:
        """The caller's own key of the conversation for prompt caching, '' when it gave none."""
        raw = self._request.fields.get("prompt_cache_key")
        return "" if raw is None else text_of(read_any(raw))

    @property
    def message_count(self) -> int:
        return len(self._messages())

    def message(self, index: int) -> Message:
        """The message at ``index`` (0 is the first). Decodes this one alone."""
        item = self._messages()[index]
        try:
            return self._usual_message(self._usual.decode(item))
        except (*UNREADABLE, RecursionError):
            raw = read_any(item)
            return self._message(raw) if isinstance(raw, dict) else NOBODY

    def from_end(self, back: int) -> Message | None:
        """The message ``back`` steps before the last; None before the first. Reads no more of the body than it must:
        the last ones cost the same in a conversation of any length."""
        last = self._last
        while len(last) <= back:
            message = self._before()
            if message is None:
                return None
            last.append(message)
        return last[back]

    @property
    def system_head(self) -> str:
        """The beginning of the system prompt as it stands in JSON: escapes not undone, and what
        encloses its text left in. '' if there is none."""
        if self._head is None:
            self._head = self._find_head()
        return self._head

    @property
    def user_id(self) -> str:
        """The caller's own id of its user, '' when it gave none."""
        raise NotImplementedError

    @property
    def schema_fields(self) -> tuple[str, ...]:
        """Field names of the JSON schema the answer must follow, sorted; empty when none is
        asked."""
        raise NotImplementedError

    def _before(self) -> Message | None:
        """The message before those of ``_last``."""
        if not self._text:
            self._text = tail_of(self._request.fields[self._field])
            self._end = len(self._text) - 1
        if self._end > 0:
            found = self._found_before(self._text, self._end, self._usual)
            if found is not None:
                item, start = found
                self._end = end_before(self._text, start)
                return self._usual_message(item)
            raw = self._request.fields[self._field]
            if len(self._text) < len(raw):
                self._end += len(raw) - len(self._text)
                self._text = bytes(raw)
                return self._before()
            self._end = 0
        index = self.message_count - len(self._last) - 1
        return self.message(index) if index >= 0 else None

    def _find_head(self) -> str:
        raise NotImplementedError

    def _usual_message(self, written: Any) -> Message:
        """A message that ``_usual`` decoded."""
        raise NotImplementedError

    def _message(self, raw: dict[str, object]) -> Message:
        """Any message, however odd."""
        raise NotImplementedError

    def _messages(self) -> list[Raw]:
        if self._items is None:
            try:
                self._items = _ITEMS.decode(self._request.fields[self._field])
            except (KeyError, *UNREADABLE, RecursionError):
                self._items = []
        return self._items


def head_of(raw: Raw | None) -> bytes:
    """The first bytes of a field, undecoded."""
    if raw is None:
        return b""
    return bytes(raw) if len(raw) <= HEAD_BYTES else bytes(memoryview(raw)[:HEAD_BYTES])


def string_head(head: bytes) -> bytes:
    """The beginning of a field without what follows, if it is a string that ends there."""
    if head[:1] != b'"':
        return head
    end = head.find(b'"', 1)
    while end > 0:
        if head[end - 1] != _BACKSLASH or (end - len(head[:end].rstrip(b"\\"))) % 2 == 0:
            return head[:end]
        end = head.find(b'"', end + 1)
    return head


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def schema_field_names(schema: object) -> tuple[str, ...]:
    """Names of the properties of a JSON schema."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return tuple(sorted(properties)) if isinstance(properties, dict) else ()
