"""A gate before several scripted upstreams that serve the same models, and the faults they may have.

Owns the house with channels. After each use: every hold closed, nothing open at any upstream, no task left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from faregate.app.ids import RequestIds
from faregate.gate.gate import Gate, refuse_on_the_wire
from faregate.gate.generation import Ports
from faregate.gate.trail import Failover
from faregate.upstreams.cost import CardOf
from faregate.upstreams.directory import Directory
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client
from faregate.wire.server import Server
from tests.gate.house import NOW, Books, House, Keys, SimpleRandomness
from tests.wire.peers import SWEEP_SECONDS, Peer, Script, scripted, until


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@dataclass
class Channels(House):
    """``peers`` are the upstreams in order; ``directory`` knows how they are."""

    peers: list[Peer]
    directory: Directory
    clock: Clock

    @property
    def faults(self) -> dict[str, int]:
        """Failed requests by code, over all upstreams."""
        found: dict[str, int] = {}
        for live in self.directory.upstreams:
            for code, count in live.faults.items():
                found[code] = found.get(code, 0) + count
        return found


def both(name: str, port: int, **settings: Any) -> list[dict[str, Any]]:
    """One address as an upstream of each dialect."""
    base = {"base_url": f"http://127.0.0.1:{port}/v1", "key_env": "UPSTREAM_KEY", **settings}
    if "keys" in settings:
        del base["key_env"]
    return [
        {"name": f"{name}-oa", "dialect": "openai", "models": {"gpt": "gpt-upstream"}, **base},
        {"name": f"{name}-an", "dialect": "anthropic", "models": {"claude": "claude-upstream"}, **base},
        {"name": f"{name}-re", "dialect": "responses", "models": {"codex": "codex-upstream"}, **base},
    ]


@asynccontextmanager
async def channels(
    *scripts: Script,
    failover: Failover | None = None,
    each: tuple[dict[str, Any], ...] = (),
    card: CardOf | None = None,
    **shared: Any,
) -> AsyncIterator[Channels]:
    """A gate before the scripts, the first of the highest priority; ``each`` adds settings to one upstream each."""
    books, clock = Books(), Clock()
    client = Client(environ={}, sweep_seconds=SWEEP_SECONDS)
    environ = {"UPSTREAM_KEY": "sk-upstream", "KEY_1": "sk-1", "KEY_2": "sk-2"}
    async with AsyncExitStack() as stack:
        peers = [await stack.enter_async_context(scripted(script)) for script in scripts]
        section = []
        for number, peer in enumerate(peers):
            own = {"priority": -number, **shared, **(each[number] if number < len(each) else {})}
            section += both("abcdef"[number], peer.port, **own)
        directory = Directory(
            read_upstreams(section, environ), client, created_at=NOW, card=card or (lambda model: None)
        )
        ports = Ports(Keys(), books, books, directory, clock, RequestIds(SimpleRandomness()))
        gate = Gate(ports, first_pause_seconds=0.001)
        gate.follow_failover(failover or Failover())
        server = Server(gate, refuser=refuse_on_the_wire, sweep_seconds=SWEEP_SECONDS)
        try:
            yield Channels(
                await server.listen("127.0.0.1", 0), books, gate, peers[0], server, peers, directory, clock
            )
        finally:
            await server.close(0.05)
            assert await gate.close() == 0
            await client.close()
        assert sum(live.open + sum(key.open for key in live.keys) for live in directory.upstreams) == 0
    assert not books.state.holds
    assert gate.counters.open == 0


async def no_new_tasks(before: set[asyncio.Task[Any]]) -> None:
    """Every task begun since has ended."""
    await until(lambda: not _strangers(before))


def _strangers(before: set[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task not in before and not task.done()}


def closing_at_once(sent: bytes = b"") -> Script:
    """Reads a request, says ``sent`` and closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        await writer.drain()

    return script


def saying(answer: Callable[[], bytes], seen: list[bytes]) -> Script:
    """Says what ``answer`` gives, and keeps count."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer())
        await writer.drain()

    return script
