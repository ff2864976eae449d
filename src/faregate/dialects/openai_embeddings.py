"""OpenAI Embeddings.

Owns its fields. All of it is input; the numbers that come back cost nothing and are not read.
"""

from __future__ import annotations

from typing import Final

from faregate.dialects import openai_errors, openai_usage
from faregate.dialects.body import Request, read_fields, read_model
from faregate.dialects.no_conversation import ANSWER_FIELDS, NoConversation
from faregate.dialects.problem import BadBody
from faregate.dialects.splice import apply, replace_model
from faregate.dialects.stream import StreamScanner

name: Final = "openai_embeddings"
paths: Final = ("/v1/embeddings", "/embeddings")
upstream_path: Final = "/embeddings"
request_id_header: Final = openai_errors.request_id_header
answer_fields: Final = ANSWER_FIELDS

error = openai_errors.error
error_event = openai_errors.error_event
refusal = openai_errors.refusal
quota_headers = openai_errors.quota_headers
models_list = openai_errors.models_list
model_entry = openai_errors.model_entry
usage_of_reply = openai_usage.usage_of_reply


def read(body: bytes) -> Request:
    """The cheap decode. Raises BadBody."""
    fields = read_fields(body)
    model = read_model(fields)
    if "input" not in fields:
        raise BadBody("field_missing", "`input` is missing.", "input")
    return Request(body=body, fields=fields, model=model, stream=False, wants_usage=True, max_output=0)


def upstream_body(request: Request, model: str) -> bytes:
    """The body with this model. Everything else is byte for byte the same."""
    return apply(request.body, replace_model(request.body, request.fields, request.model, model))


def conversation(request: Request) -> NoConversation:
    """Nobody speaks."""
    return NoConversation(request)


def output_bytes_of_reply(body: bytes) -> int:
    """None of it is generated text."""
    return 0


def scanner(request: Request) -> StreamScanner:
    """Never asked for: there are no streams of embeddings."""
    return StreamScanner()
