"""Usage in OpenAI's form: `prompt_tokens` holds all input, cached or not; `completion_tokens` all
output.

Also takes what compatible upstreams do: DeepSeek's `prompt_cache_hit_tokens`, Moonshot's top-level
`cached_tokens`, cache writes under several names, reasoning reported beside the output. The
classes are disjoint, never negative, and the input classes sum to the prompt's total.
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


class _Choices(msgspec.Struct, gc=False):
    choices: msgspec.Raw = msgspec.Raw(b"")


_REPLY: msgspec.json.Decoder[_Reply] = msgspec.json.Decoder(_Reply)
_CHOICES: msgspec.json.Decoder[_Choices] = msgspec.json.Decoder(_Choices)

_TOTALS = ("prompt_tokens", "completion_tokens", "total_tokens")
_CACHE_WRITES = ("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")


def usage_of_reply(body: bytes) -> Reported | None:
    """Usage in a JSON reply; None when not reported or the body is no JSON object."""
    try:
        reply = _REPLY.decode(body)
    except (*UNREADABLE, RecursionError):
        return None
    return reported(reply.usage, reply.model)


def output_bytes_of_reply(body: bytes) -> int:
    """Bytes of the `choices` as they stand: text and tool calls with little around them."""
    try:
        return len(_CHOICES.decode(body).choices)
    except (*UNREADABLE, RecursionError):
        return len(body)


def reported(usage: Any, model: Any) -> Reported | None:
    """A decoded `usage` object and model as values; None when it is no report of usage."""
    if not isinstance(usage, dict) or not any(type(usage.get(name)) in (int, float) for name in _TOTALS):
        return None
    details = record(usage.get("prompt_tokens_details"))
    output = _output(usage)
    prompt = count(usage.get("prompt_tokens"))
    if "prompt_tokens" not in usage:
        prompt = max(count(usage.get("total_tokens")) - output, 0)
    cached = min(_cached(usage, details), prompt)
    written = min(_written(usage, details), prompt - cached)
    return Reported(
        Usage(
            input=prompt - cached - written,
            cached=cached,
            cache_write_5m=written,
            output=output,
        ),
        model if isinstance(model, str) else "",
    )


def _cached(usage: dict[str, Any], details: dict[str, Any]) -> int:
    return (
        count(details.get("cached_tokens"))
        or count(usage.get("prompt_cache_hit_tokens"))
        or count(usage.get("cached_tokens"))
        or count(usage.get("cache_read_input_tokens"))
    )


def _written(usage: dict[str, Any], details: dict[str, Any]) -> int:
    for place in (details, usage):
        for name in _CACHE_WRITES:
            if written := count(place.get(name)):
                return written
    return count(record(details.get("cache_creation")).get("ephemeral_5m_input_tokens"))


def _output(usage: dict[str, Any]) -> int:
    output = count(usage.get("completion_tokens"))
    reasoning = count(record(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    total = count(usage.get("total_tokens"))
    # Some upstreams count reasoning beside the output; their total gives it away.
    if reasoning and total == count(usage.get("prompt_tokens")) + output + reasoning:
        return output + reasoning
    return output
