"""What one used, summed each way and exported: the same sums over the whole period, however they are asked for."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from faregate.app.ids import RequestIds
from faregate.core.instants import DAY, render_instant
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage
from tests.api.browser import Browser
from tests.api.conftest import Clock
from tests.api.console import House
from tests.api.door import MODEL
from tests.api.engines import either_database as database  # noqa: F401 - a fixture

KEYS, CLIENTS = ("key_one", "key_two", ""), ("codex", "cline")
OTHER = "openai/gpt-5-mini"
LENGTH = 40
"""Days, a request on each."""


@pytest.fixture
async def browser(house: House, clock: Clock) -> Browser:
    """A customer who used two models by two clients and three keys on forty days."""
    browser = await house.customer("ada@example.com")
    account = (await browser.done("GET", "/session"))["user"]["account"]
    await house.door.done("POST", f"/accounts/{account}/subscriptions", {"plan": "agipower/payg"})
    await house.door.done("POST", f"/accounts/{account}/grants", {"plan": "agipower/payg", "amount": "100"})
    ids, ledger = RequestIds(house.control.randomness), house.control.ledger
    for number in range(LENGTH):
        used, name = Usage(input=1000, output=number), ids.new(account, clock.now)
        asked = Request(name, (MODEL, OTHER)[number % 2], used, CLIENTS[number % 2], KEYS[number % 3])
        assert isinstance(await ledger.admit(account, asked, clock.now), Admitted)
        await ledger.settle(account, name, used, clock.now, {"outcome": "ok", "upstream": "demo"})
        if number < LENGTH - 1:
            clock.now += DAY
    await browser.sign_in("ada@example.com")  # the session ended after thirty days
    return browser


async def asked(browser: Browser, by: str, days: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await browser.done("GET", "/me/analysis", query={"by": by, "days": days}))["rows"]
    return rows


def drawn(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(one["amount"]) for row in rows for one in row["drawn"]), Decimal(0))


@pytest.mark.parametrize("days", [1, 7, LENGTH, 400])
@pytest.mark.parametrize("brought", [False, True])
async def test_every_way_to_sum_comes_to_the_same(house: House, browser: Browser, days: int, brought: bool) -> None:
    if brought:
        account = (await browser.done("GET", "/session"))["user"]["account"]
        house.control.analysis.callers.bring_forward(account)
    ways = {by: await asked(browser, by, days) for by in ("day", "model", "client", "key")}
    for rows in ways.values():
        assert sum(row["requests"] for row in rows) == min(days, LENGTH)
        assert sum(row["output"] for row in rows) == sum(range(LENGTH - min(days, LENGTH), LENGTH))
    assert len({drawn(rows) for rows in ways.values()}) == 1
    assert len(ways["day"]) == min(days, LENGTH)
    if days >= 7:
        assert [row["name"] for row in ways["client"]] == sorted(CLIENTS)
        assert [row["name"] for row in ways["key"]] == sorted(KEYS)


@pytest.mark.parametrize("by", ["client", "key", "model"])
async def test_a_table_is_exported_with_every_row(browser: Browser, by: str) -> None:
    answer = await browser.call("GET", "/me/analysis.csv", query={"by": by, "days": 400})
    assert answer.headers["content-disposition"] == f'attachment; filename="usage-by-{by}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.raw.decode())))
    told = await asked(browser, by, 400)
    assert [row[by] for row in rows] == [row["name"] for row in told]
    assert [int(row["requests"]) for row in rows] == [row["requests"] for row in told]


async def test_the_focus_export_holds_every_day_of_the_period_once(browser: Browser, clock: Clock) -> None:
    answer = await browser.call("GET", "/me/focus.csv", query={"days": 400})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.raw.decode())))
    days = [render_instant((clock.now // DAY - back) * DAY) for back in range(LENGTH)]
    assert [row["ChargePeriodStart"] for row in rows] == days[::-1]
    billed = sum(Decimal(row["BilledCost"]) for row in rows)
    assert billed == drawn(await asked(browser, "key", 400))
