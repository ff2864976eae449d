"""Anthropic Messages.

Owns its fields, its stream and where a conversation stands in it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from faregate.dialects import anthropic_errors, anthropic_usage, sse
from faregate.dialects.body import (
    Request,
    read_any,
    read_count,
    read_fields,
    read_flag,
    read_model,
    require_list,
)
from faregate.dialects.conversation import (
    MEDIA,
    OTHER,
    TOOL_OUTPUT,
    Block,
    Conversation,
    Message,
    WrittenMessage,
    head_of,
    schema_field_names,
    text_of,
)
from faregate.dialects.reported import record
from faregate.dialects.splice import apply, replace_model
from faregate.dialects.stream import StreamScanner, UpstreamError

name: Final = "anthropic_messages"
paths: Final = ("/v1/messages", "/messages")
upstream_path: Final = "/messages"
count_paths: Final = ("/v1/messages/count_tokens", "/messages/count_tokens")
upstream_count_path: Final = "/messages/count_tokens"
request_id_header: Final = anthropic_errors.request_id_header
answer_fields: Final = ("content",)

error = anthropic_errors.error
error_event = anthropic_errors.error_event
refusal = anthropic_errors.refusal
quota_headers = anthropic_errors.quota_headers
models_list = anthropic_errors.models_list
model_entry = anthropic_errors.model_entry
usage_of_reply = anthropic_usage.usage_of_reply
output_bytes_of_reply = anthropic_usage.output_bytes_of_reply


def read(body: bytes) -> Request:
    """The cheap decode. Raises BadBody."""
    fields = read_fields(body)
    model = read_model(fields)
    require_list(fields, "messages")
    return Request(
        body=body,
        fields=fields,
        model=model,
        stream=read_flag(fields, "stream"),
        wants_usage=True,
        max_output=read_count(fields, "max_tokens"),
    )


def upstream_body(request: Request, model: str) -> bytes:
    """The body with this model. Everything else is byte for byte the same; usage always comes."""
    edits = replace_model(request.body, request.fields, request.model, model)
    return apply(request.body, edits)


def conversation(request: Request) -> Conversation:
    """A lazy view of the conversation."""
    return MessagesConversation(request)


def scanner(request: Request) -> StreamScanner:
    """A scanner; it relays everything."""
    return MessagesScanner()


def counted(tokens: int) -> bytes:
    """The answer to a question for the tokens of an input."""
    return msgspec.json.encode({"input_tokens": tokens})


class MessagesScanner(StreamScanner):
    """Scans `message_start` … `message_stop` events."""

    __slots__ = ("_usage",)

    _marks = (b'"usage"', b"message_stop", b'"error"')

    def __init__(self) -> None:
        super().__init__()
        self._usage: dict[str, Any] = {}

    def _observe(self, event: bytes) -> bool:
        payload = record(read_any(sse.data(event)))
        match payload.get("type"):
            case "message_start":
                message = record(payload.get("message"))
                self.model = text_of(message.get("model"))
                self._note_usage(message.get("usage"))
            case "message_delta":
                self._note_usage(payload.get("usage"))
            case "message_stop":
                self.ended = True
            case "error":
                failure = record(payload.get("error"))
                self.error = UpstreamError(text_of(failure.get("type")), text_of(failure.get("message")))
        return True

    def _first_output(self, event: bytes) -> int:
        delta = record(record(read_any(sse.data(event))).get("delta"))
        texts = (delta.get(name) for name in ("text", "thinking", "partial_json"))
        return sum(len(text.encode("utf-8", "replace")) for text in texts if isinstance(text, str))

    def _note_usage(self, usage: Any) -> None:
        if anthropic_usage.is_report(usage):
            self._usage = anthropic_usage.updated(self._usage, usage)
            self.reported = anthropic_usage.reported(self._usage, self.model)


class MessagesConversation(Conversation):
    """Messages whose content is text or blocks; tool output inside messages of the user."""

    __slots__ = ()

    _usual = msgspec.json.Decoder(WrittenMessage)

    def _find_head(self) -> str:
        return head_of(self._request.fields.get("system")).decode("utf-8", "replace")

    @property
    def user_id(self) -> str:
        raw = self._request.fields.get("metadata")
        if raw is None:
            return ""
        metadata = record(read_any(raw))
        return text_of(metadata.get("user_id"))

    @property
    def schema_fields(self) -> tuple[str, ...]:
        fields = self._request.fields
        if "output_config" not in fields and "output_format" not in fields:
            return ()
        config = record(read_any(fields.get("output_config")))
        wanted = config.get("format") or read_any(fields.get("output_format"))
        return schema_field_names(record(wanted).get("schema"))

    def _usual_message(self, written: WrittenMessage) -> Message:
        content = written.content
        if isinstance(content, str):
            return Message(written.role, (Block("text", content),))
        return Message(written.role, tuple(_block(part.type, part.text) for part in content or ()))

    def _message(self, raw: dict[str, object]) -> Message:
        role = text_of(raw.get("role"))
        content = raw.get("content")
        if isinstance(content, str):
            return Message(role, (Block("text", content),))
        parts = content if isinstance(content, list) else []
        return Message(role, tuple(_odd_block(record(part)) for part in parts))


def _block(kind: str, text: str) -> Block:
    if kind == "text":
        return Block("text", text)
    if kind.endswith("tool_result"):
        return TOOL_OUTPUT
    return MEDIA if kind in ("image", "document") else OTHER


def _odd_block(part: dict[str, Any]) -> Block:
    return _block(text_of(part.get("type")), text_of(part.get("text")))
