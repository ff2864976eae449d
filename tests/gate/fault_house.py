"""A gate with real books before one upstream that fails as it is told: any dialect in front, any behind.

Owns the house and what is looked at after each request: the answer as bytes, how its hold was closed, what is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from faregate.app.ids import RequestIds
from faregate.app.ledger import Ledger
from faregate.app.store_port import Store
from faregate.conversion import convertible
from faregate.core.entry import Entry
from faregate.core.usage import Usage
from faregate.gate.gate import Gate, refuse_on_the_wire
from faregate.gate.generation import Ports
from faregate.store.sqlite.store import SqliteStore
from faregate.upstreams.directory import Directory
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client
from faregate.wire.server import Server
from tests.app.books import ACCOUNT, findings, shelf, subscribed, verified
from tests.gate import google_answers as google
from tests.gate import responses_answers as responses
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    CHAT_TEXT,
    MESSAGES,
    MESSAGES_BODY,
    MESSAGES_REPLY,
    MESSAGES_START,
    MESSAGES_STREAM,
    MESSAGES_TEXT,
)
from tests.gate.channels import Clock
from tests.gate.house import Keys, SimpleRandomness, request_bytes
from tests.wire.peers import SWEEP_SECONDS, connected, read_request, scripted, until

HOURS = 2 * 3_600_000_000
"""After so long no upstream rests any more."""
CANONICAL = "anthropic/claude-sonnet-4"


class Spoken(NamedTuple):
    """A dialect: its name in the configuration, how a client asks in it, how an upstream answers.

    ``begun``: the first events, with text of 200 tokens; ``error``: an event that says the upstream failed.
    """

    name: str
    path: Callable[[str, bool], str]
    body: dict[str, Any]
    reply: dict[str, Any]
    events: list[bytes]
    begun: list[bytes]
    error: bytes


def _google_path(model: str, stream: bool) -> str:
    return google.path(model, "streamGenerateContent", "alt=sse") if stream else google.path(model)


_BUSY = (
    b'{"type":"error","error":{"type":"server_error","code":"server_error","message":"busy","status":"UNAVAILABLE"}}'
)
_ERROR = b"event: error\ndata: " + _BUSY + b"\n\n"
DIALECTS = {
    "chat": Spoken("openai", lambda m, s: CHAT, CHAT_BODY, CHAT_REPLY, CHAT_STREAM, CHAT_TEXT[:2], _ERROR[13:]),
    "messages": Spoken(
        "anthropic",
        lambda m, s: MESSAGES,
        MESSAGES_BODY,
        MESSAGES_REPLY,
        MESSAGES_STREAM,
        [MESSAGES_START, *MESSAGES_TEXT[:2]],
        _ERROR,
    ),
    "responses": Spoken(
        "responses",
        lambda m, s: responses.RESPONSES,
        responses.RESPONSES_BODY,
        responses.REPLY,
        responses.STREAM,
        [*responses.START, *responses.TEXT[:2]],
        _ERROR,
    ),
    "google": Spoken("google", _google_path, google.BODY, google.REPLY, google.STREAM, google.TEXT[:2], _ERROR[13:]),
}


Turn = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]
"""What an upstream does with a request that it has read; False closes the connection."""


class Closed(NamedTuple):
    """How a hold was closed: ``outcome`` is the reason of a release, where ``usage`` is None."""

    outcome: str
    usage: Usage | None = None
    estimated: bool = False


class Heard(NamedTuple):
    """An answer, and how its hold was closed. ``whole``: the connection came to its proper end."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    whole: bool
    closed: Closed


class NotedLedger(Ledger):
    """Books that also write down how holds are closed."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, shelf(), 1000, False)
        self.closed: list[Closed] = []

    def settle(
        self, account: str, request: str, usage: Usage, now: int, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        told = facts or {}
        self.closed.append(Closed(told["outcome"], usage, bool(told.get("estimated"))))
        return super().settle(account, request, usage, now, facts)

    def release(
        self, account: str, request: str, now: int, reason: str, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        self.closed.append(Closed(reason))
        return super().release(account, request, now, reason, facts)


@dataclass
class Faulty:
    """``script`` is what the upstream does with the next request."""

    port: int
    script: Turn
    clock: Clock
    ledger: NotedLedger
    gate: Gate
    directory: Directory

    async def hear(self, path: str, body: dict[str, Any]) -> Heard:
        """Ask once and hear all; waits until the hold is closed, then lets so much time pass that nothing rests."""
        async with connected(self.port) as client:
            await client.send(request_bytes(path, body, ((b"connection", b"close"),)))
            head, _, rest = (await client.rest()).partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines[1:])}
        await until(lambda: self.gate.counters.open == 0 and not self._standing_holds())
        self.clock.now += HOURS
        content, whole = _unchunked(rest) if headers.get(b"transfer-encoding") == b"chunked" else (rest, True)
        (closed,) = self.ledger.closed
        self.ledger.closed.clear()
        return Heard(int(lines[0].split(b" ")[1]), headers, content, whole, closed)

    def _standing_holds(self) -> bool:
        state = self.ledger.standing(ACCOUNT)
        return state is not None and bool(state.holds)


def _unchunked(framed: bytes) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    while framed:
        size, _, framed = framed.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return b"".join(pieces), True
        pieces.append(framed[:length])
        framed = framed[length + 2 :]
    return b"".join(pieces), False


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    return False


@asynccontextmanager
async def faulty(spoken: Spoken, folder: Path) -> AsyncIterator[Faulty]:
    """A gate before one upstream that speaks ``spoken``, under a name for each kind of patience.

    At the end: no hold is open, no request is open at an upstream, no connection stands, the books are clean.
    """
    clock, store = Clock(), SqliteStore.open(folder / "books.db")
    client = Client(environ={}, sweep_seconds=SWEEP_SECONDS)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            if not await house.script(reader, writer):
                return

    async with scripted(play) as peer, scripted(play) as closed:
        closed.stop()
        ledger = NotedLedger(store)
        ledger.start()
        await subscribed(ledger, "demo/money", now=clock.now)
        patience: dict[str, dict[str, Any]] = {
            "m": {},
            "slow": {"first_byte_seconds": 0.02},
            "idle": {"idle_seconds": 0.02},
            "gone": {"base_url": f"http://127.0.0.1:{closed.port}/v1"},
        }
        section = [
            {
                "name": name,
                "dialect": spoken.name,
                "base_url": f"http://127.0.0.1:{peer.port}/v1",
                "models": {name: {"upstream": "theirs", "canonical": CANONICAL}},
                **limits,
            }
            for name, limits in patience.items()
        ]
        directory = Directory(read_upstreams(section, {}), client, created_at=clock.now, convertible=convertible)
        ports = Ports(Keys(), ledger, store, directory, clock, RequestIds(SimpleRandomness()))
        gate = Gate(ports, first_pause_seconds=0.001)
        server = Server(gate, refuser=refuse_on_the_wire, sweep_seconds=SWEEP_SECONDS)
        port = await server.listen("127.0.0.1", 0)
        house = Faulty(port, _silent, clock, ledger, gate, directory)
        try:
            yield house
            await until(lambda: not server.connections)
        finally:
            await server.close(0.05)
            assert await gate.close() == 0
            await client.close()
            await ledger.close()
        assert sum(live.open + sum(key.open for key in live.keys) for live in directory.upstreams) == 0
    report = verified(store)
    assert findings(report) == []
    assert report.open_holds == 0
    store.close()
