"""A storm: many requests at once over upstreams that fail in every way in turn, clients that go, keys that die.

Whatever the order: each admitted request is settled or released exactly once, and nothing is left open anywhere.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from faregate.upstreams.health import SECOND
from tests.gate.answers import CHAT, CHAT_BODY, CHAT_REPLY, CHAT_STREAM, STREAM_HEAD, chunk, reply
from tests.gate.channels import Channels, channels, no_new_tasks
from tests.gate.house import request_bytes
from tests.wire.peers import Script, connected, read_request, until

ERROR = b'{"error":{"message":"no"}}'
WHOLE_STREAM = STREAM_HEAD + b"".join(chunk(each) for each in CHAT_STREAM) + b"0\r\n\r\n"
REQUESTS = 120


def moody(seed: int) -> Script:
    """Fails as often as not, each time as the dice fall."""
    dice = random.Random(seed)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            whole = WHOLE_STREAM if b'"stream":true' in request else reply(CHAT_REPLY)
            answers = [
                whole,
                whole,
                whole,
                reply(ERROR, 500),
                reply(ERROR, 429, b"retry-after: 1"),
                reply(ERROR, 401),
                reply(ERROR, 400),
                reply(b"<html>"),
                b"garbage\r\n\r\n",
                whole[: dice.randrange(len(whole))],
            ]
            answer = dice.choice(answers)
            await asyncio.sleep(0)
            writer.write(answer)
            await writer.drain()
            if answer not in answers[:8]:
                return

    return script


async def ask(home: Channels, number: int, dice: random.Random) -> None:
    body: dict[str, Any] = {**CHAT_BODY, **({"stream": True} if number % 2 else {})}
    session = ((b"x-session-id", b"%d" % (number % 7)),)
    async with connected(home.port) as client:
        await client.send(request_bytes(CHAT, body, session))
        if dice.random() < 0.15:
            client.reset()
        else:
            await client.reader.read(20_000)
    home.clock.now += SECOND // 10


@pytest.mark.parametrize("seed", range(4))
async def test_every_request_is_closed_once_and_nothing_is_left(seed: int) -> None:
    before, dice = asyncio.all_tasks(), random.Random(seed)
    scripts = [moody(seed * 10 + number) for number in range(3)]
    settings: dict[str, Any] = {"keys": ["KEY_1", "KEY_2"], "concurrency": 20, "priority": 0, "idle_seconds": 0.5}
    async with channels(*scripts, **settings) as home:
        for start in range(0, REQUESTS, 24):
            await asyncio.gather(*(ask(home, number, dice) for number in range(start, start + 24)))
            home.clock.now += 5 * SECOND
        await until(lambda: not home.books.state.holds)
        closed = [closing.request for closing in home.books.closings]
        held = [request.id for request in home.books.held]
        assert sorted(closed) == sorted(held)
        settled = [closing for closing in home.books.closings if closing.usage is not None]
        assert settled
        assert any("tried" in closing.facts for closing in settled)
        counters = home.gate.counters
        assert counters.settled + counters.released == counters.admitted == len(held)
        assert counters.internal_errors == 0
    await no_new_tasks(before)
