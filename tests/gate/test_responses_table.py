"""The table of what is charged when things break, in OpenAI Responses: a test a row."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from faregate.core.usage import Usage
from faregate.gate.drains import DrainLimits
from tests.gate.answers import STREAM_HEAD, chunk, event, reply, replying, streaming
from tests.gate.house import House, house, request_bytes
from tests.gate.responses_answers import (
    COMPACT,
    EMBEDDINGS,
    IMAGES,
    ITEM_DONE,
    REPLY,
    RESPONSES,
    RESPONSES_BODY,
    START,
    STREAM,
    TEXT,
    delta,
    ended,
)
from tests.gate.test_table import Gated
from tests.wire.peers import Script, connected, until

REPORTED = Usage(input=6, cached=4, output=7)
STREAMED = {**RESPONSES_BODY, "stream": True}
OTHERS = [
    (COMPACT, RESPONSES_BODY),
    (EMBEDDINGS, {"model": "o-embed", "input": "x"}),
    (IMAGES, {"model": "o-draw", "prompt": "x"}),
]
EVENTS: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)


async def streamed(home: House, body: object = STREAMED) -> bytes:
    """All that the client gets, head and framing too."""
    async with connected(home.port) as client:
        await client.send(request_bytes(RESPONSES, body, ((b"connection", b"close"),)))
        return await client.rest()


def events_of(answer: bytes) -> list[ResponseStreamEvent]:
    """Every event of an answer, each of the official types."""
    data = [line[6:] for line in answer.split(b"\n") if line.startswith(b"data: ")]
    return [EVENTS.validate_python(msgspec.json.decode(each), strict=True) for each in data]


@pytest.mark.parametrize("path", [RESPONSES, "/responses", COMPACT, f"{RESPONSES}?x=1"])
async def test_a_whole_reply_is_charged_as_reported(path: str) -> None:
    seen: list[bytes] = []
    async with house(replying(reply(REPLY), seen)) as home:
        status, headers, said = await home.ask(path, RESPONSES_BODY)
        closing = await home.books.only_closing()
    assert (status, msgspec.json.decode(said)) == (200, REPLY)
    assert headers[b"x-request-id"] == headers[b"x-faregate-request-id"]
    assert (closing.usage, closing.facts) == (REPORTED, {"upstream": "re", "outcome": "ok"})
    wanted = path if path.startswith("/v1") else f"/v1{path}"
    assert seen[0].startswith(b"POST %b HTTP/1.1\r\n" % wanted.encode())
    assert b'"model":"codex-upstream"' in seen[0]
    assert b"Bearer sk-upstream" in seen[0]
    assert b"fg-secret" not in seen[0]


@pytest.mark.parametrize("status", ["completed", "incomplete"])
async def test_a_whole_stream_passes_as_it_is_and_is_charged_as_reported(status: str) -> None:
    events = [*STREAM[:-1], ended(status)]
    async with house(streaming(events)) as home:
        got, headers, said = await home.ask(RESPONSES, STREAMED)
        closing = await home.books.only_closing()
    assert (got, said) == (200, b"".join(events))
    assert headers[b"content-type"] == b"text/event-stream"
    assert (closing.usage, closing.facts) == (REPORTED, {"upstream": "re", "outcome": "ok"})


async def test_no_usage_reported_is_an_estimate_and_marked() -> None:
    async with house(replying(reply({**REPLY, "usage": None}))) as home:
        await home.ask(RESPONSES, RESPONSES_BODY)
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert closing.usage.input > 0
    assert closing.usage.output > 0
    assert closing.facts["estimated"] is True


async def test_no_usage_in_a_stream_is_an_estimate_from_its_text_alone() -> None:
    async with house(streaming([*STREAM[:-1], ended(usage=None)])) as home:
        await home.ask(RESPONSES, STREAMED)
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert closing.usage.output == 300
    assert closing.facts["estimated"] is True


@pytest.mark.parametrize("stream", [False, True])
async def test_zero_reported_is_zero(stream: bool) -> None:
    nothing = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    script = streaming([*START, ended(usage=nothing)]) if stream else replying(reply({**REPLY, "usage": nothing}))
    async with house(script) as home:
        await home.ask(RESPONSES, {**RESPONSES_BODY, "stream": stream})
        closing = await home.books.only_closing()
    assert (closing.usage, "estimated" in closing.facts) == (Usage(), False)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
async def test_an_error_of_the_upstream_is_released_and_passed_as_it_is(status: int, stream: bool) -> None:
    error = b'{"error":{"message":"said the upstream"}}'
    async with house(replying(reply(error, status, b"retry-after: 7", b"x-codex-primary-used-percent: 5"))) as home:
        got, headers, said = await home.ask(RESPONSES, {**RESPONSES_BODY, "stream": stream})
        closing = await home.books.only_closing()
    assert (got, said, headers[b"retry-after"]) == (status, error, b"7")
    assert b"x-codex-primary-used-percent" not in headers
    assert closing.usage is None
    assert closing.facts["reason"] == f"upstream_{status}"


@pytest.mark.parametrize("stream", [False, True])
async def test_what_fails_before_the_first_byte_is_released_and_a_real_status(stream: bool) -> None:
    async with house(replying(b"", hang=True), first_byte_seconds=0.01) as home:
        status, _, said = await home.ask(RESPONSES, {**RESPONSES_BODY, "stream": stream})
        closing = await home.books.only_closing()
    assert (status, closing.usage) == (504, None)
    assert msgspec.json.decode(said)["error"]["code"] == "timeout"


CUT = [
    pytest.param(streaming([*START, *TEXT], ending=b""), {}, "upstream_cut", id="cut"),
    pytest.param(streaming([*START, *TEXT]), {}, "upstream_cut", id="quiet end"),
    pytest.param(streaming([*START, *TEXT], ending=b"zzz\r\n"), {}, "upstream_cut", id="garbage"),
    pytest.param(streaming([*START, *TEXT, ITEM_DONE], ending=b""), {}, "upstream_cut", id="cut after the item"),
    pytest.param(
        streaming([*START, *TEXT], ending=b"", hang=True), {"idle_seconds": 0.02}, "idle_timeout", id="idle"
    ),
    pytest.param(
        streaming([*START, *TEXT, event("error", code="c", message="boom", param=None, sequence_number=6)]),
        {},
        "upstream_error",
        id="error event",
    ),
]


@pytest.mark.parametrize(("script", "limits", "outcome"), CUT)
async def test_a_stream_broken_off_is_estimated_and_ends_in_response_failed(
    script: Script, limits: dict[str, Any], outcome: str
) -> None:
    async with house(script, **limits) as home:
        answer = await streamed(home)
        closing = await home.books.only_closing()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"0\r\n\r\n")
    events = events_of(answer)
    last = events[-1]
    assert last.type == "response.failed"
    assert last.response.id == "resp_1"
    assert [each.sequence_number for each in events] == list(range(len(events)))
    assert closing.usage is not None
    assert closing.usage.output == 300
    assert closing.facts == {"upstream": "re", "outcome": outcome, "estimated": True}


async def test_a_response_that_fails_at_the_upstream_is_passed_on_and_charged_as_reported() -> None:
    failed = ended("failed", error={"code": "server_error", "message": "boom"})
    async with house(streaming([*START, *TEXT, failed])) as home:
        status, _, said = await home.ask(RESPONSES, STREAMED)
        closing = await home.books.only_closing()
    assert (status, said) == (200, b"".join([*START, *TEXT, failed]))
    assert (closing.usage, closing.facts) == (REPORTED, {"upstream": "re", "outcome": "upstream_error"})


async def test_a_reply_cut_in_the_middle_is_estimated() -> None:
    async with house(replying(reply(REPLY)[:-20], hang=True), idle_seconds=0.02) as home:
        status, _, _ = await home.ask(RESPONSES, RESPONSES_BODY)
        closing = await home.books.only_closing()
    assert status == 504
    assert closing.usage is not None
    assert closing.facts["estimated"] is True


def sending(data: bytes) -> Script:
    """Sends just these bytes and closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)

    return script


