"""What a client brings back of an answer arrives at its upstream as it was given: texts, calls, thoughts and their
signatures, whatever dialect stood in between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.conversion import DIALECTS, Conversion
from faregate.conversion.answer import Answer
from faregate.conversion.ask import Ask, Call, Text, Thought
from tests.conversion.neutral import PAIRS, arguments, ids, words

ASK = Ask("some-model", (), max_output=100)
SIGNATURES = {
    "openai_chat": "faregate.chat",
    "anthropic_messages": "c2lnbmF0dXJl",
    "openai_responses": "rs_0123.c2lnbmVk",
    "google_generate": "gemini:c2lnbmF0dXJl",
}
"""As each upstream signs."""


@st.composite
def signed_answers(draw: st.DrawFn) -> tuple[Thought | None, tuple[Text | Call, ...]]:
    """A thought, perhaps, whose signature is still to come; then words or calls."""
    thought = Thought(draw(words), "") if draw(st.booleans()) else None
    said: list[Text | Call] = [Text(draw(words))] if draw(st.booleans()) else []
    calls = [
        Call(id, "read_file", draw(arguments)) for id in draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    ]
    return thought, (*said, *calls)


def next_body(client: str, reply: dict[str, Any], calls: list[Call]) -> dict[str, Any]:
    """The next request of a client that keeps its history: the answer just as it came, and what its calls gave."""
    if client == "openai_chat":
        results = [{"role": "tool", "tool_call_id": call.id, "content": "ok"} for call in calls]
        said = {name: value for name, value in reply["choices"][0]["message"].items() if value is not None}
        return {"model": "m", "messages": [{"role": "user", "content": "hi"}, said, *results]}
    if client == "anthropic_messages":
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": "ok"} for call in calls]
        said = {"role": "assistant", "content": reply["content"]}
        messages = [{"role": "user", "content": "hi"}, said, {"role": "user", "content": results}]
        thinking = {"type": "enabled", "budget_tokens": 1024}
        return {"model": "m", "max_tokens": 5000, "messages": messages, "thinking": thinking}
    if client == "openai_responses":
        results = [{"type": "function_call_output", "call_id": call.id, "output": "ok"} for call in calls]
        return {
            "model": "m",
            "input": [{"role": "user", "content": "hi"}, *reply["output"], *results],
            "store": False,
        }
    parts = [{"functionResponse": {"id": call.id, "name": call.name, "response": {"output": "ok"}}} for call in calls]
    said = reply["candidates"][0]["content"]
    return {"contents": [{"role": "user", "parts": [{"text": "hi"}]}, said, {"role": "user", "parts": parts}]}


@pytest.mark.parametrize(("client", "upstream"), [pair for pair in PAIRS if pair[0] != "google_generate"])
@settings(max_examples=10)
@given(given_answer=signed_answers())
def test_an_answer_that_is_brought_back_arrives_as_it_was_given(
    client: str, upstream: str, given_answer: tuple[Thought | None, tuple[Text | Call, ...]]
) -> None:
    thought, said = given_answer
    if thought is not None:
        thought = thought._replace(signature=SIGNATURES[upstream])
    answer = Answer("resp_0123", "some-model", (*([thought] if thought else []), *said), "tool")
    calls = [part for part in said if isinstance(part, Call)]
    first = json.dumps(next_body(client, _empty(client), [])).encode()
    written = json.dumps(DIALECTS[upstream].write_reply(ASK, answer, 1_790_000_000)).encode()
    reply = json.loads(Conversion(client, upstream, first).reply(written, "m", 1_790_000_000))
    back = Conversion(client, upstream, json.dumps(next_body(client, reply, calls)).encode())
    arrived = DIALECTS[upstream].read_ask(json.loads(back.upstream_body("m")), "nothing")
    parts = [part for turn in arrived.turns if turn.role == "assistant" for part in turn.parts]
    texts = "".join(part.text for part in parts if isinstance(part, Text))
    assert texts == "".join(part.text for part in said if isinstance(part, Text))
    assert [(part.id, part.name, json.loads(part.arguments)) for part in parts if isinstance(part, Call)] == [
        (call.id, call.name, json.loads(call.arguments)) for call in calls
    ]
    thoughts = [part.signature for part in parts if isinstance(part, Thought)]
    assert thoughts == ([thought.signature] if thought else [])


def _empty(client: str) -> dict[str, Any]:
    return {
        "choices": [{"message": {"role": "assistant", "content": "x"}}],
        "content": [{"type": "text", "text": "x"}],
        "output": [],
        "candidates": [{"content": {"role": "model", "parts": [{"text": "x"}]}}],
    }
