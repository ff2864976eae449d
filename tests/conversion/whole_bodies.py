"""A request, a reply and a stream of each dialect with something of everything, and the same with one thing wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

_PNG: Final = "data:image/png;base64,aGk="
_PDF: Final = "data:application/pdf;base64,aGk="
_GRAMMAR: Final = {"type": "grammar", "syntax": "lark", "definition": "x"}
_OBJECT: Final = {"type": "object"}

_CHAT: Final[dict[str, Any]] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "s"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": _PNG, "detail": "low"}},
                {"type": "file", "file": {"file_data": _PDF, "filename": "a.pdf"}},
            ],
        },
        {
            "role": "assistant",
            "content": "a",
            "reasoning_details": [{"type": "reasoning.text", "text": "t", "signature": "s"}],
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "zz"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "out"},
        {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "out"}]},
    ],
    "tools": [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": _OBJECT, "strict": True}},
        {"type": "custom", "custom": {"name": "g", "format": {"type": "grammar", "grammar": _GRAMMAR}}},
    ],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "max_tokens": 9_000,
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": _OBJECT, "strict": True}},
    "reasoning_effort": "low",
    "stream": True,
    "stream_options": {"include_usage": True},
    "user": "u",
    "prompt_cache_key": "k",
}
_MESSAGES: Final[dict[str, Any]] = {
    "model": "m",
    "max_tokens": 9_000,
    "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "h", "signature": "s"},
                {"type": "redacted_thinking", "data": "d"},
                {"type": "text", "text": "a"},
                {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "o"}]},
                {"type": "text", "text": "go"},
            ],
        },
    ],
    "tools": [{"name": "f", "description": "d", "input_schema": _OBJECT, "cache_control": {"type": "ephemeral"}}],
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 2_000, "display": "omitted"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": _OBJECT}},
    "metadata": {"user_id": "u"},
    "stream": True,
}
_RESPONSES: Final[dict[str, Any]] = {
    "model": "m",
    "instructions": "i",
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_image", "image_url": _PNG, "detail": "auto"},
                {"type": "input_file", "filename": "f", "file_data": _PDF},
            ],
        },
        {"type": "reasoning", "id": "rs_1", "summary": [{"text": "t"}], "content": [], "encrypted_content": "e"},
        {"type": "function_call", "call_id": "c1", "name": "f", "namespace": "ns", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "g", "input": "zz"},
        {"type": "function_call_output", "call_id": "c1", "output": "o"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "o"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
    ],
    "tools": [
        {"type": "function", "name": "f", "parameters": _OBJECT, "strict": True},
        {"type": "custom", "name": "g", "format": _GRAMMAR},
        {"type": "namespace", "name": "ns", "tools": [{"type": "function", "name": "f"}]},
    ],
    "tool_choice": {"type": "function", "name": "f"},
    "text": {"format": {"type": "json_schema", "name": "n", "schema": _OBJECT, "strict": True}},
    "reasoning": {"effort": "low", "summary": "auto"},
    "stream": True,
    "user": "u",
}
_GOOGLE: Final[dict[str, Any]] = {
    "model": "m",
    "stream": True,
    "systemInstruction": {"parts": [{"text": "s"}]},
    "contents": [
        {"role": "user", "parts": [{"text": "x"}, {"inlineData": {"mimeType": "image/png", "data": "aGk="}}]},
        {
            "role": "model",
            "parts": [
                {"text": "th", "thought": True, "thoughtSignature": "zz"},
                {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "zz"},
            ],
        },
        {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": "f", "response": {"output": "o"}}}]},
    ],
    "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT", "properties": {}}}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {
        "stopSequences": ["a"],
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT"},
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 400},
    },
}
REQUESTS: Final = {
    "openai_chat": _CHAT,
    "anthropic_messages": _MESSAGES,
    "openai_responses": _RESPONSES,
    "google_generate": _GOOGLE,
}

_CALL: Final = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
_OUTPUT: Final[list[dict[str, Any]]] = [
    {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "x"}], "encrypted_content": "e"},
    {"type": "message", "content": [{"type": "output_text", "text": "x"}]},
    {"type": "function_call", "call_id": "c", "name": "f", "namespace": "n", "arguments": "{}"},
]
_PARTS: Final = [{"text": "t", "thought": True, "thoughtSignature": "s"}, {"functionCall": {"name": "f", "args": {}}}]
REPLIES: Final[dict[str, dict[str, Any]]] = {
    "openai_chat": {
        "id": "r",
        "choices": [
            {
                "index": 0,
                "message": {"content": "hi", "reasoning_content": "r", "refusal": None, "tool_calls": [_CALL]},
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}},
    },
    "anthropic_messages": {
        "id": "m",
        "content": [
            {"type": "thinking", "thinking": "t", "signature": "s"},
            {"type": "text", "text": "x"},
            {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_creation": {"ephemeral_1h_input_tokens": 1}},
    },
    "openai_responses": {
        "id": "resp_1",
        "status": "completed",
        "output": _OUTPUT,
        "incomplete_details": None,
        "usage": {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 1}, "output_tokens": 2},
    },
    "google_generate": {
        "candidates": [{"content": {"role": "model", "parts": _PARTS}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 3, "thoughtsTokenCount": 1},
    },
}


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """One chunk of Chat."""
    return {"id": "r", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


_ITEM: Final = {"output_index": 1, "item_id": "fc"}
STREAMS: Final[dict[str, list[dict[str, Any] | None]]] = {
    "openai_chat": [
        chunk({"role": "assistant", "content": "hi"}),
        chunk({"tool_calls": [{"index": 0, **_CALL}]}),
        chunk({}, "tool_calls"),
        {"id": "r", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
        None,
    ],
    "anthropic_messages": [
        {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "t"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "t", "name": "f"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ],
    "openai_responses": [
        {"type": "response.created", "response": {"id": "resp_1"}},
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "content": []}},
        {"type": "response.content_part.added", "output_index": 0, "content_index": 0, "part": {"text": ""}},
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "x"},
        {"type": "response.content_part.done", "output_index": 0, "content_index": 0, "part": {"text": "x"}},
        {"type": "response.output_item.done", "output_index": 0, "item": _OUTPUT[1]},
        {"type": "response.output_item.added", "output_index": 1, "item": {**_OUTPUT[2], "arguments": ""}},
        {"type": "response.function_call_arguments.delta", **_ITEM, "delta": "{}"},
        {"type": "response.output_item.done", "output_index": 1, "item": _OUTPUT[2]},
        {"type": "response.completed", "response": REPLIES["openai_responses"]},
    ],
    "google_generate": [
        {"candidates": [{"content": {"role": "model", "parts": _PARTS}}], "responseId": "r"},
        {"candidates": [{"content": {"parts": []}, "finishReason": "STOP"}], "usageMetadata": {}},
    ],
}

WRONG: Final[tuple[Any, ...]] = (None, True, -5, 10**30, "x", ["x"], {}, {"a": 1}, [[]])


def damaged(whole: Any) -> Iterator[Any]:
    """``whole`` with one thing in it, at any depth, in another shape or gone."""
    for path in _paths(whole, ()):
        for wrong in WRONG:
            yield _put(whole, path, wrong)


def _paths(at: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    inside = at.items() if isinstance(at, dict) else enumerate(at) if isinstance(at, list) else ()
    for name, value in inside:
        yield (*path, name)
        yield from _paths(value, (*path, name))


def _put(whole: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    copy = json.loads(json.dumps(whole))
    at = copy
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = wrong
    return copy


def stream_of(records: list[Any]) -> bytes:
    """``records`` as an upstream sends them; None is the closing `[DONE]`."""
    return b"".join(
        b"data: %b\n\n" % (b"[DONE]" if record is None else json.dumps(record).encode()) for record in records
    )