WHOLE = STREAM_HEAD + b"".join(chunk(each) for each in STREAM)


@pytest.mark.parametrize("end", range(len(STREAM_HEAD) + 1, len(WHOLE), 173))
async def test_a_stream_cut_at_any_byte_ends_well_formed_and_is_charged(end: int) -> None:
    async with house(sending(WHOLE[:end])) as home:
        answer = await streamed(home)
        closing = await home.books.only_closing()
    if not answer.startswith(b"HTTP/1.1 200 "):
        assert answer.startswith(b"HTTP/1.1 502 ")
        return
    events = events_of(answer)
    assert [each.sequence_number for each in events] == list(range(len(events)))
    assert events[-1].type == "response.failed"
    assert closing.usage is not None


async def test_an_event_that_is_no_json_ends_the_answer_where_it_stands() -> None:
    events = [*STREAM[:4], b"event: response.output_text.delta\ndata: {broken\n\n", *STREAM[4:]]
    async with house(streaming(events)) as home, connected(home.port) as client:
        await client.send(request_bytes(RESPONSES, STREAMED))
        said = await client.rest()
        closing = await home.books.only_closing()
    assert b"{broken" not in said
    assert b"response.completed" not in said
    assert said.count(b"event: ") == 5
    assert b"event: response.failed" in said
    assert (closing.facts["outcome"], closing.facts["estimated"]) == ("upstream_cut", True)


