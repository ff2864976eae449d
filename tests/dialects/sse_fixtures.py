"""Streams as upstreams send them, built from payloads that the official SDKs' types accept."""

from __future__ import annotations

import json
from typing import Any

CHUNK: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1_772_359_200,
    "model": "up-1",
}
CHAT_USAGE: dict[str, Any] = {
    "prompt_tokens": 100,
    "completion_tokens": 7,
    "total_tokens": 107,
    "prompt_tokens_details": {"cached_tokens": 60},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
MESSAGES_USAGE: dict[str, Any] = {
    "input_tokens": 11,
    "output_tokens": 1,
    "cache_read_input_tokens": 900,
    "cache_creation_input_tokens": 50,
    "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30},
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
}


def delta(**fields: Any) -> dict[str, Any]:
    """A chat chunk with one choice."""
    return CHUNK | {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


def usage_chunk() -> dict[str, Any]:
    return CHUNK | {"choices": [], "usage": CHAT_USAGE}


def chat_payloads(*texts: str) -> list[dict[str, Any]]:
    finish = CHUNK | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    words = [delta(content=text) for text in texts]
    return [delta(role="assistant", content=""), *words, finish]


def data_event(payload: dict[str, Any] | str, *, newline: str = "\n", compact: bool = True) -> bytes:
    separators = (",", ":") if compact else (", ", ": ")
    text = payload if isinstance(payload, str) else json.dumps(payload, separators=separators)
    return f"data: {text}{newline}{newline}".encode()


def chat_stream(*texts: str, usage: bool = True, newline: str = "\n") -> bytes:
    payloads = chat_payloads(*texts) + ([usage_chunk()] if usage else [])
    events = [data_event(payload, newline=newline) for payload in payloads]
    return b"".join([*events, data_event("[DONE]", newline=newline)])


def messages_payloads(*texts: str) -> list[dict[str, Any]]:
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "up-1",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": MESSAGES_USAGE,
    }
    block = {"type": "text", "text": ""}
    deltas = [{"type": "text_delta", "text": text} for text in texts]
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *({"type": "content_block_delta", "index": 0, "delta": piece} for piece in deltas),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 40},
        },
        {"type": "message_stop"},
    ]


def messages_event(payload: dict[str, Any], *, newline: str = "\n") -> bytes:
    text = json.dumps(payload, separators=(",", ":"))
    return f"event: {payload['type']}{newline}data: {text}{newline}{newline}".encode()


def messages_stream(*texts: str, newline: str = "\n") -> bytes:
    payloads = messages_payloads(*texts)
    return b"".join(messages_event(payload, newline=newline) for payload in payloads)


RESPONSES_USAGE: dict[str, Any] = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 0},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 107,
}
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_772_359_200,
    "status": "in_progress",
    "model": "up-1",
    "output": [],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "error": None,
    "usage": None,
}


def responses_payloads(*texts: str, usage: dict[str, Any] | None = RESPONSES_USAGE) -> list[dict[str, Any]]:
    text = "".join(texts)
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    part = {"type": "output_text", "text": "", "annotations": []}
    whole = {**message, "status": "completed", "content": [{**part, "text": text}]}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    kind = "response.output_text"
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": RESPONSE},
        {"type": "response.in_progress", "response": RESPONSE},
        {"type": "response.output_item.added", "output_index": 0, "item": message},
        {"type": "response.content_part.added", **place, "part": part},
        *({"type": f"{kind}.delta", **place, "delta": piece, "logprobs": []} for piece in texts),
        {"type": f"{kind}.done", **place, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": {**part, "text": text}},
        {"type": "response.output_item.done", "output_index": 0, "item": whole},
        {
            "type": "response.completed",
            "response": {**RESPONSE, "status": "completed", "output": [whole], "usage": usage},
        },
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def responses_stream(*texts: str, newline: str = "\n", usage: dict[str, Any] | None = RESPONSES_USAGE) -> bytes:
    payloads = responses_payloads(*texts, usage=usage)
    return b"".join(messages_event(payload, newline=newline) for payload in payloads)
