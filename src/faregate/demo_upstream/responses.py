"""OpenAI Responses, as the upstream speaks it, and the shortening of a history.

Owns reading ``POST /v1/responses`` and ``/v1/responses/compact`` and writing their JSON, events and errors. Answers
that it keeps, for a later request to go on from, live in its own bounded memory. Does not decide answers, usage or
faults.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import msgspec

from faregate.demo_upstream.chat import UPSTREAM_HEADERS, openai_error
from faregate.demo_upstream.exchange import BadRequest, Reply, Request, TokenUse, model_name
from faregate.demo_upstream.faults import split_model
from faregate.demo_upstream.prefix_cache import InputTokens, PrefixCache
from faregate.demo_upstream.prompt_blocks import PromptBlock, prompt_blocks
from faregate.demo_upstream.responses_input import (
    COMPACTION_TOKENS,
    asks_to_compact,
    input_items,
    messages_of,
    tools_of,
    wishes_of,
)
from faregate.demo_upstream.responses_output import Item, compaction_item, output_items

_KEPT_ANSWERS = 10_000
_ECHOED = (
    "instructions",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "truncation",
    "user",
)
_DEFAULTS: dict[str, Any] = {
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
    "reasoning": {"effort": None, "summary": None},
}
_encode = msgspec.json.encode


class ResponsesDialect:
    """See ``exchange.Dialect``."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()

    def read(self, body: dict[str, Any]) -> Request:
        model, faults = split_model(model_name(body))
        items = [*self._before(body), *input_items(body)]
        if not items:
            raise BadRequest("input: a text or a list of items is required", "input")
        schemas, forms = tools_of(body)
        wishes = wishes_of(body, schemas)
        compacts = asks_to_compact(items)
        messages = messages_of(items)
        return Request(
            model=model,
            model_faults=faults,
            stream=body.get("stream") is True,
            messages=messages,
            blocks=prompt_blocks(body.get("tools"), body.get("instructions"), messages),
            wishes=wishes._replace(fixed_output_tokens=COMPACTION_TOKENS) if compacts else wishes,
            body={**body, "input": items},
            forms=forms,
            compacts=compacts,
        )

    def count(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of ``input_tokens``. Raises BadRequest."""
        items = [*self._before(body), *input_items(body)]
        blocks = prompt_blocks(body.get("tools"), body.get("instructions"), messages_of(items))
        return {"object": "response.input_tokens", "input_tokens": _total(blocks)}

    def input_tokens(self, cache: PrefixCache, scope: str, request: Request, now: int) -> InputTokens:
        return cache.automatic(scope, request.blocks, now)

    def whole(self, reply: Reply) -> dict[str, Any]:
        items = list(output_items(reply))
        self._keep(reply, items)
        return self._ended(reply, items)

    def events(self, reply: Reply) -> Iterator[bytes]:
        items = list(output_items(reply))
        begun = _response(reply, "in_progress")
        written = _Events()
        yield written.event("response.created", response=begun)
        yield written.event("response.in_progress", response=begun)
        for index, item in enumerate(items):
            yield written.event("response.output_item.added", output_index=index, item=item.begun)
            for kind, fields in item.steps:
                place = {"item_id": item.whole["id"], "output_index": index}
                yield written.event(kind, **place, **fields)
            yield written.event("response.output_item.done", output_index=index, item=item.whole)
        self._keep(reply, items)
        ended = self._ended(reply, items)
        yield written.event(f"response.{ended['status']}", response=ended)

    def error(self, status: int, message: str, param: str | None = None) -> dict[str, Any]:
        return openai_error(status, message, param)

    def error_event(self) -> bytes:
        text = "The demo upstream was told to fail in mid-stream."
        payload = {"type": "error", "code": "server_error", "message": text, "param": None, "sequence_number": 0}
        return b"event: error\ndata: " + _encode(payload) + b"\n\n"

    def id_headers(self, request_id: str) -> list[tuple[bytes, bytes]]:
        return [(b"x-request-id", f"req_{request_id}".encode()), *UPSTREAM_HEADERS]

    def _before(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The items of the answer that a request goes on from. Raises BadRequest."""
        previous = body.get("previous_response_id")
        if previous is None:
            return []
        if previous not in self._kept:
            raise BadRequest(f"Previous response with id '{previous}' not found.", "previous_response_id")
        return self._kept[previous]

    def _keep(self, reply: Reply, items: list[Item]) -> None:
        body = reply.request.body
        if body.get("store", True) is not False:
            self._kept[f"resp_{reply.id}"] = [*body["input"], *(item.whole for item in items)]
            if len(self._kept) > _KEPT_ANSWERS:
                self._kept.popitem(last=False)

    def _ended(self, reply: Reply, items: list[Item]) -> dict[str, Any]:
        cut_short = reply.answer.stop == "length"
        ended = _response(reply, "incomplete" if cut_short else "completed")
        ended["output"] = [item.whole for item in items]
        ended["incomplete_details"] = {"reason": "max_output_tokens"} if cut_short else None
        ended["usage"] = None if reply.use is None else _usage(reply.use)
        return ended


class CompactionDialect(ResponsesDialect):
    """The shortening of a history to one item that stands for it."""

    def read(self, body: dict[str, Any]) -> Request:
        request = super().read(body)
        wishes = request.wishes._replace(fixed_output_tokens=COMPACTION_TOKENS)
        return request._replace(stream=False, wishes=wishes, compacts=True)

    def whole(self, reply: Reply) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": f"resp_{reply.id}",
            "object": "response.compaction",
            "created_at": reply.created,
            "output": [compaction_item(reply)],
        }
        return body if reply.use is None else {**body, "usage": _usage(reply.use)}


class _Events:
    """Numbers the events of one stream."""

    def __init__(self) -> None:
        self._next = 0

    def event(self, kind: str, **fields: Any) -> bytes:
        payload = {"type": kind, "sequence_number": self._next, **fields}
        self._next += 1
        return b"event: " + kind.encode() + b"\ndata: " + _encode(payload) + b"\n\n"


def _response(reply: Reply, status: str) -> dict[str, Any]:
    body = reply.request.body
    echoed = {name: body.get(name) for name in _ECHOED if body.get(name) is not None}
    return {
        "id": f"resp_{reply.id}",
        "object": "response",
        "created_at": reply.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": reply.request.model,
        "output": [],
        **_DEFAULTS,
        **echoed,
        "usage": None,
    }


def _usage(use: TokenUse) -> dict[str, Any]:
    return {
        "input_tokens": use.total_input,
        "input_tokens_details": {
            "cached_tokens": use.cached,
            "cache_write_tokens": use.cache_write_5m + use.cache_write_1h,
        },
        "output_tokens": use.output,
        "output_tokens_details": {"reasoning_tokens": use.reasoning},
        "total_tokens": use.total_input + use.output,
    }


def _total(blocks: list[PromptBlock]) -> int:
    return sum(block.tokens for block in blocks)
