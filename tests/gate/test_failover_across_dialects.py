"""Faults of one upstream while another serves, client and upstreams each in any dialect, whole and streamed.

The client gets a well-formed answer or error of its own dialect, and exactly one settlement or release is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import pytest

from faregate.app.ids import RequestIds
from faregate.conversion import convertible
from faregate.gate.gate import Gate, refuse_on_the_wire
from faregate.gate.generation import Ports
from faregate.upstreams.directory import Directory
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client
from faregate.wire.server import Server
from tests.gate import responses_answers as responses
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    CHAT_TEXT,
    MESSAGES,
    MESSAGES_BODY,
    MESSAGES_REPLY,
    MESSAGES_START,
    MESSAGES_STREAM,
    MESSAGES_TEXT,
    STREAM_HEAD,
    chunk,
    reply,
    replying,
    streaming,
)
from tests.gate.channels import closing_at_once
from tests.gate.house import NOW, Books, House, Keys, SimpleRandomness, request_bytes
from tests.wire.peers import SWEEP_SECONDS, Script, connected, scripted

MODEL = "m"
ERROR = b'{"type":"error","error":{"type":"x","message":"said the upstream","code":null,"param":null}}'


class Spoken(NamedTuple):
    """A dialect: what it is called in the configuration, how a client asks in it, how an upstream answers."""

    name: str
    path: str
    body: dict[str, Any]
    reply: dict[str, Any]
    events: list[bytes]
    begun: list[bytes]


DIALECTS = {
    "chat": Spoken("openai", CHAT, CHAT_BODY, CHAT_REPLY, CHAT_STREAM, CHAT_TEXT[:2]),
    "messages": Spoken(
        "anthropic", MESSAGES, MESSAGES_BODY, MESSAGES_REPLY, MESSAGES_STREAM, [MESSAGES_START, *MESSAGES_TEXT[:2]]
    ),
    "responses": Spoken(
        "responses",
        responses.RESPONSES,
        responses.RESPONSES_BODY,
        responses.REPLY,
        responses.STREAM,
        [*responses.START, *responses.TEXT[:2]],
    ),
}
NAMES = list(DIALECTS)
EVERY_CLIENT = pytest.mark.parametrize("asked_in", NAMES)
EVERY_UPSTREAM = pytest.mark.parametrize("spoken", NAMES)
BOTH_FORMS = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])

FAULTS: dict[str, Callable[[], Script]] = {
    "500": lambda: replying(reply(ERROR, 500)),
    "429": lambda: replying(reply(ERROR, 429, b"retry-after: 7")),
    "401": lambda: replying(reply(ERROR, 401)),
    "closes": closing_at_once,
    "head alone": lambda: closing_at_once(STREAM_HEAD),
    "not HTTP": lambda: closing_at_once(b"nonsense\r\n\r\n"),
    "page": lambda: replying(reply(b"<html>").replace(b"application/json", b"text/html")),
}


def fine(spoken: Spoken, stream: bool) -> Script:
    return streaming(spoken.events) if stream else replying(reply(spoken.reply))


@asynccontextmanager
async def gate(*upstreams: tuple[Spoken, Script]) -> AsyncIterator[House]:
    """A gate before these upstreams of one model, the first of the highest priority."""
    books, client = Books(), Client(environ={}, sweep_seconds=SWEEP_SECONDS)
    async with (
        scripted(upstreams[0][1]) as first,
        scripted(upstreams[-1][1]) as second,
    ):
        section = [
            {
                "name": f"u{number}",
                "dialect": spoken.name,
                "base_url": f"http://127.0.0.1:{peer.port}/v1",
                "models": [MODEL],
                "priority": -number,
            }
            for number, ((spoken, _), peer) in enumerate(zip(upstreams, (first, second), strict=True))
        ]
        directory = Directory(read_upstreams(section, {}), client, created_at=NOW, convertible=convertible)
        ports = Ports(Keys(), books, books, directory, lambda: NOW, RequestIds(SimpleRandomness()))
        served = Gate(ports, first_pause_seconds=0.001)
        server = Server(served, refuser=refuse_on_the_wire, sweep_seconds=SWEEP_SECONDS)
        try:
            yield House(await server.listen("127.0.0.1", 0), books, served, first, server)
        finally:
            await server.close(0.05)
            assert await served.close() == 0
            await client.close()
        assert sum(live.open for live in directory.upstreams) == 0
    assert not books.state.holds


def payloads(said: bytes) -> list[Any]:
    """What the events of a stream carry; fails where one is no JSON."""
    lines = [line[6:] for line in said.split(b"\n") if line.startswith(b"data: ")]
    return [msgspec.json.decode(line) for line in lines if line != b"[DONE]"]


def check_answer(client: str, stream: bool, said: bytes) -> None:
    """Whole, in the client's dialect, with the text that the upstream gave."""
    if not stream:
        answer = msgspec.json.decode(said)
        kind = {"chat": answer.get("object"), "messages": answer.get("type"), "responses": answer.get("object")}[
            client
        ]
        assert kind == {"chat": "chat.completion", "messages": "message", "responses": "response"}[client]
        assert b"hello there" in said
        return
    events = payloads(said)
    assert said.count(b"abcd" * 100) >= 1
    if client == "chat":
        assert said.endswith(b"data: [DONE]\n\n")
    else:
        last = {"messages": "message_stop", "responses": "response.completed"}[client]
        assert events[-1]["type"] == last


