"""OpenAI Responses: what is read of a request and a stream, and how the gate speaks in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from faregate.core.usage import Usage
from faregate.dialects import openai_compaction, openai_responses
from faregate.dialects.body import Request
from faregate.dialects.conversation import Message
from faregate.dialects.problem import BadBody, Problem
from faregate.dialects.quota import QuotaRefusal, RefusalKind
from faregate.dialects.reported import Reported
from faregate.dialects.responses_stream import ResponsesScanner
from faregate.dialects.stream import MAX_EVENT_BYTES
from tests.dialects.sse_fixtures import (
    RESPONSE,
    RESPONSES_USAGE,
    messages_event,
    responses_payloads,
    responses_stream,
)
from tests.dialects.test_streaming import cut, facts, relay, relay_framed, sound

NOW = 1_772_359_200_000_000
EVENTS: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
FOUND = Reported(Usage(input=40, cached=60, output=7), "up-1", "resp_1")


def read(**fields: Any) -> Request:
    return openai_responses.read(json.dumps({"model": "m", **fields}).encode())


def roles(given_input: Any) -> list[str]:
    conversation = openai_responses.conversation(read(input=given_input))
    return [conversation.message(index).role for index in range(conversation.message_count)]


# ---- requests


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"input": 7}, "field_wrong_type", "input"),
        ({"input": {}}, "field_wrong_type", "input"),
        ({"model": None}, "field_missing", "model"),
        ({"stream": "yes"}, "field_wrong_type", "stream"),
        ({"max_output_tokens": 0}, "field_out_of_range", "max_output_tokens"),
        ({"previous_response_id": 7}, "field_wrong_type", "previous_response_id"),
        ({"background": True}, "field_not_served", "background"),
        ({"conversation": "conv_1"}, "field_not_served", "conversation"),
        ({"conversation": {"id": "conv_1"}}, "field_not_served", "conversation"),
    ],
)
def test_what_cannot_be_served_is_refused_by_name(fields: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(BadBody) as caught:
        read(**fields)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_fields_are_read_and_nulls_mean_their_defaults() -> None:
    request = read(input="hi", stream=True, max_output_tokens=9, previous_response_id="resp_1", store=False)
    assert (request.stream, request.max_output, request.follows) == (True, 9, "resp_1")
    nulls = read(input=None, stream=None, background=None, conversation=None, previous_response_id=None)
    assert (nulls.stream, nulls.max_output, nulls.follows, nulls.wants_usage) == (False, None, "", True)


def test_only_the_models_name_is_changed_on_the_way_up() -> None:
    body = b'{ "input":"hi", "model" : "m","x":[1, 2],"stream":true}'
    request = openai_responses.read(body)
    assert openai_responses.upstream_body(request, "up") == body.replace(b'"m"', b'"up"')


# ---- who speaks


def test_items_are_of_the_user_the_model_or_a_tool() -> None:
    items = [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "x"}]},
        {"role": "user", "content": "hi"},
        {"type": "reasoning", "summary": [], "encrypted_content": "e"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "done"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "x"}]},
        {"type": "compaction_trigger"},
        {"type": "item_reference", "id": "msg_1"},
    ]
    assert roles(items) == ["developer", "user", "assistant", "assistant", "tool", "tool", "assistant", ""]


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_the_last_item_is_found_whatever_stands_in_it(separators: tuple[str, str]) -> None:
    parts = [{"type": "input_text", "text": 'a "{" b'}, {"type": "input_image", "image_url": "u", "x": [{"y": {}}]}]
    items = [{"role": "user", "content": "first"}, {"type": "message", "role": "user", "content": parts}]
    body = json.dumps({"model": "m", "input": items}, separators=separators).encode()
    conversation = openai_responses.conversation(openai_responses.read(body))
    last = conversation.from_end(0)
    assert last is not None
    assert [block.kind for block in last.blocks] == ["text", "media"]
    assert conversation._items is None  # found at the end, without reading the rest


def test_a_text_is_the_users_and_no_input_is_nobodys() -> None:
    conversation = openai_responses.conversation(read(input='say "hi"'))
    said = conversation.from_end(0)
    assert isinstance(said, Message)
    assert (said.role, said.blocks[0].text, conversation.from_end(1)) == ("user", 'say "hi"', None)
    assert openai_responses.conversation(read()).from_end(0) is None


def test_who_asks_is_told_by_the_instructions_the_schema_and_the_keys() -> None:
    text_format = {"format": {"type": "json_schema", "schema": {"properties": {"title": {}}}}}
    request = read(instructions="You are Codex", text=text_format, prompt_cache_key="k", user="u", tools=[{"a": 1}])
    conversation = openai_responses.conversation(request)
    assert "You are Codex" in conversation.system_head
    assert (conversation.schema_fields, conversation.cache_key) == (("title",), "k")
    assert (conversation.user_id, conversation.has_tools) == ("u", True)
    developer = [{"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "You are pi"}]}]
    assert "You are pi" in openai_responses.conversation(read(input=developer)).system_head


@pytest.mark.parametrize(
    "content",
    [
        "Be kind.",
        [{"type": "input_text", "text": "Be kind."}],
        [{"text": "Be kind.", "type": "input_text"}, {"x": 1}],
    ],
)
@pytest.mark.parametrize("role", ["developer", "system", "user"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_users_words_are_no_part_of_the_system_prompt(content: Any, role: str, separators: tuple[str, str]) -> None:
    for first in ({"role": role, "content": content}, {"content": content, "id": "m", "role": role}):
        items = [{"type": "message", **first}, {"role": "user", "content": "You are Cline"}]
        body = json.dumps({"model": "m", "input": items}, separators=separators).encode()
        head = openai_responses.conversation(openai_responses.read(body)).system_head
        assert ("Be kind." in head) is (role != "user")
        assert "Cline" not in head


def test_nobody_speaks_in_a_compaction() -> None:
    body = json.dumps({"model": "m", "input": [{"role": "user", "content": "hi"}]}).encode()
    conversation = openai_compaction.conversation(openai_compaction.read(body))
    assert (conversation.message_count, conversation.from_end(0)) == (0, None)


# ---- streams


def test_fixtures_are_what_the_official_types_hold() -> None:
    for payload in responses_payloads("a", "b"):
        EVENTS.validate_python(payload, strict=True)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_stream_is_relayed_whole_and_its_end_and_usage_are_seen(newline: str) -> None:
    scanner = ResponsesScanner()
    stream = responses_stream("Hello", " there", newline=newline)
    assert relay(scanner, [stream]) == stream
    assert (scanner.reported, scanner.ended, scanner.error) == (FOUND, True, None)
    assert (scanner.output_bytes, scanner.covered_bytes, scanner.sequence) == (11, 11, 9)


def ended(kind: str, **fields: Any) -> bytes:
    return messages_event({"type": f"response.{kind}", "sequence_number": 4, "response": {**RESPONSE, **fields}})


ODD = [
    b": ping\n\n",
    b"\n",
    b"event: x\r\n\r\n",
    b"data: {broken\n\n",
    b'data: {"type":7,"delta":7,"item":7,"response":7,"error":7}\n\n',
    b'data: {"type":"response.output_text.delta","delta":"response.completed \\u00e9","obfuscation":"xx"}\n\n',
    messages_event({"type": "error", "code": "c", "message": "Busy", "sequence_number": 3}),
    messages_event({"type": "response.output_item.done", "item": {"type": "web_search_call"}}),
    ended("incomplete", usage=RESPONSES_USAGE),
    ended("failed", error={"code": "server_error", "message": "Broken"}),
    responses_stream("Hello", " there", newline="\r\n"),
    responses_stream("Hé"),
    b"data: [DONE]\n\n",
    b'data: {"cut off',
]


@given(st.lists(st.sampled_from(ODD)), st.lists(st.integers(0, 10**6)))
def test_no_cut_of_a_stream_changes_what_is_relayed_or_seen(parts: list[bytes], places: list[int]) -> None:
    stream = b"".join(parts)
    whole, pieces = ResponsesScanner(), ResponsesScanner()
    assert relay(whole, [stream]) == relay(pieces, cut(stream, places)) == sound(stream)
    assert facts(whole) == facts(pieces)
    for chunks in (parts, cut(stream, places)):
        framed = ResponsesScanner()
        assert relay_framed(framed, chunks) == sound(stream)
        assert facts(framed) == facts(whole)


@pytest.mark.parametrize(
    ("event", "error", "is_end"),
    [
        (messages_event({"type": "error", "code": "c", "message": "Busy"}), ("c", "Busy"), False),
        (b'data: {"error":{"type":"t","message":"Busy"}}\n\n', ("t", "Busy"), False),
        (ended("failed", error={"code": "c", "message": "Busy"}), ("c", "Busy"), True),
        (ended("incomplete", usage=RESPONSES_USAGE), None, True),
    ],
)
def test_a_stream_ends_in_a_response_and_an_error_is_noted(event: bytes, error: object, is_end: bool) -> None:
    scanner = ResponsesScanner()
    assert relay(scanner, [event]) == event
    assert (scanner.error, scanner.ended) == (error, is_end)


def test_padding_and_what_is_said_again_is_no_output() -> None:
    scanner = ResponsesScanner()
    for _ in range(10):
        delta = {"type": "response.output_text.delta", "delta": "word", "obfuscation": "x" * 12}
        scanner.feed(messages_event(delta))
    scanner.feed(messages_event({"type": "response.output_text.done", "text": "word" * 10}))
    assert scanner.output_bytes == 40


def test_an_end_with_a_picture_in_it_is_read_whole_however_long() -> None:
    picture = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "x" * MAX_EVENT_BYTES}
    stream = ended("completed", output=[picture], usage=RESPONSES_USAGE)
    scanner = ResponsesScanner()
    pieces = [stream[start : start + 65_536] for start in range(0, len(stream), 65_536)]
    assert relay(scanner, pieces) == stream
    assert scanner.ended
    assert scanner.reported is not None
    assert scanner.reported.usage == Usage(input=40, cached=60, output=7, images=1)


@pytest.mark.parametrize("is_listed", [True, False])
def test_calls_of_tools_at_the_upstream_are_counted_once(is_listed: bool) -> None:
    kinds = ("web_search_call", "web_search_call", "code_interpreter_call", "function_call")
    items = [{"type": kind, "id": kind} for kind in kinds]
    scanner = ResponsesScanner()
    for item in items:
        scanner.feed(messages_event({"type": "response.output_item.done", "output_index": 0, "item": item}))
    scanner.feed(ended("completed", output=items if is_listed else [], usage=RESPONSES_USAGE))
    assert scanner.reported is not None
    assert scanner.reported.usage.tool_calls == 3
    whole = openai_responses.usage_of_reply(json.dumps({"output": items, "usage": RESPONSES_USAGE}).encode())
    assert whole is not None
    assert whole.usage.tool_calls == 3


def test_an_answer_that_the_upstream_keeps_is_named_and_no_other() -> None:
    for store, kept in ((True, "resp_1"), (None, "resp_1"), (False, "")):
        body = {**RESPONSE, "usage": RESPONSES_USAGE, "store": store}
        reported = openai_responses.usage_of_reply(json.dumps(body).encode())
        assert reported is not None
        assert reported.id == kept


# ---- how the gate speaks


def test_an_error_in_a_stream_goes_on_where_the_stream_was() -> None:
    scanner = ResponsesScanner()
    payloads = responses_payloads("Hello")[:5]
    scanner.feed(b"".join(messages_event(payload) for payload in payloads))
    said = openai_responses.error_event(Problem.TIMEOUT, "Gone.", request_id="req_1", stream=scanner)
    event = EVENTS.validate_python(json.loads(said.split(b"data: ")[1]), strict=True)
    assert event.type == "response.failed"
    assert (event.sequence_number, event.response.id, event.response.model) == (5, "resp_1", "up-1")
    assert event.response.error is not None
    assert (event.response.error.code, event.response.error.message) == ("server_error", "Gone.")


def test_an_error_before_any_event_is_one_of_the_official_types_too() -> None:
    said = openai_responses.error_event(Problem.TIMEOUT, "Gone.", request_id="req_1")
    event = EVENTS.validate_python(json.loads(said.split(b"data: ")[1]), strict=True)
    assert event.type == "response.failed"
    assert (event.sequence_number, event.response.id) == (0, "resp_req_1")


@pytest.mark.parametrize(
    ("kind", "seconds", "type_", "code"),
    [
        (RefusalKind.QUOTA, 60, "rate_limit_exceeded", "rate_limit_exceeded"),
        (RefusalKind.QUOTA, 61, "usage_limit_reached", "insufficient_quota"),
        (RefusalKind.RATE, 61, "usage_limit_reached", "rate_limit_exceeded"),
        (RefusalKind.BALANCE, None, "usage_limit_reached", "insufficient_quota"),
        (RefusalKind.CONCURRENCY, None, "rate_limit_exceeded", "rate_limit_exceeded"),
    ],
)
def test_codex_stops_at_a_refusal_that_lasts_and_waits_for_others(
    kind: RefusalKind, seconds: int | None, type_: str, code: str
) -> None:
    retry_at = None if seconds is None else NOW + seconds * 1_000_000
    reply = openai_responses.refusal(QuotaRefusal(kind, "5h", retry_at), NOW, tool="codex", request_id="r")
    error = json.loads(reply.body)["error"]
    headers = dict(reply.headers)
    assert (reply.status, error["type"], error["code"]) == (429, type_, code)
    lasts = type_ == "usage_limit_reached"
    assert (b"x-codex-promo-message" in headers) is lasts
    assert error.get("resets_at") == (NOW // 1_000_000 + seconds if lasts and seconds else None)
    assert (error["refused_by"], headers[b"x-request-id"]) == ("5h", b"r")
