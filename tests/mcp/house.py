"""Tools over MCP with everything around them: books, a demo upstream, and the web as pages over loopback.

Owns putting it together and asking it by the official client. Every name leads to loopback, where the guard lets in
the one address and port of these pages and no other.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Implementation

from faregate.app.catalogue_port import ApiKey
from faregate.app.ids import RequestIds
from faregate.app.receipts import Write
from faregate.app.watch import Watch
from faregate.bootstrap.house import House, open_house
from faregate.bootstrap.tools import ToolWatch
from faregate.conversion import convertible
from faregate.core.instants import parse_instant
from faregate.demo_upstream import Call, DemoUpstream, serve_demo_upstream
from faregate.mcp.door import McpDoor
from faregate.mcp.ports import Ports
from faregate.mcp.settings import read_mcp
from faregate.upstreams.directory import Directory
from faregate.upstreams.settings import Upstream, read_upstreams
from faregate.wire.asgi import AsgiBridge
from faregate.wire.client import Client as WireClient
from faregate.wire.exchange import Exchange
from faregate.wire.server import Server

NOON = parse_instant("2026-03-02T12:00:00Z")
MONTHS_END = "2026-03-31T16:00:00Z"
"""The end of March in Shanghai."""
SEARCH_KEY = "search-service-secret"
UPSTREAM_KEY = "upstream-secret"
DOCS_KEY = "docs-secret"
ENVIRON = {"SEARCH_KEY": SEARCH_KEY, "UPSTREAM_KEY": UPSTREAM_KEY, "DOCS_KEY": DOCS_KEY}
PATIENCE_SECONDS = 20.0

Page = Callable[[Exchange], None]


def page(body: bytes | str, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> Page:
    """A page that always says the same."""
    content = body.encode() if isinstance(body, str) else body
    told = [(b"content-type", kind.encode()), *((name.encode(), value.encode()) for name, value in headers.items())]
    return lambda exchange: exchange.send(status, told, content)


class Web:
    """Pages by path, and who asked for what."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Exchange] = []
        self.port = 0
        self._server: Server | None = None

    def __call__(self, exchange: Exchange) -> None:
        self.asked.append(exchange)
        self.pages.get(exchange.path.decode(), page("nothing here", "text/plain", 404))(exchange)

    def url(self, path: str = "/", host: str = "site.example") -> str:
        return f"http://{host}:{self.port}{path}"

    async def listen(self) -> None:
        self._server = Server(self)
        self.port = await self._server.listen("127.0.0.1", 0)

    async def close(self) -> None:
        assert self._server is not None
        await self._server.close(0)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


