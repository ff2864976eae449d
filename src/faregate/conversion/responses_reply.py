"""OpenAI Responses: whole answers, read and written.

Owns the items of an output, its usage and what makes it incomplete.
"""

from __future__ import annotations

import hashlib
from typing import Any

from faregate.conversion.answer import Answer, AnswerPart, Spent, Stop
from faregate.conversion.ask import Ask, Call, Denial, JsonObject, Text, Thought
from faregate.conversion.fields import count_of, records_of
from faregate.conversion.responses_ask import NAMESPACE
from faregate.conversion.signatures import CARRIED_BY_RESPONSES, item_parts, item_signature, of_responses


def read_reply(body: JsonObject) -> Answer:
    """The answer that ``body`` is. What it lacks comes out empty."""
    output = body.get("output")
    parts: list[AnswerPart] = []
    for item in output if isinstance(output, list) else ():
        if isinstance(item, dict):
            parts += parts_of(item)
    return Answer(
        str(body.get("id") or ""),
        str(body.get("model") or ""),
        tuple(parts),
        stop_of(body, any(isinstance(part, Call) for part in parts)),
        None,
        spent_of(body.get("usage")),
    )


def parts_of(item: JsonObject) -> list[AnswerPart]:
    """The parts that one item of the output is."""
    kind = item.get("type")
    if kind == "function_call":
        return [Call(str(item.get("call_id") or ""), full_name(item), str(item.get("arguments") or ""))]
    if kind == "custom_tool_call":
        name, text = str(item.get("name") or ""), str(item.get("input") or "")
        return [Call(str(item.get("call_id") or ""), name, text, True)]
    if kind == "reasoning":
        texts = [str(each.get("text") or "") for each in records_of(item.get("summary"))]
        signature = item_signature(str(item.get("id") or ""), str(item.get("encrypted_content") or ""))
        return [Thought("\n\n".join(texts), signature)] if texts or signature else []
    if kind == "message":
        found: list[AnswerPart] = []
        for part in records_of(item.get("content")):
            if part.get("type") == "refusal":
                found.append(Denial(str(part.get("refusal") or "")))
            else:
                found.append(Text(str(part.get("text") or "")))
        return found
    return []


def full_name(item: JsonObject) -> str:
    """The name of the tool called, with its namespace."""
    name = str(item.get("name") or "")
    return f"{item['namespace']}{NAMESPACE}{name}" if item.get("namespace") else name


def stop_of(body: JsonObject, calls: bool) -> Stop:
    """Why it stopped."""
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    if reason == "content_filter":
        return "refusal"
    if reason is not None or body.get("status") == "incomplete":
        return "length"
    return "tool" if calls else "end"


def spent_of(usage: Any) -> Spent | None:
    """Tokens of a ``usage``, in disjoint classes."""
    if not isinstance(usage, dict):
        return None
    told = usage.get("input_tokens_details")
    details = told if isinstance(told, dict) else {}
    cached, written = count_of(details.get("cached_tokens")), count_of(details.get("cache_write_tokens"))
    output = usage.get("output_tokens_details")
    reasoning = count_of(output.get("reasoning_tokens")) if isinstance(output, dict) else 0
    fresh = max(count_of(usage.get("input_tokens")) - cached - written, 0)
    return Spent(fresh, cached, written, 0, count_of(usage.get("output_tokens")), reasoning)


def usage_of(spent: Spent) -> JsonObject:
    """``spent`` as Responses says it."""
    written = spent.cache_write_5m + spent.cache_write_1h
    return {
        "input_tokens": spent.total_input,
        "input_tokens_details": {"cached_tokens": spent.cached, "cache_write_tokens": written},
        "output_tokens": spent.output,
        "output_tokens_details": {"reasoning_tokens": spent.reasoning},
        "total_tokens": spent.total_input + spent.output,
    }


class ItemWriter:
    """Parts as items of an output. Knows the request, for the namespaces of its tools."""

    def __init__(self, ask: Ask, answer_id: str) -> None:
        self._namespaced = {tool.name for tool in ask.tools if NAMESPACE in tool.name}
        self._answer_id = answer_id

    def id(self, part: AnswerPart, index: int) -> str:
        """The id of the item at ``index``, which ``part`` is or is in."""
        if isinstance(part, Thought):
            if of_responses(part.signature):
                return item_parts(part.signature)[0]
            return item_id("rs_", self._answer_id, index)
        if isinstance(part, Call):
            return item_id("ctc_" if part.custom else "fc_", self._answer_id, index)
        return item_id("msg_", self._answer_id, index)

    def item(self, part: AnswerPart, index: int, status: str) -> JsonObject:
        """The item that ``part`` is. Texts are the one part of a message of their own."""
        item: JsonObject = {"id": self.id(part, index)}
        if isinstance(part, Thought):
            summary = [{"type": "summary_text", "text": part.text}] if part.text else []
            return {**item, "type": "reasoning", "summary": summary, "encrypted_content": _encrypted(part)}
        if isinstance(part, Call):
            return {**item, "status": status, **self._call(part)}
        content = [content_part(part)]
        return {**item, "type": "message", "status": status, "role": "assistant", "content": content}

    def _call(self, call: Call) -> JsonObject:
        if call.custom:
            return {"type": "custom_tool_call", "call_id": call.id, "name": call.name, "input": call.arguments}
        item = {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}
        if call.name in self._namespaced:
            item["namespace"], _, item["name"] = call.name.partition(NAMESPACE)
        return item


def _encrypted(thought: Thought) -> str | None:
    if not thought.signature:
        return None
    if of_responses(thought.signature):
        return item_parts(thought.signature)[1]
    return CARRIED_BY_RESPONSES + thought.signature


def content_part(part: Text | Denial) -> JsonObject:
    """One part of a message's content."""
    if isinstance(part, Denial):
        return {"type": "refusal", "refusal": part.text}
    return {"type": "output_text", "text": part.text, "annotations": [], "logprobs": []}


def item_id(prefix: str, *parts: object) -> str:
    """An id, the same for the same parts."""
    return prefix + hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def frame(ask: Ask, id: str, model: str, created: int, status: str) -> JsonObject:
    """A `response` without output. ``created`` in seconds."""
    return {
        "id": id if id.startswith("resp_") else item_id("resp_", id),
        "object": "response",
        "created_at": created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": ask.max_output,
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": ask.parallel is not False,
        "previous_response_id": None,
        "prompt_cache_key": ask.cache_key or None,
        "store": False,
        "temperature": ask.temperature,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": ask.top_p,
        "truncation": "disabled",
        "usage": None,
        "user": ask.user or None,
    }


def write_reply(ask: Ask, answer: Answer, created: int) -> JsonObject:
    """``answer`` as a `response`."""
    writer = ItemWriter(ask, answer.id)
    output = [writer.item(part, index, "completed") for index, part in enumerate(answer.parts)]
    return finished(frame(ask, answer.id, answer.model, created, "completed"), output, answer.stop, answer.spent)


def finished(response: JsonObject, output: list[JsonObject], stop: Stop | None, spent: Spent | None) -> JsonObject:
    """``response`` at its end."""
    response = {**response, "output": output, "usage": usage_of(spent or Spent())}
    if stop in ("length", "refusal"):
        reason = "max_output_tokens" if stop == "length" else "content_filter"
        return {**response, "status": "incomplete", "incomplete_details": {"reason": reason}}
    return response
