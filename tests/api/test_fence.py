"""The headers around every answer: those that it brings stay, the rest is filled up."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest

from faregate.api.fence import Fence
from faregate.app.front import Front
from tests.api.door import Door

Scope = MutableMapping[str, Any]


async def fenced(door: Door, *own: tuple[bytes, bytes]) -> dict[bytes, bytes]:
    told: list[MutableMapping[str, Any]] = []

    async def behind(scope: Scope, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": list(own)})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Scope:
        raise AssertionError("nothing is read")

    async def send(message: Scope) -> None:
        told.append(message)

    await Fence(behind, door.control)({"type": "http"}, receive, send)
    headers = told[0]["headers"]
    assert len(dict(headers)) == len(headers), "each header once"
    return dict(headers)


async def test_an_answer_without_headers_gets_them_all(door: Door) -> None:
    headers = await fenced(door)
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'")
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"cache-control"] == b"no-store"
    assert b"strict-transport-security" not in headers


async def test_what_an_answer_says_itself_stays(door: Door) -> None:
    headers = await fenced(door, (b"Cache-Control", b"public"), (b"content-security-policy", b"script-src 'self'"))
    assert headers[b"Cache-Control"] == b"public"
    assert headers[b"content-security-policy"] == b"script-src 'self'"


@pytest.mark.parametrize(("url", "promised"), [("https://fare.test", True), ("http://fare.test", False), ("", False)])
async def test_tls_is_promised_where_browsers_come_over_it(door: Door, url: str, promised: bool) -> None:
    door.control.front = Front(url)
    assert (b"strict-transport-security" in await fenced(door)) is promised
