"""The official OpenAI SDK on Responses, embeddings and images, by changing base URL and key alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest
from openai.types.responses import FunctionToolParam, Response, ResponseCompletedEvent
from pydantic import BaseModel

from tests.clients.books import Account
from tests.clients.targets import Gate, Target

FIGURES = "[[demo usage(input=120,cached=9000,output=45,reasoning=5)]]"
WISH = '[[tool get_weather {"city":"Lisbon"}]]'
WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}
USED = {"input": 120, "cached": 9000, "cache_write_5m": 0, "cache_write_1h": 0, "output": 45}
LIST_VALUE = "0.001725"  # 120 × 1.25 + 9000 × 0.125 + 45 × 10, a million each


class Weather(BaseModel):
    """A structured answer."""

    city: str
    degrees: int


@pytest.fixture
def client(target: Target) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{target.base_url}/v1", api_key=target.key) as opened:
        yield opened


@pytest.fixture
async def async_client(target: Target) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{target.base_url}/v1", api_key=target.key) as opened:
        yield opened


def check_figures(answer: Response) -> None:
    usage = answer.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (9120, 45, 9165)
    assert usage.input_tokens_details.cached_tokens == 9000
    assert usage.output_tokens_details.reasoning_tokens == 5


def test_an_answer(client: openai.OpenAI, target: Target) -> None:
    answer = client.responses.create(model=target.chat_model, input=f"hi {FIGURES}")
    assert answer.output_text.startswith('You said: "hi')
    check_figures(answer)


def test_a_stream(client: openai.OpenAI, target: Target) -> None:
    with client.responses.create(model=target.chat_model, input=f"hi {FIGURES}", stream=True) as stream:
        events = list(stream)
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert isinstance(events[-1], ResponseCompletedEvent)
    assert text == events[-1].response.output_text
    check_figures(events[-1].response)


def test_a_tool_round_trip(client: openai.OpenAI, target: Target) -> None:
    ask = client.responses.create
    first = ask(model=target.chat_model, input=WISH, tools=[WEATHER])
    (call,) = first.output
    assert call.type == "function_call"
    said: list[Any] = [
        {"role": "user", "content": WISH},
        call,
        {"type": "function_call_output", "call_id": call.call_id, "output": "rain"},
    ]
    last = ask(model=target.chat_model, input=said, tools=[WEATHER])
    assert last.output_text == "The tool returned: rain"


def test_a_streamed_call_is_put_together_by_the_sdk(client: openai.OpenAI, target: Target) -> None:
    with client.responses.stream(model=target.chat_model, input=WISH, tools=[WEATHER]) as stream:
        (call,) = stream.get_final_response().output
    assert call.type == "function_call"
    assert call.arguments == '{"city":"Lisbon"}'


def test_an_answer_is_gone_on_from(client: openai.OpenAI, target: Target) -> None:
    first = client.responses.create(model=target.chat_model, input=WISH, tools=[WEATHER])
    (call,) = first.output
    assert call.type == "function_call"
    result: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "sun"}]
    last = client.responses.create(model=target.chat_model, input=result, previous_response_id=first.id)
    assert last.output_text == "The tool returned: sun"
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=target.chat_model, input="hi", previous_response_id="resp_of_nobody")
    assert caught.value.param == "previous_response_id"


def test_a_structured_answer_is_parsed(client: openai.OpenAI, target: Target) -> None:
    answer = client.responses.parse(model=target.chat_model, input="weather?", text_format=Weather)
    assert answer.output_parsed == Weather(city="demo", degrees=1)


@pytest.mark.parametrize("fault", ["cut:6", "error-event:6"])
def test_a_broken_stream_never_looks_whole(client: openai.OpenAI, target: Target, fault: str) -> None:
    kinds: list[str] = []
    try:
        with client.responses.create(model=target.chat_model, input=f"hi [[demo {fault}]]", stream=True) as stream:
            kinds += [event.type for event in stream]
    except openai.APIError:
        kinds.append("raised")
    assert kinds[-1] in ("raised", "response.failed", "error")


async def test_a_tool_round_trip_async(async_client: openai.AsyncOpenAI, target: Target) -> None:
    ask = async_client.responses
    async with ask.stream(model=target.chat_model, input=WISH, tools=[WEATHER]) as stream:
        first = await stream.get_final_response()
    (call,) = first.output
    assert call.type == "function_call"
    result: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "sun"}]
    last = await ask.create(model=target.chat_model, input=result, previous_response_id=first.id)
    assert last.output_text == "The tool returned: sun"


def test_a_history_is_made_shorter_and_tokens_are_counted(client: openai.OpenAI, target: Target) -> None:
    shorter = client.responses.compact(model=target.chat_model, input="a long story")
    assert shorter.output[-1].type == "compaction"
    counted = client.responses.input_tokens.count(model=target.chat_model, input="12345678")
    assert counted.input_tokens == 6


def test_texts_are_embedded_and_pictures_drawn(client: openai.OpenAI, target: Target) -> None:
    embedded = client.embeddings.create(model="text-embedding-3-small", input=["one", "two"], dimensions=8)
    assert [len(each.embedding) for each in embedded.data] == [8, 8]
    assert embedded.usage.total_tokens == 2
    drawn = client.images.generate(model="gpt-image-1", prompt="a cat", n=2)
    assert len(drawn.data or ()) == 2
    with client.images.generate(model="gpt-image-1", prompt="a cat", stream=True, partial_images=1) as stream:
        kinds = [event.type for event in stream]
    assert kinds == ["image_generation.partial_image", "image_generation.completed"]


# ---- what the gate counts


@pytest.fixture
def account(metered: Gate) -> Account:
    return metered.books.new_account("counted", "trial/all")


@pytest.fixture
def counted(metered: Gate, account: Account) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{metered.url}/v1", api_key=account.key, max_retries=0) as opened:
        yield opened


def test_responses_are_charged_what_was_reported(metered: Gate, account: Account, counted: openai.OpenAI) -> None:
    counted.responses.create(model="gpt-5", input=f"hi {FIGURES}")
    # Another one: the same prompt sent again soon after, as clients do on their own, counts as one.
    list(counted.responses.create(model="gpt-5", input=f"hello {FIGURES}", stream=True))
    for row in metered.books.settled(account.id, 2):
        assert {name: row["usage"][name] for name in USED} == USED
        assert (row["usage"]["prompts"], row["usage"]["requests"]) == (1, 1)
        assert (row["model"], row["client"], row["upstream"]) == ("openai/gpt-5", "openai-sdk", "demo-openai")
        assert (row["list_value"], row["outcome"], row["estimated"]) == (LIST_VALUE, "ok", False)


def test_embeddings_and_images_are_charged_and_are_no_prompts(
    metered: Gate, account: Account, counted: openai.OpenAI
) -> None:
    counted.embeddings.create(model="text-embedding-3-small", input="12345678")
    counted.images.generate(model="gpt-image-1", prompt="12345678", n=2)
    embedded, drawn = (row["usage"] for row in metered.books.settled(account.id, 2))
    assert (embedded["input"], embedded["output"], embedded["prompts"]) == (2, 0, 0)
    assert (drawn["input"], drawn["output"], drawn["images"], drawn["prompts"]) == (2, 2112, 2, 0)


def test_counting_costs_nothing(metered: Gate, account: Account, counted: openai.OpenAI) -> None:
    assert counted.responses.input_tokens.count(model="gpt-5", input="12345678").input_tokens == 6
    assert metered.books.settled(account.id, 0) == []
    assert metered.books.windows(account.id)["trial/all:rpm"]["used"] == "0"
