"""What clients are given is what their official SDKs know: every answer and every event of a stream."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from google.genai.types import GenerateContentResponse
from hypothesis import given, settings
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from faregate.conversion import DIALECTS, Conversion
from faregate.conversion.answer import Answer, events_of
from faregate.conversion.ask import Ask
from faregate.conversion.event_feed import EventFeed
from faregate.conversion.tool_names import ToolNames
from tests.conversion.neutral import PAIRS, answers

WHOLE: dict[str, TypeAdapter[Any]] = {
    "openai_chat": TypeAdapter(ChatCompletion),
    "anthropic_messages": TypeAdapter(Message),
    "openai_responses": TypeAdapter(Response),
    "google_generate": TypeAdapter(GenerateContentResponse),
}
PARTS: dict[str, TypeAdapter[Any]] = {
    "openai_chat": TypeAdapter(ChatCompletionChunk),
    "anthropic_messages": TypeAdapter(RawMessageStreamEvent),
    "openai_responses": TypeAdapter(ResponseStreamEvent),
    "google_generate": TypeAdapter(GenerateContentResponse),
}
ASK = Ask("some-model", (), wants_usage=True, stream=True, max_output=100)
few = settings(max_examples=20)
"""Of each pair: there are a dozen."""
pairs = pytest.mark.parametrize(("client", "upstream"), PAIRS)


def _body(client: str) -> bytes:
    body = DIALECTS[client].write_ask(ASK, ASK.model, ToolNames())
    return json.dumps(body).encode()


@pairs
@few
@given(answer=answers())
def test_an_answer_is_one_of_the_sdk(client: str, upstream: str, answer: Answer) -> None:
    sent = json.dumps(DIALECTS[upstream].write_reply(ASK, answer, 1_790_000_000)).encode()
    reply = Conversion(client, upstream, _body(client)).reply(sent, "my-model", 1_790_000_000)
    WHOLE[client].validate_json(reply)


@pairs
@few
@given(answer=answers())
def test_every_event_of_a_stream_is_one_of_the_sdk(client: str, upstream: str, answer: Answer) -> None:
    writer = DIALECTS[upstream].writer(ASK, 1_790_000_000)
    sent = b"".join(writer.write(event) for event in events_of(answer)) + writer.close()
    stream = Conversion(client, upstream, _body(client)).stream("my-model", 1_790_000_000)
    received = stream.feed(sent) + stream.close()
    records = [record for record in EventFeed().feed(received) if record is not None]
    for record in records:
        PARTS[client].validate_python(record)
    if client == "openai_responses":
        assert [record["sequence_number"] for record in records] == list(range(len(records)))
        WHOLE[client].validate_python(records[-1]["response"])
