"""OpenAI Chat Completions, as the upstream speaks it.

Owns reading ``POST /v1/chat/completions`` and writing its JSON, its chunks and its errors. Does
not decide answers, usage or faults.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from faregate.demo_upstream.answer import ANY_TOOL, Wishes, json_pieces, pieces
from faregate.demo_upstream.exchange import (
    BadRequest,
    Reply,
    Request,
    TokenUse,
    listed,
    model_name,
    objects,
    positive,
)
from faregate.demo_upstream.faults import split_model
from faregate.demo_upstream.prefix_cache import InputTokens, PrefixCache
from faregate.demo_upstream.prompt_blocks import prompt_blocks

# Hidden reasoning by effort, in tokens; an effort that is not here counts as "medium".
_REASONING_TOKENS = {
    "none": 0,
    "minimal": 16,
    "low": 64,
    "medium": 256,
    "high": 1024,
    "xhigh": 2048,
}
_FINISH = {"end": "stop", "sequence": "stop", "tool": "tool_calls", "length": "length"}
_MOST_CHOICES = 8
_encode = msgspec.json.encode


class ChatDialect:
    """See ``exchange.Dialect``."""

    def read(self, body: dict[str, Any]) -> Request:
        model, faults = split_model(model_name(body))
        messages = objects(body, "messages")
        options = body.get("stream_options")
        return Request(
            model=model,
            model_faults=faults,
            stream=body.get("stream") is True,
            messages=messages,
            blocks=prompt_blocks(body.get("tools"), None, messages),
            wishes=_wishes(body),
            include_usage=isinstance(options, dict) and options.get("include_usage") is True,
            choices=min(positive(body, "n") or 1, _MOST_CHOICES),
        )

    def input_tokens(self, cache: PrefixCache, scope: str, request: Request, now: int) -> InputTokens:
        return cache.automatic(scope, request.blocks, now)

    def whole(self, reply: Reply) -> dict[str, Any]:
        body = _envelope(reply, "chat.completion")
        body["choices"] = [_choice(reply, index) for index in range(reply.request.choices)]
        if reply.use is not None:
            body["usage"] = _usage(reply.use)
        return body

    def events(self, reply: Reply) -> Iterator[bytes]:
        envelope = _envelope(reply, "chat.completion.chunk")
        reports = reply.request.include_usage and reply.use is not None
        if reports:
            envelope["usage"] = None
        for index in range(reply.request.choices):
            for delta, finish in _deltas(reply, index):
                choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
                yield _event({**envelope, "choices": [choice]})
        if reports and reply.use is not None:
            yield _event({**envelope, "choices": [], "usage": _usage(reply.use)})
        yield b"data: [DONE]\n\n"

    def error(self, status: int, message: str, param: str | None = None) -> dict[str, Any]:
        return openai_error(status, message, param)

    def error_event(self) -> bytes:
        return _event(self.error(500, "The demo upstream was told to fail in mid-stream."))

    def id_headers(self, request_id: str) -> list[tuple[bytes, bytes]]:
        return [(b"x-request-id", f"req_{request_id}".encode()), *UPSTREAM_HEADERS]


# What an upstream tells its own customer, who is the gate: it must not reach the gate's clients.
UPSTREAM_HEADERS = (
    (b"openai-version", b"2020-10-01"),
    (b"openai-organization", b"demo-upstream"),
    (b"x-ratelimit-limit-requests", b"10000"),
    (b"x-ratelimit-remaining-requests", b"9999"),
)
_INVALID = "invalid_request_error"
_ERRORS: dict[int, tuple[str, str | None]] = {
    401: (_INVALID, "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    404: (_INVALID, "model_not_found"),
    429: ("rate_limit_exceeded", "rate_limit_exceeded"),
}


def openai_error(status: int, message: str, param: str | None = None) -> dict[str, Any]:
    """An error in the form of OpenAI's family."""
    kind, code = _ERRORS.get(status, ("server_error" if status >= 500 else _INVALID, None))
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _wishes(body: dict[str, Any]) -> Wishes:
    tools = {}
    for tool in listed(body, "tools"):
        function = tool.get("function") if isinstance(tool, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            tools[function["name"]] = function.get("parameters")
    choice = body.get("tool_choice")
    demanded = ANY_TOOL if choice == "required" else None
    if isinstance(choice, dict) and isinstance(choice.get("function"), dict):
        demanded = str(choice["function"].get("name", ""))
    stop = body.get("stop")
    longest = positive(body, "max_completion_tokens") or positive(body, "max_tokens")
    return Wishes(
        tools={} if choice == "none" else tools,
        demanded_tool=demanded,
        answer_schema=_answer_schema(body.get("response_format")),
        longest_tokens=longest,
        stops=(stop,) if isinstance(stop, str) else tuple(map(str, listed(body, "stop"))),
        reasoning_tokens=reasoning_tokens(body.get("reasoning_effort")),
    )


def reasoning_tokens(effort: Any) -> int:
    """Hidden reasoning to count. Raises BadRequest."""
    if effort is None:
        return 0
    if not isinstance(effort, str):
        raise BadRequest("reasoning_effort: a word is required", "reasoning_effort")
    return _REASONING_TOKENS.get(effort, _REASONING_TOKENS["medium"])


def _answer_schema(response_format: Any) -> Any:
    if not isinstance(response_format, dict):
        return None
    if response_format.get("type") == "json_object":
        return {"properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    wrapped = response_format.get("json_schema")
    return wrapped.get("schema") if isinstance(wrapped, dict) else None


def _envelope(reply: Reply, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": kind,
        "created": reply.created,
        "model": reply.request.model,
        "service_tier": "default",
        "system_fingerprint": "fp_demo",
    }


def _choice(reply: Reply, index: int) -> dict[str, Any]:
    answer = reply.answer
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text if not answer.calls else None,
        "refusal": None,
        "annotations": [],
    }
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": _call_id(reply, index, number),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments_json},
            }
            for number, call in enumerate(answer.calls)
        ]
    finish = _FINISH[answer.stop]
    return {"index": index, "message": message, "logprobs": None, "finish_reason": finish}


def _deltas(reply: Reply, index: int) -> Iterator[tuple[dict[str, Any], str | None]]:
    answer = reply.answer
    first = {"role": "assistant", "content": None if answer.calls else "", "refusal": None}
    yield first, None
    for piece in pieces(answer.text, answer.one_piece):
        yield {"content": piece}, None
    for number, call in enumerate(answer.calls):
        head = {
            "index": number,
            "id": _call_id(reply, index, number),
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield {"tool_calls": [head]}, None
        for piece in json_pieces(call.arguments_json):
            yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}, None
    yield {}, _FINISH[answer.stop]


def _call_id(reply: Reply, choice: int, number: int) -> str:
    return f"call_{reply.id}{choice}{number:02d}"


def _usage(use: TokenUse) -> dict[str, Any]:
    prompt: dict[str, int] = {"cached_tokens": use.cached, "audio_tokens": 0}
    written = use.cache_write_5m + use.cache_write_1h
    if written:
        prompt["cache_write_tokens"] = written
    return {
        "prompt_tokens": use.total_input,
        "completion_tokens": use.output,
        "total_tokens": use.total_input + use.output,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {
            "reasoning_tokens": use.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + _encode(value) + b"\n\n"
