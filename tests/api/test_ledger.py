"""Entries, the trial balance and revenue over the API."""

from __future__ import annotations

from faregate.core.usage import Usage
from tests.api.conftest import Clock
from tests.api.door import MODEL, Door


async def test_entries_come_newest_first_in_pages_and_each_sums_to_zero(door: Door) -> None:
    account = await door.account("88code/free")
    request = await door.metered(account)
    path = f"/accounts/{account}/ledger"
    first = await door.done("GET", path, query={"limit": 2})
    assert [row["kind"] for row in first["entries"]] == ["settle", "hold"]
    assert {row["about"] for row in first["entries"]} == {request}
    assert first["entries"][0]["postings"]
    rest = await door.done("GET", path, query={"before": first["next"]})
    seqs = [row["seq"] for row in first["entries"] + rest["entries"]]
    assert seqs == list(range(len(seqs), 0, -1))
    assert rest["next"] is None
    onward = await door.done("GET", path, query={"after": 1, "limit": 1})
    assert ([row["seq"] for row in onward["entries"]], onward["next"]) == ([2], 2)


async def test_entries_are_found_by_kind_and_time(door: Door, clock: Clock) -> None:
    account = await door.account("88code/free")
    path = f"/accounts/{account}/ledger"
    await door.metered(account)
    clock.now += 86_400_000_000
    await door.metered(account)
    settled = await door.done("GET", path, query={"kind": "settle"})
    assert [row["kind"] for row in settled["entries"]] == ["settle", "settle"]
    earlier = await door.done("GET", path, query={"kind": "settle", "until": "2026-03-03T00:00:00Z"})
    later = await door.done("GET", path, query={"kind": "settle", "from": "2026-03-03T00:00:00Z"})
    assert later["entries"] + earlier["entries"] == settled["entries"]
    assert later["next"] is None
    short = await door.done("GET", path, query={"kind": "settle", "limit": 1})
    rest = await door.done("GET", path, query={"kind": "settle", "before": short["next"]})
    assert short["entries"] + rest["entries"] == settled["entries"]
    assert (await door.call("GET", path, query={"from": "yesterday"})).status == 400


async def test_entries_of_nobody_are_not_there(door: Door) -> None:
    assert (await door.call("GET", "/accounts/acc_none/ledger")).status == 404


async def test_the_trial_balance_comes_to_zero_in_every_unit(door: Door) -> None:
    account = await door.account("88code/free", "agipower/payg")
    await door.done("POST", f"/accounts/{account}/grants", {"amount": "5", "plan": "agipower/payg"})
    await door.metered(account)
    told = await door.done("GET", "/ledger/trial-balance")
    assert (told["balanced"], told["faults"]) == (True, 0)
    assert set(told["totals"].values()) == {"0"}
    assert {row["ledger"] for row in told["rows"]} >= {"lot", "held", "used"}


async def test_revenue_is_summed_over_accounts_by_day_and_model(door: Door, clock: Clock) -> None:
    for _ in range(2):
        await door.metered(await door.account("88code/free"), Usage(input=1000))
    clock.now += 86_400_000_000
    await door.metered(await door.account("88code/free"), Usage(input=1000))
    told = await door.done("GET", "/revenue", query={"days": 30})
    assert told["accounts"] == 3
    assert [(row["day"], row["model"], row["requests"]) for row in told["by_day"]] == [
        ("2026-03-03", MODEL, 1),
        ("2026-03-02", MODEL, 2),
    ]
    assert told["total"]["list_value"] == {"USD": "0.009"}
    assert "costs" in told["total"]
    clock.now += 2 * 86_400_000_000
    assert (await door.done("GET", "/revenue", query={"days": 1}))["total"]["requests"] == 0
