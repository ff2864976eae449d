"""Upstreams exchanged for others while requests are in flight: nobody notices, and nothing stays behind."""

from __future__ import annotations

import asyncio

from faregate.upstreams.health import CIRCUIT
from faregate.upstreams.settings import Upstream, read_upstreams
from tests.gate.answers import CHAT, CHAT_BODY, CHAT_REPLY, CHAT_STREAM, STREAM_HEAD, chunk, reply, replying
from tests.gate.channels import Channels, both, channels
from tests.gate.house import request_bytes
from tests.wire.peers import connected, until


def upstreams(*pairs: tuple[str, int]) -> tuple[Upstream, ...]:
    section = [each for name, port in pairs for each in both(name, port)]
    return read_upstreams(section, {"UPSTREAM_KEY": "sk-upstream"})


class Held:
    """A stream that stands still until it may go on."""

    def __init__(self) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()
        self.open = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(STREAM_HEAD + chunk(CHAT_STREAM[0]))
            self.asked.set()
            await self.go_on.wait()
            writer.write(b"".join(chunk(each) for each in CHAT_STREAM[1:]) + b"0\r\n\r\n")
            await writer.drain()
            await reader.read()
        finally:
            self.open -= 1


async def ask(home: Channels) -> int:
    status, _, _ = await home.ask(CHAT, CHAT_BODY)
    return status


async def test_a_stream_in_flight_ends_on_its_old_channel_and_new_requests_go_to_the_new_one() -> None:
    held = Held()
    async with channels(held, replying(reply(CHAT_REPLY))) as home, connected(home.port) as client:
        await client.send(request_bytes(CHAT, {**CHAT_BODY, "stream": True}))
        await held.asked.wait()
        home.directory.replace(upstreams(("b", home.peers[1].port)))
        assert await ask(home) == 200
        assert home.books.closings[0].facts["upstream"] == "b-oa"
        held.go_on.set()
        status, _, said = await client.response()
        assert (status, said[-14:]) == (200, b"data: [DONE]\n\n")
        await until(lambda: len(home.books.closings) == 2)
        assert home.books.closings[1].facts == {"upstream": "a-oa", "outcome": "ok"}
        # The connection to what is no upstream any more closes behind its last answer.
        await until(lambda: not held.open)


async def test_idle_connections_to_upstreams_that_went_are_closed_at_once() -> None:
    async def keeping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await replying(reply(CHAT_REPLY))(reader, writer)

    ended = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await keeping(reader, writer)
        finally:
            ended.set()

    async with channels(script, replying(reply(CHAT_REPLY))) as home:
        assert await ask(home) == 200
        assert not ended.is_set()
        home.directory.replace(upstreams(("b", home.peers[1].port)))
        async with asyncio.timeout(5):
            await ended.wait()


async def test_what_stays_the_same_keeps_its_health_and_what_changed_begins_anew() -> None:
    async with channels(replying(reply(b"", 500)), replying(reply(CHAT_REPLY))) as home:
        ports = home.peers[0].port, home.peers[1].port
        same = upstreams(("a", ports[0]), ("b", ports[1]))
        home.directory.replace(same)
        before = home.directory.upstreams
        for _ in range(CIRCUIT.failures_in_a_row):
            await ask(home)
        home.directory.replace(same)
        assert home.directory.upstreams == before
        home.directory.replace(upstreams(("a", ports[1]), ("b", ports[1])))
        assert home.directory.upstreams[0] is not before[0]
        assert home.directory.upstreams[3] is before[3]


async def test_a_model_that_no_upstream_serves_any_more_is_a_404_and_one_that_came_is_served() -> None:
    async with channels(replying(reply(CHAT_REPLY))) as home:
        home.directory.replace(())
        assert await ask(home) == 404
        home.directory.replace(upstreams(("a", home.peers[0].port)))
        assert await ask(home) == 200
