"""One idempotency key, one charge."""

from __future__ import annotations

import msgspec

from faregate.core.request import Refused
from tests.gate.answers import CHAT, CHAT_BODY, CHAT_REPLY, reply, replying
from tests.gate.house import NOW, house, request_bytes
from tests.wire.peers import connected, until

KEY = ((b"idempotency-key", b"abc"),)
OTHER_BODY = {**CHAT_BODY, "temperature": 1}


async def test_the_same_key_and_body_is_a_409_with_the_receipt() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        assert (await home.ask(CHAT, CHAT_BODY, KEY))[0] == 200
        status, headers, said = await home.ask(CHAT, CHAT_BODY, KEY)
        assert (status, headers[b"x-should-retry"]) == (409, b"false")
        receipt = msgspec.json.decode(said)["error"]["receipt"]
        assert receipt == {"request": home.books.held[0].id, "state": "settled"}
        await home.books.only_closing()


async def test_the_same_key_with_another_body_is_a_422() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        await home.ask(CHAT, CHAT_BODY, KEY)
        assert (await home.ask(CHAT, OTHER_BODY, KEY))[0] == 422
        await home.books.only_closing()


async def test_another_key_or_none_is_another_request() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        for headers in (KEY, ((b"idempotency-key", b"other"),), (), ((b"idempotency-key", b""),)):
            assert (await home.ask(CHAT, CHAT_BODY, headers))[0] == 200
        await until(lambda: len(home.books.closings) == 4)


async def test_while_the_first_request_runs_a_second_is_a_409() -> None:
    async with house(replying(b"", hang=True)) as home, connected(home.port) as client:
        await client.send(request_bytes(CHAT, CHAT_BODY, KEY))
        await until(lambda: home.upstream.connections)
        status, _, said = await home.ask(CHAT, CHAT_BODY, KEY)
        assert status == 409
        assert msgspec.json.decode(said)["error"]["receipt"]["state"] == "open"
        assert len(home.books.held) == 1


async def test_a_released_request_frees_its_key() -> None:
    async with house(replying(reply(b'{"error":{"message":"no"}}', 500))) as home:
        assert [(await home.ask(CHAT, CHAT_BODY, KEY))[0] for _ in range(3)] == [500, 500, 500]
        assert (await home.ask(CHAT, OTHER_BODY, KEY))[0] == 500
        assert all(closing.usage is None for closing in home.books.closings)


async def test_a_refused_request_frees_its_key() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        home.books.refusal = Refused("window_full", "w", NOW + 1)
        assert (await home.ask(CHAT, CHAT_BODY, KEY))[0] == 429
        home.books.refusal = None
        assert (await home.ask(CHAT, CHAT_BODY, KEY))[0] == 200


async def test_a_key_too_long_is_refused() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        assert (await home.ask(CHAT, CHAT_BODY, ((b"idempotency-key", b"k" * 256),)))[0] == 400
