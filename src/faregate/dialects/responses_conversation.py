"""Where a conversation stands in a request of OpenAI's Responses: a list of items, of which messages are some.

Calls and reasoning count as the model's, outputs of tools as tool output; what an item of another kind is nobody
knows, so it says nothing.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from faregate.dialects.body import read_any
from faregate.dialects.conversation import (
    HEAD_BYTES,
    MEDIA,
    NOBODY,
    OTHER,
    TOOL_OUTPUT,
    Block,
    Conversation,
    Message,
    WrittenPart,
    head_of,
    schema_field_names,
    string_head,
    text_of,
)
from faregate.dialects.reported import record
from faregate.dialects.tail import item_with_parts_before

_BRACKET, _QUOTE, _NULL = b'["n'
_TEXTS = ("input_text", "output_text", "text", "summary_text")
_MEDIA = ("input_image", "input_file", "input_audio")
_SYSTEM_ROLES = ("system", "developer")
_SYSTEM = (b"system", b"developer")
_FIRST_ITEM = re.compile(
    rb'\s*\[\s*\{\s*(?:"(?:type|id)"\s*:\s*"[^"\\]*"\s*,\s*)*"role"\s*:\s*"([a-z]+)"\s*,\s*"content"\s*:\s*'
    rb'(?:\[\s*\{\s*(?:"type"\s*:\s*"input_text"\s*,\s*)?"text"\s*:\s*)?'
)
"""The beginning of an input as clients write it, up to the first text."""
_OF_THE_MODEL = ("reasoning", "compaction", "compaction_trigger", "compaction_summary", "context_compaction")
_CALLED = Message("assistant", (OTHER,))
_RETURNED = Message("tool", (TOOL_OUTPUT,))


class WrittenItem(msgspec.Struct, gc=False):
    """An item of the input in its usual form."""

    type: str = ""
    role: str = ""
    content: str | list[WrittenPart] | None = None


class ResponsesConversation(Conversation):
    """Items of the field `input`; where that is a text, it is the user's."""

    __slots__ = ()

    _usual = msgspec.json.Decoder(WrittenItem)
    _field = "input"
    _found_before = staticmethod(item_with_parts_before)

    def _find_head(self) -> str:
        fields = self._request.fields
        instructions = fields.get("instructions")
        if instructions is not None and len(instructions) > len(b"null"):
            return string_head(head_of(instructions)).decode("utf-8", "replace")
        head = head_of(fields.get("input"))
        if match := _FIRST_ITEM.match(head):
            if match[1] not in _SYSTEM:
                return ""
            return string_head(head[match.end() :]).decode("utf-8", "replace")
        first = self.message(0) if self.message_count else None
        if first is None or first.role not in _SYSTEM_ROLES:
            return ""
        return "\n".join(block.text for block in first.blocks)[:HEAD_BYTES]

    @property
    def user_id(self) -> str:
        fields = self._request.fields
        raw = fields.get("safety_identifier") or fields.get("user")
        return "" if raw is None else text_of(read_any(raw))

    @property
    def schema_fields(self) -> tuple[str, ...]:
        raw = self._request.fields.get("text")
        if raw is None:
            return ()
        return schema_field_names(record(record(read_any(raw)).get("format")).get("schema"))

    def _usual_message(self, written: WrittenItem) -> Message:
        content = written.content
        if isinstance(content, str):
            blocks: tuple[Block, ...] = (Block("text", content),)
        else:
            blocks = tuple(_block(part.type, part.text) for part in content or ())
        return _message(written.type, written.role, blocks)

    def _message(self, raw: dict[str, object]) -> Message:
        content = raw.get("content")
        if isinstance(content, str):
            blocks: tuple[Block, ...] = (Block("text", content),)
        else:
            parts = content if isinstance(content, list) else []
            known = [record(part) for part in parts]
            blocks = tuple(_block(text_of(part.get("type")), text_of(part.get("text"))) for part in known)
        return _message(text_of(raw.get("type")), text_of(raw.get("role")), blocks)


def items_of(input_field: Raw | None) -> Raw | None:
    """The field `input` as a list of items; None when it is neither a list nor a text, nor left out."""
    if input_field is None:
        return Raw(b"[]")
    opening = memoryview(input_field)[0]
    if opening == _BRACKET:
        return input_field
    if opening == _NULL:
        return Raw(b"[]")
    return Raw(b'[{"role":"user","content":' + bytes(input_field) + b"}]") if opening == _QUOTE else None


def _message(kind: str, role: str, blocks: tuple[Block, ...]) -> Message:
    if kind in ("", "message"):
        return Message(role, blocks)
    if kind.endswith("_output"):
        return _RETURNED
    return _CALLED if kind.endswith("_call") or kind in _OF_THE_MODEL else NOBODY


def _block(kind: str, text: str) -> Block:
    if kind in _TEXTS:
        return Block("text", text)
    return MEDIA if kind in _MEDIA else OTHER
