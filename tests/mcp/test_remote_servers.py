"""Servers of somebody else behind the gate: their tools under a prefix, metered, and no secret shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from faregate.wire.asgi import AsgiBridge
from faregate.wire.exchange import Exchange
from faregate.wire.server import Server
from tests.mcp.conftest import own_tools
from tests.mcp.house import DOCS_KEY, Tooled, said, tooled

FOLDER = Path(__file__).parent


class Docs:
    """A server made with the official SDK. ``headers`` are those of its last request."""

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.requests = 0
        self.port = 0
        self.down = False
        self.slow = asyncio.Event()
        self.asked_slow = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def server(self) -> MCPServer:
        docs = MCPServer("docs")

        @docs.tool(title="Look something up")
        def look(word: str) -> dict[str, str]:
            """Look a word up."""
            return {"word": word, "means": word.upper()}

        @docs.tool()
        def fail(word: str) -> str:
            """Always fails."""
            raise ToolError(f"no {word} for {DOCS_KEY}")

        @docs.tool()
        def leak(context: Context) -> str:
            """Tells what it was sent."""
            return self.headers.get(b"authorization", b"").decode()

        @docs.tool()
        async def slow() -> str:
            """Never comes."""
            self.asked_slow.set()
            await self.slow.wait()
            return "late"

        @docs.tool()
        def hidden() -> str:
            """Not for customers."""
            return "hidden"

        return docs

    @asynccontextmanager
    async def serving(self, *, stateless: bool) -> AsyncIterator[Docs]:
        bridge = AsgiBridge(self.server().streamable_http_app(stateless_http=stateless))
        await bridge.start()

        def serve(exchange: Exchange) -> None:
            self.headers, self.requests = exchange.headers, self.requests + 1
            if self.down:
                exchange.send(503, [(b"content-type", b"text/plain")], b"down for " + DOCS_KEY.encode())
            else:
                bridge(exchange)

        server = Server(serve)
        self.port = await server.listen("127.0.0.1", 0)
        try:
            yield self
        finally:
            self.slow.set()
            await server.close(0)
            await bridge.stop()


@asynccontextmanager
async def behind(folder: Path, docs: Docs, **more: Any) -> AsyncIterator[Tooled]:
    remote = {
        "name": "docs",
        "url": docs.url,
        "key_env": "DOCS_KEY",
        "tools": ["look", "fail", "leak", "slow"],
        **more,
    }
    plans, prices = (FOLDER / "plans.yaml",), (FOLDER / "prices.yaml",)
    async with tooled(folder, lambda web: own_tools(web) | {"servers": [remote]}, plans, prices) as made:
        yield made


@pytest.fixture(params=[True, False], ids=["stateless", "stateful"])
async def docs(request: pytest.FixtureRequest) -> AsyncIterator[Docs]:
    async with Docs().serving(stateless=request.param) as docs:
        yield docs


async def test_its_tools_are_listed_and_called_under_a_prefix_and_metered(tmp_path: Path, docs: Docs) -> None:
    async with behind(tmp_path, docs) as made:
        account, secret = await made.account("remote/some")
        for path in ("/mcp", "/mcp/docs"):
            async with made.client(secret, path, name="any") as client:
                tools = {tool.name: tool for tool in (await client.list_tools()).tools}
                assert set(tools) == {"docs__look", "docs__fail", "docs__leak", "docs__slow"}
                look = tools["docs__look"]
                assert look.title == "Look something up"
                assert (look.description or "").startswith("Look a word up.\nLeft in your plan: ")
                assert "word" in look.input_schema["properties"]
                result = await client.call_tool("docs__look", {"word": "gate"})
                assert result.structured_content == {"word": "gate", "means": "GATE"}
        assert docs.headers[b"authorization"] == f"Bearer {DOCS_KEY}".encode()
        await made.settled()
        rows = made.rows(account)
        assert [(row["model"], row["upstream"]) for row in rows] == [("tool/docs.look", "docs")] * 2
        assert made.windows(account)["remote/some:day"]["used"] == "2"
        assert not (await made.use(secret, "docs__look", {"word": "x"})).is_error
        refused = await made.use(secret, "docs__look", {"word": "x"})
        assert "The limit `remote/some:day` of your plan is used up (3 of 3 call)." in said(refused)
        assert "It reopens at 2026-03-03T00:00:00Z" in said(refused)


async def test_a_tool_may_be_sold_by_the_call(tmp_path: Path, docs: Docs) -> None:
    async with behind(tmp_path, docs) as made:
        account, secret = await made.account("remote/paid")
        await made.house.control.office.grant(account, "0.08", made.write(), plan="remote/paid")
        async with made.client(secret, name="any") as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == {"docs__look"}, "others have no price"
            assert not (await client.call_tool("docs__look", {"word": "a"})).is_error
        await made.settled()
        (row,) = made.rows(account)
        assert (row["list_value"], row["drawn"][0]["amount"]) == ("0.05", "0.05")


async def test_what_goes_wrong_there_is_told_cleanly_and_costs_nothing(tmp_path: Path, docs: Docs) -> None:
    async with behind(tmp_path, docs) as made:
        account, secret = await made.account("remote/some")
        failed = await made.use(secret, "docs__fail", {"word": "luck"})
        assert failed.is_error
        assert "no luck for [removed]" in said(failed)
        assert said(await made.use(secret, "docs__leak", {})) == "Bearer [removed]"
        wrong = await made.use(secret, "docs__look", {"wrong": 1})
        assert wrong.is_error
        docs.down = True
        down = await made.use(secret, "docs__look", {"word": "x"})
        assert down.is_error
        assert DOCS_KEY not in said(down)
        assert "127.0.0.1" not in said(down)
        await made.settled()
        assert [row["model"] for row in made.rows(account)] == ["tool/docs.leak"]
        assert made.windows(account)["remote/some:day"]["used"] == "1"


async def test_a_server_that_takes_too_long_is_not_waited_for_and_costs_nothing(
    tmp_path: Path, docs: Docs, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience, waits, timeout = 99.0, list[asyncio.Timeout](), asyncio.timeout

    def remembered(seconds: float | None) -> asyncio.Timeout:
        made = timeout(seconds)
        if seconds == patience:
            waits.append(made)
        return made

    async with behind(tmp_path, docs, seconds=patience) as made:
        account, secret = await made.account("remote/some")
        monkeypatch.setattr(asyncio, "timeout", remembered)
        asked = asyncio.create_task(made.use(secret, "docs__slow", {}))
        await docs.asked_slow.wait()
        # Its time is over once it has been asked, however long that took.
        waits[-1].reschedule(asyncio.get_running_loop().time())
        slow = await asked
        assert said(slow) == "The server `docs` did not answer in time. Nothing was charged."
        await made.settled()
        assert made.rows(account) == []
        assert made.windows(account)["remote/some:day"]["used"] == "0"


async def test_tools_that_are_not_let_through_do_not_exist(tmp_path: Path, docs: Docs) -> None:
    async with behind(tmp_path, docs) as made:
        _, secret = await made.account("remote/some", "glm/lite")
        async with made.client(secret) as client:
            for name in ("docs__hidden", "docs__", "__look", "look", "other__look", "docs_look"):
                with pytest.raises(MCPError, match="There is no tool"):
                    await client.call_tool(name, {})
        async with made.client(secret, "/mcp/docs") as client:
            with pytest.raises(MCPError, match="There is no tool"):
                await client.call_tool("web_search", {"query": "x"})


async def test_a_server_that_is_down_leaves_the_others_working_and_is_asked_again_later(
    tmp_path: Path, docs: Docs
) -> None:
    docs.down = True
    async with behind(tmp_path, docs) as made:
        _, secret = await made.account("remote/some", "glm/lite")
        async with made.client(secret) as client:
            own = {"web_search", "web_read", "vision"}
            assert {tool.name for tool in (await client.list_tools()).tools} == own
            asked = docs.requests
            assert {tool.name for tool in (await client.list_tools()).tools} == own
            assert docs.requests == asked, "nobody waits for it again at once"
            docs.down = False
            made.clock.now += 11_000_000
            assert "docs__look" in {tool.name for tool in (await client.list_tools()).tools}
            asked = docs.requests
            await client.list_tools()
            assert docs.requests == asked, "what it has is known for a while"


async def test_a_hundred_calls_at_once_are_a_hundred_answers(tmp_path: Path, docs: Docs) -> None:
    async with behind(tmp_path, docs) as made:
        account, secret = await made.account("remote/paid")
        await made.house.control.office.grant(account, "100", made.write(), plan="remote/paid")
        async with made.client(secret, name="any") as client:
            words = [f"w{number}" for number in range(100)]
            results = await asyncio.gather(*(client.call_tool("docs__look", {"word": word}) for word in words))
        assert [result.structured_content["means"] for result in results] == [word.upper() for word in words]
        await made.settled()
        assert len(made.rows(account)) == 100
