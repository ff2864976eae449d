"""The server: requests in every shape, in order, within limits."""

from __future__ import annotations

import asyncio

import pytest

from faregate.wire.exchange import Exchange, ResponseOrderError
from faregate.wire.headers import HeaderInjectionError
from faregate.wire.request_reader import ServerLimits
from tests.wire.peers import connected, echo, serving, until

POST = b"POST /a?b=c HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /a?b=c HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    b"2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\ntrailer: 1\r\n\r\n"
)
GET = b"GET /g HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.parametrize("request_bytes", [POST, CHUNKED])
async def test_a_request_is_heard_whole_with_its_body(request_bytes: bytes) -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(request_bytes)
        status, headers, body = await client.response()
    assert (status, body) == (200, b"POST /a?b=c hello")
    assert headers[b"content-length"] == b"17"


@pytest.mark.parametrize("request_bytes", [POST, CHUNKED, GET])
async def test_a_request_sent_byte_by_byte_is_the_same_request(request_bytes: bytes) -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        for index in range(len(request_bytes)):
            await client.send(request_bytes[index : index + 1])
            await asyncio.sleep(0)
        _, _, body = await client.response()
    assert body in (b"POST /a?b=c hello", b"GET /g? ")


async def test_a_connection_serves_request_after_request() -> None:
    async with serving(echo) as (server, port), connected(port) as client:
        for _ in range(3):
            await client.send(POST)
            assert (await client.response())[0] == 200
        assert len(server.connections) == 1


async def test_pipelined_requests_are_answered_one_at_a_time_and_in_order() -> None:
    standing: list[Exchange] = []
    async with serving(standing.append) as (_, port), connected(port) as client:
        await client.send(b"".join(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % n for n in range(5)))
        for n in range(5):
            await until(lambda: standing)
            assert len(standing) == 1
            exchange = standing.pop()
            exchange.send(200, body=exchange.path)
            assert (await client.response())[2] == b"/%d" % n


async def test_pipelined_requests_answered_at_once_all_arrive() -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(POST * 50)
        for _ in range(50):
            assert (await client.response())[2] == b"POST /a?b=c hello"


async def test_repeated_headers_are_joined_and_names_are_lower_case() -> None:
    heard: list[dict[bytes, bytes]] = []

    def handler(exchange: Exchange) -> None:
        heard.append(exchange.headers)
        exchange.send(204)

    async with serving(handler) as (_, port), connected(port) as client:
        await client.send(
            b"GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1\r\nCookie: b=2\r\n"
            b"Empty:\r\nLast: z\r\n\r\n"
        )
        assert (await client.response())[0] == 204
    assert heard == [{b"host": b"x", b"x-a": b"1, 2", b"cookie": b"a=1; b=2", b"empty": b"", b"last": b"z"}]


