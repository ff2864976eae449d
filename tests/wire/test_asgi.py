"""The ASGI bridge: an application sees what ASGI promises it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from faregate.wire.asgi import AsgiBridge, LifespanError, Receive, Send
from tests.wire.peers import connected, serving


async def tell(request: Request) -> Response:
    return JSONResponse(
        {
            "path": request.url.path,
            "query": request.url.query,
            "method": request.method,
            "x": request.headers.get("x-a"),
            "body": (await request.body()).decode(),
            "client": request.client is not None,
        }
    )


async def stream(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"piece "

    return StreamingResponse(pieces(), media_type="text/plain")


async def fail(request: Request) -> Response:
    raise ZeroDivisionError


async def fail_late(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"piece"
        raise ZeroDivisionError

    return StreamingResponse(pieces())


APPLICATION = Starlette(
    routes=[
        Route("/tell/{x}", tell, methods=["GET", "POST"]),
        Route("/stream", stream),
        Route("/fail", fail),
        Route("/fail-late", fail_late),
    ]
)


async def test_a_request_reaches_the_application_whole() -> None:
    async with serving(AsgiBridge(APPLICATION)) as (_, port), connected(port) as client:
        await client.send(b"POST /tell/a%20b?q=1 HTTP/1.1\r\nhost: x\r\nx-a: v\r\ncontent-length: 2\r\n\r\nhi")
        status, headers, body = await client.response()
    assert (status, headers[b"content-type"]) == (200, b"application/json")
    assert body == (b'{"path":"/tell/a b","query":"q=1","method":"POST","x":"v","body":"hi","client":true}')


async def test_a_stream_passes_and_the_connection_is_kept() -> None:
    async with serving(AsgiBridge(APPLICATION)) as (_, port), connected(port) as client:
        for _ in range(2):
            await client.send(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await client.response())[2] == b"piece piece piece "


async def test_head_keeps_the_length_of_the_body_it_does_not_send() -> None:
    async with serving(AsgiBridge(APPLICATION)) as (_, port), connected(port) as client:
        await client.send(b"HEAD /tell/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await client.rest()
    assert answer.endswith(b"\r\n\r\n")
    assert b"content-length: 0" not in answer


async def test_a_failing_application_is_a_500_or_an_abort(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(AsgiBridge(APPLICATION)) as (_, port), connected(port) as client:
        await client.send(b"GET /fail HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await client.response())[0] == 500
        await client.send(b"GET /fail-late HTTP/1.1\r\nhost: x\r\n\r\n")
        assert not (await client.rest()).endswith(b"0\r\n\r\n")
    assert caplog.records


async def test_an_application_hears_that_its_client_has_gone() -> None:
    heard: list[str] = []
    begun, told = asyncio.Event(), asyncio.Event()

    async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        for _ in range(2):
            heard.append((await receive())["type"])
            begun.set()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"into the void"})
        told.set()

    async with serving(AsgiBridge(application)) as (_, port), connected(port) as client:
        await client.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        async with asyncio.timeout(5):
            await begun.wait()
            client.reset()
            await told.wait()
    assert heard == ["http.request", "http.disconnect"]


async def test_lifespan_runs_around_the_service() -> None:
    heard: list[str] = []

    async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            heard.append((await receive())["type"])
            await send({"type": f"lifespan.{phase}.complete"})

    bridge = AsgiBridge(application)
    await bridge.start()
    assert heard == ["lifespan.startup"]
    await bridge.stop()
    assert heard == ["lifespan.startup", "lifespan.shutdown"]


async def test_an_application_without_a_lifespan_starts_all_the_same() -> None:
    async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        raise KeyError(scope["type"])

    bridge = AsgiBridge(application)
    await bridge.start()
    await bridge.stop()


async def test_a_failed_startup_is_an_error_with_its_reason() -> None:
    async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(LifespanError, match="no database"):
        await AsgiBridge(application).start()
