"""Keys and channels that rest, bounds on trying again, what that leaves in the books, and what upstreams cost."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from faregate.core.usage import Usage
from faregate.gate.trail import Failover
from faregate.ratecards import load_shipped
from faregate.upstreams.health import CIRCUIT, KEY, SECOND
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    MESSAGES,
    MESSAGES_BODY,
    reply,
    replying,
    streaming,
)
from tests.gate.channels import Channels, channels
from tests.gate.house import NOW, request_bytes
from tests.wire.peers import Script, connected, read_request, until

BOTH = pytest.mark.parametrize(("path", "body"), [(CHAT, CHAT_BODY), (MESSAGES, MESSAGES_BODY)])
ERROR = b'{"error":{"message":"no","type":"x"}}'
FINE = reply(CHAT_REPLY)


async def ask(home: Channels, path: str = CHAT, body: object = CHAT_BODY) -> tuple[int, dict[bytes, bytes], bytes]:
    return await home.ask(path, body)


def by_key(answers: dict[bytes, bytes], seen: list[bytes] | None = None) -> Script:
    """Answers by the key that a request brings."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            key = next(each for each in answers if b"Bearer " + each + b"\r\n" in request)
            if seen is not None:
                seen.append(key)
            writer.write(answers[key])
            await writer.drain()

    return script


@BOTH
async def test_while_all_rest_clients_are_told_when_the_first_comes_back_and_nothing_is_held(
    path: str, body: object
) -> None:
    script = replying(reply(ERROR, 429, b"retry-after: 30"))
    async with channels(script, script) as home:
        assert (await ask(home, path, body))[0] == 429
        assert home.gate.counters.failovers == 1
        home.clock.now += 10 * SECOND
        status, headers, said = await ask(home, path, body)
        assert home.gate.counters.resting == 1
        assert len(home.books.held) == 1
        assert [peer.connections for peer in home.peers] == [1, 1]
    assert status == (503 if path == CHAT else 529)
    assert headers[b"retry-after"] == b"20"
    assert b"x-should-retry" not in headers
    error = msgspec.json.decode(said)["error"]
    assert error["type"] == ("server_error" if path == CHAT else "overloaded_error")
    assert "(in 20 s)" in error["message"]


async def test_a_long_rest_is_not_slept_out_by_sdks() -> None:
    async with channels(replying(reply(ERROR, 401))) as home:
        assert (await ask(home))[0] == 502
        home.clock.now += KEY.first_rest // 4
        home.clock.now -= home.clock.now % SECOND - NOW % SECOND
        await ask(home)
        home.clock.now = NOW + KEY.first_rest
        assert (await ask(home))[0] == 502
        _, headers, _ = await ask(home)
    assert headers[b"retry-after"] == b"120"
    assert headers[b"x-should-retry"] == b"false"


async def test_a_key_that_is_over_its_limit_leaves_the_channel_to_the_other_keys() -> None:
    seen: list[bytes] = []
    answers = {b"sk-1": reply(ERROR, 429, b"retry-after: 60"), b"sk-2": FINE}
    async with channels(by_key(answers, seen), keys=["KEY_1", "KEY_2"]) as home:
        for _ in range(12):
            assert (await ask(home))[0] == 200
        await until(lambda: len(home.books.closings) == 12)
        facts = [closing.facts for closing in home.books.closings]
    assert seen.count(b"sk-1") == 1
    assert all(each["upstream_key"] == "KEY_2" for each in facts)
    assert [each["tried"] for each in facts if "tried" in each] == [[("a-oa", "KEY_1", "status_429")]]


async def test_a_dead_key_is_asked_again_alone_and_ever_more_seldom() -> None:
    seen: list[bytes] = []
    answers = {b"sk-1": reply(ERROR, 401), b"sk-2": FINE}
    async with channels(by_key(answers, seen), keys=["KEY_1", "KEY_2"]) as home:
        for minute in range(60):
            home.clock.now = NOW + minute * 60 * SECOND
            for _ in range(4):
                assert (await ask(home))[0] == 200
    assert 2 <= seen.count(b"sk-1") <= 7


async def test_a_channel_that_fails_again_and_again_is_left_alone_and_comes_back() -> None:
    answers = [reply(ERROR, 500)]
    asked: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked.append(await read_request(reader))
            writer.write(answers[0])
            await writer.drain()

    async with channels(script, replying(FINE)) as home:
        for _ in range(20):
            assert (await ask(home))[0] == 200
        assert len(asked) == CIRCUIT.failures_in_a_row
        home.clock.now += CIRCUIT.first_rest
        for _ in range(5):
            assert (await ask(home))[0] == 200
        assert len(asked) == CIRCUIT.failures_in_a_row + 1
        answers[0] = FINE
        home.clock.now += 2 * CIRCUIT.first_rest
        for _ in range(5):
            assert (await ask(home))[0] == 200
        assert len(asked) == CIRCUIT.failures_in_a_row + 6


