"""Where a conversation stands in a request of Google's generateContent: contents with parts.

What comes back from functions stands in parts of the user, or under a role of its own. Names are written in either
of two ways.
"""

from __future__ import annotations

from typing import Any

import msgspec

from faregate.dialects.body import read_any
from faregate.dialects.conversation import (
    MEDIA,
    OTHER,
    TOOL_OUTPUT,
    Block,
    Conversation,
    Message,
    head_of,
    schema_field_names,
    text_of,
)
from faregate.dialects.reported import record
from faregate.dialects.tail import item_with_parts_before

_RETURNED = ("functionResponse", "function_response")
_RESULT = Message("function", (TOOL_OUTPUT,))
_MEDIA = ("inlineData", "inline_data", "fileData", "file_data")


class WrittenPart(msgspec.Struct, gc=False):
    """A part as most clients write it: what it holds matters, not what is in it."""

    text: str | None = None
    thought: bool = False
    functionResponse: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815 - Google's name
    inlineData: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815
    fileData: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815
    function_response: msgspec.Raw = msgspec.Raw(b"")
    inline_data: msgspec.Raw = msgspec.Raw(b"")
    file_data: msgspec.Raw = msgspec.Raw(b"")


class WrittenContent(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A content in its usual form."""

    role: str = "user"
    parts: list[WrittenPart] = []


class GoogleConversation(Conversation):
    """Contents of the user and of the model."""

    __slots__ = ()

    _usual = msgspec.json.Decoder(WrittenContent)
    _field = "contents"
    _found_before = staticmethod(item_with_parts_before)

    def _find_head(self) -> str:
        fields = self._request.fields
        return head_of(fields.get("systemInstruction") or fields.get("system_instruction")).decode("utf-8", "replace")

    @property
    def user_id(self) -> str:
        return ""

    @property
    def schema_fields(self) -> tuple[str, ...]:
        fields = self._request.fields
        settings = record(read_any(fields.get("generationConfig") or fields.get("generation_config")))
        for name in ("responseJsonSchema", "responseSchema", "response_json_schema", "response_schema"):
            if name in settings:
                return schema_field_names(settings[name])
        return ()

    def _usual_message(self, written: WrittenContent) -> Message:
        if written.role == "function":
            return _RESULT
        return Message(written.role, tuple(_block(part) for part in written.parts))

    def _message(self, raw: dict[str, object]) -> Message:
        role = text_of(raw.get("role")) or "user"
        parts = raw.get("parts")
        found = parts if isinstance(parts, list) else [parts]
        if role == "function":
            return _RESULT
        return Message(role, tuple(_odd_block(record(part)) for part in found))


def _block(part: WrittenPart) -> Block:
    if part.text is not None:
        return OTHER if part.thought else Block("text", part.text)
    if part.functionResponse or part.function_response:
        return TOOL_OUTPUT
    return MEDIA if part.inlineData or part.fileData or part.inline_data or part.file_data else OTHER


def _odd_block(part: dict[str, Any]) -> Block:
    text = part.get("text")
    if isinstance(text, str):
        return OTHER if part.get("thought") else Block("text", text)
    if any(name in part for name in _RETURNED):
        return TOOL_OUTPUT
    return MEDIA if any(name in part for name in _MEDIA) else OTHER
