"""OpenAI Responses, as the SDKs and Codex use it.

Owns its fields. What a conversation, a stream and a refusal are in it stands in modules of their own; errors and
lists are those of the OpenAI family. Answers that run on without their request, and conversations that an upstream
keeps, are not served: the ones would escape their charge, the others be open to whoever knows their name.
"""

from __future__ import annotations

from typing import Final

import msgspec

from faregate.dialects import openai_errors, responses_errors, responses_usage
from faregate.dialects.body import (
    Fields,
    Request,
    read_any,
    read_count,
    read_fields,
    read_flag,
    read_model,
    wrong_type,
)
from faregate.dialects.problem import BadBody
from faregate.dialects.responses_conversation import ResponsesConversation, items_of
from faregate.dialects.responses_stream import ResponsesScanner
from faregate.dialects.splice import apply, replace_model
from faregate.dialects.stream import StreamScanner

name: Final = "openai_responses"
paths: Final = ("/v1/responses", "/responses")
upstream_path: Final = "/responses"
count_paths: Final = ("/v1/responses/input_tokens", "/responses/input_tokens")
upstream_count_path: Final = "/responses/input_tokens"
request_id_header: Final = openai_errors.request_id_header
answer_fields: Final = ("output",)

error = openai_errors.error
error_event = responses_errors.error_event
refusal = responses_errors.refusal
quota_headers = openai_errors.quota_headers
models_list = openai_errors.models_list
model_entry = openai_errors.model_entry
usage_of_reply = responses_usage.usage_of_reply
output_bytes_of_reply = responses_usage.output_bytes_of_reply


def read(body: bytes) -> Request:
    """The cheap decode. Raises BadBody."""
    fields = read_fields(body)
    model = read_model(fields)
    if items_of(fields.get("input")) is None:
        raise wrong_type("input", "a text or a list")
    if "background" in fields and read_flag(fields, "background"):
        raise not_served("background", "an answer must come with its request")
    if "conversation" in fields and read_any(fields["conversation"]) is not None:
        raise not_served("conversation", "send the items, or `previous_response_id`")
    return Request(
        body=body,
        fields=fields,
        model=model,
        stream=read_flag(fields, "stream"),
        wants_usage=True,
        max_output=read_count(fields, "max_output_tokens"),
        follows=_follows(fields) if "previous_response_id" in fields else "",
    )


def upstream_body(request: Request, model: str) -> bytes:
    """The body with this model. Everything else is byte for byte the same; usage always comes."""
    return apply(request.body, replace_model(request.body, request.fields, request.model, model))


def conversation(request: Request) -> ResponsesConversation:
    """A lazy view of the conversation."""
    given = request.fields.get("input")
    items = items_of(given)
    if items is given or items is None:
        return ResponsesConversation(request)
    return ResponsesConversation(msgspec.structs.replace(request, fields={**request.fields, "input": items}))


def scanner(request: Request) -> StreamScanner:
    """A scanner; it relays everything."""
    return ResponsesScanner()


def counted(tokens: int) -> bytes:
    """The answer to a question for the tokens of an input."""
    return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})


def not_served(field: str, advice: str) -> BadBody:
    return BadBody("field_not_served", f"`{field}` is not served here: {advice}.", field)


def _follows(fields: Fields) -> str:
    value = read_any(fields["previous_response_id"])
    if value is not None and not isinstance(value, str):
        raise wrong_type("previous_response_id", "a string")
    return value or ""
