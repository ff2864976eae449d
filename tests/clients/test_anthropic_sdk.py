"""The official Anthropic SDK, sync and async, by changing base URL and key alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import Message, MessageParam, ToolParam, Usage

from tests.clients.targets import Target

FIGURES = "[[demo usage(input=120,cached=9000,cache_write_5m=30,cache_write_1h=4,output=45,reasoning=5)]]"
SHELL: ToolParam = {
    "name": "Bash",
    "input_schema": {
        "type": "object",
        "properties": {"command": {"type": "string"}},
        "required": ["command"],
    },
}
TOOL_WISH = '[[tool Bash {"command":"echo hi"}]]'


@pytest.fixture
def client(target: Target) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=target.base_url, api_key=target.key) as opened:
        yield opened


@pytest.fixture
async def async_client(target: Target) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=target.base_url, api_key=target.key) as opened:
        yield opened


def said(text: str) -> list[MessageParam]:
    return [{"role": "user", "content": text}]


def check_figures(usage: Usage) -> None:
    assert (usage.input_tokens, usage.output_tokens) == (120, 45)
    assert (usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (9000, 34)
    assert usage.cache_creation is not None
    assert usage.cache_creation.ephemeral_5m_input_tokens == 30
    assert usage.cache_creation.ephemeral_1h_input_tokens == 4


def after_the_tool(message: Message, result: str) -> list[MessageParam]:
    call = next(block for block in message.content if block.type == "tool_use")
    assert call.input == {"command": "echo hi"}
    returned: Any = {"type": "tool_result", "tool_use_id": call.id, "content": result}
    return [*said(TOOL_WISH), message.to_param(), {"role": "user", "content": [returned]}]


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_an_answer(client: anthropic.Anthropic, target: Target) -> None:
    message = client.messages.create(model=target.messages_model, max_tokens=500, messages=said(f"hi {FIGURES}"))
    assert text_of(message).startswith('You said: "hi')
    assert message.stop_reason == "end_turn"
    check_figures(message.usage)


def test_a_stream_puts_together_the_same_answer(client: anthropic.Anthropic, target: Target) -> None:
    with client.messages.stream(
        model=target.messages_model, max_tokens=500, messages=said(f"hi {FIGURES}")
    ) as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()
    assert len(pieces) > 3
    assert "".join(pieces) == text_of(message)
    check_figures(message.usage)


def test_raw_events_begin_and_end_as_they_should(client: anthropic.Anthropic, target: Target) -> None:
    with client.messages.create(
        model=target.messages_model, max_tokens=500, messages=said("hi"), stream=True
    ) as stream:
        kinds = [event.type for event in stream]
    assert (kinds[0], kinds[-2], kinds[-1]) == ("message_start", "message_delta", "message_stop")


def test_a_tool_round_trip(client: anthropic.Anthropic, target: Target) -> None:
    first = client.messages.create(
        model=target.messages_model, max_tokens=500, messages=said(TOOL_WISH), tools=[SHELL]
    )
    assert first.stop_reason == "tool_use"
    last = client.messages.create(
        model=target.messages_model,
        max_tokens=500,
        messages=after_the_tool(first, "hi"),
        tools=[SHELL],
    )
    assert text_of(last) == "The tool returned: hi"


def test_a_streamed_tool_call_with_thinking(client: anthropic.Anthropic, target: Target) -> None:
    with client.messages.stream(
        model=target.messages_model,
        max_tokens=2000,
        messages=said(TOOL_WISH),
        tools=[SHELL],
        thinking={"type": "adaptive"},
    ) as stream:
        message = stream.get_final_message()
    assert [block.type for block in message.content] == ["thinking", "tool_use"]
    assert after_the_tool(message, "hi")


def test_a_marked_prompt_is_cached_the_second_time(client: anthropic.Anthropic, target: Target) -> None:
    def ask() -> Usage:
        return client.messages.create(
            model=target.messages_model,
            max_tokens=500,
            system=[
                {
                    "type": "text",
                    "text": f"{target.name} " * 1000,
                    "cache_control": {"type": "ephemeral", "ttl": "1h"},
                }
            ],
            messages=said("hi"),
        ).usage

    first, second = ask(), ask()
    assert first.cache_creation is not None
    written = first.cache_creation.ephemeral_1h_input_tokens
    assert written > 1024
    assert (first.cache_read_input_tokens, second.cache_read_input_tokens) == (0, written)


def test_tokens_are_counted(client: anthropic.Anthropic, target: Target) -> None:
    counted = client.messages.count_tokens(model=target.messages_model, messages=said("hi there"))
    assert counted.input_tokens == 6


def test_a_broken_stream_is_an_error(client: anthropic.Anthropic, target: Target) -> None:
    with (
        pytest.raises(Exception, match=r"(?i)peer|incomplete|connection|upstream"),
        client.messages.stream(
            model=target.messages_model, max_tokens=500, messages=said("hi [[demo cut:4]]")
        ) as stream,
    ):
        stream.until_done()


async def test_an_answer_async(async_client: anthropic.AsyncAnthropic, target: Target) -> None:
    message = await async_client.messages.create(
        model=target.messages_model, max_tokens=500, messages=said(f"hi {FIGURES}")
    )
    check_figures(message.usage)


async def test_a_stream_async(async_client: anthropic.AsyncAnthropic, target: Target) -> None:
    async with async_client.messages.stream(
        model=target.messages_model, max_tokens=500, messages=said(f"hi {FIGURES}")
    ) as stream:
        pieces = [piece async for piece in stream.text_stream]
        message = await stream.get_final_message()
    assert "".join(pieces) == text_of(message)
    check_figures(message.usage)


async def test_a_tool_round_trip_async(async_client: anthropic.AsyncAnthropic, target: Target) -> None:
    async with async_client.messages.stream(
        model=target.messages_model, max_tokens=500, messages=said(TOOL_WISH), tools=[SHELL]
    ) as stream:
        first = await stream.get_final_message()
    last = await async_client.messages.create(
        model=target.messages_model, max_tokens=500, messages=after_the_tool(first, "hi")
    )
    assert text_of(last) == "The tool returned: hi"
