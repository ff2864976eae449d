"""Usage and explanations over the API."""

from __future__ import annotations

from faregate.core.usage import Usage
from tests.api.conftest import Clock
from tests.api.door import MODEL, Door


async def test_usage_is_summed_and_listed(door: Door, clock: Clock) -> None:
    account = await door.account("88code/free")
    for n in range(3):
        await door.metered(account, Usage(input=1000, output=n))
        clock.now += 1_000_000
    view = await door.done("GET", f"/accounts/{account}/usage")
    assert view["total"]["input"] == 3000
    assert [(row["day"], row["model"], row["requests"]) for row in view["by_day"]] == [("2026-03-02", MODEL, 3)]
    assert [row["usage"]["output"] for row in view["requests"]] == [2, 1, 0]
    row = view["requests"][0]
    assert (row["outcome"], row["upstream"], row["estimated"]) == ("ok", "demo", False)
    assert row["drawn"] == [{"source": "88code/free", "pool": "day", "amount": "0.00606", "unit": "USD"}]
    assert (row["list_value"], row["currency"]) == ("0.00303", "USD")


async def test_usage_comes_in_pages_and_by_days(door: Door, clock: Clock) -> None:
    account = await door.account("88code/free")
    requests = []
    for _ in range(3):
        requests.append(await door.metered(account, Usage(input=10)))
        clock.now += 86_400_000_000
    path = f"/accounts/{account}/usage"
    first = await door.done("GET", path, query={"limit": 2})
    assert [row["request"] for row in first["requests"]] == requests[:0:-1]
    rest = await door.done("GET", path, query={"limit": 2, "before": first["next"]})
    assert [row["request"] for row in rest["requests"]] == requests[:1]
    assert rest["next"] is None
    assert (await door.done("GET", path, query={"days": 1}))["total"]["requests"] == 1
    assert (await door.done("GET", path, query={"days": 30}))["total"]["requests"] == 3


async def test_a_page_after_a_request_of_nobody_or_of_another_is_not_there(door: Door) -> None:
    account, other = await door.account("88code/free"), await door.account("88code/free")
    request = await door.metered(other)
    for before in ("req_none", request):
        answer = await door.call("GET", f"/accounts/{account}/usage", query={"before": before})
        assert (answer.status, answer.code) == (404, "not_found")


async def test_a_request_is_explained(door: Door) -> None:
    account = await door.account("88code/free", "agipower/pro")
    request = await door.metered(account)
    told = await door.done("GET", f"/requests/{request}")
    assert (told["request"], told["account"], told["state"]) == (request, account, "settled")
    (piece,) = told["settlement"]["slices"]
    assert (piece["source"], piece["multiplier"], piece["rate_card"]) == (
        "88code/free",
        "2",
        "anthropic/claude-sonnet-4@2025-08-12",
    )


async def test_a_request_that_is_not_there(door: Door) -> None:
    account = await door.account("88code/free")
    for name in ("x", "req_none", f"req_1k0x2568dywrdy_{account.removeprefix('acc_')}"):
        answer = await door.call("GET", f"/requests/{name}")
        assert (answer.status, answer.code) == (404, "not_found")
