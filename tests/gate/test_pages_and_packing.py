"""Callers from a page in a browser, and bodies that a client packed."""

from __future__ import annotations

import gzip
import zlib

import msgspec
import pytest

from faregate.wire.exchange import Exchange
from tests.gate.answers import CHAT, CHAT_BODY, CHAT_REPLY, MESSAGES, MESSAGES_BODY, reply, replying
from tests.gate.house import house

PAGE = (b"origin", b"app://obsidian.md")
ANSWER = reply(CHAT_REPLY)


@pytest.mark.parametrize("path", [CHAT, MESSAGES, "/v1/responses", "/v1/models", "/v1beta/models/x:generateContent"])
async def test_a_browser_that_asks_first_is_let_in_by_the_headers_it_names(path: str) -> None:
    asked = (
        PAGE,
        (b"access-control-request-method", b"POST"),
        (b"access-control-request-headers", b"authorization, x-a"),
    )
    nobody = (b"authorization", b"")
    async with house(replying(b"")) as home:
        status, headers, said = await home.ask(path, b"", (*asked, nobody), method="OPTIONS")
    assert (status, said) == (204, b"")
    assert headers[b"access-control-allow-origin"] == b"*"
    assert headers[b"access-control-allow-headers"] == b"authorization, x-a"
    assert b"POST" in headers[b"access-control-allow-methods"]
    assert b"access-control-allow-credentials" not in headers


async def test_a_page_may_read_answers_streams_and_refusals_and_others_see_no_such_header() -> None:
    async with house(replying(ANSWER)) as home:
        for headers in ((PAGE,), (PAGE, (b"authorization", b"Bearer fg-wrong")), ()):
            _, got, _ = await home.ask(CHAT, CHAT_BODY, headers)
            assert got.get(b"access-control-allow-origin") == (b"*" if headers else None)


async def test_what_goes_by_cookies_is_not_opened_to_pages() -> None:
    def behind(exchange: Exchange) -> None:
        exchange.send(200, body=b"behind")

    async with house(replying(b""), behind=behind) as home:
        for path in ("/api/v1/me/account", "/console", "/", "/mcp"):
            _, headers, said = await home.ask(path, b"", (PAGE,), method="GET")
            assert b"access-control-allow-origin" not in headers
            assert said == b"behind"
        _, headers, _ = await home.ask("/v1/usage", b"", (PAGE,), method="GET")
        assert headers[b"access-control-allow-origin"] == b"*"


@pytest.mark.parametrize("packing", ["gzip", "x-gzip", "deflate", "GZIP", "identity"])
async def test_a_packed_body_is_served_as_if_it_were_plain(packing: str) -> None:
    plain = msgspec.json.encode(CHAT_BODY)
    packed = {"deflate": zlib.compress(plain), "identity": plain}.get(packing, gzip.compress(plain))
    seen: list[bytes] = []
    async with house(replying(ANSWER, seen)) as home:
        told = await home.ask(CHAT, packed, ((b"content-encoding", packing.encode()),))
        same = await home.ask(CHAT, plain)
        assert told[0] == same[0] == 200
    assert seen[0] == seen[1]
    assert b"content-encoding" not in seen[0].lower()


@pytest.mark.parametrize(
    ("path", "packing", "body", "status", "says"),
    [
        (CHAT, b"br", b"x", 415, "send gzip"),
        (MESSAGES, b"gzip, gzip", b"x", 415, "send gzip"),
        (CHAT, b"gzip", b"no gzip at all", 400, "not what its"),
        (MESSAGES, b"gzip", gzip.compress(msgspec.json.encode(MESSAGES_BODY), mtime=0)[:-3], 400, "ends too early"),
        (CHAT, b"gzip", gzip.compress(b" " * 40_000_000, mtime=0), 413, "unpacked"),
        ("/v1/messages/count_tokens", b"zstd", b"x", 415, "send gzip"),
    ],
)
async def test_what_cannot_be_unpacked_is_told_and_nothing_is_held(
    path: str, packing: bytes, body: bytes, status: int, says: str
) -> None:
    async with house(replying(ANSWER)) as home:
        got, _, said = await home.ask(path, body, ((b"content-encoding", packing),))
        assert got == status
        assert says in msgspec.json.decode(said)["error"]["message"]
        assert home.books.held == []
        assert home.upstream.connections == 0


async def test_nobody_without_a_key_has_anything_unpacked() -> None:
    async with house(replying(b"")) as home:
        refused = await home.ask(CHAT, b"x", ((b"content-encoding", b"br"), (b"authorization", b"Bearer fg-no")))
    assert refused[0] == 401
