"""Lists over all of the books: coupons, gift codes, documents of every account, rates; mistakes in plan files."""

from __future__ import annotations

from tests.api.conftest import Clock
from tests.api.door import MODEL, Door


async def _bought(door: Door, account: str, coupon: str | None = None) -> str:
    body = {"plan": "kimi/andante", "payer": "manual", **({"coupon": coupon} if coupon else {})}
    order = await door.done("POST", f"/accounts/{account}/orders", body)
    seen = {"amount": order["to_pay"], "currency": order["currency"], "seen": "statement"}
    await door.done("POST", f"/accounts/{account}/orders/{order['id']}/confirm", seen)
    return str(order["id"])


async def test_coupons_are_listed_with_who_used_them(door: Door) -> None:
    await door.done("POST", "/coupons", {"code": "SPRING", "share": "0.2", "uses": 100})
    await door.done("POST", "/coupons", {"code": "FIVE", "amount": "5", "currency": "CNY"})
    account = await door.account()
    order = await _bought(door, account, "SPRING")
    rows = {row["code"]: row for row in (await door.done("GET", "/coupons"))["coupons"]}
    assert set(rows) == {"SPRING", "FIVE"}
    assert (rows["SPRING"]["share"], rows["SPRING"]["used"], rows["FIVE"]["amount"]) == ("0.2", 1, "5")
    assert [(use["account"], use["order"]) for use in rows["SPRING"]["uses_by"]] == [(account, order)]
    assert rows["SPRING"] == await door.done("GET", "/coupons/SPRING")


async def test_gift_codes_are_listed_without_their_codes(door: Door, clock: Clock) -> None:
    made = await door.done(
        "POST", "/gift-codes", {"family": "glm", "amount": "50", "currency": "CNY", "note": "fair"}
    )
    until = {"until": "2026-03-05T00:00:00Z"}
    await door.done("POST", "/gift-codes", {"family": "glm", "amount": "7", "currency": "CNY", **until})
    account = await door.account()
    await door.done("POST", f"/accounts/{account}/redemptions", {"code": made["code"]})
    clock.now += 10 * 86_400_000_000
    told = await door.done("GET", "/gift-codes")
    assert made["code"] not in str(told)
    states = {row["amount"]: (row["state"], row["redeemed_by"], row["note"]) for row in told["gift_codes"]}
    assert states == {"50": ("redeemed", account, "fair"), "7": ("over", None, "")}


async def test_documents_of_all_accounts_are_those_of_each(door: Door, clock: Clock) -> None:
    accounts = [await door.account() for _ in range(2)]
    for account in accounts:
        await _bought(door, account)
    rows = (await door.done("GET", "/documents"))["documents"]
    assert {row["account"] for row in rows} == set(accounts)
    for account in accounts:
        own = (await door.done("GET", f"/accounts/{account}/documents"))["documents"]
        mine = [{name: row[name] for name in own[0]} for row in rows if row["account"] == account]
        assert mine == own
    clock.now += 40 * 86_400_000_000
    assert (await door.done("GET", "/documents", query={"days": 30}))["documents"] == []


async def test_rates_tell_what_a_model_costs_and_every_schedule(door: Door) -> None:
    told = await door.done("GET", "/rates")
    card = next(row for row in told["models"] if row["model"] == MODEL)
    assert [version["live"] for version in card["versions"]].count(True) == 1
    assert card["versions"][-1]["tiers"][0]["prices"]["input"] == "3"
    before = next(row for row in told["schedules"] if row["plan"] == "88code/free")
    change = {"plan": "88code/free", "value": "7.5", "begins": "2027-01-01T00:00:00Z"}
    await door.done("POST", "/multipliers", change)
    after = next(row for row in (await door.done("GET", "/rates"))["schedules"] if row["plan"] == "88code/free")
    assert after["now"] == before["now"]
    added = {"from": "2027-01-01T00:00:00.000000Z", "value": "7.5", "by": "changed", "begun": False}
    assert after["values"][-1] | {"from": ""} == added | {"from": ""}
    assert after["values"][:-1] == before["values"]


async def test_mistakes_in_a_plan_file_are_told_one_by_one_with_their_places(door: Door) -> None:
    answer = await door.call("POST", "/plans/preview", {"document": "family: note\nversion: 1\nplanz: {}\n"})
    assert (answer.status, answer.code) == (400, "bad_plan_file")
    problems = answer.body["error"]["problems"]
    assert all(row["line"] >= 1 and row["column"] >= 1 and row["code"] and row["what"] for row in problems)
    assert any(row["line"] == 3 and "plans" in row["mend"] for row in problems)


async def test_subscriptions_are_counted_by_plan_and_version(door: Door) -> None:
    accounts = [await door.account("88code/free", "agipower/pro"), await door.account("agipower/pro")]
    told = await door.done("GET", "/subscriptions", query={"plan": "agipower/pro"})
    counts = {row["plan"]: row["subscriptions"] for row in told["counts"]}
    assert (counts["agipower/pro"], counts["88code/free"]) == (2, 1)
    assert {row["account"] for row in told["subscriptions"]} == set(accounts)
    assert (await door.done("GET", "/subscriptions"))["subscriptions"] == []


async def test_prices_of_plans_are_exact_decimals_and_no_fractions(door: Door) -> None:
    amounts = [price["amount"] for plan in (await door.done("GET", "/plans"))["plans"] for price in plan["prices"]]
    assert "19.99" in amounts
    assert not any("/" in amount for amount in amounts)
