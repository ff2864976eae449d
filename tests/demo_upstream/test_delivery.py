"""Every fault, carried out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from faregate.demo_upstream import Call, DemoUpstream
from tests.demo_upstream.asgi_call import AUTHORIZED, Answered, ask
from tests.demo_upstream.conftest import StoppedClock

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
BODY: dict[str, Any] = {
    "model": "demo",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "one two three four five"}],
}
STREAM = BODY | {"stream": True, "stream_options": {"include_usage": True}}
BOTH = pytest.mark.parametrize("path", [CHAT, MESSAGES])


async def told(upstream: DemoUpstream, path: str, body: dict[str, Any], words: str) -> Answered:
    return await ask(upstream, path, body, headers=AUTHORIZED | {"x-demo-fault": words})


@BOTH
async def test_slow_waits_before_the_first_byte(upstream: DemoUpstream, clock: StoppedClock, path: str) -> None:
    assert (await told(upstream, path, BODY, "slow:1500")).status == 200
    assert clock.slept == [1.5]


@BOTH
async def test_pace_waits_between_events(upstream: DemoUpstream, clock: StoppedClock, path: str) -> None:
    answered = await told(upstream, path, STREAM, "pace:20")
    assert clock.slept == [0.02] * (len(answered.pieces) - 2)  # not before the first and the end


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        (CHAT, 401, "invalid_request_error"),
        (CHAT, 429, "rate_limit_exceeded"),
        (CHAT, 503, "server_error"),
        (MESSAGES, 403, "permission_error"),
        (MESSAGES, 429, "rate_limit_error"),
        (MESSAGES, 500, "api_error"),
        (MESSAGES, 529, "overloaded_error"),
    ],
)
async def test_fail_answers_in_the_dialects_own_form(
    upstream: DemoUpstream, path: str, status: int, kind: str
) -> None:
    answered = await told(upstream, path, STREAM, f"fail:{status}:7")
    assert (answered.status, answered.headers["retry-after"]) == (status, "7")
    assert answered.value["error"]["type"] == kind


async def test_fail_can_be_a_page_of_some_proxy(upstream: DemoUpstream) -> None:
    answered = await told(upstream, CHAT, BODY, "fail(502,body=html)")
    assert answered.headers["content-type"] == "text/html"
    assert answered.body.startswith(b"<html>")


@BOTH
async def test_cut_drops_a_stream_after_so_many_events(upstream: DemoUpstream, path: str) -> None:
    answered = await told(upstream, path, STREAM, "cut:4")
    assert not answered.finished
    assert len(answered.events) == 4


@BOTH
@pytest.mark.parametrize("body", [BODY, STREAM])
async def test_cut_drops_any_answer_after_so_many_bytes(
    upstream: DemoUpstream, path: str, body: dict[str, Any]
) -> None:
    answered = await told(upstream, path, body, "cut:57b")
    assert not answered.finished
    assert len(answered.body) == 57


async def test_cut_at_nothing_still_sends_the_head(upstream: DemoUpstream) -> None:
    answered = await told(upstream, CHAT, STREAM, "cut:0")
    assert (answered.status, answered.body, answered.finished) == (200, b"", False)


async def test_cut_of_json_announces_the_whole_length(upstream: DemoUpstream) -> None:
    answered = await told(upstream, CHAT, BODY, "cut:10")
    assert len(answered.body) == 10 < int(answered.headers["content-length"])


@BOTH
async def test_an_answer_shorter_than_the_fault_is_whole(upstream: DemoUpstream, path: str) -> None:
    for words in ("cut:9999", "stall:9999", "error-event:9999", "quiet-end:9999", "garbage:9999"):
        assert (await told(upstream, path, STREAM, words)).finished


@BOTH
async def test_stall_sends_some_events_and_then_nothing(
    upstream: DemoUpstream, clock: StoppedClock, path: str
) -> None:
    answered = await told(upstream, path, STREAM, "stall:2")
    assert len(answered.events) == 2
    assert not answered.finished
    assert clock.slept == [600.0]


async def test_stall_of_json_stops_half_way(upstream: DemoUpstream) -> None:
    answered = await told(upstream, CHAT, BODY, "stall")
    assert len(answered.body) == int(answered.headers["content-length"]) // 2
    assert not answered.finished


async def test_waiting_ends_as_soon_as_the_client_goes() -> None:
    calls: list[Call] = []
    upstream = DemoUpstream(on_call=calls.append)
    gone = asyncio.Event()
    headers = AUTHORIZED | {"x-demo-fault": "stall:1"}
    asking = asyncio.ensure_future(ask(upstream, CHAT, STREAM, headers=headers, gone=gone))
    await asyncio.sleep(0)
    gone.set()
    assert len((await asking).events) == 1
    assert calls[0].outcome == "client-gone"


async def test_an_error_event_ends_a_stream_in_the_dialects_own_form(
    upstream: DemoUpstream,
) -> None:
    chat = await told(upstream, CHAT, STREAM, "error-event:2")
    assert chat.events[-1]["error"]["type"] == "server_error"
    assert b"[DONE]" not in chat.body
    messages = await told(upstream, MESSAGES, STREAM, "error-event:2")
    assert messages.event_names[-1] == "error"
    assert messages.events[-1]["error"]["type"] == "overloaded_error"
    assert messages.finished


async def test_an_error_event_leaves_json_answers_alone(upstream: DemoUpstream) -> None:
    assert (await told(upstream, MESSAGES, BODY, "error-event")).value["type"] == "message"


async def test_quiet_end_leaves_out_what_says_that_the_stream_is_whole(
    upstream: DemoUpstream,
) -> None:
    chat = await told(upstream, CHAT, STREAM, "quiet-end")
    assert chat.finished
    assert b"[DONE]" not in chat.body
    assert chat.events[-1]["usage"]
    messages = await told(upstream, MESSAGES, STREAM, "quiet-end")
    assert messages.event_names[-1] == "message_delta"
    early = await told(upstream, CHAT, STREAM, "quiet-end:3")
    assert (len(early.events), early.finished) == (3, True)


@BOTH
async def test_garbage_takes_the_place_of_one_event(upstream: DemoUpstream, path: str) -> None:
    right = await ask(upstream, path, STREAM)
    wrong = await told(upstream, path, STREAM, "garbage:2")
    assert len(wrong.pieces) == len(right.pieces)
    assert wrong.pieces[2].endswith(b'data: {"demo": this is no JSON\n\n')
    assert wrong.event_names == right.event_names


async def test_garbage_takes_the_place_of_a_json_body(upstream: DemoUpstream) -> None:
    answered = await told(upstream, CHAT, BODY, "garbage")
    assert answered.body == b'{"demo": this is no JSON'
    assert answered.finished


@BOTH
async def test_no_usage_leaves_it_out_everywhere(upstream: DemoUpstream, path: str) -> None:
    assert b"usage" not in (await told(upstream, path, BODY, "no-usage")).body
    streamed = await told(upstream, path, STREAM, "no-usage")
    assert b"tokens" not in streamed.body


async def test_zero_usage_reports_zeros(upstream: DemoUpstream) -> None:
    usage = (await told(upstream, CHAT, BODY, "zero-usage")).value["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (0, 0, 0)
    usage = (await told(upstream, MESSAGES, BODY, "zero-usage")).value["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (0, 0)


@BOTH
@pytest.mark.parametrize("body", [BODY, STREAM])
async def test_a_wrong_content_type_leaves_the_body_alone(
    upstream: DemoUpstream, path: str, body: dict[str, Any]
) -> None:
    answered = await told(upstream, path, body, "wrong-content-type")
    assert answered.headers["content-type"] == "text/html; charset=utf-8"
    assert len(answered.body) == len((await ask(upstream, path, body)).body)


@BOTH
async def test_huge_sends_one_event_of_that_size(upstream: DemoUpstream, path: str) -> None:
    body = STREAM | {"max_tokens": 10**6}
    answered = await told(upstream, path, body, "huge:300000")
    assert max(len(piece) for piece in answered.pieces) > 300_000


@BOTH
async def test_first_ends_the_fault_after_so_many_requests(upstream: DemoUpstream, path: str) -> None:
    statuses = [(await told(upstream, path, BODY, "fail:503 first:2")).status for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert (await told(upstream, path, BODY, "fail:500 first:2")).status == 500


async def test_faults_are_read_from_default_model_text_and_header(
    upstream: DemoUpstream, clock: StoppedClock
) -> None:
    upstream.default_faults = "slow:1"
    assert (await ask(upstream, CHAT, BODY)).status == 200
    await ask(upstream, CHAT, BODY | {"model": "demo@slow:2"})
    marked = [{"role": "user", "content": "hi [[demo slow:3]]"}]
    await ask(upstream, CHAT, BODY | {"model": "demo@slow:2", "messages": marked})
    await told(upstream, CHAT, BODY | {"model": "demo@slow:2", "messages": marked}, "slow:4")
    assert clock.slept == [0.001, 0.002, 0.003, 0.004]


@BOTH
async def test_a_misspelt_fault_is_a_bad_request(upstream: DemoUpstream, path: str) -> None:
    answered = await told(upstream, path, BODY, "slwo:3")
    assert answered.status == 400
    assert "slwo" in answered.value["error"]["message"]
