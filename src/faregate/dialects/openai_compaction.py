"""`/responses/compact`: a conversation made shorter by the upstream, as Codex asks for it.

Owns its path; all else is as in OpenAI Responses. It is JSON only, and never a person's prompt.
"""

from __future__ import annotations

from typing import Final

from faregate.dialects import openai_responses
from faregate.dialects.body import Request
from faregate.dialects.no_conversation import NoConversation

name: Final = openai_responses.name
paths: Final = ("/v1/responses/compact", "/responses/compact")
upstream_path: Final = "/responses/compact"
request_id_header: Final = openai_responses.request_id_header
answer_fields: Final = openai_responses.answer_fields

error = openai_responses.error
error_event = openai_responses.error_event
refusal = openai_responses.refusal
quota_headers = openai_responses.quota_headers
models_list = openai_responses.models_list
model_entry = openai_responses.model_entry
usage_of_reply = openai_responses.usage_of_reply
output_bytes_of_reply = openai_responses.output_bytes_of_reply
read = openai_responses.read
upstream_body = openai_responses.upstream_body
scanner = openai_responses.scanner


def conversation(request: Request) -> NoConversation:
    """Nobody speaks: the client asks by itself."""
    return NoConversation(request)
