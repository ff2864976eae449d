"""Streams that upstreams are free to send: pieces of calls made at once in turn, parts told whole, texts in parts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.conversion import Conversion
from faregate.conversion.answer import Folding, PartBegan, PartEnded
from faregate.conversion.ask import Call, Text
from faregate.conversion.conversion import DIALECTS
from faregate.conversion.event_feed import EventFeed
from tests.conversion.whole_bodies import chunk, stream_of

CHAT, MESSAGES, RESPONSES, GOOGLE = "openai_chat", "anthropic_messages", "openai_responses", "google_generate"
END = [chunk({}, "tool_calls"), None]


def _piece(index: int | None, arguments: Any, id: str = "", name: str = "") -> dict[str, Any]:
    call: dict[str, Any] = {"function": {"name": name or None, "arguments": arguments}}
    if id:
        call |= {"id": id, "type": "function"}
    return call if index is None else {"index": index, **call}


def _arrived(client: str, upstream: str, records: list[Any]) -> list[Any]:
    """The parts a client makes of a stream; each was ended before the next one began."""
    bodies: dict[str, dict[str, Any]] = {
        MESSAGES: {"max_tokens": 9, "messages": []},
        RESPONSES: {"input": "x"},
        GOOGLE: {"contents": []},
        CHAT: {"messages": []},
    }
    stream = Conversion(
        client, upstream, json.dumps({"model": "m", "stream": True, **bodies[client]}).encode()
    ).stream("m", 0)
    sent = stream.feed(stream_of(records)) + stream.close()
    reader, folding, open_parts = DIALECTS[client].reader(), Folding(), 0
    for record in EventFeed().feed(sent):
        for event in reader.read(record):
            folding.take(event)
            open_parts += isinstance(event, PartBegan) - isinstance(event, PartEnded)
            assert open_parts in (0, 1)
    assert reader.ended
    return list(folding.answer().parts)


@pytest.mark.parametrize("client", [MESSAGES, RESPONSES, GOOGLE])
def test_pieces_of_calls_in_turn_come_out_call_by_call(client: str) -> None:
    records = [
        chunk({"tool_calls": [_piece(0, "", "call_a", "read"), _piece(1, "", "call_b", "run")]}),
        chunk({"tool_calls": [_piece(1, '{"x":')]}),
        chunk({"tool_calls": [_piece(0, '{"p":1}')]}),
        chunk({"tool_calls": [_piece(1, "2}")]}),
        *END,
    ]
    calls = _arrived(client, CHAT, records)
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [("read", {"p": 1}), ("run", {"x": 2})]


def test_a_call_after_a_whole_one_is_told_as_it_comes() -> None:
    body = json.dumps({"model": "m", "max_tokens": 9, "stream": True, "messages": []}).encode()
    stream = Conversion(MESSAGES, CHAT, body).stream("m", 0)
    first = [
        chunk({"tool_calls": [_piece(0, '{"p":1}', "call_a", "read")]}),
        chunk({"tool_calls": [_piece(1, '{"x"', "call_b", "run")]}),
    ]
    stream.feed(stream_of(first))
    assert b'"partial_json":":2}"' in stream.feed(stream_of([chunk({"tool_calls": [_piece(1, ":2}")]})]))


def test_calls_under_one_number_are_told_apart_by_their_ids() -> None:
    pieces = [_piece(0, '{"p":1}', "call_a", "read"), _piece(0, '{"p":2}', "call_b", "read")]
    calls = _arrived(MESSAGES, CHAT, [*(chunk({"tool_calls": [piece]}) for piece in pieces), *END])
    assert [(call.id, call.arguments) for call in calls] == [("call_a", '{"p":1}'), ("call_b", '{"p":2}')]


def test_pieces_without_a_number_belong_to_the_call_before() -> None:
    pieces = [_piece(None, '{"p"', "call_a", "read"), _piece(None, ":1}"), _piece(None, "{}", "call_b", "run")]
    calls = _arrived(MESSAGES, CHAT, [*(chunk({"tool_calls": [piece]}) for piece in pieces), *END])
    assert [(call.id, call.arguments) for call in calls] == [("call_a", '{"p":1}'), ("call_b", "{}")]


def test_arguments_given_as_an_object_are_json() -> None:
    records = [chunk({"tool_calls": [_piece(0, {"p": "é"}, "call_a", "read")]}), *END]
    assert _arrived(MESSAGES, CHAT, records) == [Call("call_a", "read", '{"p":"é"}')]


def test_a_text_given_in_parts_is_a_text() -> None:
    content = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "hi"}]
    assert _arrived(MESSAGES, CHAT, [chunk({"content": content}), chunk({}, "stop"), None]) == [Text("hi")]
    conversion = Conversion(MESSAGES, CHAT, b'{"model":"m","max_tokens":9,"messages":[]}')
    reply = {"id": "r", "choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
    assert json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))["content"][0]["text"] == "hi"


@pytest.mark.parametrize("client", [MESSAGES, CHAT, GOOGLE])
@pytest.mark.parametrize("announced", [True, False])
def test_items_of_responses_that_are_told_whole_arrive(client: str, announced: bool) -> None:
    call: dict[str, Any] = {"type": "function_call", "call_id": "call_a", "name": "read", "arguments": '{"p":1}'}
    said: dict[str, Any] = {"type": "message", "content": [{"type": "output_text", "text": "hi"}]}
    records: list[Any] = [{"type": "response.created", "response": {"id": "resp_1"}}]
    for index, item in enumerate((said, call)):
        if announced:
            empty = {**item, "content": [], "arguments": ""}
            records.append({"type": "response.output_item.added", "output_index": index, "item": empty})
        records.append({"type": "response.output_item.done", "output_index": index, "item": item})
    records.append({"type": "response.completed", "response": {"status": "completed", "usage": {}}})
    parts = _arrived(client, RESPONSES, records)
    assert [part.text if isinstance(part, Text) else part.arguments for part in parts] == ["hi", '{"p":1}']


def test_the_usage_a_client_is_told_is_the_one_that_is_charged() -> None:
    conversion = Conversion(MESSAGES, CHAT, b'{"model":"m","max_tokens":9,"messages":[]}')
    usage = {
        "prompt_tokens": 10,
        "cached_tokens": 4,
        "completion_tokens": 5,
        "completion_tokens_details": {"reasoning_tokens": 7},
        "total_tokens": 22,
    }
    reply = {"id": "r", "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": usage}
    told = json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))["usage"]
    assert (told["input_tokens"], told["cache_read_input_tokens"], told["output_tokens"]) == (6, 4, 12)


@pytest.mark.parametrize("client", [MESSAGES, CHAT, RESPONSES])
def test_a_picture_that_has_no_place_in_an_answer_is_named_there(client: str) -> None:
    made = [{"text": "Here: "}, {"inlineData": {"mimeType": "image/png", "data": "aGk="}}]
    answer = {"candidates": [{"content": {"role": "model", "parts": made}, "finishReason": "STOP"}]}
    assert _arrived(client, GOOGLE, [answer]) == [Text("Here: [image/png, not carried]")]
