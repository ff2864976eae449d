"""What upstreams answer in OpenAI's Responses, embeddings and images, for the gate's tests."""

from __future__ import annotations

from typing import Any

from tests.gate.answers import PIECES, event

RESPONSES = "/v1/responses"
COMPACT = "/v1/responses/compact"
EMBEDDINGS = "/v1/embeddings"
IMAGES = "/v1/images/generations"
RESPONSES_BODY: dict[str, Any] = {
    "model": "codex",
    "input": [{"role": "user", "content": "hi"}],
    "max_output_tokens": 5000,
}

USAGE = {
    "input_tokens": 10,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 17,
}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "hello there", "annotations": []}],
}
REPLY: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_800_000_000,
    "status": "completed",
    "model": "codex-upstream",
    "output": [MESSAGE],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "error": None,
    "usage": USAGE,
}
_BEGUN = {**REPLY, "status": "in_progress", "output": [], "usage": None}


def numbered(number: int, kind: str, **fields: Any) -> bytes:
    return event(kind, sequence_number=number, **fields)


def delta(number: int, text: str) -> bytes:
    """A piece of text, padded as OpenAI pads it."""
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    return numbered(number, "response.output_text.delta", **place, delta=text, obfuscation="x" * 16)


START = [
    numbered(0, "response.created", response=_BEGUN),
    numbered(1, "response.in_progress", response=_BEGUN),
    numbered(
        2, "response.output_item.added", output_index=0, item={**MESSAGE, "status": "in_progress", "content": []}
    ),
]
TEXT = [delta(3 + index, piece) for index, piece in enumerate(PIECES)]
ITEM_DONE = numbered(6, "response.output_item.done", output_index=0, item=MESSAGE)


def ended(status: str = "completed", **fields: Any) -> bytes:
    return numbered(7, f"response.{status}", response={**REPLY, "status": status, **fields})


STREAM = [*START, *TEXT, ITEM_DONE, ended()]

EMBEDDED = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
    "model": "embed-upstream",
    "usage": {"prompt_tokens": 8, "total_tokens": 8},
}
DRAWN = {"created": 1_800_000_000, "data": [{"b64_json": "aGk="}, {"b64_json": "aGk="}]}
IMAGE_USAGE = {
    "input_tokens": 20,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 20},
    "output_tokens": 2112,
    "total_tokens": 2132,
}
