"""Pages of one's requests, filtered: complete from page to page, whatever is asked, and each looks at so much."""

from __future__ import annotations

import pytest

from faregate.app import usage_filter
from faregate.core.instants import DAY, HOUR, render_instant
from tests.api.conftest import Clock
from tests.api.console import House


async def walked(house: House, limit: int, **query: str) -> tuple[list[str], int]:
    """Every request that the pages show, and how many pages there were."""
    browser = house.browser()
    await browser.sign_in("ada@example.com")
    found, before, pages = list[str](), None, 0
    while True:
        asked = {**query, "limit": limit, **({"before": before} if before else {})}
        page = await browser.done("GET", "/me/requests", query=asked)
        found += [row["request"] for row in page["requests"]]
        pages, before = pages + 1, page["next"]
        assert pages < 200
        if before is None:
            return found, pages


@pytest.fixture
async def days(house: House, clock: Clock) -> dict[str, list[str]]:
    """Requests of one account on five days, 70 a day, by day, newest first."""
    browser = await house.customer("ada@example.com")
    account = (await browser.done("GET", "/session"))["user"]["account"]
    await house.door.done("POST", f"/accounts/{account}/subscriptions", {"plan": "agipower/payg"})
    await house.door.done("POST", f"/accounts/{account}/grants", {"plan": "agipower/payg", "amount": "10000"})
    made: dict[str, list[str]] = {}
    first = clock.now // DAY * DAY
    for day in range(5):
        for number in range(70):
            clock.now = first + day * DAY + number * HOUR // 4
            made.setdefault(render_instant(clock.now)[:10], []).insert(0, await house.door.metered(account))
    return made


async def test_a_day_is_found_whole_wherever_it_lies(house: House, days: dict[str, list[str]]) -> None:
    for day, requests in days.items():
        for limit in (7, 50, 70, 71):
            assert (await walked(house, limit, day=day))[0] == requests
    assert await walked(house, 50, day="2020-01-01") == ([], 1)
    assert await walked(house, 50, day="2030-01-01") == ([], 1)


async def test_a_filter_that_fits_little_goes_on_from_page_to_page(
    house: House, days: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = [request for requests in reversed(days.values()) for request in requests]
    assert (await walked(house, 40))[0] == everything
    monkeypatch.setattr(usage_filter, "LOOKED_AT", 100)
    assert await walked(house, 50, model="never/was") == ([], 4)
    assert await walked(house, 200, outcome="ok") == (everything, 4)