def check_error(client: str, status: int, headers: dict[bytes, bytes], said: bytes) -> None:
    assert 400 <= status < 600
    assert headers[b"content-type"] == b"application/json"
    error = msgspec.json.decode(said)
    assert error["error"]["message"]
    assert (error.get("type") == "error") or client != "messages"


def asking(client: str, stream: bool) -> tuple[str, dict[str, Any]]:
    spoken = DIALECTS[client]
    return spoken.path, {**spoken.body, "model": MODEL, **({"stream": True} if stream else {})}


@EVERY_CLIENT
@EVERY_UPSTREAM
@pytest.mark.parametrize("other", NAMES)
@BOTH_FORMS
async def test_the_second_upstream_serves_whatever_each_of_them_speaks(
    asked_in: str, spoken: str, other: str, stream: bool
) -> None:
    second = DIALECTS[other], fine(DIALECTS[other], stream)
    async with gate((DIALECTS[spoken], FAULTS["500"]()), second) as home:
        status, _, said = await home.ask(*asking(asked_in, stream))
        closing = await home.books.only_closing()
    assert status == 200, said
    check_answer(asked_in, stream, said)
    assert closing.usage is not None
    assert closing.usage.output == 7
    assert closing.facts["upstream"] == "u1"
    assert closing.facts["tried"] == [("u0", "", "status_500")]


@EVERY_CLIENT
@EVERY_UPSTREAM
@BOTH_FORMS
@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_of_both_is_an_error_of_the_clients_dialect_and_not_charged(
    asked_in: str, spoken: str, stream: bool, fault: str
) -> None:
    async with gate((DIALECTS[spoken], FAULTS[fault]()), (DIALECTS[spoken], FAULTS[fault]())) as home:
        status, headers, said = await home.ask(*asking(asked_in, stream))
        closing = await home.books.only_closing()
    check_error(asked_in, status, headers, said)
    assert closing.usage is None
    assert len(closing.tried) == 2


@EVERY_CLIENT
@EVERY_UPSTREAM
async def test_a_stream_cut_in_the_middle_ends_with_an_error_and_goes_nowhere_else(
    asked_in: str, spoken: str
) -> None:
    begun = STREAM_HEAD + b"".join(chunk(each) for each in DIALECTS[spoken].begun)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begun)
        await writer.drain()

    async with gate((DIALECTS[spoken], script), (DIALECTS["chat"], FAULTS["500"]())) as home:
        async with connected(home.port) as client:
            path, body = asking(asked_in, True)
            await client.send(request_bytes(path, body))
            answer = await client.rest()
        closing = await home.books.only_closing()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"0\r\n\r\n")
    assert b'"error"' in answer or b"response.failed" in answer
    assert closing.usage is not None
    assert closing.facts["upstream"] == "u0"
    assert closing.facts["outcome"] == "upstream_cut"
    assert "tried" not in closing.facts
