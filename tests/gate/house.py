"""A gate with everything around it, in memory: keys, books that write down what they hear, a scripted upstream."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from faregate.app.catalogue_port import ApiKey, Receipt
from faregate.app.ids import RequestIds
from faregate.app.store_errors import StoreLocked
from faregate.conversion import convertible
from faregate.core.account import AccountState, Hold
from faregate.core.entry import Entry
from faregate.core.request import Admitted, Refused, Request
from faregate.core.usage import Usage
from faregate.gate.drains import DrainLimits
from faregate.gate.gate import Gate, refuse_on_the_wire
from faregate.gate.generation import Ports
from faregate.upstreams.directory import Directory
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client
from faregate.wire.headers import Header
from faregate.wire.request_reader import ServerLimits
from faregate.wire.server import Server
from faregate.wire.server_connection import Handler
from tests.wire.peers import SWEEP_SECONDS, Peer, Script, connected, scripted

NOW = 1_800_000_000_000_000
SECRET = b"fg-secret"
ACCOUNT = "acc_00000001"


class Keys:
    """One key."""

    def __init__(self) -> None:
        self.key = ApiKey("key_1", ACCOUNT, "test", "fg-sec", hashlib.sha256(SECRET).digest(), NOW)

    def authenticate(self, secret: bytes, now: int) -> ApiKey | None:
        return self.key if secret == SECRET else None


Decision = Callable[[Request], Admitted | Refused]


@dataclass
class Closing:
    """How a hold was closed: ``usage`` None for a release, ``tried`` what a release tells of attempts."""

    request: str
    usage: Usage | None
    facts: dict[str, Any]
    tried: list[tuple[str, str, str]] = field(default_factory=list)


class Books:
    """A ledger that admits, and writes down what it is told."""

    def __init__(self) -> None:
        self.state = AccountState(ACCOUNT)
        self.is_warm = True
        self.renamed: dict[str, str] = {}
        self.held: list[Request] = []
        self.closings: list[Closing] = []
        self.forgotten: list[str] = []
        self.receipts: dict[tuple[str, str], Receipt] = {}
        self.refusal: Refused | None = None
        self.admit_failure: Exception | None = None
        self.close_failures = 0
        self.delayed: asyncio.Event | None = None
        self.loading: asyncio.Future[None] | None = None
        self.closed = asyncio.Event()
        self._tasks: set[asyncio.Task[Admitted | Refused]] = set()

    def admit(
        self, account: str, request: Request, now: int, receipt: Receipt | None = None
    ) -> asyncio.Future[Admitted | Refused]:
        task = asyncio.get_running_loop().create_task(self._admit(account, request, now, receipt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _admit(self, account: str, request: Request, now: int, receipt: Receipt | None) -> Admitted | Refused:
        if self.delayed is not None:
            await self.delayed.wait()
        if self.admit_failure is not None:
            raise self.admit_failure
        if self.refusal is not None:
            return self.refusal
        entry = Entry(account, self.state.seq + 1, now, "hold", "hold:" + request.id, [], [], {})
        self.held.append(request)
        self.state.holds[request.id] = Hold(request.id, now, entry.seq, now, {})
        if receipt is not None:
            self.receipts.setdefault((receipt.scope, receipt.key), receipt)
        return Admitted(entry, False)

    def settle(
        self, account: str, request: str, usage: Usage, now: int, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        return self._close(Closing(request, usage, facts or {}), account, now)

    def release(
        self, account: str, request: str, now: int, reason: str, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        tried = (facts or {}).get("tried", ())
        return self._close(Closing(request, None, {"reason": reason}, list(tried)), account, now)

    def forget(self, request: str) -> None:
        self.forgotten.append(request)

    def served(self, account: str, model: str) -> str:
        return self.renamed.get(model, model)

    def warming(self, account: str) -> asyncio.Future[None] | None:
        return self.loading

    def current(self, account: str, now: int) -> AccountState:
        return self.state

    def standing(self, account: str) -> AccountState | None:
        return self.state if self.is_warm else None

    def receipt(self, scope: str, key: str) -> Receipt | None:
        return self.receipts.get((scope, key))

    def usage_row(self, request: str) -> object | None:
        return next((each for each in self.closings if each.request == request and each.usage is not None), None)

    def _close(self, closing: Closing, account: str, now: int) -> asyncio.Future[Entry]:
        future: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        if self.close_failures:
            self.close_failures -= 1
            future.set_exception(StoreLocked("memory", "is locked"))
            return future
        assert closing.request in self.state.holds, f"{closing.request} has no hold to close"
        del self.state.holds[closing.request]
        self.closings.append(closing)
        self.closed.set()
        future.set_result(Entry(account, 1, now, "settle", "", [], [], {}))
        return future

    async def only_closing(self) -> Closing:
        """The one closing there is; waits for it."""
        async with asyncio.timeout(5):
            await self.closed.wait()
        assert len(self.closings) == 1
        assert not self.state.holds
        return self.closings[0]


class SimpleRandomness:
    """Counts up: ids of tests need not be secret."""

    def __init__(self) -> None:
        self._next = 0

    def __call__(self, size: int) -> bytes:
        self._next += 1
        return self._next.to_bytes(size, "big")


@dataclass
class House:
    """The gate's port, its books and its upstream."""

    port: int
    books: Books
    gate: Gate
    upstream: Peer
    server: Server

    @property
    def keys(self) -> Keys:
        """The keyring of the gate."""
        keyring = self.gate._ports.keyring
        assert isinstance(keyring, Keys)
        return keyring

    async def ask(
        self, path: str, body: object, headers: tuple[Header, ...] = (), method: str = "POST"
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        """One request over a connection of its own, to its end: status, headers, body."""
        async with connected(self.port) as client:
            await client.send(request_bytes(path, body, headers, method))
            return await client.response()


def request_bytes(path: str, body: object, headers: tuple[Header, ...] = (), method: str = "POST") -> bytes:
    """A request with the key; a body that is no bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    given = {name for name, _ in headers}
    lines = [b"%b %b HTTP/1.1" % (method.encode(), path.encode()), b"host: x", b"content-length: %d" % len(content)]
    if b"authorization" not in given:
        lines.append(b"authorization: Bearer " + SECRET)
    lines += [b"%b: %b" % header for header in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


def settings(port: int, **limits: float) -> list[dict[str, Any]]:
    """Upstreams at one address, one of each dialect; those asked for by patterns stand in no list."""
    base = {"base_url": f"http://127.0.0.1:{port}/v1", "key_env": "UPSTREAM_KEY", **limits}
    return [
        {"name": "oa", "dialect": "openai", "models": {"gpt": "gpt-upstream", "plain": "*"}, **base},
        {"name": "re", "dialect": ["responses", "openai"], "models": {"codex*": "codex-upstream", "o-*": "*"}} | base,
        {"name": "an", "dialect": "anthropic", "models": {"claude": "claude-upstream"}, **base},
        {"name": "go", "dialect": "google", "models": {"gemini*": "gemini-upstream"}, **base},
    ]


@asynccontextmanager
async def house(
    script: Script,
    *,
    drain_limits: DrainLimits | None = None,
    behind: Handler | None = None,
    server_limits: ServerLimits | None = None,
    patience_seconds: float = 0.0,
    **limits: float,
) -> AsyncIterator[House]:
    """A gate before a scripted upstream. At the end every hold must have been closed."""
    books = Books()
    client = Client(environ={}, sweep_seconds=SWEEP_SECONDS)
    async with scripted(script) as peer:
        upstreams = read_upstreams(settings(peer.port, **limits), {"UPSTREAM_KEY": "sk-upstream"})
        directory = Directory(upstreams, client, created_at=NOW, convertible=convertible)
        ports = Ports(Keys(), books, books, directory, lambda: NOW, RequestIds(SimpleRandomness()))
        pauses = {"first_pause_seconds": 0.001, "patience_seconds": patience_seconds}
        gate = Gate(ports, behind=behind, drain_limits=drain_limits, **pauses)
        server = Server(gate, refuser=refuse_on_the_wire, limits=server_limits, sweep_seconds=SWEEP_SECONDS)
        try:
            yield House(await server.listen("127.0.0.1", 0), books, gate, peer, server)
        finally:
            await server.close(0.05)
            assert await gate.close() == 0
            await client.close()
    assert not books.state.holds
    assert gate.counters.open == 0
