"""S4.4 through `faregate serve`: the official MCP client, a key, a plan, and a search service over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import Implementation, TextContent

from faregate.wire.server import Server
from tests.clients.background import in_background
from tests.clients.books import Account
from tests.mcp.house import said
from tests.service.conftest import Upstream
from tests.service.served import Place, Served
from tests.service.tooled import tools_before, web_pages

IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CALLS_AT_ONCE = 10


@pytest.fixture(scope="module")
def web() -> Iterator[int]:
    with in_background(web_pages) as port:
        yield port


@pytest.fixture(scope="module")
def tooled(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream, web: int) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("tooled")
    with Place(folder, upstream.url, drain_seconds=5, mcp=tools_before(web)).serving() as served:
        yield served
        served.terminate()
        assert served.end() == 0
    assert "Traceback" not in (folder / "serve.log").read_text()
    assert "ERROR" not in (folder / "serve.log").read_text()


@asynccontextmanager
async def _client(served: Served, account: Account) -> AsyncIterator[Client]:
    headers = {"authorization": f"Bearer {account.key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        transport = streamable_http_client(f"{served.url}/mcp", http_client=http)
        info = Implementation(name="claude-code", version="2")
        async with Client(transport, client_info=info) as client:
            yield client


def test_s4_4_the_hundred_and_first_search_is_refused_with_the_months_end(tooled: Served, web: int) -> None:
    account = tooled.books.new_account("S4.4 search", "glm/lite")

    async def month() -> tuple[list[bool], str]:
        page = ("web_read", {"url": f"http://127.0.0.1:{web}/page"})
        gate = asyncio.Semaphore(CALLS_AT_ONCE)
        async with _client(tooled, account) as client:

            async def use(number: int) -> bool:
                async with gate:
                    search = ("web_search", {"query": str(number)})
                    return (await client.call_tool(*(page if number % 10 == 0 else search))).is_error

            errors = await asyncio.gather(*(use(number) for number in range(100)))
            return errors, said(await client.call_tool("web_search", {"query": "one more"}))

    errors, refused = asyncio.run(month())
    assert errors == [False] * 100
    window = tooled.books.windows(account.id)["glm/lite:search"]
    assert window["used"] == "100"
    assert "The limit `glm/lite:search` of your plan is used up (100 of 100 call)." in refused
    assert f"It reopens at {window['reopens_at']} (in " in refused
    assert window["reopens_at"].endswith("T16:00:00Z"), "midnight in Shanghai"
    rows = tooled.books.settled(account.id, 100)
    assert {row["model"] for row in rows} == {"tool/web-search", "tool/web-read"}
    assert tooled.books.explain(rows[0]["request"])["state"] == "settled"


def test_s4_4_vision_draws_the_five_hours_and_shows_in_usage_and_explain(tooled: Served) -> None:
    account = tooled.books.new_account("S4.4 vision", "glm/lite")

    async def look() -> str:
        async with _client(tooled, account) as client:
            told = await client.call_tool("vision", {"image": IMAGE, "question": "What is it?"})
            (block,) = told.content
            assert isinstance(block, TextContent)
            return block.text

    assert asyncio.run(look())
    (row,) = tooled.books.settled(account.id, 1)
    assert (row["model"], row["usage"]["tool_calls"]) == ("tool/vision", 1)
    assert tooled.books.windows(account.id)["glm/lite:5h"]["used"] == "1"
    shown = tooled.place.run("usage", account.id).stdout
    assert "tool/vision" in shown
    assert "tool/vision" in tooled.place.run("explain", row["request"]).stdout


def test_s4_4_the_service_stops_with_a_call_under_way_and_the_books_are_whole(
    tmp_path: Path, upstream: Upstream
) -> None:
    asked = asyncio.Event()

    async def stopping() -> None:
        server = Server(lambda exchange: asked.set())
        port = await server.listen("127.0.0.1", 0)
        search = {"form": "json", "url": f"http://127.0.0.1:{port}/search", "seconds": 1}
        place = Place(tmp_path, upstream.url, drain_seconds=0, mcp={"web_search": search})
        with place.serving() as served:
            account = served.books.new_account("stopping", "glm/lite")
            # Its server goes away in the middle: that is for the client to complain of.
            with suppress(Exception):
                async with _client(served, account) as client:
                    call = asyncio.create_task(client.call_tool("web_search", {"query": "x"}))
                    await asked.wait()
                    served.terminate()
                    await call
            assert await asyncio.to_thread(served.end) == 0
            assert "Traceback" not in served.said
        await server.close(0)
        report = place.verify()
        assert report["clean"]

    asyncio.run(stopping())
