"""Anthropic Messages, as the upstream speaks it.

Owns reading ``POST /v1/messages`` and ``count_tokens``, and writing their JSON, events and
errors. Does not decide answers, usage or faults.
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
from faregate.demo_upstream.prompt_blocks import (
    PromptBlock,
    mark_last,
    marked_seconds,
    prompt_blocks,
)

_STOP = {"end": "end_turn", "sequence": "stop_sequence", "tool": "tool_use", "length": "max_tokens"}
_SIGNATURE = "ZGVtbyB1cHN0cmVhbTogbm90aGluZyBpcyBzaWduZWQ="
_THINKS = ("enabled", "adaptive")
_encode = msgspec.json.encode


class MessagesDialect:
    """See ``exchange.Dialect``."""

    def read(self, body: dict[str, Any]) -> Request:
        model, faults = split_model(model_name(body))
        messages = objects(body, "messages")
        if positive(body, "max_tokens") is None:
            raise BadRequest("max_tokens: field required", "max_tokens")
        thinking = body.get("thinking")
        shows = not (isinstance(thinking, dict) and thinking.get("display") == "omitted")
        return Request(
            model=model,
            model_faults=faults,
            stream=body.get("stream") is True,
            messages=messages,
            blocks=_blocks(body, messages),
            wishes=_wishes(body),
            show_thinking=shows,
        )

    def count(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of ``count_tokens``. Raises BadRequest."""
        model_name(body)
        messages = objects(body, "messages")
        return {"input_tokens": sum(block.tokens for block in _blocks(body, messages))}

    def input_tokens(self, cache: PrefixCache, scope: str, request: Request, now: int) -> InputTokens:
        return cache.marked(scope, request.blocks, now)

    def whole(self, reply: Reply) -> dict[str, Any]:
        message = _message(reply)
        message["content"] = [block for block, _ in _content(reply)]
        message["stop_reason"] = _STOP[reply.answer.stop]
        message["stop_sequence"] = reply.answer.stop_sequence
        if reply.use is not None:
            message["usage"] = _usage(reply.use, reply.use.output)
        return message

    def events(self, reply: Reply) -> Iterator[bytes]:
        message = {**_message(reply), "stop_reason": None, "stop_sequence": None, "content": []}
        if reply.use is not None:
            message["usage"] = _usage(reply.use, min(1, reply.use.output))
        yield _event("message_start", {"message": message})
        for index, (block, deltas) in enumerate(_content(reply)):
            yield _event("content_block_start", {"index": index, "content_block": _emptied(block)})
            if index == 0:
                yield _event("ping", {})
            for delta in deltas:
                yield _event("content_block_delta", {"index": index, "delta": delta})
            yield _event("content_block_stop", {"index": index})
        yield _event("message_delta", _ending(reply))
        yield _event("message_stop", {})

    def error(self, status: int, message: str, param: str | None = None) -> dict[str, Any]:
        kind = _ERRORS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}}

    def error_event(self) -> bytes:
        return _event("error", self.error(529, "The demo upstream was told to fail in mid-stream."))

    def id_headers(self, request_id: str) -> list[tuple[bytes, bytes]]:
        return [(b"request-id", f"req_{request_id}".encode()), *_UPSTREAM_HEADERS]


# What an upstream tells its own customer, who is the gate: it must not reach the gate's clients.
_UPSTREAM_HEADERS = (
    (b"anthropic-organization-id", b"demo-upstream"),
    (b"anthropic-ratelimit-requests-limit", b"4000"),
    (b"anthropic-ratelimit-requests-remaining", b"3999"),
)
_ERRORS = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def _blocks(body: dict[str, Any], messages: list[dict[str, Any]]) -> list[PromptBlock]:
    blocks = prompt_blocks(body.get("tools"), body.get("system"), messages)
    seconds = marked_seconds(body)
    if seconds is not None:
        mark_last(blocks, seconds)
    return blocks


