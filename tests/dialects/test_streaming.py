"""Relaying streams: the cut into chunks changes nothing; usage, end and errors are seen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from anthropic.types import RawMessageStreamEvent
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk
from pydantic import TypeAdapter

from faregate.core.usage import Usage
from faregate.dialects import DIALECTS, estimate, openai_chat, sse
from faregate.dialects.reported import Reported
from faregate.dialects.stream import MAX_EVENT_BYTES, StreamScanner
from tests.dialects.sse_fixtures import (
    CHUNK,
    chat_payloads,
    chat_stream,
    data_event,
    delta,
    messages_event,
    messages_payloads,
    messages_stream,
    responses_stream,
    usage_chunk,
)

CHAT_FOUND = Usage(input=40, cached=60, output=7)
MESSAGES_FOUND = Usage(input=11, cached=900, cache_write_5m=20, cache_write_1h=30, output=40, tool_calls=2)


def scanner_of(dialect: str, *, asks: bool = False) -> StreamScanner:
    body: dict[str, Any] = {"model": "m", "messages": [], "stream": True}
    if asks:
        body["stream_options"] = {"include_usage": True}
    module = DIALECTS[dialect]
    return module.scanner(module.read(json.dumps(body).encode()))


def relay(scanner: StreamScanner, chunks: Iterable[bytes]) -> bytes:
    return b"".join([*(scanner.feed(chunk) for chunk in chunks), scanner.close()])


def relay_framed(scanner: StreamScanner, chunks: Iterable[bytes]) -> bytes:
    """As the gate does with chunks that came in the framing of HTTP."""
    relayed = []
    for chunk in chunks:
        framed = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        passed = bool(chunk) and scanner.passes(framed, framed.index(b"\n") + 1)
        relayed.append(chunk if passed else scanner.feed(chunk))
    return b"".join([*relayed, scanner.close()])


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


def facts(scanner: StreamScanner) -> tuple[object, ...]:
    return scanner.reported, scanner.model, scanner.ended, scanner.error, scanner.output_bytes, scanner.broken


def sound(stream: bytes) -> bytes:
    """The stream up to the first event that holds no JSON object."""
    kept = b""
    for event in sse.events(stream):
        data = sse.data(event).strip()
        if data and data != b"[DONE]":
            try:
                json.loads(data)
            except ValueError:
                return kept + event[: len(event) - len(event.lstrip(b"\r\n"))]
        kept += event
    return kept


def test_fixtures_are_what_the_official_types_hold() -> None:
    for payload in [*chat_payloads("a", "b"), usage_chunk()]:
        ChatCompletionChunk.model_validate(payload, strict=True)
    adapter: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)
    for event in messages_payloads("a", "b"):
        adapter.validate_python(event, strict=True)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_usage_chunk_is_hidden_from_a_client_that_has_not_asked(newline: str) -> None:
    scanner = scanner_of("openai_chat")
    stream = chat_stream("Hello", " there", newline=newline)
    assert relay(scanner, [stream]) == chat_stream("Hello", " there", usage=False, newline=newline)
    assert scanner.reported == Reported(CHAT_FOUND, "up-1")
    assert scanner.ended


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_usage_chunk_reaches_a_client_that_has_asked(newline: str) -> None:
    scanner = scanner_of("openai_chat", asks=True)
    stream = chat_stream("Hello", newline=newline)
    assert relay(scanner, [stream]) == stream
    assert scanner.reported == Reported(CHAT_FOUND, "up-1")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_messages_stream_is_relayed_whole_and_its_usage_is_the_last_said(newline: str) -> None:
    scanner = scanner_of("anthropic_messages")
    stream = messages_stream("Hello", " there", newline=newline)
    assert relay(scanner, [stream]) == stream
    assert scanner.reported == Reported(MESSAGES_FOUND, "up-1")
    assert scanner.ended


ODD_CHAT = [
    b": ping\n\n",
    b"\n",
    b"\r\n",
    b"\n\n\n",
    b"id: 7\nretry: 10\n\n",
    b'data: {"choices":[],\ndata: "usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
    b'data: {"choices":[],"usage":null}\r\n\r\n',
    b'data: {"choices":[{"delta":{"content":"say \\"usage\\": {} [DONE] error"}}]}\n\n',
    b'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n',
    b"data: {broken \n\n",
    b"data:\n\n",
    data_event(usage_chunk(), compact=False),
    data_event(usage_chunk(), newline="\r\n"),
    data_event(delta(content="привет \U0001f600")),
    data_event(delta(tool_calls=[{"index": 0, "function": {"arguments": '{"a":1}'}}])),
    data_event(CHUNK | {"choices": [], "prompt_filter_results": []}),
    chat_stream("Hello", " there", "."),
    b'data: {"cut off',
]
ODD_MESSAGES = [
    b"event: ping\ndata: {}\n\n",
    b"\n",
    messages_stream("Hello", " there", newline="\r\n"),
    messages_stream("Hello"),
    messages_event({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 99}}),
    messages_event({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}),
    b'event: content_block_delta\ndata: {"delta":{"text":"message_stop \\"usage\\""}}\n\n',
]


@given(st.lists(st.sampled_from(ODD_CHAT)), st.lists(st.integers(0, 10**6)), st.booleans())
def test_no_cut_of_a_chat_stream_changes_what_is_relayed_or_seen(
    parts: list[bytes], places: list[int], asks: bool
) -> None:
    stream = b"".join(parts)
    whole, pieces = scanner_of("openai_chat", asks=asks), scanner_of("openai_chat", asks=asks)
    bytewise = scanner_of("openai_chat", asks=asks)
    relayed = relay(whole, [stream])
    assert relay(pieces, cut(stream, places)) == relayed
    assert relay(bytewise, (stream[n : n + 1] for n in range(len(stream)))) == relayed
    assert facts(whole) == facts(pieces) == facts(bytewise)
    if asks:
        assert relayed == sound(stream)
    assert whole.broken == (len(sound(stream)) < len(stream))


@given(st.lists(st.sampled_from(ODD_MESSAGES)), st.lists(st.integers(0, 10**6)))
def test_no_cut_of_a_messages_stream_changes_what_is_seen(parts: list[bytes], places: list[int]) -> None:
    stream = b"".join(parts)
    whole, pieces = scanner_of("anthropic_messages"), scanner_of("anthropic_messages")
    assert relay(whole, [stream]) == relay(pieces, cut(stream, places)) == stream
    assert facts(whole) == facts(pieces)


@given(st.lists(st.sampled_from(ODD_CHAT)), st.lists(st.integers(0, 10**6)), st.booleans())
def test_chunks_of_chat_that_pass_unread_are_the_same_stream(
    parts: list[bytes], places: list[int], asks: bool
) -> None:
    for chunks in (parts, cut(b"".join(parts), places)):
        whole, framed = scanner_of("openai_chat", asks=asks), scanner_of("openai_chat", asks=asks)
        assert relay_framed(framed, chunks) == relay(whole, [b"".join(parts)])
        assert facts(framed) == facts(whole)


@given(st.lists(st.sampled_from(ODD_MESSAGES)), st.lists(st.integers(0, 10**6)))
def test_chunks_of_messages_that_pass_unread_are_the_same_stream(parts: list[bytes], places: list[int]) -> None:
    for chunks in (parts, cut(b"".join(parts), places)):
        whole, framed = scanner_of("anthropic_messages"), scanner_of("anthropic_messages")
        assert relay_framed(framed, chunks) == relay(whole, [b"".join(parts)])
        assert facts(framed) == facts(whole)


@given(st.lists(st.sampled_from(ODD_CHAT)), st.lists(st.integers(0, 10**6)))
def test_before_the_end_only_whole_events_are_relayed(parts: list[bytes], places: list[int]) -> None:
    scanner = scanner_of("openai_chat")
    for chunk in cut(b"".join(parts), places):
        relayed = scanner.feed(chunk)
        assert not relayed.strip(b"\r\n") or relayed.endswith((b"\n\n", b"\n\r\n"))


def test_a_usage_chunk_without_a_closing_blank_line_counts_and_stays_hidden() -> None:
    scanner = scanner_of("openai_chat")
    assert relay(scanner, [data_event(usage_chunk())[:-2]]) == b""
    assert scanner.reported == Reported(CHAT_FOUND, "up-1")


def test_a_chunk_with_words_and_usage_is_relayed() -> None:
    scanner = scanner_of("openai_chat")
    event = data_event(delta(content="x") | {"usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    assert relay(scanner, [event]) == event
    assert scanner.reported == Reported(Usage(input=1, output=1), "up-1")


def test_null_usage_in_every_chunk_is_no_report() -> None:
    scanner = scanner_of("openai_chat")
    events = [data_event(delta(content="x") | {"usage": None}) for _ in range(3)]
    assert relay(scanner, events) == b"".join(events)
    assert scanner.reported is None
    assert not scanner.ended


@pytest.mark.parametrize(
    ("dialect", "event", "kind"),
    [
        ("openai_chat", data_event({"error": {"message": "Busy", "type": "t", "code": "c"}}), "c"),
        ("openai_chat", data_event({"error": {"message": "Busy", "type": "t", "code": None}}), "t"),
        (
            "anthropic_messages",
            messages_event({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}),
            "overloaded_error",
        ),
    ],
)
def test_an_error_of_the_upstream_is_relayed_and_noted(dialect: str, event: bytes, kind: str) -> None:
    scanner = scanner_of(dialect)
    assert relay(scanner, [event]) == event
    assert scanner.error == (kind, "Busy")
    assert not scanner.ended


LATER: list[tuple[str, dict[str, Any], Usage]] = [
    ("output alone", {"output_tokens": 9}, Usage(input=100, cached=5, output=9)),
    ("zeros for input", {"input_tokens": 0, "output_tokens": 9}, Usage(input=100, cached=5, output=9)),
    (
        "input known only at the end",
        {"input_tokens": 40, "cache_read_input_tokens": 65, "output_tokens": 9},
        Usage(input=40, cached=65, output=9),
    ),
    ("nulls", {"input_tokens": None, "output_tokens": 9}, Usage(input=100, cached=5, output=9)),
]


@pytest.mark.parametrize(("later", "usage"), [pytest.param(row[1], row[2], id=row[0]) for row in LATER])
def test_a_later_report_updates_the_first(later: dict[str, Any], usage: Usage) -> None:
    scanner = scanner_of("anthropic_messages")
    first = {"input_tokens": 100, "cache_read_input_tokens": 5, "output_tokens": 1}
    start = {"type": "message_start", "message": {"model": "m", "usage": first}}
    scanner.feed(messages_event(start))
    scanner.feed(messages_event({"type": "message_delta", "delta": {}, "usage": later}))
    assert scanner.reported == Reported(usage, "m")


def test_an_event_too_long_to_hold_passes_in_pieces() -> None:
    scanner = scanner_of("openai_chat")
    stream = data_event(delta(content="x" * (2 * MAX_EVENT_BYTES))) + chat_stream("Hello")
    pieces = [stream[start : start + 65_536] for start in range(0, len(stream), 65_536)]
    relayed = [scanner.feed(piece) for piece in pieces]
    wanted = stream.replace(data_event(usage_chunk()), b"")
    assert b"".join([*relayed, scanner.close()]) == wanted
    assert max(len(piece) for piece in relayed) <= MAX_EVENT_BYTES + 2 * 65_536
    assert scanner.reported == Reported(CHAT_FOUND, "up-1")


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_output_is_measured_within_a_tenth_when_nothing_is_reported(dialect: str) -> None:
    texts = [f"word {number} and more text" for number in range(200)]
    streams = {
        "openai_chat": chat_stream(*texts, usage=False),
        "openai_responses": responses_stream(*texts, usage=None),
        "anthropic_messages": messages_stream(*texts),
    }
    stream = streams[dialect]
    scanner = scanner_of(dialect)
    relay(scanner, [stream])
    text_bytes = len("".join(texts))
    assert abs(scanner.output_bytes - text_bytes) * 10 < text_bytes


def test_tool_calls_are_measured_without_their_wrapping() -> None:
    scanner = scanner_of("openai_chat")
    scanner.feed(data_event(delta(content="Let me look.")))
    for _ in range(100):
        call = [{"index": 0, "function": {"arguments": "argument"}}]
        scanner.feed(data_event(delta(tool_calls=call)))
    assert abs(scanner.output_bytes - 812) < 250


def test_a_stream_cut_before_any_text_measured_nothing() -> None:
    scanner = scanner_of("openai_chat")
    scanner.feed(data_event(delta(role="assistant", content="")))
    assert scanner.output_bytes == 0


def test_missing_usage_is_estimated_within_the_bound_of_the_request() -> None:
    body = b'{"model":"m","max_tokens":10,"n":2,"messages":[]}'
    request = openai_chat.read(body)
    input_tokens = -(-len(body) // 4)
    assert estimate.missing_usage(request, 9) == Usage(input=input_tokens, output=3)
    assert estimate.missing_usage(request, 9_000) == Usage(input=input_tokens, output=20)
    assert estimate.hold_usage(request, 500) == Usage(input=input_tokens, output=20)
    assert estimate.hold_usage(request, 4) == Usage(input=input_tokens, output=8)


@pytest.mark.parametrize("size", [40_000, 1_000_000])
def test_encoded_media_count_by_the_piece(size: int) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0K" * (size // 8)}}
    content = [{"type": "text", "text": "word " * 4_000}, picture, picture]
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
    assert 2 * 1_600 + 5_000 <= estimate.input_tokens(body) <= 2 * 1_600 + 5_200
