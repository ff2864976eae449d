"""Every fault of an upstream, whatever the client and the upstream speak, whole and streamed.

The client gets an answer, an error or a stream's end of its own dialect; what is charged is what the table on the
gate's page says; the books are clean afterwards, and neither a request, nor a connection, nor a task is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from anthropic.types import ErrorResponse, Message, RawMessageStreamEvent
from google.genai.errors import APIError
from google.genai.types import GenerateContentResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from faregate.conversion import event_feed
from faregate.gate import relay
from tests.gate.answers import END, STREAM_HEAD, chunk, reply
from tests.gate.channels import no_new_tasks
from tests.gate.fault_house import DIALECTS, Faulty, Heard, Spoken, Turn, faulty

ERROR = b'{"type":"error","error":{"type":"api_error","message":"said the upstream","code":null,"param":null}}'
GARBAGE = b'{"demo": this is no JSON'
SMALL = 20_000
TEXT_TOKENS = 200
"""What stands in the events that came before a fault."""

WHOLE: dict[str, TypeAdapter[Any]] = {
    "chat": TypeAdapter(ChatCompletion),
    "messages": TypeAdapter(Message),
    "responses": TypeAdapter(Response),
    "google": TypeAdapter(GenerateContentResponse),
}
EVENTS: dict[str, TypeAdapter[Any]] = {
    "chat": TypeAdapter(ChatCompletionChunk),
    "messages": TypeAdapter(RawMessageStreamEvent),
    "responses": TypeAdapter(ResponseStreamEvent),
    "google": TypeAdapter(GenerateContentResponse),
}
ENDS = {"chat": b"[DONE]", "messages": b"message_stop", "responses": b"response.completed", "google": b"finishReason"}


# ---- what upstreams do


def sending(*pieces: bytes, hang: bool = False, close: bool = False) -> Turn:
    """Sends these; then it waits for the next request, for ever, or closes."""

    async def turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if hang:
            await reader.read()
        return not (hang or close)

    return turn


def answer_of(spoken: Spoken, stream: bool) -> bytes:
    """All that a good upstream sends."""
    if not stream:
        return reply(spoken.reply)
    return STREAM_HEAD + b"".join(map(chunk, spoken.events)) + END


def begun(spoken: Spoken, stream: bool) -> bytes:
    """So much of it that the text has begun."""
    if not stream:
        return reply(spoken.reply)[:-20]
    return STREAM_HEAD + b"".join(map(chunk, spoken.begun))


def huge(spoken: Spoken, stream: bool) -> bytes:
    """More than the gate takes of a reply, or of one event that has to be converted."""
    if not stream:
        return reply({**spoken.reply, "more": "x" * (SMALL * 50)})
    return begun(spoken, True) + chunk(b'data: {"more":"' + b"x" * SMALL) + chunk(b"x" * SMALL)


class Fault(NamedTuple):
    """What becomes of it, for a whole answer and for a stream: an outcome of the table, and the status that clients
    get (0: not the same in all dialects). ``model``: the name whose upstream is as patient as the fault needs."""

    script: Callable[[Spoken, bool], Turn]
    whole: tuple[str, int]
    stream: tuple[str, int]
    model: str = "m"


FAULTS: dict[str, Fault] = {
    "refuses connections": Fault(lambda s, f: sending(), ("upstream_cut", 502), ("upstream_cut", 502), "gone"),
    "closes at once": Fault(lambda s, f: sending(close=True), ("upstream_cut", 502), ("upstream_cut", 502)),
    "429": Fault(
        lambda s, f: sending(reply(ERROR, 429, b"retry-after: 7")), ("upstream_429", 429), ("upstream_429", 429)
    ),
    "500": Fault(lambda s, f: sending(reply(ERROR, 500)), ("upstream_500", 0), ("upstream_500", 0)),
    "401": Fault(lambda s, f: sending(reply(ERROR, 401)), ("upstream_401", 502), ("upstream_401", 502)),
    "no first byte": Fault(lambda s, f: sending(hang=True), ("upstream_cut", 504), ("upstream_cut", 504), "slow"),
    "not HTTP": Fault(
        lambda s, f: sending(b"nonsense\r\n\r\n", close=True), ("upstream_cut", 502), ("upstream_cut", 502)
    ),
    "a page": Fault(
        lambda s, f: sending(reply(b"<html>hi").replace(b"application/json", b"text/html")),
        ("upstream_not_json", 502),
        ("upstream_not_json", 502),
    ),
    "nothing at all": Fault(lambda s, f: sending(reply(b"")), ("upstream_not_json", 502), ("upstream_not_json", 502)),
    "pauses in the middle": Fault(
        lambda s, f: sending(begun(s, f), hang=True), ("idle_timeout", 504), ("idle_timeout", 200), "idle"
    ),
    "breaks off in the middle": Fault(
        lambda s, f: sending(begun(s, f), close=True), ("upstream_cut", 502), ("upstream_cut", 200)
    ),
    "garbage": Fault(
        lambda s, f: sending(begun(s, True) + chunk(b"data: " + GARBAGE + b"\n\n") + END if f else reply(GARBAGE)),
        ("upstream_not_json", 502),
        ("upstream_cut", 200),
    ),
    "garbage from the start": Fault(
        lambda s, f: sending(STREAM_HEAD + chunk(b"data: " + GARBAGE + b"\n\n") + END if f else reply(GARBAGE)),
        ("upstream_not_json", 502),
        ("upstream_not_json", 502),
    ),
    "an error in place of the answer": Fault(
        lambda s, f: sending(begun(s, True) + chunk(s.error) + END if f else reply(ERROR)),
        ("upstream_error_in_reply", 502),
        ("upstream_error", 200),
    ),
    "ends quietly": Fault(
        lambda s, f: sending(begun(s, True) + END if f else reply(s.reply, 503)),
        ("upstream_503", 0),
        ("upstream_cut", 200),
    ),
    "huge": Fault(lambda s, f: sending(huge(s, f), hang=True), ("upstream_cut", 502), ("upstream_cut", 200)),
    "a wrong content type": Fault(
        lambda s, f: sending(
            answer_of(s, f).replace(b"application/json", b"text/html").replace(b"text/event-stream", b"text/html")
        ),
        ("ok", 200),
        ("ok", 200),
    ),
}

MATRIX = [(client, upstream) for client in DIALECTS for upstream in DIALECTS]
every_pair = pytest.mark.parametrize(("client", "upstream"), MATRIX, ids=["-".join(pair) for pair in MATRIX])
both_forms = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too much is little: a test need not send 64 MiB."""
    monkeypatch.setattr(relay, "REPLY_BYTES_LIMIT", SMALL)
    monkeypatch.setattr(event_feed, "LONGEST_EVENT_BYTES", SMALL)