def _wishes(body: dict[str, Any]) -> Wishes:
    # A tool with a ``type`` of its own (web search and the like) runs at the upstream.
    tools = {
        str(tool["name"]): tool.get("input_schema")
        for tool in listed(body, "tools")
        if isinstance(tool, dict) and "name" in tool and tool.get("type", "custom") == "custom"
    }
    choice = body.get("tool_choice")
    kind = choice.get("type") if isinstance(choice, dict) else None
    demanded = ANY_TOOL if kind == "any" else None
    if kind == "tool" and isinstance(choice, dict):
        demanded = str(choice.get("name", ""))
    thinking = body.get("thinking")
    output = body.get("output_config")
    answer_format = output.get("format") if isinstance(output, dict) else None
    return Wishes(
        tools={} if kind == "none" else tools,
        demanded_tool=demanded,
        answer_schema=answer_format.get("schema") if isinstance(answer_format, dict) else None,
        longest_tokens=positive(body, "max_tokens"),
        stops=tuple(str(stop) for stop in listed(body, "stop_sequences")),
        thinking=isinstance(thinking, dict) and thinking.get("type") in _THINKS,
    )


def _message(reply: Reply) -> dict[str, Any]:
    return {
        "id": f"msg_{reply.id}",
        "type": "message",
        "role": "assistant",
        "model": reply.request.model,
    }


def _content(reply: Reply) -> Iterator[tuple[dict[str, Any], Iterator[dict[str, Any]]]]:
    """Each content block, whole, with the deltas that build it."""
    answer = reply.answer
    if answer.thinking:
        shown = answer.thinking if reply.request.show_thinking else ""
        block: dict[str, Any] = {"type": "thinking", "thinking": shown, "signature": _SIGNATURE}
        yield block, _thinking_deltas(shown)
    if answer.text:
        deltas = ({"type": "text_delta", "text": piece} for piece in pieces(answer.text, answer.one_piece))
        yield {"type": "text", "text": answer.text}, deltas
    for number, call in enumerate(answer.calls):
        block = {
            "type": "tool_use",
            "id": f"toolu_{reply.id}{number:02d}",
            "name": call.name,
            "input": call.arguments,
        }
        yield block, _json_deltas(call.arguments_json)


def _thinking_deltas(text: str) -> Iterator[dict[str, Any]]:
    for piece in pieces(text, one_piece=False):
        yield {"type": "thinking_delta", "thinking": piece}
    yield {"type": "signature_delta", "signature": _SIGNATURE}


def _json_deltas(text: str) -> Iterator[dict[str, Any]]:
    yield {"type": "input_json_delta", "partial_json": ""}
    for piece in json_pieces(text):
        yield {"type": "input_json_delta", "partial_json": piece}


def _emptied(block: dict[str, Any]) -> dict[str, Any]:
    """A block as ``content_block_start`` shows it: before any delta."""
    empty: dict[str, Any] = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {key: empty.get(key, value) if key != "type" else value for key, value in block.items()}


def _ending(reply: Reply) -> dict[str, Any]:
    answer = reply.answer
    delta = {"stop_reason": _STOP[answer.stop], "stop_sequence": answer.stop_sequence}
    if reply.use is None:
        return {"delta": delta}
    usage = {
        "input_tokens": reply.use.input,
        "cache_creation_input_tokens": reply.use.cache_write_5m + reply.use.cache_write_1h,
        "cache_read_input_tokens": reply.use.cached,
        "output_tokens": reply.use.output,
        "output_tokens_details": {"thinking_tokens": reply.use.reasoning},
    }
    return {"delta": delta, "usage": usage}


def _usage(use: TokenUse, output: int) -> dict[str, Any]:
    return {
        "input_tokens": use.input,
        "cache_creation_input_tokens": use.cache_write_5m + use.cache_write_1h,
        "cache_read_input_tokens": use.cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": use.cache_write_5m,
            "ephemeral_1h_input_tokens": use.cache_write_1h,
        },
        "output_tokens": output,
        "output_tokens_details": {"thinking_tokens": min(use.reasoning, output)},
        "service_tier": "standard",
    }


def _event(name: str, fields: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + _encode({"type": name, **fields}) + b"\n\n"