async def test_the_absolute_form_of_a_target_is_taken_apart() -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(b"GET http://x:1/p?q=1 HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await client.response())[2] == b"GET /p?q=1 "


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_a_malformed_request_is_a_400_and_the_connection_ends(garbage: bytes) -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(garbage)
        status, headers, _ = await client.response()
        assert (status, headers[b"connection"]) == (400, b"close")
        assert await client.rest() == b""


async def test_garbage_after_a_request_does_not_disturb_its_answer() -> None:
    standing: list[Exchange] = []
    async with serving(standing.append) as (_, port), connected(port) as client:
        await client.send(GET + b"\x00garbage")
        await until(lambda: standing)
        standing[0].send(200, body=b"fine")
        assert (await client.response())[2] == b"fine"
        assert (await client.response())[0] == 400


async def test_a_head_over_the_limit_is_a_431() -> None:
    limits = ServerLimits(head_bytes=1000)
    async with serving(echo, limits) as (_, port), connected(port) as client:
        await client.send(b"GET / HTTP/1.1\r\n")
        for _ in range(40):
            await client.send(b"x-filler: 012345678901234567890123456789\r\n")
            await asyncio.sleep(0.0001)
        assert (await client.response())[0] == 431


@pytest.mark.parametrize(
    "head",
    [b"content-length: 20\r\n\r\n", b"transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n"],
)
async def test_a_body_over_the_limit_is_a_413_the_sender_can_read(head: bytes) -> None:
    limits = ServerLimits(body_bytes=9)
    async with serving(echo, limits) as (_, port), connected(port) as client:
        await client.send(b"POST / HTTP/1.1\r\nhost: x\r\n" + head)
        assert (await client.response())[0] == 413
        await client.send(b"z" * 100)


async def test_expect_continue_is_answered_before_the_body() -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        assert (await client.response())[0] == 100
        await client.send(b"ok")
        assert (await client.response())[2] == b"POST /? ok"


async def test_head_gets_a_length_and_no_body() -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(b"HEAD /h HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await client.rest()
    assert b"content-length: 9\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_an_http_10_request_is_answered_and_closed() -> None:
    def stream(exchange: Exchange) -> None:
        exchange.start(200)
        exchange.write(b"one ")
        exchange.finish(b"two")

    async with serving(stream) as (_, port), connected(port) as client:
        await client.send(b"GET / HTTP/1.0\r\n\r\n")
        answer = await client.rest()
    assert b"transfer-encoding" not in answer
    assert answer.endswith(b"\r\n\r\none two")


async def test_http_10_keep_alive_is_said_back() -> None:
    async with serving(echo) as (_, port), connected(port) as client:
        await client.send(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
        assert (await client.response())[1][b"connection"] == b"keep-alive"


async def test_an_upgrade_is_shown_to_the_handler_and_then_closed() -> None:
    seen: list[bool] = []

    def handler(exchange: Exchange) -> None:
        seen.append(exchange.upgrade)
        exchange.send(426)

    async with serving(handler) as (_, port), connected(port) as client:
        await client.send(
            b"GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x81\x05hello"
        )
        status, headers, _ = await client.response()
        assert (status, headers[b"connection"]) == (426, b"close")
        assert await client.rest() == b""
    assert seen == [True]


async def test_a_stream_is_chunked_and_ends_clean() -> None:
    def stream(exchange: Exchange) -> None:
        exchange.start(200, ((b"content-type", b"text/event-stream"),))
        exchange.write(b"")
        exchange.write(b"a")
        exchange.finish(b"b")

    async with serving(stream) as (_, port), connected(port) as client:
        await client.send(GET * 2)
        assert (await client.response())[2] == b"ab"
        assert (await client.response())[2] == b"ab"


async def test_an_aborted_stream_never_ends_clean() -> None:
    def stream(exchange: Exchange) -> None:
        exchange.start(200)
        exchange.write(b"half")
        exchange.abort()

    async with serving(stream) as (_, port), connected(port) as client:
        await client.send(GET)
        answer = await client.rest()
    assert b"half" in answer
    assert not answer.endswith(b"0\r\n\r\n")


async def test_a_second_response_to_one_request_is_refused() -> None:
    refused: list[bool] = []

    def handler(exchange: Exchange) -> None:
        exchange.send(204)
        with pytest.raises(ResponseOrderError):
            exchange.send(200)
        with pytest.raises(ResponseOrderError):
            exchange.start(200)
        with pytest.raises(ResponseOrderError):
            exchange.finish()
        refused.append(True)

    async with serving(handler) as (_, port), connected(port) as client:
        await client.send(GET)
        assert (await client.response())[0] == 204
    assert refused


async def test_a_header_that_would_split_the_response_is_refused() -> None:
    def handler(exchange: Exchange) -> None:
        with pytest.raises(HeaderInjectionError):
            exchange.send(200, ((b"x", b"a\r\nset-cookie: b"),))
        exchange.send(204)

    async with serving(handler) as (_, port), connected(port) as client:
        await client.send(GET)
        assert (await client.response())[0] == 204


async def test_a_failing_handler_is_a_500_and_after_the_head_an_abort(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def handler(exchange: Exchange) -> None:
        if exchange.path == b"/late":
            exchange.start(200)
            exchange.write(b"x")
        raise ZeroDivisionError

    async with serving(handler) as (_, port):
        async with connected(port) as client:
            await client.send(GET)
            assert (await client.response())[0] == 500
        async with connected(port) as client:
            await client.send(b"GET /late HTTP/1.1\r\nhost: x\r\n\r\n")
            assert not (await client.rest()).endswith(b"0\r\n\r\n")
    assert len(caplog.records) == 2


@pytest.mark.parametrize("start", [True, False])
async def test_a_client_that_goes_is_told_of_once_and_writes_go_nowhere(start: bool) -> None:
    standing: list[Exchange] = []
    gone = asyncio.Event()

    def handler(exchange: Exchange) -> None:
        exchange.on_disconnect = gone.set
        standing.append(exchange)
        if start:
            exchange.start(200)

    async with serving(handler) as (_, port), connected(port) as client:
        await client.send(GET)
        await until(lambda: standing)
        client.reset()
        async with asyncio.timeout(5):
            await gone.wait()
    exchange = standing[0]
    assert exchange.disconnected
    exchange.write(b"x")
    exchange.finish()
    exchange.abort()


async def test_a_slow_reader_pauses_the_writer_until_it_has_read() -> None:
    standing: list[Exchange] = []
    async with (
        serving(standing.append, ServerLimits(write_buffer_bytes=1000)) as (_, port),
        connected(port) as client,
    ):
        await client.send(GET)
        await until(lambda: standing)
        exchange = standing[0]
        exchange.start(200)
        written = 0
        while not exchange.write_paused:
            exchange.write(b"x" * 100_000)
            written += 100_000
            await asyncio.sleep(0)
        writable = asyncio.Event()
        exchange.on_writable = writable.set
        drained = asyncio.create_task(exchange.drain())
        await asyncio.sleep(0)
        assert not drained.done()
        reading = asyncio.create_task(client.response())
        async with asyncio.timeout(5):
            await drained
            await writable.wait()
        exchange.finish()
        assert len((await reading)[2]) == written


@pytest.mark.parametrize(
    ("begun", "status"),
    [(b"", 0), (b"GET / HTT", 408), (b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nx", 408)],
)
async def test_a_request_that_stands_still_is_given_up(begun: bytes, status: int) -> None:
    limits = ServerLimits(head_seconds=0.02, body_seconds=0.02, linger_seconds=0.02)
    async with serving(echo, limits) as (_, port), connected(port) as client:
        if begun:
            await client.send(begun)
        answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 %d " % status if status else b"")
    assert bool(answer) == bool(status)


async def test_an_idle_connection_is_closed_after_its_time() -> None:
    async with (
        serving(echo, ServerLimits(idle_seconds=0.02)) as (_, port),
        connected(port) as client,
    ):
        await client.send(GET)
        assert (await client.response())[0] == 200
        assert await client.rest() == b""


async def test_a_client_that_never_reads_is_dropped() -> None:
    gone = asyncio.Event()

    def handler(exchange: Exchange) -> None:
        exchange.on_disconnect = gone.set
        exchange.start(200)
        for _ in range(200):
            exchange.write(b"x" * 100_000)

    async with (
        serving(handler, ServerLimits(write_seconds=0.02)) as (_, port),
        connected(port) as client,
    ):
        await client.send(GET)
        async with asyncio.timeout(5):
            await gone.wait()


async def test_closing_lets_standing_responses_end_and_idle_connections_go() -> None:
    standing: list[Exchange] = []
    async with (
        serving(standing.append) as (server, port),
        connected(port) as busy,
        connected(port) as idle,
    ):
        await busy.send(GET)
        await until(lambda: standing and len(server.connections) == 2)
        closing = asyncio.create_task(server.close(5))
        assert await idle.rest() == b""
        standing[0].send(200, body=b"end")
        _, headers, body = await busy.response()
        assert (headers[b"connection"], body) == (b"close", b"end")
        await closing
        with pytest.raises(OSError, match="onnect"):
            await asyncio.open_connection("127.0.0.1", port)


async def test_closing_resets_what_outlasts_the_grace() -> None:
    standing: list[Exchange] = []
    async with serving(standing.append) as (server, port), connected(port) as client:
        await client.send(GET)
        await until(lambda: standing)
        await server.close(0.01)
        assert await client.rest() == b""
        assert standing[0].disconnected
