"""Usage in the form of OpenAI's Responses: `input_tokens` holds all input, cached or not; `output_tokens` all output,
reasoning inside.

Calls of tools that run at the upstream (web search, code …) are counted from the items of the output: the usage does
not tell them. Pictures made by a tool count as images.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from faregate.core.usage import Usage
from faregate.dialects import openai_usage
from faregate.dialects.body import UNREADABLE
from faregate.dialects.reported import Reported, count, record

_CALLS = frozenset(("web_search_call", "file_search_call", "code_interpreter_call", "mcp_call"))
_PICTURES = frozenset(("image_generation_call",))
_TOTALS = ("input_tokens", "output_tokens", "total_tokens")
_WRITES = ("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")


class Response(msgspec.Struct, gc=False):
    """A response, whole or inside an event. ``output`` is left undecoded."""

    id: Any = ""
    model: Any = ""
    usage: Any = None
    output: Raw = Raw(b"")
    error: Any = None
    created_at: Any = 0
    store: Any = None


class _Item(msgspec.Struct, gc=False):
    type: Any = ""


_RESPONSE: msgspec.json.Decoder[Response] = msgspec.json.Decoder(Response)
_ITEM: msgspec.json.Decoder[_Item] = msgspec.json.Decoder(_Item)
_ITEMS: msgspec.json.Decoder[list[_Item]] = msgspec.json.Decoder(list[_Item])
_NOTHING = Response()


def response_of(body: bytes | Raw) -> Response:
    """The parts of a response that count; an empty one when the bytes are no JSON object."""
    try:
        return _RESPONSE.decode(body)
    except (*UNREADABLE, RecursionError):
        return _NOTHING


def usage_of_reply(body: bytes) -> Reported | None:
    """Usage in a JSON reply; None when not reported or the body is no JSON object."""
    response = response_of(body)
    return reported(response, *calls_of_output(response.output))


def output_bytes_of_reply(body: bytes) -> int:
    """Bytes of the `output` as it stands: text and tool calls with little around them."""
    response = response_of(body)
    return len(body) if response is _NOTHING else len(response.output)


def reported(response: Response, calls: int = 0, pictures: int = 0) -> Reported | None:
    """What a response reports; None when it reports nothing."""
    usage = response.usage
    model = response.model if isinstance(response.model, str) else ""
    kept = response.id if isinstance(response.id, str) and response.store is not False else ""
    if not isinstance(usage, dict):
        return None
    if not any(type(usage.get(name)) in (int, float) for name in _TOTALS):
        # Some compatible upstreams keep the names of Chat Completions.
        chat = openai_usage.reported(usage, model)
        return None if chat is None else Reported(chat.usage._replace(tool_calls=calls, images=pictures), model, kept)
    details = record(usage.get("input_tokens_details"))
    output = _output(usage)
    total = count(usage.get("input_tokens"))
    if "input_tokens" not in usage:
        total = max(count(usage.get("total_tokens")) - output, 0)
    cached = min(count(details.get("cached_tokens")), total)
    written = min(next((found for name in _WRITES if (found := count(details.get(name)))), 0), total - cached)
    return Reported(Usage(total - cached - written, cached, written, 0, output, pictures, calls), model, kept)


def calls_of_output(output: Raw) -> tuple[int, int]:
    """(calls of tools at the upstream, pictures) among the items of an output."""
    try:
        items = _ITEMS.decode(output)
    except (*UNREADABLE, RecursionError):
        return 0, 0
    kinds = [item.type for item in items if isinstance(item.type, str)]
    return sum(kind in _CALLS for kind in kinds), sum(kind in _PICTURES for kind in kinds)


def calls_of_item(item: Raw) -> tuple[int, int]:
    """The same of one item."""
    try:
        kind = _ITEM.decode(item).type
    except (*UNREADABLE, RecursionError):
        return 0, 0
    return int(isinstance(kind, str) and kind in _CALLS), int(isinstance(kind, str) and kind in _PICTURES)


def _output(usage: dict[str, Any]) -> int:
    output = count(usage.get("output_tokens"))
    reasoning = count(record(usage.get("output_tokens_details")).get("reasoning_tokens"))
    # Some upstreams count reasoning beside the output; their total gives it away.
    if reasoning and count(usage.get("total_tokens")) == count(usage.get("input_tokens")) + output + reasoning:
        return output + reasoning
    return output
