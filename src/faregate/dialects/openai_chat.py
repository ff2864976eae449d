"""OpenAI Chat Completions.

Owns its fields, its stream and where a conversation stands in it. Usage, errors and lists are
those of the OpenAI family.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from faregate.core.usage import TOKEN_CLASSES
from faregate.dialects import openai_errors, openai_usage, sse
from faregate.dialects.body import (
    Fields,
    Request,
    read_any,
    read_count,
    read_fields,
    read_flag,
    read_model,
    require_list,
    wrong_type,
)
from faregate.dialects.conversation import (
    HEAD_BYTES,
    MEDIA,
    OTHER,
    TOOL_OUTPUT,
    Block,
    Conversation,
    Message,
    WrittenMessage,
    head_of,
    schema_field_names,
    string_head,
    text_of,
)
from faregate.dialects.problem import BadBody
from faregate.dialects.reported import record
from faregate.dialects.splice import Edit, apply, insert_first, replace_all, replace_model, standings
from faregate.dialects.stream import StreamScanner, UpstreamError

name: Final = "openai_chat"
paths: Final = ("/v1/chat/completions", "/chat/completions")
upstream_path: Final = "/chat/completions"
request_id_header: Final = openai_errors.request_id_header
answer_fields: Final = ("choices",)

_INCLUDE_USAGE = b'{"include_usage":true}'
_STREAM_OPTIONS = b'"stream_options":' + _INCLUDE_USAGE

error = openai_errors.error
error_event = openai_errors.error_event
refusal = openai_errors.refusal
quota_headers = openai_errors.quota_headers
models_list = openai_errors.models_list
model_entry = openai_errors.model_entry
usage_of_reply = openai_usage.usage_of_reply
output_bytes_of_reply = openai_usage.output_bytes_of_reply


def read(body: bytes) -> Request:
    """The cheap decode. Raises BadBody."""
    fields = read_fields(body)
    model = read_model(fields)
    require_list(fields, "messages")
    max_output = read_count(fields, "max_completion_tokens")
    return Request(
        body=body,
        fields=fields,
        model=model,
        stream=read_flag(fields, "stream"),
        wants_usage=_asks_for_usage(fields),
        max_output=read_count(fields, "max_tokens") if max_output is None else max_output,
        choices=read_count(fields, "n") or 1,
    )


def upstream_body(request: Request, model: str) -> bytes:
    """The body with this model; a stream also asks for usage. Everything else is byte for byte the
    same."""
    body, fields = request.body, request.fields
    edits = replace_model(body, fields, request.model, model)
    if request.stream and not request.wants_usage:
        edits += _edits_for_usage(body, fields)
        edits.sort()
    return apply(body, edits)


def conversation(request: Request) -> Conversation:
    """A lazy view of the conversation."""
    return ChatConversation(request)


def scanner(request: Request) -> StreamScanner:
    """A scanner that hides the usage chunk from a client that has not asked for it."""
    return ChatScanner(hide_usage=not request.wants_usage)


def _asks_for_usage(fields: Fields) -> bool:
    raw = fields.get("stream_options")
    if raw is None or bytes(raw) == b"null":
        return False
    try:
        options = read_fields(bytes(raw))
    except BadBody:
        raise wrong_type("stream_options", "an object") from None
    return read_flag(options, "include_usage", "stream_options.include_usage")


def _edits_for_usage(body: bytes, fields: Fields) -> list[Edit]:
    if "stream_options" not in fields:
        return [insert_first(body, _STREAM_OPTIONS, empty=False)]
    return [
        edit
        for start, end in standings(body, fields, "stream_options")
        for edit in _edits_of_options(body[start:end], start)
    ]


def _edits_of_options(options: bytes, offset: int) -> list[Edit]:
    """Edits that make one standing of `stream_options`, at ``offset`` in the body, ask for
    usage."""
    try:
        fields = read_fields(options)
    except BadBody:
        return [Edit(offset, offset + len(options), _INCLUDE_USAGE)]
    if "include_usage" in fields:
        edits = replace_all(options, fields, "include_usage", b"true")
    else:
        edits = [insert_first(options, b'"include_usage":true', empty=not fields)]
    return [Edit(start + offset, end + offset, new) for start, end, new in edits]


class ChatScanner(StreamScanner):
    """Scans `chat.completion.chunk` events."""

    __slots__ = ("_hide_usage",)

    # Not `"usage"`: upstreams asked for usage may write `"usage":null` into every other chunk.
    _marks = (b'_tokens"', b"[DONE]", b'"error"')
    _wrapper = b'"tool_calls"'
    _wrapper_bytes = len('"tool_calls":[{"index":0,"function":{"arguments":""}}]') - len('"content":""')

    def __init__(self, *, hide_usage: bool) -> None:
        super().__init__()
        self._hide_usage = hide_usage

    def _observe(self, event: bytes) -> bool:
        data = sse.data(event)
        if data.strip() == b"[DONE]":
            self.ended = True
            return True
        chunk = record(read_any(data))
        if failure := chunk.get("error"):
            self.error = _upstream_error(failure)
        self._note_model(chunk)
        reported = openai_usage.reported(chunk.get("usage"), self.model)
        if reported is None:
            return True
        if self.reported is None or any(reported.usage[: len(TOKEN_CLASSES)]):
            # Zeros behind a report are no news of it.
            self.reported = reported
        return not self._hide_usage or chunk.get("choices") != []

    def _first_output(self, event: bytes) -> int:
        chunk = record(read_any(sse.data(event)))
        self._note_model(chunk)
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            return 0
        return sum(_text_bytes(record(record(choice).get("delta"))) for choice in choices)

    def _note_model(self, chunk: dict[str, Any]) -> None:
        model = chunk.get("model")
        if isinstance(model, str) and model:
            self.model = model


def _text_bytes(delta: dict[str, Any]) -> int:
    texts = [delta.get(name) for name in ("content", "reasoning_content", "reasoning", "refusal")]
    calls = delta.get("tool_calls")
    if isinstance(calls, list):
        texts += [record(record(call).get("function")).get("arguments") for call in calls]
    return sum(len(text.encode("utf-8", "replace")) for text in texts if isinstance(text, str))


def _upstream_error(failure: Any) -> UpstreamError:
    if not isinstance(failure, dict):
        return UpstreamError("", str(failure))
    kind = failure.get("code") or failure.get("type") or ""
    return UpstreamError(str(kind), str(failure.get("message") or ""))


_SYSTEM_FIRST = re.compile(rb'\s*\[\s*\{\s*"role"\s*:\s*"([a-z]+)"\s*,\s*"content"\s*:\s*')


_SYSTEM_ROLES = (b"system", b"developer")
_TOOL_ROLES = ("tool", "function")


class ChatConversation(Conversation):
    """Messages with `role` and `content`; tool output in messages of its own."""

    __slots__ = ()

    _usual = msgspec.json.Decoder(WrittenMessage)

    def _find_head(self) -> str:
        head = head_of(self._request.fields.get("messages"))
        if match := _SYSTEM_FIRST.match(head):
            if match[1] not in _SYSTEM_ROLES:
                return ""
            return string_head(head[match.end() :]).decode("utf-8", "replace")
        first = self.message(0) if self.message_count else None
        if first is None or first.role not in ("system", "developer"):
            return ""
        return "\n".join(block.text for block in first.blocks)[:HEAD_BYTES]

    @property
    def user_id(self) -> str:
        raw = self._request.fields.get("user")
        return "" if raw is None else text_of(read_any(raw))

    @property
    def schema_fields(self) -> tuple[str, ...]:
        raw = self._request.fields.get("response_format")
        if raw is None:
            return ()
        response_format = record(read_any(raw))
        return schema_field_names(record(response_format.get("json_schema")).get("schema"))

    def _usual_message(self, written: WrittenMessage) -> Message:
        role, content = written.role, written.content
        if role in _TOOL_ROLES:
            return Message(role, (TOOL_OUTPUT,))
        if isinstance(content, str):
            return Message(role, (Block("text", content),))
        return Message(role, tuple(_block(part.type, part.text) for part in content or ()))

    def _message(self, raw: dict[str, object]) -> Message:
        role = text_of(raw.get("role"))
        if role in _TOOL_ROLES:
            return Message(role, (TOOL_OUTPUT,))
        content = raw.get("content")
        if isinstance(content, str):
            return Message(role, (Block("text", content),))
        parts = content if isinstance(content, list) else []
        return Message(role, tuple(_odd_block(record(part)) for part in parts))


_MEDIA = ("image_url", "input_audio", "file", "video_url")


def _block(kind: object, text: str) -> Block:
    if kind == "text":
        return Block("text", text)
    return MEDIA if kind in _MEDIA else OTHER


def _odd_block(part: dict[str, Any]) -> Block:
    return _block(part.get("type"), text_of(part.get("text")))