# ---- what clients hear


def asking(client: str, model: str, stream: bool) -> tuple[str, dict[str, Any]]:
    spoken = DIALECTS[client]
    if client == "google":
        return spoken.path(model, stream), spoken.body
    return spoken.path(model, stream), {**spoken.body, "model": model, **({"stream": True} if stream else {})}


def check_error(client: str, heard: Heard) -> None:
    """A whole error response of the client's dialect."""
    assert heard.headers[b"content-type"] == b"application/json"
    said = msgspec.json.decode(heard.body)
    assert said["error"]["message"]
    if client == "messages":
        ErrorResponse.model_validate(said)
    elif client == "google":
        assert APIError(heard.status, said).message


def payloads(body: bytes) -> Iterator[Any]:
    """What each event carries, and an object between events; fails where one is no JSON."""
    for line in body.replace(b"\r\n", b"\n").split(b"\n"):
        if line.startswith((b"data: ", b"{")) and line != b"data: [DONE]":
            yield msgspec.json.decode(line.removeprefix(b"data: "))


def check_broken_off(client: str, heard: Heard, converted: bool) -> None:
    """A stream that has begun, has an error of the client's dialect at its end and never looks whole."""
    events = list(payloads(heard.body))
    last = events[-1]
    error = last["response"]["error"] if last.get("type") == "response.failed" else last.get("error", last)
    assert error["message"], last
    assert ENDS[client] not in heard.body
    assert not heard.whole
    if converted:
        for each in events[:-1]:
            EVENTS[client].validate_python(each)


def check_charge(heard: Heard, outcome: str, stream: bool) -> None:
    closed = heard.closed
    assert closed.outcome == outcome
    if outcome.startswith("upstream_") and outcome not in ("upstream_cut", "upstream_error"):
        assert closed.usage is None
    elif heard.status == 200 and outcome != "ok":
        assert closed.usage is not None
        assert closed.estimated
        assert abs(closed.usage.output - TEXT_TOKENS) < TEXT_TOKENS // 10
    elif outcome == "ok":
        assert closed.usage is not None
        assert (closed.usage.output, closed.estimated) == (7, False)


async def heard_of(house: Faulty, fault: Fault, client: str, upstream: str, stream: bool) -> Heard:
    house.script = fault.script(DIALECTS[upstream], stream)
    return await house.hear(*asking(client, fault.model, stream))


@every_pair
@both_forms
async def test_each_fault_is_told_in_the_clients_dialect_and_charged_by_the_table(
    client: str, upstream: str, stream: bool, tmp_path: Path
) -> None:
    before = asyncio.all_tasks()
    async with faulty(DIALECTS[upstream], tmp_path) as house:
        for name, fault in FAULTS.items():
            if name == "huge" and stream and client == upstream:
                continue  # bytes pass, however many
            outcome, status = fault.stream if stream else fault.whole
            heard = await heard_of(house, fault, client, upstream, stream)
            assert heard.status == status or not status, (name, heard)
            if heard.status != 200:
                check_error(client, heard)
            elif outcome == "ok":
                assert heard.whole, name
                assert ENDS[client] in heard.body or not stream
            else:
                check_broken_off(client, heard, client != upstream)
            check_charge(heard, outcome, stream)
    await no_new_tasks(before)


CUTS = 10


def places(answer: bytes, head: int) -> list[int]:
    """Around the head's end and the answer's, and evenly between."""
    even = range(head, len(answer), max(1, (len(answer) - head) // CUTS))
    return sorted({0, 1, head - 1, head, head + 1, len(answer) - 1, *even})


@every_pair
@both_forms
async def test_an_answer_cut_at_any_byte_is_never_taken_for_a_whole_one(
    client: str, upstream: str, stream: bool, tmp_path: Path
) -> None:
    answer = answer_of(DIALECTS[upstream], stream)
    head = answer.index(b"\r\n\r\n") + 4
    before = asyncio.all_tasks()
    async with faulty(DIALECTS[upstream], tmp_path) as house:
        for place in places(answer, head):
            house.script = sending(answer[:place], close=True)
            heard = await house.hear(*asking(client, "m", stream))
            if heard.closed.outcome == "ok":
                assert stream
                assert len(answer) - place < len(END)
                assert heard.whole
                continue
            assert heard.closed.outcome == "upstream_cut"
            assert (heard.closed.usage is None) == (
                place <= head or (stream and answer[head:place].count(b"\n") == 0)
            )
            if heard.status == 200:
                check_broken_off(client, heard, client != upstream)
            else:
                check_error(client, heard)
    await no_new_tasks(before)
