"""A head sent before is recognised, and never taken for more than it says."""

from __future__ import annotations

import asyncio

import pytest

from faregate.wire.exchange import Exchange
from faregate.wire.request_reader import ServerLimits
from tests.wire.peers import connected, echo, serving, until


def request(body: bytes, *, more: bytes = b"", path: bytes = b"/p") -> bytes:
    return b"POST %b?q HTTP/1.1\r\nHost: x\r\nContent-Length:%d\r\n%b\r\n%b" % (path, len(body), more, body)


@pytest.mark.parametrize(
    "following",
    [
        [request(b"one"), request(b"two")],
        [request(b"longer than ten bytes"), request(b"")],
        [request(b"one", more=b"x-a: 1\r\n"), request(b"two"), request(b"three", path=b"/other")],
        [request(b"", more=b"x-a: 1\r\n") for _ in range(20)],
        [request(b"%d" % number, path=b"/%d" % number) for number in range(20)],
    ],
)
async def test_every_request_is_answered_as_itself(following: list[bytes]) -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        for each in [request(b"first"), *following]:
            await client.send(each)
            target, body = each.split(b" ")[1], each.partition(b"\r\n\r\n")[2]
            assert (await client.response())[2] == b"POST %b " % target + body


async def test_handlers_see_the_length_that_was_sent() -> None:
    lengths: list[bytes] = []

    def handler(exchange: Exchange) -> None:
        lengths.append(exchange.headers[b"content-length"])
        exchange.send(204)

    async with serving(handler) as (_, port), connected(port) as client:
        for size in (3, 3, 12, 3):
            await client.send(request(b"x" * size))
            await client.response()
    assert lengths == [b"3", b"3", b"12", b"3"]


@pytest.mark.parametrize("cut", range(1, len(request(b"hello")) + 5))
async def test_a_known_head_may_be_cut_anywhere_and_others_may_follow(cut: int) -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(request(b"first"))
        await client.response()
        bytes_sent = request(b"hello") + request(b"again")
        await client.send(bytes_sent[:cut])
        await asyncio.sleep(0)
        await client.send(bytes_sent[cut:])
        assert (await client.response())[2] == b"POST /p?q hello"
        assert (await client.response())[2] == b"POST /p?q again"
        await client.send(request(b"and again"))
        assert (await client.response())[2] == b"POST /p?q and again"


async def test_a_large_body_behind_a_known_head_is_whole() -> None:
    body = bytes(range(256)) * 4000

    def handler(exchange: Exchange) -> None:
        exchange.send(200, body=exchange.body)

    async with serving(handler) as (_, port), connected(port) as client:
        for _ in range(3):
            await client.send(request(body))
            assert (await client.response())[2] == body


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (request(b"x" * 100), 413),
        (request(b"").replace(b":0", b":-1"), 400),
        (request(b"").replace(b":0", b":1a"), 400),
        (request(b"").replace(b":0", b":"), 400),
        (request(b"hello"), 408),
    ],
)
async def test_limits_and_errors_hold_behind_a_known_head(second: bytes, status: int) -> None:
    limits = ServerLimits(body_bytes=50, body_seconds=0.02, head_seconds=0.02)
    async with serving(echo, limits) as (_, port), connected(port) as client:
        await client.send(request(b"first"))
        await client.response()
        await client.send(second[:-1] if status == 408 else second)
        assert (await client.response())[0] == status
        assert await client.rest() == b""


async def test_a_client_that_goes_in_the_middle_of_a_body_is_no_request() -> None:
    seen: list[bytes] = []

    def handler(exchange: Exchange) -> None:
        seen.append(exchange.body)
        exchange.send(204)

    async with serving(handler) as (server, port):
        async with connected(port) as client:
            await client.send(request(b"first"))
            await client.response()
            await client.send(request(b"hello")[:-1])
        await until(lambda: not server.connections)
    assert seen == [b"first"]
