"""Usage in OpenAI's form: `prompt_tokens` holds all input, cached or not; `completion_tokens` all
output.

Also takes what compatible upstreams do: DeepSeek's `prompt_cache_hit_tokens`, Moonshot's top-level
`cached_tokens`, cache writes under several names, reasoning reported beside the output. The
classes are disjoint, never negative, and the input classes sum to the prompt's total.
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


Count = Annotated[int, msgspec.Meta(ge=0)] | None


class _PromptDetails(msgspec.Struct, gc=False):
    cached_tokens: Count = 0
    cache_write_tokens: Count = 0
    cache_creation_tokens: Count = 0
    cache_creation_input_tokens: Count = 0
    cache_creation: None = None


class _CompletionDetails(msgspec.Struct, gc=False):
    reasoning_tokens: Count = 0


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: Annotated[int, msgspec.Meta(ge=0)]
    completion_tokens: Annotated[int, msgspec.Meta(ge=0)]
    total_tokens: Count = 0
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None
    prompt_cache_hit_tokens: Count = 0
    cached_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    cache_write_tokens: Count = 0
    cache_creation_tokens: Count = 0
    cache_creation_input_tokens: Count = 0


class _UsualReply(msgspec.Struct, gc=False):
    """A reply whose numbers are whole and whose names are known: all that official upstreams send."""

    model: str = ""
    usage: _Usage | None = None


class _Choices(msgspec.Struct, gc=False):
    choices: msgspec.Raw = msgspec.Raw(b"")


_NO_PROMPT_DETAILS = _PromptDetails()
_USUAL_REPLY: msgspec.json.Decoder[_UsualReply] = msgspec.json.Decoder(_UsualReply)
_REPLY: msgspec.json.Decoder[_Reply] = msgspec.json.Decoder(_Reply)
_CHOICES: msgspec.json.Decoder[_Choices] = msgspec.json.Decoder(_Choices)

_TOTALS = ("prompt_tokens", "completion_tokens", "total_tokens")
_CACHE_WRITES = ("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")


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
    details = usage.prompt_tokens_details or _NO_PROMPT_DETAILS
    prompt, output = usage.prompt_tokens, usage.completion_tokens
    cached = (
        details.cached_tokens or usage.prompt_cache_hit_tokens or usage.cached_tokens or usage.cache_read_input_tokens
    ) or 0
    written = (
        details.cache_write_tokens
        or details.cache_creation_tokens
        or details.cache_creation_input_tokens
        or usage.cache_write_tokens
        or usage.cache_creation_tokens
        or usage.cache_creation_input_tokens
    ) or 0
    if cached > prompt:
        cached = prompt
    if written > prompt - cached:
        written = prompt - cached
    thought = usage.completion_tokens_details
    if (
        thought is not None
        and (reasoning := thought.reasoning_tokens)
        and usage.total_tokens == prompt + output + reasoning
    ):
        output += reasoning
    return Usage(prompt - cached - written, cached, written, 0, output)


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
