"""Usage in Google's form: `promptTokenCount` holds all input, cached or not; thoughts stand beside the answer.

Cached input is inside the prompt, what tools put into it stands beside it. Searches that Google makes by itself count
as tool calls. In a stream every event may report; the later report is the whole count so far.
"""

from __future__ import annotations

from typing import Any

import msgspec

from faregate.core.usage import Usage
from faregate.dialects.body import UNREADABLE
from faregate.dialects.reported import Reported, count, record


class Candidate(msgspec.Struct, gc=False):
    """One of the answers; what it says is passed over."""

    finishReason: Any = None  # noqa: N815 - Google's name
    index: Any = 0
    groundingMetadata: Any = None  # noqa: N815


class Answer(msgspec.Struct, gc=False):
    """A whole answer, or an event of a stream, as far as it is metered."""

    candidates: list[Candidate] | None = None
    usageMetadata: Any = None  # noqa: N815
    modelVersion: Any = ""  # noqa: N815
    promptFeedback: Any = None  # noqa: N815
    error: Any = None


class _Content(msgspec.Struct, gc=False):
    candidates: msgspec.Raw = msgspec.Raw(b"")


_ANSWER: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
_CONTENT: msgspec.json.Decoder[_Content] = msgspec.json.Decoder(_Content)

_TOTALS = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")


def answer_of(body: bytes) -> Answer | None:
    """An answer or event decoded; None when it is none of Google's."""
    try:
        return _ANSWER.decode(body)
    except (*UNREADABLE, RecursionError):
        return None


def usage_of_reply(body: bytes) -> Reported | None:
    """Usage in a JSON reply; None when not reported or the body is no JSON object."""
    answer = answer_of(body)
    return None if answer is None else reported(answer)


def output_bytes_of_reply(body: bytes) -> int:
    """Bytes of the `candidates` as they stand: text and calls with little around them."""
    try:
        return len(_CONTENT.decode(body).candidates)
    except (*UNREADABLE, RecursionError):
        return len(body)


def reported(answer: Answer) -> Reported | None:
    """What an answer reports; None when it reports no usage."""
    usage = answer.usageMetadata
    if not isinstance(usage, dict) or not any(type(usage.get(name)) in (int, float) for name in _TOTALS):
        return None
    output = _output(usage)
    prompt = count(usage.get("promptTokenCount")) + count(usage.get("toolUsePromptTokenCount"))
    if "promptTokenCount" not in usage:
        prompt = max(count(usage.get("totalTokenCount")) - output, 0)
    cached = min(count(usage.get("cachedContentTokenCount")), prompt)
    model = answer.modelVersion if isinstance(answer.modelVersion, str) else ""
    return Reported(Usage(input=prompt - cached, cached=cached, output=output, tool_calls=_searches(answer)), model)


def _output(usage: dict[str, Any]) -> int:
    said, thought = count(usage.get("candidatesTokenCount")), count(usage.get("thoughtsTokenCount"))
    before = count(usage.get("promptTokenCount")) + count(usage.get("toolUsePromptTokenCount"))
    # Some that speak this dialect count thoughts inside the answer; their total gives it away.
    if thought and said >= thought and count(usage.get("totalTokenCount")) == before + said:
        return said
    return said + thought


def _searches(answer: Answer) -> int:
    found = 0
    for candidate in answer.candidates or ():
        queries = record(candidate.groundingMetadata).get("webSearchQueries")
        found += len(queries) if isinstance(queries, list) else 0
    return found