class Tooled:
    """A running house with tools. ``seen`` is what the upstream was sent."""

    def __init__(
        self,
        house: House,
        door: McpDoor,
        web: Web,
        upstreams: Directory,
        seen: list[Call],
        clock: Clock,
        port: int,
        watch: ToolWatch,
    ) -> None:
        self.house = house
        self.door = door
        self.web = web
        self.upstreams = upstreams
        self.seen = seen
        self.clock = clock
        self.port = port
        self.watch = watch
        self._writes = 0

    @property
    def now(self) -> int:
        return self.clock.now

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def account(self, *plans: str, kind: str = "") -> tuple[str, str]:
        """A new account on ``plans``: its id and the secret of a key of that kind."""
        office = self.house.control.office
        account = (await office.create_account(f"account {self._writes}", self.write()))["id"]
        for plan in plans:
            await office.subscribe(account, plan, self.write())
        secret = f"fg-{account}"
        digest = hashlib.sha256(secret.encode()).digest()
        self.house.store.add_key(ApiKey(f"key_{account}", account, "test", "fg-", digest, self.now, kind=kind))
        self.house.keyring.follow()
        return account, secret

    @asynccontextmanager
    async def client(
        self, secret: str, path: str = "/mcp", name: str = "claude-code", mode: str = "auto", **headers: str
    ) -> AsyncIterator[Client]:
        """The official client, with ``secret`` as its key."""
        told = {"authorization": f"Bearer {secret}", **headers}
        async with httpx2.AsyncClient(headers=told, timeout=PATIENCE_SECONDS, trust_env=False) as http:
            transport = streamable_http_client(self.url + path, http_client=http)
            info = Implementation(name=name, version="1")
            async with Client(transport, mode=mode, client_info=info, cache=None) as client:
                yield client

    async def use(self, secret: str, tool: str, arguments: Mapping[str, Any], **how: Any) -> CallToolResult:
        """One call over a connection of its own."""
        async with self.client(secret, **how) as client:
            return await client.call_tool(tool, dict(arguments))

    async def settled(self) -> None:
        """Wait until no call is open and all is in the books."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.door.metering.counters.open:  # noqa: ASYNC110 - a count tells nobody
                await asyncio.sleep(0)
        await self.house.ledger.durable()

    def windows(self, account: str) -> dict[str, dict[str, Any]]:
        """Every window of the account by its name."""
        seen = self.house.control.views.account(account, self.now)
        return {window["id"]: window for each in seen["subscriptions"] for window in each["windows"]}

    def rows(self, account: str) -> list[dict[str, Any]]:
        """The settled requests of the account, newest first."""
        found: list[dict[str, Any]] = self.house.control.views.usage(account, self.now, limit=500)["requests"]
        return found

    def write(self) -> Write:
        """The next write of an operator."""
        self._writes += 1
        return Write(f"test:{self._writes}", self.now)


def said(result: CallToolResult) -> str:
    """The text of a result."""
    return "".join(block.text for block in result.content if block.type == "text")


@asynccontextmanager
async def tooled(
    folder: Path,
    section: Callable[[Web], dict[str, Any]],
    plans: tuple[Path, ...] = (),
    prices: tuple[Path, ...] = (),
) -> AsyncIterator[Tooled]:
    """A house with the tools of ``section`` (the configuration's, given the pages), with ``plans`` and ``prices``."""
    async with AsyncExitStack() as stack:
        clock, web = Clock(), Web()
        await web.listen()
        stack.push_async_callback(web.close)
        seen: list[Call] = []
        upstream = await serve_demo_upstream(DemoUpstream(on_call=seen.append))
        stack.push_async_callback(upstream.close)
        wire = WireClient(environ={})
        stack.push_async_callback(wire.close)
        house = open_house(
            f"sqlite:///{folder}/books.db", plans, prices, now=clock, randomness=random.Random(1).randbytes
        )
        stack.push_async_callback(house.close)
        await house.start()
        directory = Directory(_upstreams(upstream.url), wire, convertible=convertible)
        ids = RequestIds(random.Random(2).randbytes)
        watch = ToolWatch(house.ledger, Watch(house.ledger, b"secret"))
        ports = Ports(house.keyring, house.ledger, house.store, directory, clock, ids, watch)
        door = McpDoor(read_mcp(section(web), ENVIRON), ports, random.Random(3).randbytes, web.resolve)
        bridge = AsgiBridge(door)
        await bridge.start()
        stack.push_async_callback(bridge.stop)
        server = Server(bridge)
        port = await server.listen("127.0.0.1", 0)
        stack.push_async_callback(server.close, 0)
        yield Tooled(house, door, web, directory, seen, clock, port, watch)


def _upstreams(url: str) -> tuple[Upstream, ...]:
    base = {"base_url": f"{url}/v1", "key_env": "UPSTREAM_KEY"}
    told = [
        {"name": "chat", "dialect": "openai", "models": ["gpt-5"], **base},
        {"name": "messages", "dialect": "anthropic", "models": ["claude-sonnet-4"], **base},
        {"name": "nobody", "dialect": "openai", "models": ["gone"], "base_url": "http://127.0.0.1:9/v1"},
    ]
    return read_upstreams(told, ENVIRON)