async def test_a_stream_under_a_wrong_content_type_is_a_stream_all_the_same() -> None:
    head = STREAM_HEAD.replace(b"text/event-stream", b"text/html")
    whole = head + b"".join(chunk(each) for each in STREAM) + b"0\r\n\r\n"
    async with house(sending(whole)) as home:
        status, headers, said = await home.ask(RESPONSES, STREAMED)
        closing = await home.books.only_closing()
    assert (status, said, headers[b"content-type"]) == (200, b"".join(STREAM), b"text/event-stream")
    assert closing.usage == REPORTED


async def test_a_huge_event_passes_whole_and_is_measured() -> None:
    huge = delta(3, "x" * (3 << 20))
    async with house(streaming([*START, huge, ended(usage=None)])) as home:
        status, _, said = await home.ask(RESPONSES, STREAMED)
        closing = await home.books.only_closing()
    assert (status, said) == (200, b"".join([*START, huge, ended(usage=None)]))
    assert closing.usage is not None
    assert closing.usage.output == 5000  # the request's own bound


@pytest.mark.parametrize(("path", "body"), OTHERS)
@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (b"<html>", 502, "upstream_not_json"),
        (b'{"error":{"message":"no"}}', 502, "upstream_error_in_reply"),
    ],
)
async def test_what_is_no_answer_is_released_and_a_502(
    path: str, body: object, answer: bytes, status: int, reason: str
) -> None:
    async with house(replying(reply(answer))) as home:
        got, _, _ = await home.ask(path, body)
        closing = await home.books.only_closing()
    assert (got, closing.usage, closing.facts["reason"]) == (status, None, reason)


@pytest.mark.parametrize(("path", "body"), OTHERS)
@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_errors_on_every_other_path_are_released(path: str, body: object, status: int) -> None:
    async with house(replying(reply(b'{"error":{"message":"said the upstream"}}', status))) as home:
        got, _, said = await home.ask(path, body)
        closing = await home.books.only_closing()
    assert (got, closing.usage) == (502 if status == 401 else status, None)
    assert (b"said the upstream" in said) is (status != 401)


@pytest.mark.parametrize(("path", "body"), OTHERS)
async def test_an_upstream_that_cannot_be_reached_is_a_502_on_every_other_path(path: str, body: object) -> None:
    async with house(replying(b"")) as home:
        home.upstream.stop()
        status, _, _ = await home.ask(path, body)
        closing = await home.books.only_closing()
    assert (status, closing.usage) == (502, None)


async def test_a_client_that_goes_is_charged_what_the_upstream_reports_later() -> None:
    script = Gated(STREAM[:4], STREAM[4:])
    async with house(script) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(RESPONSES, STREAMED))
            await client.reader.readuntil(b"abcd")
            client.reset()
        await until(lambda: home.gate.counters.draining)
        script.go_on.set()
        closing = await home.books.only_closing()
    assert (closing.usage, closing.facts) == (REPORTED, {"upstream": "re", "outcome": "client_gone"})


async def test_a_drain_that_is_cut_is_charged_by_what_was_seen() -> None:
    script = Gated(STREAM[:5], [])
    async with house(script, drain_limits=DrainLimits(seconds=0.01)) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(RESPONSES, STREAMED))
            await client.reader.readuntil(b"efgh")
            client.reset()
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert closing.usage.output == 200
    assert closing.facts == {"upstream": "re", "outcome": "client_gone", "estimated": True}
