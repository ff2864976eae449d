"""Faults of upstreams by dialect and form of answer, with a second channel that is fine or as faulty as the first.

Whatever breaks: the client gets an answer or an error that its dialect's parsers take, and the books hold exactly one
settlement or one release.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import msgspec
import pytest

from faregate.core.usage import Usage
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    MESSAGES,
    MESSAGES_BODY,
    MESSAGES_REPLY,
    MESSAGES_STREAM,
    STREAM_HEAD,
    chunk,
    event,
    reply,
    replying,
    streaming,
)
from tests.gate.channels import Channels, channels, closing_at_once, no_new_tasks
from tests.gate.house import request_bytes
from tests.gate.responses_answers import REPLY, RESPONSES, RESPONSES_BODY, STREAM
from tests.wire.peers import Script, connected

REPORTED = Usage(input=10, output=7)


class Form(NamedTuple):
    """How a client asks: dialect and stream, with a whole answer of that form."""

    path: str
    body: dict[str, Any]
    stream: bool
    events: list[bytes]
    answer: dict[str, Any]

    @property
    def fine(self) -> Script:
        return streaming(self.events) if self.stream else replying(reply(self.answer))

    @property
    def asked(self) -> dict[str, Any]:
        return {**self.body, "stream": True} if self.stream else self.body

    @property
    def name(self) -> str:
        return {CHAT: "oa", MESSAGES: "an"}.get(self.path, "re")

    @property
    def usage(self) -> Usage:
        return Usage(input=6, cached=4, output=7) if self.name == "re" else REPORTED

    @property
    def whole(self) -> bytes:
        """A fine answer as bytes on the wire."""
        if not self.stream:
            return reply(self.answer)
        return STREAM_HEAD + b"".join(chunk(each) for each in self.events) + b"0\r\n\r\n"


FORMS = [
    Form(CHAT, CHAT_BODY, False, CHAT_STREAM, CHAT_REPLY),
    Form(CHAT, CHAT_BODY, True, CHAT_STREAM, CHAT_REPLY),
    Form(MESSAGES, MESSAGES_BODY, False, MESSAGES_STREAM, MESSAGES_REPLY),
    Form(MESSAGES, MESSAGES_BODY, True, MESSAGES_STREAM, MESSAGES_REPLY),
    Form(RESPONSES, RESPONSES_BODY, False, STREAM, REPLY),
    Form(RESPONSES, RESPONSES_BODY, True, STREAM, REPLY),
]
NAMES = ["chat", "chat stream", "messages", "messages stream", "responses", "responses stream"]
EVERY_FORM = pytest.mark.parametrize("form", FORMS, ids=NAMES)

ERROR = b'{"type":"error","error":{"type":"x","message":"said the upstream","code":null,"param":null}}'
OVERLOADED_EVENT = event("error", error={"type": "overloaded_error", "message": "too busy"})
CHAT_ERROR_EVENT = b'data: {"error":{"message":"too busy","type":"server_error"}}\n\n'
RESPONSES_ERROR_EVENT = event("error", code="server_is_overloaded", message="too busy", param=None, sequence_number=0)
BEGINNING_ERRORS = {"an": OVERLOADED_EVENT, "oa": CHAT_ERROR_EVENT, "re": RESPONSES_ERROR_EVENT}


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


def page(status: int) -> bytes:
    body = b"<html>bad gateway</html>"
    return b"HTTP/1.1 %d X\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body)


def begun_with_an_error(form: Form) -> Script:
    return streaming([BEGINNING_ERRORS[form.name]])


FAULTS: dict[str, Any] = {
    "429": lambda form: replying(reply(ERROR, 429, b"retry-after: 7")),
    "429 without a word": lambda form: replying(reply(b"", 429)),
    "500": lambda form: replying(reply(ERROR, 500)),
    "502 page": lambda form: replying(page(502)),
    "503 with retry-after": lambda form: replying(reply(ERROR, 503, b"retry-after: 9")),
    "529": lambda form: replying(reply(ERROR, 529)),
    "401": lambda form: replying(reply(ERROR, 401)),
    "402": lambda form: replying(reply(ERROR, 402)),
    "403": lambda form: replying(reply(ERROR, 403)),
    "redirect": lambda form: replying(reply(b"", 302, b"location: http://x/")),
    "slow": lambda form: never,
    "closes": lambda form: closing_at_once(),
    "half a head": lambda form: closing_at_once(b"HTTP/1.1 200 OK\r\ncontent-ty"),
    "head alone": lambda form: closing_at_once(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n"),
    "not HTTP": lambda form: closing_at_once(b"\x16\x03\x01 nonsense\r\n\r\n"),
    "page for an answer": lambda form: replying(page(200)),
    "error cut": lambda form: closing_at_once(reply(ERROR, 500)[:-20]),
    "huge head": lambda form: closing_at_once(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 40_000),
}


def impatience(fault: str) -> dict[str, Any]:
    """Settings of a channel that is asked for a fault."""
    return {"first_byte_seconds": 0.02} if fault == "slow" else {}


def check_error(form: Form, status: int, headers: dict[bytes, bytes], said: bytes) -> None:
    """An error that SDKs of the dialect take apart."""
    assert 400 <= status < 600
    assert headers[b"content-type"] == b"application/json"
    error = msgspec.json.decode(said)
    assert error["error"]["message"]
    assert isinstance(error["error"]["type"], str)
    if form.name == "an":
        assert error["type"] == "error"
    assert b"sk-upstream" not in said


def check_answer(form: Form, status: int, said: bytes) -> None:
    assert status == 200
    if not form.stream:
        assert msgspec.json.decode(said) == form.answer
    elif form.name == "oa":
        assert said == b"".join(each for each in form.events if b'"usage"' not in each)
    else:
        assert said == b"".join(form.events)


async def asked(home: Channels, form: Form) -> tuple[int, dict[bytes, bytes], bytes]:
    return await home.ask(form.path, form.asked)


@EVERY_FORM
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_the_first_channel_is_not_seen_when_the_second_is_fine(form: Form, fault: str) -> None:
    before = asyncio.all_tasks()
    async with channels(FAULTS[fault](form), form.fine, each=(impatience(fault),)) as home:
        status, _, said = await asked(home, form)
        closing = await home.books.only_closing()
        assert home.gate.counters.failovers == 1
    check_answer(form, status, said)
    assert closing.usage == form.usage
    ((upstream, key, code),) = closing.facts.pop("tried")
    assert (upstream, key, bool(code)) == ("a-" + form.name, "", True)
    assert closing.facts == {"upstream": "b-" + form.name, "outcome": "ok"}
    await no_new_tasks(before)


@EVERY_FORM
@pytest.mark.parametrize("fault", FAULTS)
async def test_when_both_are_faulty_the_client_gets_an_error_and_nothing_is_charged(form: Form, fault: str) -> None:
    before = asyncio.all_tasks()
    scripts = FAULTS[fault](form), FAULTS[fault](form)
    async with channels(*scripts, each=(impatience(fault),) * 2) as home:
        status, headers, said = await asked(home, form)
        closing = await home.books.only_closing()
        assert [peer.connections for peer in home.peers] == [1, 1]
    check_error(form, status, headers, said)
    assert closing.usage is None
    assert [upstream for upstream, _, _ in closing.tried] == [f"a-{form.name}", f"b-{form.name}"]
    await no_new_tasks(before)


@EVERY_FORM
async def test_an_upstream_that_refuses_connections_is_passed_over(form: Form) -> None:
    async with channels(never, form.fine) as home:
        home.peers[0].stop()
        await asyncio.sleep(0)
        status, _, said = await asked(home, form)
        closing = await home.books.only_closing()
    check_answer(form, status, said)
    assert closing.facts["tried"] == [("a-" + form.name, "", "connect_failed")]


@EVERY_FORM
@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_a_fault_of_the_request_is_the_clients_and_goes_to_no_other_channel(form: Form, status: int) -> None:
    async with channels(replying(reply(ERROR, status)), form.fine) as home:
        for live in home.directory.upstreams:
            assert live.health.rests_until == 0
        got, headers, said = await asked(home, form)
        closing = await home.books.only_closing()
        tries = [peer.connections for peer in home.peers]
    if status == 404:  # the configuration names the model: that it is not there is the operator's fault
        assert (got, tries) == (200, [1, 1])
        return
    assert (got, said, tries) == (status, ERROR, [1, 0])
    check_error(form, got, headers, said)
    assert closing.usage is None


CUTS = range(0, 100, 3)


@EVERY_FORM
async def test_a_cut_at_any_byte_goes_elsewhere_until_the_client_was_given_something(form: Form) -> None:
    """At every byte the client gets a whole answer, or what came and then an error, and is charged once."""
    whole = form.whole
    seen = set()
    for cut in range(0, len(whole), max(len(whole) // 60, 1)):
        async with channels(closing_at_once(whole[:cut]), form.fine) as home, connected(home.port) as client:
            await client.send(request_bytes(form.path, form.asked))
            head = await client.reader.readuntil(b"\r\n\r\n")
            told = form.stream and home.peers[1].connections == 0
            answer = await (client.rest() if told else _body_of(client.reader, head))
            closing = await home.books.only_closing()
        assert head.startswith(b"HTTP/1.1 200 ")
        assert closing.usage is not None
        if told:
            # What came was passed on: no second answer may follow it.
            assert closing.facts["upstream"] == "a-" + form.name
            assert closing.facts["outcome"] in ("upstream_cut", "ok")
            assert (b'"error"' in answer) == (closing.facts["outcome"] == "upstream_cut")
            assert "tried" not in closing.facts
        else:
            check_answer(form, 200, answer)
            assert closing.facts["upstream"] == "b-" + form.name
            assert closing.usage == form.usage
        seen.add(told)
    assert seen == ({True, False} if form.stream else {False})


async def _body_of(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """The body of a response of this gate, by its framing."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line.split(b":")[1]))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    return body


