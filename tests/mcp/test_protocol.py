"""The official client at the door: which tools it sees, what a call says, who is let in."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest
from mcp import MCPError

from tests.mcp.house import MONTHS_END, SEARCH_KEY, Tooled, page, said

ERAS = ["auto", "legacy"]


@pytest.mark.parametrize("mode", ERAS)
async def test_the_official_client_lists_and_calls_the_tools(made: Tooled, mode: str) -> None:
    account, secret = await made.account("glm/lite")
    async with made.client(secret, mode=mode) as client:
        assert client.server_info is not None
        assert client.server_info.name == "faregate"
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"web_search", "web_read", "vision"}
        assert "Left in your plan: 100 of 100 call (glm/lite:search)." in (tools["web_search"].description or "")
        assert "80 of 80 prompt (glm/lite:5h)" in (tools["vision"].description or "")
        found = await client.call_tool("web_search", {"query": "fare gates", "count": 2})
        assert not found.is_error
        assert found.structured_content == {
            "query": "fare gates",
            "results": [
                {
                    "title": "Fare gates",
                    "url": "https://metro.example/gates",
                    "text": "How they work.",
                    "date": "2026-01-02",
                },
                {"url": "https://other.example/"},
            ],
        }
        assert "1. Fare gates (2026-01-02)\n   https://metro.example/gates" in said(found)
        (after,) = [tool for tool in (await client.list_tools()).tools if tool.name == "web_search"]
        assert f"99 of 100 call (glm/lite:search, until {MONTHS_END})" in (after.description or "")
        assert after.meta is not None
        assert after.meta["faregate/windows"][0]["remaining"] == "99"
    asked = made.web.asked[0]
    assert asked.query == b"q=fare+gates&count=2"
    assert asked.headers[b"x-subscription-token"] == SEARCH_KEY.encode()
    await made.settled()
    (row,) = made.rows(account)
    assert (row["model"], row["client"], row["upstream"], row["outcome"]) == (
        "tool/web-search",
        "claude-code",
        "brave",
        "ok",
    )
    told = made.house.control.views.explain(row["request"])
    assert (told["state"], told["model"]) == ("settled", "tool/web-search")
    assert found.meta is not None
    assert found.meta["faregate/request"] == row["request"]


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/mcp", {"web_search", "web_read", "vision"}),
        ("/mcp/", {"web_search", "web_read", "vision"}),
        ("/mcp/web-search", {"web_search"}),
        ("/mcp/web-reader", {"web_read"}),
        ("/mcp/web-read", {"web_read"}),
        ("/mcp/vision", {"vision"}),
    ],
)
async def test_each_tool_stands_at_an_address_of_its_own_too(
    made: Tooled, path: str, names: set[str], mode: str
) -> None:
    _, secret = await made.account("glm/lite")
    async with made.client(secret, path, mode=mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == names
        if "web_search" not in names:
            with pytest.raises(MCPError, match="There is no tool `web_search` here"):
                await client.call_tool("web_search", {"query": "x"})


async def test_the_list_shows_what_the_callers_plans_include(made: Tooled) -> None:
    _, free = await made.account("88code/free")
    async with made.client(free) as client:
        assert (await client.list_tools()).tools == []
    refused = await made.use(free, "web_search", {"query": "x"})
    assert refused.is_error
    assert "No plan of yours includes the tool `web_search`" in said(refused)


async def test_a_caller_that_a_plan_is_not_for_is_told_so_in_the_list(made: Tooled) -> None:
    _, secret = await made.account("glm/lite")
    async with made.client(secret, name="my-bot") as client:
        tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == {"web_search", "web_read", "vision"}
    assert all("Your plan does not serve this client." in (tool.description or "") for tool in tools)


async def test_a_key_of_another_kind_draws_on_no_tools(made: Tooled) -> None:
    _, secret = await made.account("glm/lite", kind="agipower/payg")
    async with made.client(secret) as client:
        assert (await client.list_tools()).tools == []
        assert (await client.call_tool("web_search", {"query": "x"})).is_error


async def test_tools_are_not_sold_outside_plans(made: Tooled) -> None:
    account, secret = await made.account("glm/api")
    office = made.house.control.office
    await office.grant(account, "10", made.write(), plan="glm/api")
    await office.switch(account, "glm/api", True, made.write())
    assert "No plan of yours includes the tool" in said(await made.use(secret, "web_search", {"query": "x"}))


@pytest.mark.parametrize("mode", ERAS)
async def test_the_name_that_a_client_gives_itself_is_remembered_for_its_session(made: Tooled, mode: str) -> None:
    account, secret = await made.account("glm/lite")
    assert not (await made.use(secret, "web_search", {"query": "x"}, name="Roo Code", mode=mode)).is_error
    other = await made.use(secret, "web_search", {"query": "x"}, name="my-bot", mode=mode)
    assert other.is_error
    assert "`glm/lite` pays only for calls of Claude Code" in said(other)
    await made.settled()
    assert [row["client"] for row in made.rows(account)] == ["roo"]


ASKED = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "claude-code", "version": "1"},
    },
}
ACCEPTED = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


async def post(made: Tooled, path: str = "/mcp", method: str = "POST", **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as http:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps(ASKED) if method == "POST" else None
        return await http.request(method, made.url + path, headers=ACCEPTED | told, content=content)


async def test_who_has_no_key_is_told_how_to_send_one(made: Tooled) -> None:
    for headers in ({}, {"authorization": "Bearer fg-wrong"}, {"x_api_key": "fg-wrong"}):
        answer = await post(made, **headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert "API key" in answer.json()["error"]["message"]


async def test_a_key_may_come_in_either_header_and_a_session_holds_no_secret(made: Tooled) -> None:
    _, secret = await made.account("glm/lite")
    for headers in ({"authorization": f"Bearer {secret}"}, {"x_api_key": secret}):
        answer = await post(made, **headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        client, _, rest = answer.headers["mcp-session-id"].partition(".")
        assert (client, len(rest)) == ("claude-code", 32)


async def test_a_revoked_key_ends_at_once(made: Tooled) -> None:
    account, secret = await made.account("glm/lite")
    async with made.client(secret) as client:
        await client.list_tools()
        (key,) = made.house.store.keys_of(account)
        made.house.store.revoke_key(key.id, made.now)
        made.house.keyring.follow()
        with pytest.raises(Exception, match=r"401|API key"):
            await client.list_tools()


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://app.example", 200),
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("http://[::1]:6274", 200),
        ("https://evil.example", 403),
        ("https://app.example.evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
async def test_pages_of_other_origins_are_not_let_in(made: Tooled, origin: str, status: int) -> None:
    _, secret = await made.account("glm/lite")
    assert (await post(made, authorization=f"Bearer {secret}", origin=origin)).status_code == status


async def test_other_methods_and_addresses(made: Tooled) -> None:
    _, secret = await made.account("glm/lite")
    key = {"authorization": f"Bearer {secret}"}
    assert (await post(made, method="GET", **key)).status_code == 405
    assert (await post(made, method="DELETE", **key)).status_code == 204
    assert (await post(made, "/mcp/nothing", **key)).status_code == 404
    assert (await post(made, content_type="text/plain", **key)).status_code == 400


@pytest.mark.parametrize(
    ("tool", "arguments", "problem"),
    [
        ("web_search", {}, "`query` must be a text"),
        ("web_search", {"query": ""}, "`query` must be a text"),
        ("web_search", {"query": "x", "count": 0}, "`count` must be from 1 to 10"),
        ("web_search", {"query": "x", "count": "two"}, "`count` must be a whole number"),
        ("web_search", {"query": "x", "count": 1.5}, "`count` must be a whole number"),
        ("web_search", {"query": "x" * 501}, "`query` is longer than 500 characters"),
        ("web_search", {"query": "x", "page": 2}, "There is no argument `page`"),
        ("web_read", {"url": 5}, "`url` must be a text"),
        ("vision", {"image": "no image!"}, "`image` must be an http or https address"),
        ("vision", {"image": "aGVsbG8="}, "`image` is no PNG, JPEG, GIF or WebP"),
    ],
)
async def test_wrong_arguments_are_told_and_cost_nothing(
    made: Tooled, tool: str, arguments: dict[str, object], problem: str
) -> None:
    account, secret = await made.account("glm/lite")
    result = await made.use(secret, tool, arguments)
    assert result.is_error
    assert problem in said(result)
    assert "Nothing was charged." in said(result)
    await made.settled()
    assert made.rows(account) == []
    assert {window["used"] for window in made.windows(account).values()} == {"0"}


@pytest.mark.parametrize("mode", ERAS)
async def test_a_caller_that_goes_away_is_charged_for_what_ran_and_nothing_stays_behind(
    made: Tooled, mode: str
) -> None:
    account, secret = await made.account("glm/lite")
    asked, go_on = asyncio.Event(), asyncio.Event()
    waiting = set()

    def slow(exchange: object) -> None:
        async def answer() -> None:
            asked.set()
            await go_on.wait()
            page('{"web": {"results": []}}', "application/json")(exchange)  # type: ignore[arg-type]

        waiting.add(asyncio.get_running_loop().create_task(answer()))

    made.web.pages["/search"] = slow
    call = asyncio.get_running_loop().create_task(made.use(secret, "web_search", {"query": "x"}, mode=mode))
    await asked.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    go_on.set()
    await made.settled()
    assert [row["model"] for row in made.rows(account)] == ["tool/web-search"]
    assert made.house.control.views.account(account, made.now)["open_holds"] == []
