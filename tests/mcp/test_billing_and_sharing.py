"""Uses of tools in what holds for every request: what they ask to be billed as, and the watch for sharing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from faregate.gate.sender import networks_of
from tests.mcp.conftest import BRAVE, own_tools
from tests.mcp.house import PATIENCE_SECONDS, Tooled, page, said, tooled

FOLDER = Path(__file__).parent
SEARCH = ("web_search", {"query": "x"})
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": SEARCH[0], "arguments": SEARCH[1]}}


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Tooled]:
    async with tooled(tmp_path, own_tools, (FOLDER / "watched.yaml",), (FOLDER / "prices.yaml",)) as made:
        made.web.pages["/search"] = page(BRAVE, "application/json")
        yield made


def asking(billing: str) -> dict[str, Any]:
    return {"x-faregate-billing": billing}


async def call(made: Tooled, secret: str, **headers: str) -> httpx2.Response:
    told = {
        "authorization": f"Bearer {secret}",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
        **headers,
    }
    async with httpx2.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as http:
        return await http.post(f"{made.url}/mcp", json=CALL, headers=told)


async def test_a_use_is_billed_as_it_asks_to_be(made: Tooled) -> None:
    account, secret = await made.account("watched/some", "watched/paid")
    await made.house.control.office.grant(account, "0.01", made.write(), plan="watched/paid")
    for billing in ("", "api", "plan"):
        assert not (await made.use(secret, *SEARCH, **asking(billing))).is_error
    refused = await made.use(secret, *SEARCH, **asking("api"))
    assert refused.is_error
    assert "`watched/paid" in said(refused), "the wallet is empty, and the plan does not stand in for it"
    await made.settled()
    assert made.windows(account)["watched/some:day"]["used"] == "2"
    asked = [made.house.control.views.explain(row["request"])["billing"] for row in made.rows(account)]
    assert sorted(asked) == ["", "api", "plan"]


async def test_another_word_for_billing_is_refused(made: Tooled) -> None:
    _, secret = await made.account("watched/some")
    answer = await call(made, secret, **asking("nobody"))
    assert answer.status_code == 400
    assert "`x-faregate-billing` is `api` or `plan`" in answer.text


async def test_uses_from_many_addresses_raise_a_flag_and_later_ones_are_told_of_it(made: Tooled) -> None:
    account, secret = await made.account("watched/some")
    made.watch.watching.proxies = networks_of(["127.0.0.1"])
    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
        assert made.house.ledger.current(account, made.now).flags == {}
        assert (await call(made, secret, **{"x-forwarded-for": address})).status_code == 200
    await made.settled()
    (flag,) = made.house.ledger.current(account, made.now).flags.values()
    assert (flag.signal, flag.counted) == ("addresses", 3)
    told = (await call(made, secret)).headers["x-faregate-notice"]
    assert told == f"flag {flag.id}: more addresses than one person's use of watched/some; under review"


async def test_one_persons_clients_and_their_sessions_of_mcp_raise_none(made: Tooled) -> None:
    account, secret = await made.account("watched/some")
    for name in ("claude-code", "codex", "opencode"):
        agent: dict[str, Any] = {"user-agent": f"{name}/1"}
        assert not (await made.use(secret, *SEARCH, name=name, **agent)).is_error
    await made.settled()
    assert made.house.ledger.current(account, made.now).flags == {}


async def test_who_says_it_forwards_for_others_is_counted(made: Tooled) -> None:
    account, secret = await made.account("watched/some")
    await call(made, secret, **{"user-agent": "new-api/1"})
    await made.settled()
    assert [flag.signal for flag in made.house.ledger.current(account, made.now).flags.values()] == ["relay"]
