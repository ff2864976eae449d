"""What a request says of itself: who speaks last, the start of the system prompt, the caller's ids.

Owns the lazy view and its values; dialects fill it. Does not judge anything: callers do. Broken or
unknown parts come out empty, never as an error: the upstream is the judge of them.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import Raw

from faregate.dialects.body import UNREADABLE, Request, read_any

HEAD_BYTES = 2048
"""How much of a system prompt is looked at."""

_ITEMS: msgspec.json.Decoder[list[Raw]] = msgspec.json.Decoder(list[Raw])


class Block(NamedTuple):
    """A part of a message. ``kind``: `text`, `tool_output`, `media` or `other`; ``text`` only for
    `text`."""

    kind: str
    text: str = ""


class Message(NamedTuple):
    """``role`` as the client wrote it; `tool_output` blocks make no difference of role."""

    role: str
    blocks: tuple[Block, ...]


NOBODY = Message("", ())


class Conversation:
    """Lazy and cached: each property decodes only what it needs, when it is asked."""

    __slots__ = ("_items", "_request")

    def __init__(self, request: Request) -> None:
        self._request = request
        self._items: list[Raw] | None = None

    @property
    def has_tools(self) -> bool:
        """Whether the request offers any tool."""
        tools = self._request.fields.get("tools")
        # `[]` and `null` are shorter than any tool.
        return tools is not None and len(tools) > len(b"null")

    @property
    def cache_key(self) -> str:
        """The caller's own key of the conversation for prompt caching, '' when it gave none."""
        value = read_any(self._request.fields.get("prompt_cache_key"))
        return value if isinstance(value, str) else ""

    @property
    def message_count(self) -> int:
        return len(self._messages())

    def message(self, index: int) -> Message:
        """The message at ``index`` (0 is the first). Decodes this one alone."""
        raw = read_any(self._messages()[index])
        return self._message(raw) if isinstance(raw, dict) else NOBODY

    @property
    def system_head(self) -> str:
        """The beginning of the system prompt as it stands in JSON: escapes not undone, and what
        encloses its text left in. '' if there is none."""
        raise NotImplementedError

    @property
    def user_id(self) -> str:
        """The caller's own id of its user, '' when it gave none."""
        raise NotImplementedError

    @property
    def schema_fields(self) -> tuple[str, ...]:
        """Field names of the JSON schema the answer must follow, sorted; empty when none is
        asked."""
        raise NotImplementedError

    def _message(self, raw: dict[str, object]) -> Message:
        raise NotImplementedError

    def _messages(self) -> list[Raw]:
        if self._items is None:
            try:
                self._items = _ITEMS.decode(self._request.fields["messages"])
            except (KeyError, *UNREADABLE, RecursionError):
                self._items = []
        return self._items


def head_of(raw: Raw | None) -> bytes:
    """The first bytes of a field, undecoded."""
    return b"" if raw is None else bytes(memoryview(raw)[:HEAD_BYTES])


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def schema_field_names(schema: object) -> tuple[str, ...]:
    """Names of the properties of a JSON schema."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return tuple(sorted(properties)) if isinstance(properties, dict) else ()
