"""What tools cost: the quotas of S4.4, exact under a crowd, and nothing for what failed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from faregate.app.store_errors import StoreLocked
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage
from tests.mcp.house import MONTHS_END, Tooled, page, said

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SEARCH = ("web_search", {"query": "x"})
VISION = ("vision", {"image": PNG, "question": "What is it?"})


async def spend(made: Tooled, account: str, model: str, calls: int) -> None:
    """So many uses of a tool at once, in the books."""
    ledger, now = made.house.ledger, made.now
    request = Request(f"req_spent_{model}", model, Usage(tool_calls=calls), "claude-code")
    assert isinstance(await ledger.admit(account, request, now), Admitted)
    await ledger.settle(account, request.id, Usage(tool_calls=calls), now)


async def test_s4_4_search_and_read_share_a_hundred_calls_and_the_next_is_told_the_months_end(made: Tooled) -> None:
    account, secret = await made.account("glm/lite")
    made.web.pages["/page"] = page("text", "text/plain")
    read = ("web_read", {"url": made.web.url("/page")})
    async with made.client(secret) as client:
        first = await asyncio.gather(*(client.call_tool(*(SEARCH, read)[turn % 2]) for turn in range(100)))
        assert [result.is_error for result in first] == [False] * 100
        for tool in (SEARCH, read):
            refused = await client.call_tool(*tool)
            assert refused.is_error
            assert "The limit `glm/lite:search` of your plan is used up (100 of 100 call)." in said(refused)
            assert f"It reopens at {MONTHS_END} (in 29 d 4 h)." in said(refused)
            assert refused.meta is not None
            assert refused.meta["faregate/reopens-at"] == MONTHS_END
            assert refused.meta["faregate/refused-by"] == "glm/lite:search"
        assert not (await client.call_tool(*VISION)).is_error, "vision has a quota of its own"
        made.clock.now += 30 * 24 * 3600 * 10**6
        assert not (await client.call_tool(*SEARCH)).is_error, "a month later"
    await made.settled()
    models = [row["model"] for row in made.rows(account)]
    assert {model: models.count(model) for model in set(models)} == {
        "tool/web-search": 51,
        "tool/web-read": 50,
        "tool/vision": 1,
    }


async def test_s4_4_vision_draws_the_prompts_of_the_five_hours(made: Tooled) -> None:
    account, secret = await made.account("glm/lite")
    result = await made.use(secret, *VISION)
    assert not result.is_error
    await made.settled()
    assert made.windows(account)["glm/lite:5h"]["used"] == "1"
    assert made.windows(account)["glm/lite:search"]["used"] == "0"
    (row,) = made.rows(account)
    assert (row["model"], row["upstream"], row["usage"]["tool_calls"]) == ("tool/vision", "chat", 1)
    assert row["usage"]["input"] > 0, "the model's tokens are in the books"
    assert row["usage"]["output"] > 0
    await spend(made, account, "tool/vision", 79)
    refused = await made.use(secret, *VISION)
    assert refused.is_error
    assert "The limit `glm/lite:5h` of your plan is used up (80 of 80 prompt)." in said(refused)
    assert "It reopens at 2026-03-02T17:00:00Z (in 5 h)." in said(refused)
    made.clock.now += 5 * 3600 * 10**6
    assert not (await made.use(secret, *VISION)).is_error


async def test_two_hundred_at_once_get_exactly_the_fifty_that_are_left(made: Tooled) -> None:
    account, secret = await made.account("glm/lite")
    await spend(made, account, "tool/web-search", 50)
    async with made.client(secret) as client:
        results = await asyncio.gather(*(client.call_tool(*SEARCH) for _ in range(200)))
    assert sum(not result.is_error for result in results) == 50
    assert all(MONTHS_END in said(result) for result in results if result.is_error)
    await made.settled()
    assert made.windows(account)["glm/lite:search"]["used"] == "100"
    assert len(made.web.asked) == 50


def cut(exchange: Any) -> None:
    exchange.start(200, [(b"content-type", b"application/json")])
    exchange.write(b"{")
    exchange.abort()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (page("{}", "application/json", 500), "The search service answered with status 500."),
        (page("{}", "application/json", 429), "The search service answered with status 429."),
        (page("{}", "application/json", 401), "The search service does not accept this server's key."),
        (page("<html>", "text/html"), "The search service did not answer with JSON."),
        (page("[]", "application/json"), "The search service answered in a form that is not known here."),
        (cut, "The search service cannot be reached."),
    ],
)
async def test_a_back_end_that_fails_costs_nothing(made: Tooled, answer: Any, problem: str) -> None:
    account, secret = await made.account("glm/lite")
    made.web.pages["/search"] = answer
    result = await made.use(secret, *SEARCH)
    assert result.is_error
    assert said(result) == f"{problem} Nothing was charged."
    await made.settled()
    assert made.rows(account) == []
    assert made.windows(account)["glm/lite:search"]["used"] == "0"
    assert result.meta is not None
    told = made.house.control.views.explain(result.meta["faregate/request"])
    assert (told["state"], told["model"]) == ("released", "tool/web-search")


async def test_a_tool_that_breaks_inside_the_gate_costs_nothing(
    made: Tooled, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    account, secret = await made.account("glm/lite")
    monkeypatch.setattr("faregate.mcp.web_search.found_in", lambda *_: 1 / 0)
    result = await made.use(secret, *SEARCH)
    assert said(result) == "The gate failed on this call. Nothing was charged."
    assert "ZeroDivisionError" in caplog.text
    await made.settled()
    assert made.windows(account)["glm/lite:search"]["used"] == "0"


@pytest.mark.parametrize("by_header", [True, False])
async def test_an_idempotency_key_is_charged_once(made: Tooled, by_header: bool) -> None:
    account, secret = await made.account("glm/lite")
    headers = {"idempotency-key": "once"} if by_header else {}
    async with made.client(secret, **headers) as client:
        meta: Any = None if by_header else {"faregate/idempotency-key": "once"}
        first = await client.call_tool(*SEARCH, meta=meta)
        assert not first.is_error
        await made.settled()
        again = await client.call_tool(*SEARCH, meta=meta)
        assert again.is_error
        assert first.meta is not None
        assert f"was used before, by request {first.meta['faregate/request']}; nothing was charged again" in said(
            again
        )
        other = await client.call_tool("web_search", {"query": "y"}, meta=meta)
        assert "was used with other arguments" in said(other)
    await made.settled()
    assert len(made.rows(account)) == len(made.web.asked) == 1


async def test_a_key_whose_call_failed_may_be_used_again(made: Tooled) -> None:
    account, secret = await made.account("glm/lite")
    good = made.web.pages["/search"]
    key: dict[str, Any] = {"idempotency-key": "k"}
    made.web.pages["/search"] = page("{}", "application/json", 503)
    assert (await made.use(secret, *SEARCH, **key)).is_error
    await made.settled()
    made.web.pages["/search"] = good
    assert not (await made.use(secret, *SEARCH, **key)).is_error
    await made.settled()
    assert len(made.rows(account)) == 1


async def test_books_that_cannot_be_written_admit_nothing(made: Tooled, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = await made.account("glm/lite")

    def locked(*_: object) -> None:
        raise StoreLocked("memory", "is locked")

    monkeypatch.setattr(made.house.store, "append", locked)
    result = await made.use(secret, *SEARCH)
    assert "The gate cannot keep its books right now" in said(result)
    assert made.web.asked == []
    monkeypatch.undo()


async def test_books_that_say_too_late_that_a_use_was_admitted_are_told_that_it_was_not(
    made: Tooled, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, secret = await made.account("glm/lite")
    ledger, said_at_last = made.house.ledger, asyncio.Event()
    admit = ledger.admit

    def slow(*asked: Any) -> asyncio.Future[Any]:
        async def wait() -> Any:
            await said_at_last.wait()
            return await admit(*asked)

        return asyncio.ensure_future(wait())

    metering = made.door.metering
    monkeypatch.setattr(metering, "_ports", metering._ports._replace(patience_seconds=0.01))
    monkeypatch.setattr(ledger, "admit", slow)
    result = await made.use(secret, *SEARCH)
    assert "The gate cannot keep its books right now" in said(result)
    late, done = asyncio.Event(), metering._settlement._done

    def closed_late(closing: Any) -> None:
        done(closing)
        late.set()

    monkeypatch.setattr(metering._settlement, "_done", closed_late)
    said_at_last.set()
    await late.wait()
    closed = [entry.data["reason"] for entry in made.house.store.entries(account) if entry.kind == "release"]
    assert closed == ["not_admitted"]
    assert made.web.asked == []
    assert metering.counters.open == 0


async def test_accounts_do_not_share_a_quota(made: Tooled) -> None:
    first, secret = await made.account("glm/lite")
    await spend(made, first, "tool/web-search", 100)
    assert (await made.use(secret, *SEARCH)).is_error
    _, other = await made.account("glm/lite")
    assert not (await made.use(other, *SEARCH)).is_error


async def test_who_has_no_plan_is_told_so(made: Tooled) -> None:
    _, secret = await made.account()
    assert "This account has no plan yet." in said(await made.use(secret, *SEARCH))


async def test_nothing_of_the_services_keys_is_told_anybody(made: Tooled) -> None:
    account, secret = await made.account("glm/lite")
    async with made.client(secret) as client:
        listed = await client.list_tools()
        found = await client.call_tool(*SEARCH)
    await made.settled()
    told = [listed.model_dump_json(), found.model_dump_json(), json.dumps(made.rows(account))]
    assert not any("secret" in each for each in told)
