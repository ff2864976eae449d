"""What upstreams cost stands beside what customers were charged, in rows, sums and explanations, for operators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faregate.app.catalogue_port import Account
from faregate.app.ids import RequestIds
from faregate.app.views import Views
from faregate.core.usage import Usage
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import ACCOUNT, NOW, findings, ledger_of, request, seeded, subscribed, verified

USAGE = Usage(input=100_000, output=10_000)
LISTED = 100_000 * 3_000 + 10_000 * 15_000
"""Nano USD: 3 and 15 USD a million."""


async def settled(path: Path, *facts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Usage as operators and as customers see it, and explanations, after a request for each of ``facts``."""
    store = SqliteStore.open(path)
    try:
        ids = RequestIds(seeded().randbytes)
        async with ledger_of(store) as ledger:
            store.add_account(Account(ACCOUNT, "acme", NOW))
            await subscribed(ledger, "demo/money")
            names = []
            for each in facts:
                names.append(ids.new(ACCOUNT, NOW))
                await ledger.admit(ACCOUNT, request(names[-1], USAGE), NOW)
                await ledger.settle(ACCOUNT, names[-1], USAGE, NOW, {"upstream": "a", "outcome": "ok", **each})
            views = Views(ledger)
            operator = views.usage(ACCOUNT, NOW, for_operator=True)
            customer = views.usage(ACCOUNT, NOW)
            told = [views.explain(name, for_operator=True) for name in names]
            assert all("upstreams" not in views.explain(name) for name in names)
        assert findings(verified(store)) == []
        return operator, customer, told
    finally:
        store.close()


def cost(amount: int, currency: str = "USD") -> dict[str, Any]:
    return {"cost": [amount, currency, "m@2026-01-01", "7/10"]}


async def test_the_margin_is_what_is_left_of_the_list_value_of_the_requests_whose_cost_is_known(
    tmp_path: Path,
) -> None:
    paid = LISTED * 7 // 10
    operator, customer, told = await settled(tmp_path / "b.db", cost(paid), {}, cost(paid))
    (costs,) = operator["total"]["costs"]
    assert costs == {"upstream": "a", "currency": "USD", "cost": "0.63", "list_value": "0.9", "margin": "0.27"}
    assert operator["by_day"][0]["costs"] == [costs]
    assert [row["cost"] and row["cost"]["margin"] for row in operator["requests"]] == ["0.135", None, "0.135"]
    assert told[0]["upstreams"]["cost"]["rate_card"] == "m@2026-01-01"
    assert told[1]["upstreams"]["cost"] is None
    assert "cost" not in str(customer)
    assert customer["total"]["drawn"] == operator["total"]["drawn"]


async def test_customers_are_charged_the_same_whatever_the_upstream_costs(tmp_path: Path) -> None:
    plain, _, _ = await settled(tmp_path / "a.db", {}, {})
    dear, _, _ = await settled(tmp_path / "b.db", cost(LISTED * 5), cost(1))
    assert (
        plain["total"]["drawn"]
        == dear["total"]["drawn"]
        == [{"source": "demo/money", "unit": "USD", "amount": "0.9"}]
    )
    assert dear["total"]["costs"][0]["margin"].startswith("-")


async def test_a_cost_in_another_currency_has_no_margin(tmp_path: Path) -> None:
    operator, _, _ = await settled(tmp_path / "b.db", cost(5_000_000_000, "CNY"))
    (costs,) = operator["total"]["costs"]
    assert (costs["cost"], costs["currency"], costs["list_value"], costs["margin"]) == ("5", "CNY", None, None)


async def test_an_explanation_tells_the_way_through_the_upstreams(tmp_path: Path) -> None:
    facts = {"tried": [("b", "K1", "status_429"), ("b", "K2", "status_401")], "upstream_key": "K3"}
    _, _, (told,) = await settled(tmp_path / "b.db", facts)
    assert told["upstreams"] == {
        "upstream": "a",
        "key": "K3",
        "tried": [
            {"upstream": "b", "key": "K1", "fault": "status_429"},
            {"upstream": "b", "key": "K2", "fault": "status_401"},
        ],
        "cost": None,
    }
