"""OpenAI Chat Completions: every answer against the official SDK's types."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.demo_upstream import DemoUpstream
from tests.demo_upstream.asgi_call import ask
from tests.demo_upstream.sdk_types import as_chat_chunk, as_chat_completion

PATH = "/v1/chat/completions"
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def wish(text: str = "hello", **fields: Any) -> dict[str, Any]:
    return {"model": "demo", "messages": [{"role": "user", "content": text}], **fields}


async def test_an_answer_is_a_chat_completion(upstream: DemoUpstream) -> None:
    answered = await ask(upstream, PATH, wish())
    completion = as_chat_completion(answered.value)
    assert (answered.status, answered.headers["content-type"]) == (200, "application/json")
    assert completion.choices[0].message.content == ('You said: "hello". This is the demo upstream answering.')
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 6
    assert completion.usage.total_tokens == 6 + completion.usage.completion_tokens


async def test_a_stream_adds_up_to_the_answer(upstream: DemoUpstream) -> None:
    whole = as_chat_completion((await ask(upstream, PATH, wish())).value)
    answered = await ask(upstream, PATH, wish(stream=True))
    chunks = [as_chat_chunk(event) for event in answered.events]
    assert answered.body.endswith(b"data: [DONE]\n\n")
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == (whole.choices[0].message.content)
    assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]
    assert len({chunk.id for chunk in chunks}) == 1


async def test_a_stream_reports_usage_only_when_asked(upstream: DemoUpstream) -> None:
    silent = await ask(upstream, PATH, wish(stream=True))
    assert b"usage" not in silent.body
    answered = await ask(upstream, PATH, wish(stream=True, stream_options={"include_usage": True}))
    chunks = [as_chat_chunk(event) for event in answered.events]
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].choices == []
    assert chunks[-1].usage == as_chat_completion((await ask(upstream, PATH, wish())).value).usage


async def test_a_tool_call_streams_to_the_same_arguments(upstream: DemoUpstream) -> None:
    body = wish('[[tool get_weather {"city":"Reykjavík by the sea"}]]', tools=[TOOL])
    message = as_chat_completion((await ask(upstream, PATH, body)).value).choices[0]
    assert message.finish_reason == "tool_calls"
    assert message.message.content is None
    calls = message.message.tool_calls
    assert calls is not None
    assert calls[0].type == "function"
    assert calls[0].function.arguments == '{"city":"Reykjavík by the sea"}'
    events = (await ask(upstream, PATH, {**body, "stream": True})).events
    deltas = [call for event in events for call in (event["choices"][0]["delta"].get("tool_calls") or [])]
    assert [as_chat_chunk(event).id for event in events]
    assert "".join(delta["function"]["arguments"] for delta in deltas) == (calls[0].function.arguments)
    assert [delta.get("id") for delta in deltas][1:] == [None] * (len(deltas) - 1)


async def test_after_the_tool_result_comes_text(upstream: DemoUpstream) -> None:
    body = wish("[[tool get_weather]]", tools=[TOOL])
    call = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    body["messages"] += [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ]
    completion = as_chat_completion((await ask(upstream, PATH, body)).value)
    assert completion.choices[0].message.content == "The tool returned: rain"


async def test_a_second_identical_call_finds_its_prompt_cached(upstream: DemoUpstream) -> None:
    body = wish("x" * 8000)
    first, second = [as_chat_completion((await ask(upstream, PATH, body)).value).usage for _ in range(2)]
    assert first is not None
    assert second is not None
    assert first.prompt_tokens_details is not None
    assert second.prompt_tokens_details is not None
    assert first.prompt_tokens == second.prompt_tokens == 2004
    assert first.prompt_tokens_details.cached_tokens == 0
    assert second.prompt_tokens_details.cached_tokens == 1920


@pytest.mark.parametrize(("effort", "tokens"), [("none", 0), ("low", 64), ("high", 1024), ("unheard-of", 256)])
async def test_reasoning_effort_is_counted_inside_the_output(
    upstream: DemoUpstream, effort: str, tokens: int
) -> None:
    plain = as_chat_completion((await ask(upstream, PATH, wish())).value).usage
    usage = as_chat_completion((await ask(upstream, PATH, wish(reasoning_effort=effort))).value).usage
    assert plain is not None
    assert usage is not None
    assert usage.completion_tokens_details is not None
    assert usage.completion_tokens_details.reasoning_tokens == tokens
    assert usage.completion_tokens == plain.completion_tokens + tokens


async def test_forced_usage_is_reported_exactly(upstream: DemoUpstream) -> None:
    figures = "usage(input=1200,cached=90000,cache_write_5m=3,output=450,reasoning=50)"
    usage = as_chat_completion((await ask(upstream, PATH, wish() | {"model": f"demo@{figures}"})).value).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (91203, 450)
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 90000
    assert usage.prompt_tokens_details.cache_write_tokens == 3


async def test_several_choices_are_counted_each(upstream: DemoUpstream) -> None:
    one = as_chat_completion((await ask(upstream, PATH, wish())).value)
    two = as_chat_completion((await ask(upstream, PATH, wish(n=2))).value)
    assert one.usage is not None
    assert two.usage is not None
    assert [choice.index for choice in two.choices] == [0, 1]
    assert two.usage.completion_tokens == 2 * one.usage.completion_tokens
    events = (await ask(upstream, PATH, wish(n=2, stream=True))).events
    assert {as_chat_chunk(event).choices[0].index for event in events} == {0, 1}


async def test_limits_and_stops_end_an_answer(upstream: DemoUpstream) -> None:
    short = as_chat_completion((await ask(upstream, PATH, wish(max_completion_tokens=2))).value)
    assert (short.choices[0].message.content, short.choices[0].finish_reason) == ("You said", "length")
    stopped = as_chat_completion((await ask(upstream, PATH, wish(stop="said"))).value)
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == ("You ", "stop")


@pytest.mark.parametrize(
    ("response_format", "content"),
    [
        ({"type": "json_object"}, '{"answer":"demo"}'),
        (
            {
                "type": "json_schema",
                "json_schema": {
                    "name": "n",
                    "schema": {"properties": {"ok": {"type": "boolean"}}, "required": ["ok"]},
                },
            },
            '{"ok":true}',
        ),
        ({"type": "text"}, 'You said: "hello". This is the demo upstream answering.'),
    ],
)
async def test_a_structured_answer_is_given_when_asked_for(
    upstream: DemoUpstream, response_format: dict[str, Any], content: str
) -> None:
    body = wish(response_format=response_format)
    completion = as_chat_completion((await ask(upstream, PATH, body)).value)
    assert completion.choices[0].message.content == content


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("required", ["get_weather"]),
        ({"type": "function", "function": {"name": "get_weather"}}, ["get_weather"]),
        ("auto", []),
        ("none", []),
    ],
)
async def test_a_tool_choice_is_obeyed(upstream: DemoUpstream, choice: Any, called: list[str]) -> None:
    body = wish(tools=[TOOL], tool_choice=choice)
    message = (await ask(upstream, PATH, body)).value["choices"][0]["message"]
    assert [call["function"]["name"] for call in message.get("tool_calls", [])] == called


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [{"role": "user"}]}, "model"),
        ({"model": "demo"}, "messages"),
        ({"model": "demo", "messages": []}, "messages"),
        ({"model": "demo", "messages": ["hi"]}, "messages"),
        (wish(max_tokens=0), "max_tokens"),
        (wish(n=True), "n"),
        (wish(reasoning_effort=3), "reasoning_effort"),
    ],
)
async def test_a_bad_body_is_refused_by_the_name_of_its_field(
    upstream: DemoUpstream, body: dict[str, Any], param: str
) -> None:
    answered = await ask(upstream, PATH, body)
    assert answered.status == 400
    assert answered.value["error"]["param"] == param
    assert answered.value["error"]["type"] == "invalid_request_error"
