"""Chunks that pass unparsed are heard as any others, and what is no chunk is still found out."""

from __future__ import annotations

import asyncio

import pytest

from faregate.wire.client import Client
from faregate.wire.failures import PeerClosedError, ProtocolViolationError
from faregate.wire.origin import Origin
from tests.wire.peers import SWEEP_SECONDS, Recorder, read_request, scripted

HEAD = b"POST /p HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
LENGTH = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n"


class Chunks(Recorder):
    """Counts the chunks heard as they came."""

    passed = 0

    def on_chunk(self, framed: bytes, start: int) -> None:
        self.passed += 1
        super().on_chunk(framed, start)


async def hear(*pieces: bytes) -> list[Chunks]:
    """Two calls on one connection to a peer that sends ``pieces``, one read each, both times."""
    calls = [Chunks(HEAD), Chunks(HEAD)]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for call in calls:
            await read_request(reader)
            for piece in pieces:
                writer.write(piece)
                before = len(call.data)
                for _ in range(20):
                    if len(call.data) > before:
                        break
                    await asyncio.sleep(0)

    client = Client(environ={}, sweep_seconds=SWEEP_SECONDS)
    async with scripted(script) as peer:
        for call in calls:
            client.dispatch(Origin("http", "127.0.0.1", peer.port), call)
            await call.wait()
            if call.failure is not None:
                break
        await client.close()
    return calls


async def test_whole_chunks_pass_and_the_end_is_heard() -> None:
    for call in await hear(STREAM, b"3\r\none\r\n", b"3\r\ntwo\r\n", b"5\r\nthree\r\n", b"0\r\n\r\n"):
        assert (call.data, call.heard) == (b"onetwothree", ["head", "data", "end"])
        assert call.passed


@pytest.mark.parametrize(
    "pieces",
    [
        [b"3\r\none\r\n3\r\ntwo\r\n", b"3\r\nsix\r\n"],
        [b"3\r\none\r\n3", b"\r\ntwo\r\n3\r\nsix\r\n"],
        [b"3\r\none\r\n3\r", b"\ntwo\r\n3\r\nsix\r\n"],
        [b"3\r\none\r", b"\n3\r\ntwo\r\n", b"3\r\nsix\r\n"],
        [b"3\r\none\r\n", b"03\r\ntwo\r\n", b"3;ext\r\nsix\r\n"],
        [b"3\r\none\r\n", b"6\r\ntw", b"osix\r\n"],
    ],
)
async def test_chunks_cut_anywhere_are_the_same_body(pieces: list[bytes]) -> None:
    for call in await hear(STREAM, *pieces, b"0\r\nx: y\r\n\r\n"):
        assert (call.data, call.heard[-1]) == (b"onetwosix", "end")


async def test_a_body_of_known_length_that_looks_like_chunks_is_none() -> None:
    for call in await hear(LENGTH, b"3\r\none\r\n"):
        assert (call.data, call.passed) == (b"3\r\none\r\n", 0)


@pytest.mark.parametrize("wrong", [b"3\r\nonex\r\n", b"4\r\none\r\n\r\n", b"x\r\none\r\n", b"3\r\none\n\n"])
async def test_what_is_no_chunk_is_a_protocol_violation(wrong: bytes) -> None:
    call = (await hear(STREAM, b"3\r\none\r\n", b"3\r\ntwo\r\n", wrong))[0]
    assert isinstance(call.failure, ProtocolViolationError)


async def test_a_stream_cut_between_chunks_is_a_failure() -> None:
    calls: list[Chunks] = [Chunks(HEAD)]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for piece in (STREAM, b"3\r\none\r\n", b"3\r\ntwo\r\n"):
            writer.write(piece)
            await asyncio.sleep(0.002)

    client = Client(environ={}, sweep_seconds=SWEEP_SECONDS)
    async with scripted(script) as peer:
        client.dispatch(Origin("http", "127.0.0.1", peer.port), calls[0])
        await calls[0].wait()
        await client.close()
    assert isinstance(calls[0].failure, PeerClosedError)
    assert calls[0].data == b"onetwo"
