"""Anthropic Messages: whole answers, read and written.

Owns the shapes of a `message`, its usage and its reasons to stop.
"""

from __future__ import annotations

import json
from typing import Any, Final

from faregate.conversion.answer import Answer, AnswerPart, Spent, Stop
from faregate.conversion.ask import Call, Denial, JsonObject, Text, Thought
from faregate.conversion.fields import count_of

STOPS: Final[dict[str, Stop]] = {
    "end_turn": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop",
    "tool_use": "tool",
    "refusal": "refusal",
    "pause_turn": "end",
}
REASONS: Final[dict[Stop, str]] = {
    "end": "end_turn",
    "length": "max_tokens",
    "stop": "stop_sequence",
    "tool": "tool_use",
    "refusal": "refusal",
}


def read_reply(body: JsonObject) -> Answer:
    """The answer that ``body`` is. What it lacks comes out empty."""
    content = body.get("content")
    blocks = content if isinstance(content, list) else []
    parts = tuple(part for block in blocks if isinstance(block, dict) and (part := _part(block)) is not None)
    stop = STOPS.get(str(body.get("stop_reason")), "end")
    return Answer(
        str(body.get("id") or ""),
        str(body.get("model") or ""),
        parts,
        stop,
        body.get("stop_sequence") if isinstance(body.get("stop_sequence"), str) else None,
        spent_of(body.get("usage")),
    )


def _part(block: JsonObject) -> AnswerPart | None:
    kind = block.get("type")
    if kind == "text":
        return Text(str(block.get("text") or ""))
    if kind == "thinking":
        return Thought(str(block.get("thinking") or ""), str(block.get("signature") or ""))
    if kind == "redacted_thinking":
        return Thought("", str(block.get("data") or ""), True)
    if kind == "tool_use":
        arguments = json.dumps(block.get("input") or {}, ensure_ascii=False, separators=(",", ":"))
        return Call(str(block.get("id") or ""), str(block.get("name") or ""), arguments)
    return None


def spent_of(usage: Any) -> Spent | None:
    """Tokens of a ``usage``, in disjoint classes."""
    if not isinstance(usage, dict):
        return None
    written = count_of(usage.get("cache_creation_input_tokens"))
    creation = usage.get("cache_creation")
    hour = count_of(creation.get("ephemeral_1h_input_tokens")) if isinstance(creation, dict) else 0
    details = usage.get("output_tokens_details")
    thought = count_of(details.get("thinking_tokens")) if isinstance(details, dict) else 0
    return Spent(
        count_of(usage.get("input_tokens")),
        count_of(usage.get("cache_read_input_tokens")),
        max(written - hour, 0),
        hour,
        count_of(usage.get("output_tokens")),
        thought,
    )


def usage_of(spent: Spent) -> JsonObject:
    """``spent`` as Messages says it."""
    return {
        "input_tokens": spent.input,
        "cache_creation_input_tokens": spent.cache_write_5m + spent.cache_write_1h,
        "cache_read_input_tokens": spent.cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": spent.cache_write_5m,
            "ephemeral_1h_input_tokens": spent.cache_write_1h,
        },
        "output_tokens": spent.output,
        "output_tokens_details": {"thinking_tokens": spent.reasoning},
        "service_tier": "standard",
    }


def write_reply(answer: Answer) -> JsonObject:
    """``answer`` as a `message`."""
    return {
        "id": answer.id,
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [block for block in map(_block, answer.parts) if block is not None],
        "stop_reason": REASONS[answer.stop],
        "stop_sequence": answer.stopped_by,
        "usage": usage_of(answer.spent or Spent()),
    }


def _block(part: AnswerPart) -> JsonObject | None:
    if isinstance(part, Text | Denial):
        return {"type": "text", "text": part.text, "citations": None} if part.text else None
    if isinstance(part, Thought):
        if part.hidden:
            return {"type": "redacted_thinking", "data": part.signature}
        return {"type": "thinking", "thinking": part.text, "signature": part.signature}
    return {"type": "tool_use", "id": part.id, "name": part.name, "input": arguments_of(part)}


def arguments_of(call: Call) -> Any:
    """The arguments as JSON; what is none stands under ``input``, so that nothing is lost."""
    if call.custom:
        return {"input": call.arguments}
    try:
        found = json.loads(call.arguments or "{}")
    except ValueError:
        return {"input": call.arguments}
    return found if isinstance(found, dict) else {"input": found}