@pytest.mark.parametrize("form", FORMS[1::2], ids=NAMES[1::2])
async def test_a_stream_that_begins_with_an_error_goes_elsewhere(form: Form) -> None:
    async with channels(begun_with_an_error(form), form.fine) as home:
        status, _, said = await asked(home, form)
        closing = await home.books.only_closing()
    check_answer(form, status, said)
    assert closing.facts["tried"] == [("a-" + form.name, "", "error_event")]


@pytest.mark.parametrize("form", FORMS[1::2], ids=NAMES[1::2])
async def test_an_error_in_the_middle_of_a_stream_is_passed_on_and_counts_against_the_channel(form: Form) -> None:
    async with channels(streaming([*form.events[:4], BEGINNING_ERRORS[form.name]]), form.fine) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(form.path, form.asked))
            assert b"too busy" in await client.rest()
        closing = await home.books.only_closing()
        assert (home.faults, home.peers[1].connections) == ({"error_event": 1}, 0)
    assert closing.facts["outcome"] == "upstream_error"


@pytest.mark.parametrize("form", FORMS[1::2], ids=NAMES[1::2])
async def test_a_stream_called_something_else_is_passed_on_as_one(form: Form) -> None:
    async def mislabelled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(form.whole.replace(b"text/event-stream", b"text/html; charset=x"))
        await writer.drain()

    async with channels(mislabelled) as home:
        status, headers, said = await asked(home, form)
        closing = await home.books.only_closing()
    assert headers[b"content-type"] == b"text/event-stream"
    check_answer(form, status, said)
    assert closing.usage == form.usage


