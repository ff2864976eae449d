"""The demo upstream on a real socket: what only a connection can show."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from faregate.demo_upstream import Call, DemoUpstream, ServedUpstream, serve_demo_upstream


class Seen:
    """The calls that arrived, and those that are over."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[Call] = asyncio.Queue()
        self.ended: asyncio.Queue[Call] = asyncio.Queue()


@pytest.fixture
async def seen() -> Seen:
    return Seen()


@pytest.fixture
async def served(seen: Seen) -> AsyncIterator[ServedUpstream]:
    upstream = DemoUpstream(on_call=seen.arrived.put_nowait, on_end=seen.ended.put_nowait)
    running = await serve_demo_upstream(upstream)
    yield running
    await running.close()


def request(words: str, stream: bool) -> bytes:
    message = {"role": "user", "content": "hello"}
    body = json.dumps({"model": f"demo@{words}", "messages": [message], "stream": stream}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: here\r\nauthorization: Bearer k\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def exchange(served: ServedUpstream, words: str, stream: bool = True) -> bytes:
    """All bytes until the connection is closed by the upstream."""
    host, _, port = served.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request(words, stream))
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_drop_closes_the_connection_before_the_first_byte(served: ServedUpstream, seen: Seen) -> None:
    assert await exchange(served, "drop") == b""
    assert (await seen.ended.get()).outcome == "cut"


async def test_cut_closes_the_connection_inside_the_stream(served: ServedUpstream) -> None:
    received = await exchange(served, "cut:3")
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.count(b"data: ") == 3
    assert not received.endswith(b"0\r\n\r\n")


async def test_who_looks_on_is_told_the_tokens_that_were_reported(served: ServedUpstream, seen: Seen) -> None:
    await exchange(served, "cut:3,usage(input=12,cached=3,output=4)")
    figures = {"input": 12, "cached": 3, "cache_write_5m": 0, "cache_write_1h": 0, "output": 4, "reasoning": 0}
    assert (await seen.ended.get()).reported == figures


async def test_cut_of_nothing_still_sends_the_head(served: ServedUpstream) -> None:
    received = await exchange(served, "cut:0")
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"\r\n\r\n")


async def test_a_client_that_leaves_a_stalled_stream_is_noticed(served: ServedUpstream, seen: Seen) -> None:
    host, _, port = served.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request("stall:1", stream=True))
    await reader.readuntil(b"data: ")
    writer.close()
    async with asyncio.timeout(5):
        assert (await seen.ended.get()).outcome == "client-gone"


async def test_closing_ends_what_is_still_being_answered(served: ServedUpstream, seen: Seen) -> None:
    waiting = asyncio.ensure_future(exchange(served, "slow:60000"))
    async with asyncio.timeout(5):
        await seen.arrived.get()
        await served.close()
        assert await waiting == b""