async def test_attempts_are_bounded() -> None:
    script = replying(reply(ERROR, 500))
    async with channels(script, script, script, script, failover=Failover(attempts=2)) as home:
        assert (await ask(home))[0] == 500
        assert [peer.connections for peer in home.peers] == [1, 1, 0, 0]


async def test_no_attempt_begins_after_the_time_for_it() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        home.clock.now += 61 * SECOND
        writer.write(reply(ERROR, 500))
        await writer.drain()

    async with channels(slow, replying(FINE), failover=Failover(seconds=60)) as home:
        assert (await ask(home))[0] == 500
        assert home.peers[1].connections == 0


async def test_a_client_that_has_gone_is_not_served_elsewhere() -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await go_on.wait()
        writer.write(reply(ERROR, 500))
        await writer.drain()

    async with channels(script, replying(FINE)) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, CHAT_BODY))
            await asked.wait()
            client.reset()
        await until(lambda: home.gate.counters.draining)
        go_on.set()
        closing = await home.books.only_closing()
        assert home.peers[1].connections == 0
    assert (closing.usage, closing.facts) == (None, {"reason": "upstream_500"})


async def test_requests_beyond_the_bound_of_a_channel_go_to_the_next_and_then_wait_outside() -> None:
    gone = asyncio.Event()

    async def holding(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await gone.wait()
        writer.write(FINE)
        await writer.drain()

    async with channels(holding, holding, concurrency=2) as home:
        asking = [asyncio.create_task(ask(home)) for _ in range(4)]
        await until(lambda: sum(peer.connections for peer in home.peers) == 4)
        assert [peer.connections for peer in home.peers] == [2, 2]
        status, headers, _ = await ask(home)
        assert (status, headers[b"retry-after"]) == (503, b"1")
        gone.set()
        assert [status for status, _, _ in await asyncio.gather(*asking)] == [200] * 4


async def test_a_session_keeps_to_one_of_several_equal_channels() -> None:
    fine = replying(FINE)
    headers = ((b"x-session-id", b"s-17"),)
    async with channels(fine, fine, fine, priority=0) as home:
        for _ in range(9):
            assert (await home.ask(CHAT, CHAT_BODY, headers))[0] == 200
        await until(lambda: len(home.books.closings) == 9)
        assert len({closing.facts["upstream"] for closing in home.books.closings}) == 1
        for number in range(30):
            await home.ask(CHAT, CHAT_BODY, ((b"x-session-id", b"other %d" % number),))
        await until(lambda: len(home.books.closings) == 39)
        assert len({closing.facts["upstream"] for closing in home.books.closings}) == 3


@pytest.mark.parametrize("stream", [False, True])
async def test_a_cost_stands_in_the_settlement_and_the_usage_is_the_same(stream: bool) -> None:
    model = "anthropic/claude-sonnet-4"
    script = streaming(CHAT_STREAM) if stream else replying(FINE)
    async with channels(script, cost="7/10", card=lambda name: load_shipped().card(model)) as home:
        await ask(home, body={**CHAT_BODY, "stream": stream})
        closing = await home.books.only_closing()
    assert closing.usage == Usage(input=10, output=7)
    amount, currency, card, share = closing.facts["cost"]
    assert (amount, currency, share) == ((10 * 3_000 + 7 * 15_000) * 7 // 10, "USD", "7/10")
    assert card.startswith(model)


async def test_of_a_model_without_a_price_no_cost_is_told() -> None:
    async with channels(replying(FINE), cost=0.7) as home:
        await ask(home)
        closing = await home.books.only_closing()
    assert closing.facts == {"upstream": "a-oa", "outcome": "ok"}


def _told(home: Channels) -> dict[str, Any]:
    return {live.name: (live.answered, live.faults) for live in home.directory.upstreams}


async def test_what_came_of_requests_is_counted_by_upstream() -> None:
    async with channels(replying(reply(ERROR, 500)), replying(FINE)) as home:
        for _ in range(3):
            await ask(home)
        told = _told(home)
    assert (told["a-oa"], told["b-oa"]) == ((0, {"status_500": 3}), (3, {}))
