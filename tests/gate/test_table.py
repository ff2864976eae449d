"""The table of what is charged when things break: a test a row, in both dialects."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from faregate.core.usage import Usage
from faregate.gate.drains import DrainLimits
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    CHAT_TEXT,
    CHAT_USAGE,
    DONE,
    MESSAGES,
    MESSAGES_BODY,
    MESSAGES_REPLY,
    MESSAGES_START,
    MESSAGES_STREAM,
    MESSAGES_TEXT,
    STREAM_HEAD,
    chat_event,
    chunk,
    event,
    reply,
    replying,
    streaming,
)
from tests.gate.house import house, request_bytes
from tests.wire.peers import Script, connected, until

REPORTED = Usage(input=10, output=7)
BOTH = pytest.mark.parametrize(("path", "body"), [(CHAT, CHAT_BODY), (MESSAGES, MESSAGES_BODY)])


def streamed(body: dict[str, object]) -> dict[str, object]:
    return {**body, "stream": True}


@pytest.mark.parametrize(
    ("path", "body", "answer"), [(CHAT, CHAT_BODY, CHAT_REPLY), (MESSAGES, MESSAGES_BODY, MESSAGES_REPLY)]
)
async def test_a_whole_reply_is_charged_as_reported(path: str, body: object, answer: object) -> None:
    async with house(replying(reply(answer))) as home:
        assert (await home.ask(path, body))[0] == 200
        closing = await home.books.only_closing()
    assert closing.usage == REPORTED
    assert closing.facts == {"upstream": "oa" if path == CHAT else "an", "outcome": "ok"}


@pytest.mark.parametrize(
    ("path", "body", "events"),
    [(CHAT, CHAT_BODY, CHAT_STREAM), (MESSAGES, MESSAGES_BODY, MESSAGES_STREAM)],
)
async def test_a_whole_stream_is_charged_as_reported(path: str, body: dict[str, object], events: list[bytes]) -> None:
    async with house(streaming(events)) as home:
        assert (await home.ask(path, streamed(body)))[0] == 200
        closing = await home.books.only_closing()
    assert closing.usage == REPORTED
    assert "estimated" not in closing.facts


async def test_no_usage_reported_is_an_estimate_and_marked() -> None:
    unreported = {name: value for name, value in CHAT_REPLY.items() if name != "usage"}
    async with house(replying(reply(unreported))) as home:
        await home.ask(CHAT, CHAT_BODY)
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert closing.usage.input > 0
    assert closing.usage.output > 0
    assert closing.facts["estimated"] is True


async def test_no_usage_in_a_stream_is_an_estimate_from_its_text() -> None:
    async with house(streaming([*CHAT_TEXT, DONE])) as home:
        await home.ask(CHAT, streamed(CHAT_BODY))
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert 200 <= closing.usage.output <= 300
    assert closing.facts["estimated"] is True


@pytest.mark.parametrize("tokens", [10**10, 10**18, 10**25])
@pytest.mark.parametrize("stream", [False, True])
async def test_usage_beyond_reason_is_none(tokens: int, stream: bool) -> None:
    usage = {"prompt_tokens": tokens, "completion_tokens": 7, "total_tokens": tokens}
    whole = b"data: %b\n\n" % json.dumps({"id": "r", "choices": [], "usage": usage}).encode()
    script = streaming([*CHAT_TEXT, whole, DONE]) if stream else replying(reply({**CHAT_REPLY, "usage": usage}))
    async with house(script) as home:
        assert (await home.ask(CHAT, {**CHAT_BODY, "stream": stream}))[0] == 200
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert 0 < closing.usage.input < 1_000
    assert closing.facts["estimated"] is True


async def test_zeros_behind_a_report_do_not_take_it_back() -> None:
    counts = [{"prompt_tokens": 10, "completion_tokens": 7}, {"prompt_tokens": 0, "completion_tokens": 0}]
    reports = [b"data: %b\n\n" % json.dumps({"id": "r", "choices": [], "usage": usage}).encode() for usage in counts]
    async with house(streaming([*CHAT_TEXT, *reports, DONE])) as home:
        _, _, content = await home.ask(CHAT, streamed(CHAT_BODY))
        closing = await home.books.only_closing()
    assert closing.usage == Usage(10, output=7)
    assert b'"usage"' not in content


async def test_zero_reported_is_zero() -> None:
    nothing = {**CHAT_REPLY, "usage": {"prompt_tokens": 0, "completion_tokens": 0}}
    async with house(replying(reply(nothing))) as home:
        await home.ask(CHAT, CHAT_BODY)
        closing = await home.books.only_closing()
    assert closing.usage == Usage()
    assert "estimated" not in closing.facts


@BOTH
@pytest.mark.parametrize("stream", [False, True])
async def test_a_refused_connection_is_released_and_a_502(path: str, body: dict[str, object], stream: bool) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError

    async with house(never) as home:
        home.upstream.stop()
        status, _, said = await home.ask(path, {**body, "stream": stream})
        closing = await home.books.only_closing()
    assert (status, closing.usage) == (502, None)
    assert b"cannot be reached" in said


@BOTH
async def test_a_first_byte_timeout_is_released_and_a_504(path: str, body: object) -> None:
    async with house(replying(b"", hang=True), first_byte_seconds=0.01) as home:
        status, _, _ = await home.ask(path, body)
        closing = await home.books.only_closing()
    assert (status, closing.usage) == (504, None)


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", STREAM_HEAD, b"nonsense\r\n\r\n"])
async def test_an_upstream_that_closes_before_its_first_byte_is_released_and_a_502(sent: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)

    async with house(script) as home:
        status, _, _ = await home.ask(CHAT, streamed(CHAT_BODY))
        closing = await home.books.only_closing()
    assert (status, closing.usage) == (502, None)


@BOTH
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 529])
async def test_an_error_of_the_upstream_is_released_and_passed_as_it_is(path: str, body: object, status: int) -> None:
    error = b'{"error":{"message":"said the upstream"}}'
    async with house(replying(reply(error, status, b"retry-after: 7", b"x-ratelimit-limit: 5"))) as home:
        got, headers, said = await home.ask(path, body)
        closing = await home.books.only_closing()
    assert (got, said, headers[b"retry-after"]) == (status, error, b"7")
    assert b"x-ratelimit-limit" not in headers
    assert (closing.usage, closing.facts) == (None, {"reason": f"upstream_{status}"})


@BOTH
@pytest.mark.parametrize("status", [401, 407, 302])
async def test_an_answer_about_the_gate_itself_is_a_502_that_tells_nothing(
    path: str, body: object, status: int
) -> None:
    async with house(replying(reply(b'{"error":"bad key sk-upst***"}', status))) as home:
        got, _, said = await home.ask(path, body)
        closing = await home.books.only_closing()
    assert (got, closing.usage) == (502, None)
    assert b"sk-" not in said


CUT = [
    pytest.param(streaming(CHAT_TEXT, ending=b""), {}, "upstream_cut", id="cut"),
    pytest.param(streaming(CHAT_TEXT), {}, "upstream_cut", id="quiet end"),
    pytest.param(streaming(CHAT_TEXT, ending=b"zzz\r\n"), {}, "upstream_cut", id="garbage"),
    pytest.param(streaming(CHAT_TEXT, ending=b"", hang=True), {"idle_seconds": 0.02}, "idle_timeout", id="idle"),
    pytest.param(
        streaming([*CHAT_TEXT, b'data: {"error":{"message":"boom"}}\n\n']), {}, "upstream_error", id="error event"
    ),
]


@pytest.mark.parametrize(("script", "limits", "outcome"), CUT)
async def test_a_stream_broken_off_is_estimated_and_never_ends_clean(
    script: Script, limits: dict[str, Any], outcome: str
) -> None:
    async with house(script, **limits) as home, connected(home.port) as client:
        await client.send(request_bytes(CHAT, streamed(CHAT_BODY)))
        answer = await client.rest()
        closing = await home.books.only_closing()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"error"' in answer
    assert not answer.endswith(b"0\r\n\r\n")
    assert closing.usage is not None
    assert 200 <= closing.usage.output <= 300
    assert closing.facts == {"upstream": "oa", "outcome": outcome, "estimated": True}


async def test_a_stream_cut_after_its_usage_is_charged_as_reported() -> None:
    async with house(streaming([*CHAT_TEXT, chat_event(None, CHAT_USAGE)], ending=b"")) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, streamed(CHAT_BODY)))
            await client.rest()
        closing = await home.books.only_closing()
    assert closing.usage == REPORTED
    assert closing.facts == {"upstream": "oa", "outcome": "upstream_cut"}


async def test_what_came_after_a_report_is_estimated_on_top_of_it() -> None:
    async with house(streaming([MESSAGES_START, *MESSAGES_TEXT], ending=b"")) as home, connected(home.port) as client:
        await client.send(request_bytes(MESSAGES, streamed(MESSAGES_BODY)))
        answer = await client.rest()
        closing = await home.books.only_closing()
    assert b"event: error\n" in answer
    assert closing.usage == Usage(input=10, output=1 + 300)
    assert closing.facts["estimated"] is True


async def test_an_error_event_of_the_upstream_reaches_the_client() -> None:
    overloaded = event("error", error={"type": "overloaded_error", "message": "too busy"})
    script = streaming([MESSAGES_START, *MESSAGES_TEXT, overloaded])
    async with house(script) as home, connected(home.port) as client:
        await client.send(request_bytes(MESSAGES, streamed(MESSAGES_BODY)))
        assert b"too busy" in await client.rest()
        closing = await home.books.only_closing()
    assert closing.facts["outcome"] == "upstream_error"


async def test_a_reply_cut_in_the_middle_is_estimated_and_a_502() -> None:
    async with house(replying(reply(CHAT_REPLY)[:-20], hang=True), idle_seconds=0.02) as home:
        status, _, _ = await home.ask(CHAT, CHAT_BODY)
        closing = await home.books.only_closing()
    assert status == 504
    assert closing.usage is not None
    assert closing.facts == {"upstream": "oa", "outcome": "idle_timeout", "estimated": True}


class Gated:
    """A stream that sends its first event, then waits for a word before the rest."""

    def __init__(self, first: list[bytes], rest: list[bytes], ending: bytes = b"0\r\n\r\n") -> None:
        self.first, self.rest, self.ending = first, rest, ending
        self.go_on = asyncio.Event()
        self.asked = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        if self.first:
            writer.write(STREAM_HEAD + b"".join(chunk(each) for each in self.first))
        await self.go_on.wait()
        head = b"" if self.first else STREAM_HEAD
        writer.write(head + b"".join(chunk(each) for each in self.rest) + self.ending)
        await writer.drain()


@pytest.mark.parametrize("before", [0, 1])
async def test_a_client_that_goes_is_charged_what_the_upstream_reports_later(before: int) -> None:
    script = Gated(CHAT_STREAM[:before], CHAT_STREAM[before:])
    async with house(script) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, streamed(CHAT_BODY)))
            await script.asked.wait()
            if before:
                await client.reader.readuntil(b"abcd")
            client.reset()
        await until(lambda: home.gate.counters.draining)
        script.go_on.set()
        closing = await home.books.only_closing()
        assert home.gate.counters.draining == 0
    assert closing.usage == REPORTED
    assert closing.facts == {"upstream": "oa", "outcome": "client_gone"}


async def test_a_client_that_goes_with_the_closing_event_was_told_all() -> None:
    script = Gated(CHAT_STREAM, [])
    async with house(script) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, streamed(CHAT_BODY)))
            await client.reader.readuntil(b"[DONE]")
            client.reset()
        await until(lambda: home.gate.counters.draining)
        script.go_on.set()
        closing = await home.books.only_closing()
    assert closing.usage == REPORTED
    assert closing.facts == {"upstream": "oa", "outcome": "ok"}


async def test_a_client_that_goes_before_the_upstream_fails_to_begin_is_released() -> None:
    script = Gated([], [], ending=b"")
    async with house(script) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, streamed(CHAT_BODY)))
            await script.asked.wait()
            client.reset()
        await until(lambda: home.gate.counters.draining)
        script.go_on.set()
        closing = await home.books.only_closing()
    assert closing.usage is None


@pytest.mark.parametrize(
    "limits", [DrainLimits(seconds=0.01), DrainLimits(concurrent=0)], ids=["seconds", "concurrent"]
)
async def test_a_drain_has_bounds_and_is_then_charged_by_what_was_seen(limits: DrainLimits) -> None:
    script = Gated(CHAT_TEXT[:2], [])
    async with house(script, drain_limits=limits) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, streamed(CHAT_BODY)))
            await client.reader.readuntil(b"efgh")
            client.reset()
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert closing.usage.output == 200
    assert closing.facts == {"upstream": "oa", "outcome": "client_gone", "estimated": True}


async def test_a_drain_is_bounded_in_bytes() -> None:
    script = Gated(CHAT_TEXT[:1], [chat_event("x" * 100)] * 100)
    async with house(script, drain_limits=DrainLimits(bytes=2000)) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, streamed(CHAT_BODY)))
            await client.reader.readuntil(b"abcd")
            client.reset()
        await until(lambda: home.gate.counters.draining)
        script.go_on.set()
        closing = await home.books.only_closing()
    assert closing.facts["outcome"] == "client_gone"


async def test_a_client_that_goes_before_admission_costs_nothing_and_the_upstream_is_not_called() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        home.books.delayed = asyncio.Event()
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, CHAT_BODY))
            await until(lambda: home.gate.counters.requests)
            client.reset()
        await until(lambda: not home.server.connections)
        home.books.delayed.set()
        closing = await home.books.only_closing()
        assert home.upstream.connections == 0
    assert (closing.usage, closing.facts) == (None, {"reason": "client_gone"})
