"""The items of an answer in OpenAI's Responses, each whole and step by step as a stream builds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from faregate.demo_upstream.answer import ToolCall, json_pieces, pieces
from faregate.demo_upstream.exchange import Reply
from faregate.demo_upstream.responses_input import ToolForm

_ENCRYPTED = "ZGVtbyB1cHN0cmVhbTogbm90aGluZyBpcyBlbmNyeXB0ZWQ="
_PLAIN = ToolForm()

Step = tuple[str, dict[str, Any]]
"""An event between the beginning and the end of an item: its type and its own fields."""


class Item(NamedTuple):
    """``begun`` is what the stream shows first, ``whole`` what it and the JSON show last."""

    begun: dict[str, Any]
    steps: list[Step]
    whole: dict[str, Any]


def output_items(reply: Reply) -> Iterator[Item]:
    """All items of the answer, in order."""
    answer = reply.answer
    if reply.request.compacts:
        item = compaction_item(reply)
        yield Item(item, [], item)
        return
    if answer.reasoning_tokens:
        yield _reasoning(reply)
    if answer.text or not answer.calls:
        yield _message(reply)
    for number, call in enumerate(answer.calls):
        form = reply.request.forms.get(call.name, _PLAIN)
        yield _custom_call(reply, number, call, form) if form.is_custom else _function_call(reply, number, call, form)


def compaction_item(reply: Reply) -> dict[str, Any]:
    """The item that stands for a history."""
    return {"id": f"cmp_{reply.id}", "type": "compaction", "encrypted_content": _ENCRYPTED}


def _reasoning(reply: Reply) -> Item:
    text = reply.answer.thinking
    begun: dict[str, Any] = {"id": f"rs_{reply.id}", "type": "reasoning", "summary": []}
    include = reply.request.body.get("include")
    if isinstance(include, list) and "reasoning.encrypted_content" in include:
        begun["encrypted_content"] = _ENCRYPTED
    if not text:
        return Item(begun, [], begun)
    kind = "response.reasoning_summary"
    steps: list[Step] = [
        (f"{kind}_part.added", {"summary_index": 0, "part": {"type": "summary_text", "text": ""}}),
        *((f"{kind}_text.delta", {"summary_index": 0, "delta": piece}) for piece in pieces(text, one_piece=False)),
        (f"{kind}_text.done", {"summary_index": 0, "text": text}),
        (f"{kind}_part.done", {"summary_index": 0, "part": {"type": "summary_text", "text": text}}),
    ]
    return Item(begun, steps, {**begun, "summary": [{"type": "summary_text", "text": text}]})


def _message(reply: Reply) -> Item:
    answer = reply.answer
    status = "incomplete" if answer.stop == "length" else "completed"
    begun = {"id": f"msg_{reply.id}", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    part = {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
    deltas = (
        ("response.output_text.delta", {"content_index": 0, "delta": piece, "logprobs": []})
        for piece in pieces(answer.text, answer.one_piece)
    )
    steps: list[Step] = [
        ("response.content_part.added", {"content_index": 0, "part": {**part, "text": ""}}),
        *deltas,
        ("response.output_text.done", {"content_index": 0, "text": answer.text, "logprobs": []}),
        ("response.content_part.done", {"content_index": 0, "part": part}),
    ]
    return Item(begun, steps, {**begun, "status": status, "content": [part]})


def _function_call(reply: Reply, number: int, call: ToolCall, form: ToolForm) -> Item:
    whole = {
        "id": f"fc_{reply.id}{number:02d}",
        "type": "function_call",
        "call_id": _call_id(reply, number),
        "name": call.name,
        "arguments": call.arguments_json,
        "status": "completed",
    }
    if form.namespace:
        whole["namespace"] = form.namespace
    kind = "response.function_call_arguments"
    steps: list[Step] = [
        *((f"{kind}.delta", {"delta": piece}) for piece in json_pieces(call.arguments_json)),
        (f"{kind}.done", {"arguments": call.arguments_json}),
    ]
    return Item({**whole, "arguments": "", "status": "in_progress"}, steps, whole)


def _custom_call(reply: Reply, number: int, call: ToolCall, form: ToolForm) -> Item:
    given = call.arguments.get("input")
    text = given if isinstance(given, str) else call.arguments_json
    whole = {
        "id": f"ctc_{reply.id}{number:02d}",
        "type": "custom_tool_call",
        "call_id": _call_id(reply, number),
        "name": call.name,
        "input": text,
    }
    if form.namespace:
        whole["namespace"] = form.namespace
    kind = "response.custom_tool_call_input"
    steps: list[Step] = [
        *((f"{kind}.delta", {"delta": piece}) for piece in json_pieces(text)),
        (f"{kind}.done", {"input": text}),
    ]
    return Item({**whole, "input": ""}, steps, whole)


def _call_id(reply: Reply, number: int) -> str:
    return f"call_{reply.id}{number:02d}"
