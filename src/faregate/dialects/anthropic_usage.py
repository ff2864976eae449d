"""Usage in Anthropic's form: `input_tokens` is uncached input alone; cache reads and writes stand
beside it.

Cache writes split into 5 minutes and 1 hour where reported; what the split leaves out is 5
minutes. Calls of server tools (web search, web fetch …) count as tool calls. In a stream the later
report is the whole count so far, not an addition.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from faregate.core.usage import Usage
from faregate.dialects.body import UNREADABLE
from faregate.dialects.reported import Reported, count, record


class _Reply(msgspec.Struct, gc=False):
    model: Any = None
    usage: Any = None


Count = Annotated[int, msgspec.Meta(ge=0)]


class _Split(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: Count
    output_tokens: Count
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: _Split | None = None
    server_tool_use: dict[str, Count] | None = None


class _UsualReply(msgspec.Struct, gc=False):
    """A reply whose numbers are whole: all that official upstreams send."""

    model: str = ""
    usage: _Usage | None = None


class _Content(msgspec.Struct, gc=False):
    content: msgspec.Raw = msgspec.Raw(b"")


_USUAL_REPLY: msgspec.json.Decoder[_UsualReply] = msgspec.json.Decoder(_UsualReply)
_REPLY: msgspec.json.Decoder[_Reply] = msgspec.json.Decoder(_Reply)
_CONTENT: msgspec.json.Decoder[_Content] = msgspec.json.Decoder(_Content)

_INPUTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_KNOWN = (*_INPUTS, "output_tokens")


def usage_of_reply(body: bytes) -> Reported | None:
    """Usage in a JSON reply; None when not reported or the body is no JSON object."""
    try:
        reply = _USUAL_REPLY.decode(body)
    except (*UNREADABLE, RecursionError):
        return _usage_of_odd_reply(body)
    return None if reply.usage is None else Reported(_usual(reply.usage), reply.model)


def _usage_of_odd_reply(body: bytes) -> Reported | None:
    try:
        reply = _REPLY.decode(body)
    except (*UNREADABLE, RecursionError):
        return None
    return reported(reply.usage, reply.model)


def _usual(usage: _Usage) -> Usage:
    """The same rules as in ``reported``, on numbers that are known to be right."""
    short = long = 0
    if usage.cache_creation is not None:
        short = usage.cache_creation.ephemeral_5m_input_tokens or 0
        long = usage.cache_creation.ephemeral_1h_input_tokens or 0
    total = usage.cache_creation_input_tokens or 0
    if total < short + long:
        total = short + long
    calls = sum(usage.server_tool_use.values()) if usage.server_tool_use else 0
    cached = usage.cache_read_input_tokens or 0
    return Usage(usage.input_tokens, cached, total - long, long, usage.output_tokens, 0, calls)


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