@pytest.mark.parametrize("form", FORMS[::2], ids=NAMES[::2])
async def test_a_reply_called_something_else_is_told_as_json(form: Form) -> None:
    mislabelled = reply(form.answer).replace(b"application/json", b"text/html")
    async with channels(replying(mislabelled)) as home:
        status, headers, said = await asked(home, form)
    assert headers[b"content-type"] == b"application/json"
    check_answer(form, status, said)


@pytest.mark.parametrize("form", FORMS[::2], ids=NAMES[::2])
async def test_a_huge_reply_goes_elsewhere(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faregate.gate.relay.REPLY_BYTES_LIMIT", 100_000)
    huge = replying(reply(b" " * 300_000))
    async with channels(huge, form.fine) as home:
        status, _, said = await asked(home, form)
        closing = await home.books.only_closing()
    check_answer(form, status, said)
    assert closing.facts["tried"][0][2] == "too_large"


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        (b'{"error":{"message":"no"}}', "error_in_reply"),
        (b"{}", "no_answer"),
        (b'{"code":500,"msg":"404 NOT_FOUND","success":false}', "no_answer"),
        (
            b'{"choices":null,"usage":{"total_tokens":0},"base_resp":{"status_code":1008}}',
            "no_answer",
        ),
    ],
)
async def test_an_error_told_with_status_200_is_an_error_and_is_not_charged(answer: bytes, flaw: str) -> None:
    form = FORMS[0]
    async with channels(replying(reply(answer))) as home:
        status, headers, said = await asked(home, form)
        closing = await home.books.only_closing()
    check_error(form, status, headers, said)
    assert (closing.usage, closing.facts) == (None, {"reason": f"upstream_{flaw}"})
    async with channels(replying(reply(answer)), form.fine) as home:
        status, _, said = await asked(home, form)
        closing = await home.books.only_closing()
    check_answer(form, status, said)
    assert closing.facts["tried"][0][2] == flaw
