"""Anthropic Messages: every answer against the official SDK's types."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic.types import Usage

from faregate.demo_upstream import DemoUpstream
from tests.demo_upstream.asgi_call import Answered, ask
from tests.demo_upstream.sdk_types import as_message, as_message_event

PATH = "/v1/messages"
TOOL = {
    "name": "Bash",
    "input_schema": {"properties": {"command": {"type": "string"}}, "required": ["command"]},
}


def wish(content: Any = "hello", **fields: Any) -> dict[str, Any]:
    message = {"role": "user", "content": content}
    return {"model": "claude-sonnet-4", "max_tokens": 1000, "messages": [message], **fields}


def check_events(answered: Answered) -> list[Any]:
    """All events but the pings, each valid and under its own name."""
    assert answered.event_names == [event["type"] for event in answered.events]
    told = [event for event in answered.events if event["type"] != "ping"]
    for event in told:
        as_message_event(event)
    return told


async def usage_of(upstream: DemoUpstream, body: dict[str, Any]) -> Usage:
    return as_message((await ask(upstream, PATH, body)).value).usage


async def test_an_answer_is_a_message(upstream: DemoUpstream) -> None:
    message = as_message((await ask(upstream, PATH, wish())).value)
    assert message.model == "claude-sonnet-4"
    assert message.content[0].type == "text"
    assert message.content[0].text == 'You said: "hello". This is the demo upstream answering.'
    assert (message.stop_reason, message.usage.input_tokens) == ("end_turn", 6)


async def test_a_stream_has_the_events_in_order(upstream: DemoUpstream) -> None:
    answered = await ask(upstream, PATH, wish(stream=True))
    told = check_events(answered)
    names = [name for name in answered.event_names if name != "content_block_delta"]
    assert names == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    text = "".join(event["delta"].get("text", "") for event in told if "delta" in event)
    assert text == 'You said: "hello". This is the demo upstream answering.'


async def test_a_stream_reports_the_usage_of_the_whole_answer(upstream: DemoUpstream) -> None:
    usage = await usage_of(upstream, wish())
    told = check_events(await ask(upstream, PATH, wish(stream=True)))
    assert told[0]["message"]["usage"]["input_tokens"] == usage.input_tokens
    assert told[0]["message"]["usage"]["output_tokens"] == 1
    assert told[-2]["usage"]["output_tokens"] == usage.output_tokens
    assert told[-2]["usage"]["input_tokens"] == usage.input_tokens


async def test_a_tool_call_streams_its_input_as_json(upstream: DemoUpstream) -> None:
    body = wish('[[tool Bash {"command":"echo hello from the gate"}]]', tools=[TOOL])
    message = as_message((await ask(upstream, PATH, body)).value)
    assert message.stop_reason == "tool_use"
    assert message.content[0].type == "tool_use"
    assert message.content[0].input == {"command": "echo hello from the gate"}
    told = check_events(await ask(upstream, PATH, {**body, "stream": True}))
    assert told[1]["content_block"]["input"] == {}
    parts = [event["delta"].get("partial_json", "") for event in told if "delta" in event]
    assert "".join(parts) == '{"command":"echo hello from the gate"}'


async def test_after_the_tool_result_comes_text(upstream: DemoUpstream) -> None:
    body = wish("[[tool Bash]]", tools=[TOOL])
    body["messages"] += [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "Bash"}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}]},
    ]
    message = as_message((await ask(upstream, PATH, body)).value)
    assert message.content[0].type == "text"
    assert message.content[0].text == "The tool returned: ok"


@pytest.mark.parametrize("kind", ["enabled", "adaptive"])
async def test_thinking_comes_first_when_asked_for(upstream: DemoUpstream, kind: str) -> None:
    body = wish(thinking={"type": kind, "budget_tokens": 1024})
    message = as_message((await ask(upstream, PATH, body)).value)
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.usage.output_tokens_details is not None
    assert message.usage.output_tokens_details.thinking_tokens > 0
    told = check_events(await ask(upstream, PATH, {**body, "stream": True}))
    deltas = [event["delta"].get("type") for event in told if event["type"].endswith("_delta")]
    assert deltas.index("signature_delta") < deltas.index("text_delta")


async def test_omitted_thinking_is_counted_but_not_shown(upstream: DemoUpstream) -> None:
    shown = await usage_of(upstream, wish(thinking={"type": "adaptive"}))
    body = wish(thinking={"type": "adaptive", "display": "omitted"})
    message = as_message((await ask(upstream, PATH, body)).value)
    assert message.content[0].type == "thinking"
    assert message.content[0].thinking == ""
    assert message.usage.output_tokens == shown.output_tokens


async def test_marked_prefixes_are_written_then_read(upstream: DemoUpstream) -> None:
    system = [{"type": "text", "text": "s" * 8000, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    talk = [{"type": "text", "text": "t" * 400, "cache_control": {"type": "ephemeral"}}]
    first = await usage_of(upstream, wish(talk, system=system))
    assert first.cache_creation is not None
    assert first.cache_creation.ephemeral_1h_input_tokens == 2000
    assert first.cache_creation.ephemeral_5m_input_tokens == 104
    assert first.cache_creation_input_tokens == 2104
    second = await usage_of(upstream, wish(talk, system=system))
    assert (second.input_tokens, second.cache_read_input_tokens) == (0, 2104)
    assert second.cache_creation_input_tokens == 0


async def test_cache_control_of_the_request_marks_the_last_block(upstream: DemoUpstream) -> None:
    body = wish("t" * 8000, cache_control={"type": "ephemeral"})
    assert (await usage_of(upstream, body)).cache_creation_input_tokens == 2004
    assert (await usage_of(upstream, body)).cache_read_input_tokens == 2004


async def test_another_key_or_model_finds_nothing_cached(upstream: DemoUpstream) -> None:
    body = wish("t" * 8000, cache_control={"type": "ephemeral"})
    await ask(upstream, PATH, body)
    other = await ask(upstream, PATH, body, headers={"x-api-key": "another"})
    assert as_message(other.value).usage.cache_read_input_tokens == 0
    assert (await usage_of(upstream, body | {"model": "opus"})).cache_read_input_tokens == 0


async def test_forced_usage_is_reported_exactly(upstream: DemoUpstream) -> None:
    figures = "usage(input=5,cached=4,cache_write_5m=3,cache_write_1h=2,output=9)"
    usage = await usage_of(upstream, wish(f"hi [[demo {figures}]]"))
    assert usage.cache_creation is not None
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens) == (5, 4, 9)
    assert usage.cache_creation.ephemeral_5m_input_tokens == 3
    assert usage.cache_creation.ephemeral_1h_input_tokens == 2


async def test_limits_and_stops_end_an_answer(upstream: DemoUpstream) -> None:
    short = as_message((await ask(upstream, PATH, wish(max_tokens=2))).value)
    assert short.stop_reason == "max_tokens"
    stopped = as_message((await ask(upstream, PATH, wish(stop_sequences=["said"]))).value)
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "said")


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ({"type": "any"}, ["Bash"]),
        ({"type": "tool", "name": "Bash"}, ["Bash"]),
        ({"type": "auto"}, []),
        ({"type": "none"}, []),
    ],
)
async def test_a_tool_choice_is_obeyed(upstream: DemoUpstream, choice: dict[str, Any], called: list[str]) -> None:
    message = (await ask(upstream, PATH, wish(tools=[TOOL], tool_choice=choice))).value
    assert [block["name"] for block in message["content"] if block["type"] == "tool_use"] == called


async def test_a_tool_of_the_upstream_itself_is_not_called(upstream: DemoUpstream) -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    message = as_message((await ask(upstream, PATH, wish("[[tool web_search]]", tools=[search]))).value)
    assert message.stop_reason == "end_turn"


async def test_a_structured_answer_is_given_when_asked_for(upstream: DemoUpstream) -> None:
    schema = {"properties": {"title": {"type": "string"}}, "required": ["title"]}
    body = wish(output_config={"format": {"type": "json_schema", "schema": schema}})
    message = as_message((await ask(upstream, PATH, body)).value)
    assert message.content[0].type == "text"
    assert message.content[0].text == '{"title":"demo"}'


async def test_count_tokens_counts_what_a_call_would(upstream: DemoUpstream) -> None:
    body = wish("how long is this", tools=[TOOL], system="be brief")
    counted = await ask(upstream, PATH + "/count_tokens", body)
    assert counted.value == {"input_tokens": (await usage_of(upstream, body)).input_tokens}


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "messages": [{"role": "user", "content": "x"}]},
        wish(max_tokens="many"),
        wish() | {"model": 3},
        wish() | {"messages": "hello"},
    ],
)
async def test_a_bad_body_is_refused(upstream: DemoUpstream, body: dict[str, Any]) -> None:
    answered = await ask(upstream, PATH, body)
    assert answered.status == 400
    assert answered.value["type"] == "error"
    assert answered.value["error"]["type"] == "invalid_request_error"
