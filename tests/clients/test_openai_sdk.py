"""The official OpenAI SDK, sync and async, by changing base URL and key alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest
from openai.types.chat import (
    ChatCompletionChunk,
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageParam,
)

from tests.clients.targets import Target

FIGURES = "[[demo usage(input=120,cached=9000,output=45,reasoning=5)]]"
WEATHER: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
TOOL_WISH = '[[tool get_weather {"city":"Lisbon"}]]'


@pytest.fixture
def client(target: Target) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{target.base_url}/v1", api_key=target.key) as opened:
        yield opened


@pytest.fixture
async def async_client(target: Target) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{target.base_url}/v1", api_key=target.key) as opened:
        yield opened


def said(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def text_of(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def check_figures(usage: Any) -> None:
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (9120, 45, 9165)
    assert usage.prompt_tokens_details.cached_tokens == 9000
    assert usage.completion_tokens_details.reasoning_tokens == 5


def after_the_tool(call: Any, result: str) -> list[ChatCompletionMessageParam]:
    function = {"name": call.function.name, "arguments": call.function.arguments}
    called: Any = {"role": "assistant", "tool_calls": [{"id": call.id, "type": "function", "function": function}]}
    return [*said(TOOL_WISH), called, {"role": "tool", "tool_call_id": call.id, "content": result}]


def test_an_answer(client: openai.OpenAI, target: Target) -> None:
    answer = client.chat.completions.create(model=target.chat_model, messages=said(f"hi {FIGURES}"))
    assert answer.choices[0].message.content == (f'You said: "hi {FIGURES}". This is the demo upstream answering.')
    check_figures(answer.usage)


def test_a_stream_without_usage(client: openai.OpenAI, target: Target) -> None:
    with client.chat.completions.create(
        model=target.chat_model, messages=said(f"hi {FIGURES}"), stream=True
    ) as stream:
        chunks = list(stream)
    assert text_of(chunks).startswith('You said: "hi')
    assert all(chunk.choices for chunk in chunks)  # no usage chunk that nobody asked for
    assert [chunk.usage for chunk in chunks] == [None] * len(chunks)


def test_a_stream_with_usage(client: openai.OpenAI, target: Target) -> None:
    with client.chat.completions.create(
        model=target.chat_model,
        messages=said(f"hi {FIGURES}"),
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)
    check_figures(chunks[-1].usage)
    assert chunks[-1].choices == []


def test_a_tool_round_trip(client: openai.OpenAI, target: Target) -> None:
    ask = client.chat.completions
    first = ask.create(model=target.chat_model, messages=said(TOOL_WISH), tools=[WEATHER])
    assert first.choices[0].finish_reason == "tool_calls"
    calls = first.choices[0].message.tool_calls
    assert calls is not None
    last = ask.create(model=target.chat_model, messages=after_the_tool(calls[0], "rain"), tools=[WEATHER])
    assert last.choices[0].message.content == "The tool returned: rain"


def test_a_streamed_tool_call_is_put_together_by_the_sdk(client: openai.OpenAI, target: Target) -> None:
    with client.chat.completions.stream(model=target.chat_model, messages=said(TOOL_WISH), tools=[WEATHER]) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.tool_calls is not None
    assert message.tool_calls[0].function.arguments == '{"city":"Lisbon"}'


def test_a_broken_stream_is_an_error(client: openai.OpenAI, target: Target) -> None:
    with (
        client.chat.completions.create(
            model=target.chat_model, messages=said("hi [[demo cut:3]]"), stream=True
        ) as stream,
        pytest.raises(openai.APIError),
    ):
        list(stream)


async def test_an_answer_async(async_client: openai.AsyncOpenAI, target: Target) -> None:
    answer = await async_client.chat.completions.create(model=target.chat_model, messages=said(f"hi {FIGURES}"))
    check_figures(answer.usage)


async def test_a_stream_async(async_client: openai.AsyncOpenAI, target: Target) -> None:
    async with await async_client.chat.completions.create(
        model=target.chat_model,
        messages=said(f"hi {FIGURES}"),
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = [chunk async for chunk in stream]
    assert text_of(chunks).startswith('You said: "hi')
    check_figures(chunks[-1].usage)


async def test_a_tool_round_trip_async(async_client: openai.AsyncOpenAI, target: Target) -> None:
    ask = async_client.chat.completions
    async with ask.stream(model=target.chat_model, messages=said(TOOL_WISH), tools=[WEATHER]) as stream:
        message = (await stream.get_final_completion()).choices[0].message
    assert message.tool_calls is not None
    last = await ask.create(model=target.chat_model, messages=after_the_tool(message.tool_calls[0], "sun"))
    assert last.choices[0].message.content == "The tool returned: sun"
