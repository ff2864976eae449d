"""The client: responses in every shape, and peers that do not keep their word."""

from __future__ import annotations

import asyncio

import pytest

from faregate.wire.call import CallLimits
from faregate.wire.client import Client
from faregate.wire.exchange import Exchange
from faregate.wire.failures import (
    BodyTooLargeError,
    FirstByteTimeoutError,
    IdleTimeoutError,
    PeerClosedError,
    ProtocolViolationError,
)
from faregate.wire.origin import Origin
from faregate.wire.pool import PoolLimits
from tests.wire.peers import (
    SWEEP_SECONDS,
    Recorder,
    Script,
    answering,
    read_request,
    scripted,
    serving,
)

HEAD = b"POST /p HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
LENGTH = b"HTTP/1.1 200 OK\r\nX-One: 1\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nX-One: 1\r\ntransfer-encoding: chunked\r\n\r\n"
    b"2\r\nhe\r\n3;ext\r\nllo\r\n0\r\ntrailer: 1\r\n\r\n"
)
TO_THE_END = b"HTTP/1.1 200 OK\r\nX-One: 1\r\n\r\nhello"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + LENGTH


def new_client(limits: PoolLimits | None = None) -> Client:
    return Client(limits=limits, environ={}, sweep_seconds=SWEEP_SECONDS)


async def ask(script: Script, *, limits: CallLimits | None = None, head: bytes = HEAD) -> Recorder:
    """One call to a scripted peer, to its end."""
    client = new_client()
    async with scripted(script) as peer:
        call = Recorder(head, limits=limits)
        client.dispatch(Origin("http", "127.0.0.1", peer.port), call)
        await call.wait()
        await client.close()
    return call


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED, TO_THE_END, INTERIM])
async def test_a_response_is_heard_as_head_data_end(answer: bytes) -> None:
    call = await ask(answering(answer))
    assert call.heard == ["head", "data", "end"]
    assert (call.status, call.headers[0], call.data) == (200, (b"x-one", b"1"), b"hello")


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED, TO_THE_END, INTERIM])
async def test_a_response_sent_byte_by_byte_is_the_same_response(answer: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for index in range(len(answer)):
            writer.write(answer[index : index + 1])
            await asyncio.sleep(0)

    call = await ask(script)
    assert (call.status, call.data, call.heard[-1]) == (200, b"hello", "end")


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED])
async def test_a_response_cut_at_any_byte_is_a_failure_never_an_end(answer: bytes) -> None:
    client = new_client()
    cut = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer[:cut])

    async with scripted(script) as peer:
        for cut in range(len(answer)):
            call = Recorder(HEAD)
            client.dispatch(Origin("http", "127.0.0.1", peer.port), call)
            await call.wait()
            assert isinstance(call.failure, PeerClosedError), cut
            assert b"hello".startswith(call.data)
    await client.close()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", 304),
    ],
)
async def test_a_status_without_a_body_ends_at_its_head(answer: bytes, status: int) -> None:
    call = await ask(answering(answer, close=False))
    assert (call.status, call.heard) == (status, ["head", "end"])


async def test_head_has_no_body_whatever_its_length_says() -> None:
    call = await ask(
        answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", close=False),
        head=b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n",
    )
    assert call.heard == ["head", "end"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n\x00",
        b"HTTP/1.1 200 OK\r\n" + b"x-filler: 0123456789\r\n" * 10_000,
    ],
)
async def test_what_is_not_http_is_a_protocol_violation(garbage: bytes) -> None:
    call = await ask(answering(garbage, close=False))
    assert isinstance(call.failure, ProtocolViolationError)


async def test_a_body_over_the_limit_is_a_failure() -> None:
    call = await ask(answering(LENGTH), limits=CallLimits(body_bytes=4))
    assert isinstance(call.failure, BodyTooLargeError)


async def test_silence_is_a_first_byte_timeout() -> None:
    call = await ask(answering(b"", close=False), limits=CallLimits(first_byte_seconds=0.01))
    assert isinstance(call.failure, FirstByteTimeoutError)


async def test_interim_responses_do_not_extend_the_first_byte_timeout() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
            await asyncio.sleep(0.002)

    call = await ask(script, limits=CallLimits(first_byte_seconds=0.02))
    assert isinstance(call.failure, FirstByteTimeoutError)


async def test_a_response_that_stands_still_is_an_idle_timeout() -> None:
    call = await ask(answering(LENGTH[:-1], close=False), limits=CallLimits(idle_seconds=0.01))
    assert isinstance(call.failure, IdleTimeoutError)
    assert call.data == b"hell"


async def test_a_paused_response_rests_and_its_idle_limit_with_it() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(LENGTH[:-3])
        await writer.drain()
        await asyncio.sleep(0.005)
        writer.write(LENGTH[-3:])
        await reader.read()

    class Pausing(Recorder):
        def on_data(self, data: bytes) -> None:
            super().on_data(data)
            if len(self.data) < 5:
                self.pause()

    client = new_client()
    async with scripted(script) as peer:
        call = Pausing(HEAD, limits=CallLimits(idle_seconds=0.01))
        client.dispatch(Origin("http", "127.0.0.1", peer.port), call)
        await asyncio.sleep(0.04)
        assert call.heard == ["head", "data"]
        call.resume()
        await call.wait()
        assert call.data == b"hello"
        await client.close()


async def test_a_cancelled_call_closes_its_connection_and_hears_nothing_more() -> None:
    closed = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(LENGTH[:-1])
        await reader.read()
        closed.set()

    client = new_client()
    async with scripted(script) as peer:
        origin = Origin("http", "127.0.0.1", peer.port)
        call = Recorder(HEAD)
        client.dispatch(origin, call)
        await call.head_heard.wait()
        call.cancel()
        async with asyncio.timeout(5):
            await closed.wait()
        assert call.heard == ["head", "data"]
        assert client.pool(origin).open_connections == 0
        await client.close()


async def test_the_awaiting_way_streams_and_holds_back_a_fast_peer() -> None:
    client = new_client()
    size = 4_000_000
    async with serving(lambda exchange: exchange.send(200, body=b"x" * size)) as (_server, port):
        response = await client.request("GET", f"http://127.0.0.1:{port}")
        assert response.header(b"content-length") == b"%d" % size
        total = 0
        async for piece in response:
            total += len(piece)
            await asyncio.sleep(0)
        assert total == size
        await client.close()


async def test_the_request_names_host_length_and_identity() -> None:
    heads: list[dict[bytes, bytes]] = []

    def handler(exchange: Exchange) -> None:
        heads.append(exchange.headers)
        exchange.send(204)

    client = new_client()
    async with serving(handler) as (_, port):
        await (
            await client.request("POST", f"http://127.0.0.1:{port}/x?y=1", headers=((b"x-a", b"b"),), body=b"{}")
        ).read()
        await client.close()
    assert heads == [
        {
            b"host": b"127.0.0.1:%d" % port,
            b"accept-encoding": b"identity",
            b"content-length": b"2",
            b"x-a": b"b",
        }
    ]
