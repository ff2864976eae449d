"""OpenAI Chat Completions: whole answers, read and written.

Owns the shapes of a `chat.completion`, its usage and its reasons to finish.
"""

from __future__ import annotations

import json
from typing import Any, Final

from faregate.conversion.answer import Answer, AnswerPart, Spent, Stop
from faregate.conversion.ask import Call, Denial, JsonObject, Text, Thought
from faregate.conversion.fields import count_of, object_or_empty, records_of, without_nothing
from faregate.conversion.signatures import OF_CHAT
from faregate.dialects.openai_usage import reported

STOPS: Final[dict[str, Stop]] = {
    "stop": "end",
    "length": "length",
    "tool_calls": "tool",
    "function_call": "tool",
    "content_filter": "refusal",
}
FINISHES: Final[dict[Stop, str]] = {
    "end": "stop",
    "stop": "stop",
    "length": "length",
    "tool": "tool_calls",
    "refusal": "content_filter",
}


def read_reply(body: JsonObject) -> Answer:
    """The answer that ``body`` is. What it lacks comes out empty."""
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    parts = tuple(_parts(message)) if isinstance(message, dict) else ()
    stop = STOPS.get(str(choice.get("finish_reason")), "end")
    return Answer(
        str(body.get("id") or ""), str(body.get("model") or ""), parts, stop, None, spent_of(body.get("usage"))
    )


def _parts(message: JsonObject) -> list[AnswerPart]:
    parts: list[AnswerPart] = []
    thought = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(thought, str) and thought:
        parts.append(Thought(thought, OF_CHAT))
    text = text_of(message.get("content"))
    if text:
        parts.append(Text(text))
    if isinstance(message.get("refusal"), str) and message["refusal"]:
        parts.append(Denial(message["refusal"]))
    parts += [call_of(raw) for raw in records_of(message.get("tool_calls"))]
    return parts


def text_of(content: Any) -> str:
    """The text of a message's content: some upstreams give it in parts."""
    if isinstance(content, str):
        return content
    return "".join(each["text"] for each in records_of(content) if isinstance(each.get("text"), str))


def call_of(raw: JsonObject) -> Call:
    """One entry of ``tool_calls``."""
    custom = raw.get("type") == "custom" or "custom" in raw
    told = object_or_empty(raw.get("custom" if custom else "function"))
    text = told.get("input" if custom else "arguments")
    if isinstance(text, dict):
        # Some upstreams give the arguments as the object that they are.
        text = json.dumps(text, ensure_ascii=False, separators=(",", ":"))
    return Call(str(raw.get("id") or ""), str(told.get("name") or ""), str(text or ""), custom)


def spent_of(usage: Any) -> Spent | None:
    """Tokens of a ``usage``, in disjoint classes, as they are charged."""
    found = reported(usage, "")
    if found is None:
        return None
    told = found.usage
    thought = count_of(object_or_empty(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    return Spent(told.input, told.cached, told.cache_write_5m, told.cache_write_1h, told.output, thought)


def usage_of(spent: Spent) -> JsonObject:
    """``spent`` as Chat says it."""
    written = spent.cache_write_5m + spent.cache_write_1h
    details = {"cached_tokens": spent.cached, "cache_write_tokens": written or None}
    return {
        "prompt_tokens": spent.total_input,
        "completion_tokens": spent.output,
        "total_tokens": spent.total_input + spent.output,
        "prompt_tokens_details": without_nothing(details),
        "completion_tokens_details": {"reasoning_tokens": spent.reasoning},
    }


def write_reply(answer: Answer, created: int) -> JsonObject:
    """``answer`` as a `chat.completion`. ``created`` in seconds."""
    choice = {
        "index": 0,
        "message": _message(answer.parts),
        "logprobs": None,
        "finish_reason": FINISHES[answer.stop],
    }
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": created,
        "model": answer.model,
        "choices": [choice],
        "usage": usage_of(answer.spent or Spent()),
    }


def _message(parts: tuple[AnswerPart, ...]) -> JsonObject:
    texts = [part.text for part in parts if isinstance(part, Text)]
    denials = [part.text for part in parts if isinstance(part, Denial)]
    thoughts = [part for part in parts if isinstance(part, Thought)]
    calls = [part for part in parts if isinstance(part, Call)]
    message: JsonObject = {
        "role": "assistant",
        "content": "".join(texts) if texts else None,
        "refusal": "".join(denials) or None,
    }
    if thoughts:
        message["reasoning_content"] = "".join(thought.text for thought in thoughts)
        message["reasoning_details"] = [detail_of(index, thought) for index, thought in enumerate(thoughts)]
    if calls:
        message["tool_calls"] = [written_call(call) for call in calls]
    return message


def detail_of(index: int, thought: Thought) -> JsonObject:
    """A thought with its signature, for clients that bring it back."""
    if thought.hidden:
        return {"type": "reasoning.encrypted", "index": index, "data": thought.signature}
    return {"type": "reasoning.text", "index": index, "text": thought.text, "signature": thought.signature}


def written_call(call: Call) -> JsonObject:
    """One entry of ``tool_calls``."""
    if call.custom:
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
