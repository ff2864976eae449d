"""The pool: connections are reused only while they can be trusted, bounded, and waited for in order."""

from __future__ import annotations

import asyncio

import pytest

from faregate.wire.call import CallLimits
from faregate.wire.client import Client
from faregate.wire.failures import (
    ClientClosedError,
    ConnectError,
    ConnectTimeoutError,
    PeerClosedError,
    QueueFullError,
)
from faregate.wire.origin import Origin
from faregate.wire.pool import PoolLimits
from tests.wire.peers import (
    SWEEP_SECONDS,
    Recorder,
    answering,
    read_request,
    scripted,
    until,
)

HEAD = b"POST /p HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
LENGTH = b"HTTP/1.1 200 OK\r\nX-One: 1\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nX-One: 1\r\ntransfer-encoding: chunked\r\n\r\n"
    b"2\r\nhe\r\n3;ext\r\nllo\r\n0\r\ntrailer: 1\r\n\r\n"
)


def new_client(limits: PoolLimits | None = None) -> Client:
    return Client(limits=limits, environ={}, sweep_seconds=SWEEP_SECONDS)


async def test_an_early_answer_to_a_large_request_is_heard_and_the_connection_not_reused() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(60)

    client = new_client()
    async with scripted(script) as peer:
        body = b"x" * 8_000_000
        call = Recorder(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 8000000\r\n\r\n", body)
        origin = Origin("http", "127.0.0.1", peer.port)
        client.dispatch(origin, call)
        await call.wait()
        assert call.status == 413
        assert client.pool(origin).open_connections == 0
        await client.close()


async def test_connections_are_reused_while_the_peer_keeps_them() -> None:
    client = new_client()
    async with scripted(answering(LENGTH, CHUNKED, LENGTH, close=False)) as peer:
        for _ in range(3):
            assert await (await client.request("GET", peer.url())).read() == b"hello"
        assert peer.connections == 1
        await client.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        LENGTH + LENGTH,
        LENGTH + b"HTTP/1.1 200 OK\r\nx: ",
        LENGTH + b"\x00",
        b"HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 5\r\n\r\nhello",
    ],
)
async def test_a_connection_that_cannot_be_trusted_is_not_reused(answer: bytes) -> None:
    client = new_client()
    async with scripted(answering(answer, answer, close=False)) as peer:
        for _ in range(2):
            assert await (await client.request("GET", peer.url())).read() == b"hello"
            await asyncio.sleep(SWEEP_SECONDS * 4)
        assert peer.connections == 2
        await client.close()


async def test_a_pooled_connection_the_peer_closed_is_replaced_unseen() -> None:
    client = new_client()
    async with scripted(answering(LENGTH)) as peer:
        pool = client.pool(Origin("http", "127.0.0.1", peer.port))
        for _ in range(5):
            assert await (await client.request("POST", peer.url())).read() == b"hello"
            await until(lambda: not pool.open_connections)
        assert peer.connections == 5
        await client.close()


async def test_a_request_that_may_have_been_processed_is_not_sent_again() -> None:
    seen = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        await read_request(reader)
        writer.write(LENGTH)
        await read_request(reader)
        seen += 1

    client = new_client()
    async with scripted(script) as peer:
        assert await (await client.request("POST", peer.url())).read() == b"hello"
        with pytest.raises(PeerClosedError):
            await client.request("POST", peer.url())
        assert (seen, peer.connections) == (1, 1)
        await client.close()


async def test_nobody_listening_is_a_connect_error() -> None:
    async with scripted(answering(LENGTH)) as peer:
        port = peer.port
    client = new_client()
    with pytest.raises(ConnectError) as caught:
        await client.request("GET", f"http://127.0.0.1:{port}/")
    assert not caught.value.sent
    await client.close()


async def test_calls_over_the_bound_wait_for_a_connection_in_order() -> None:
    standing: list[asyncio.StreamWriter] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            standing.append(writer)

    client = new_client(PoolLimits(connections=2, waiting=2))
    async with scripted(script) as peer:
        origin = Origin("http", "127.0.0.1", peer.port)
        calls = [Recorder(HEAD) for _ in range(5)]
        for call in calls:
            client.dispatch(origin, call)
        assert isinstance(calls.pop().failure, QueueFullError)
        ended: list[int] = []
        while len(ended) < 4:
            await until(lambda: standing)
            standing.pop(0).write(LENGTH)
            await until(lambda: sum(call.over.is_set() for call in calls) > len(ended))
            ended.append(next(n for n in range(4) if calls[n].over.is_set() and n not in ended))
        assert (sorted(ended[:2]), ended[2:]) == ([0, 1], [2, 3])
        assert peer.connections == 2
        await client.close()


async def test_waiting_too_long_for_a_connection_is_a_connect_timeout() -> None:
    client = new_client(PoolLimits(connections=1))
    async with scripted(answering(b"", close=False)) as peer:
        origin = Origin("http", "127.0.0.1", peer.port)
        first = Recorder(HEAD)
        client.dispatch(origin, first)
        waiting = Recorder(HEAD, limits=CallLimits(connect_seconds=0.01))
        client.dispatch(origin, waiting)
        await waiting.wait()
        assert isinstance(waiting.failure, ConnectTimeoutError)
        await client.close()
        assert isinstance(first.failure, ClientClosedError)


async def test_a_cancelled_waiting_call_leaves_its_place() -> None:
    client = new_client(PoolLimits(connections=1))
    async with scripted(answering(LENGTH, LENGTH, close=False)) as peer:
        origin = Origin("http", "127.0.0.1", peer.port)
        calls = [Recorder(HEAD) for _ in range(3)]
        for call in calls:
            client.dispatch(origin, call)
        calls[1].cancel()
        await calls[2].wait()
        assert (calls[1].heard, calls[2].data) == ([], b"hello")
        await client.close()


async def test_a_failed_connect_fails_every_waiting_call() -> None:
    async with scripted(answering(LENGTH)) as peer:
        origin = Origin("http", "127.0.0.1", peer.port)
    client = new_client(PoolLimits(connections=1))
    calls = [Recorder(HEAD) for _ in range(3)]
    for call in calls:
        client.dispatch(origin, call)
    for call in calls:
        await call.wait()
        assert isinstance(call.failure, ConnectError)
    await client.close()
