"""Usage in Anthropic's form: `input_tokens` is uncached input alone; cache reads and writes stand
beside it.

Cache writes split into 5 minutes and 1 hour where reported; what the split leaves out is 5
minutes. Calls of server tools (web search, web fetch …) count as tool calls. In a stream the later
report is the whole count so far, not an addition.
"""

from __future__ import annotations

from typing import Any

import msgspec

from faregate.core.usage import Usage
from faregate.dialects.body import UNREADABLE
from faregate.dialects.reported import Reported, count, record


class _Reply(msgspec.Struct, gc=False):
    model: Any = None
    usage: Any = None


class _Content(msgspec.Struct, gc=False):
    content: msgspec.Raw = msgspec.Raw(b"")


_REPLY: msgspec.json.Decoder[_Reply] = msgspec.json.Decoder(_Reply)
_CONTENT: msgspec.json.Decoder[_Content] = msgspec.json.Decoder(_Content)

_INPUTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_KNOWN = (*_INPUTS, "output_tokens")


def usage_of_reply(body: bytes) -> Reported | None:
    """Usage in a JSON reply; None when not reported or the body is no JSON object."""
    try:
        reply = _REPLY.decode(body)
    except (*UNREADABLE, RecursionError):
        return None
    return reported(reply.usage, reply.model)


def output_bytes_of_reply(body: bytes) -> int:
    """Bytes of the `content` as it stands: text and tool calls with little around them."""
    try:
        return len(_CONTENT.decode(body).content)
    except (*UNREADABLE, RecursionError):
        return len(body)


def is_report(usage: Any) -> bool:
    """Whether a decoded value is a report of usage."""
    return isinstance(usage, dict) and any(type(usage.get(name)) in (int, float) for name in _KNOWN)


def reported(usage: Any, model: Any) -> Reported | None:
    """A decoded `usage` object and model as values; None when it is no report of usage."""
    if not is_report(usage):
        return None
    write_5m, write_1h = _writes(usage)
    return Reported(
        Usage(
            input=count(usage.get("input_tokens")),
            cached=count(usage.get("cache_read_input_tokens")),
            cache_write_5m=write_5m,
            cache_write_1h=write_1h,
            output=count(usage.get("output_tokens")),
            tool_calls=sum(count(calls) for calls in record(usage.get("server_tool_use")).values()),
        ),
        model if isinstance(model, str) else "",
    )


def updated(first: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The usage object of `message_start` brought up to date by that of a `message_delta`.

    Fields the later one leaves out or nulls stay. If it counts no input at all, the first one's
    input stays too: some upstreams write zeros there.
    """
    changes = {name: value for name, value in later.items() if value is not None}
    if not any(count(changes.get(name)) for name in _INPUTS):
        changes = {name: value for name, value in changes.items() if name not in _INPUTS}
        changes.pop("cache_creation", None)
    return {**first, **changes}


def _writes(usage: dict[str, Any]) -> tuple[int, int]:
    split = record(usage.get("cache_creation"))
    short = count(split.get("ephemeral_5m_input_tokens"))
    long = count(split.get("ephemeral_1h_input_tokens"))
    total = max(count(usage.get("cache_creation_input_tokens")), short + long)
    return total - long, long
