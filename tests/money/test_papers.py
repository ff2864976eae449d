"""Invoices and credit notes of a live service: numbered without gaps whoever comes at once, one for all that was sold
and one for all that was given back, in the sums of the journal."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.clients.background import in_background
from tests.money.street import Customer, Street, open_street

PURSE = """
family: purse
version: "2026-01-01"
names: {en: Purse, zh: 钱包}
source: {document: an example, as_of: undated}
zone: UTC
order: [plan, balance]
payments:
  stripe: {names: {en: Card, zh: 卡}, kind: card}
gift: {buys: [plans, renewals]}
plans:
  plan:
    names: {en: Plan, zh: 套餐}
    prices: [{id: monthly, amount: 30 USD, period: month, pay_with: [stripe]}]
    models: ["*"]
    companions: [balance]
    windows:
      5h: {kind: first-use, length: 5h, limit: 80 prompts, names: {en: 5 hours, zh: 每 5 小时}}
    sources:
      - {id: prompts, meter: prompts, windows: [5h]}
    renewal: {paid_from: [gift, cash, provider]}
    refund: {allowed: true}
  balance:
    names: {en: Balance, zh: 余额}
    wallet: true
    models: ["*"]
    pools:
      cash: {unit: USD, purse: cash, names: {en: cash, zh: 现金}}
      gift: {unit: USD, purse: gift, names: {en: gift, zh: 赠金}}
    sources:
      - {id: gift, meter: cost, pool: gift}
      - {id: cash, meter: cost, pool: cash}
    top_up: [{pay_with: stripe, minimum: 1 USD}]
"""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("papers")
    plan = Path(folder / "purse.yaml")
    plan.write_text(PURSE, encoding="utf-8")
    with in_background(lambda: open_street(folder, plan)) as street:
        street.post("/seller", name="飞闸科技有限公司", tax="增值税", rate="0.06")
        yield street


def papers(ann: Customer) -> list[dict[str, Any]]:
    """Documents, the oldest first."""
    rows = ann.street.books.call("GET", f"{ann.path}/documents")["documents"]
    return [ann.street.books.call("GET", f"{ann.path}/documents/{row['number']}") for row in reversed(rows)]


def test_numbers_have_no_gaps_however_many_come_at_once(street: Street) -> None:
    ann = street.customer("crowd")
    ann.buys("purse/plan", "stripe")
    orders = [ann.post("top-ups", plan="purse/balance", amount="12.34", payer="manual") for _ in range(8)]

    def confirm(order: dict[str, Any]) -> None:
        ann.post(f"orders/{order['id']}/confirm", amount="12.34", currency="USD", seen=f"line of {order['id']}")

    with ThreadPoolExecutor(len(orders)) as many:
        list(many.map(confirm, orders))
    numbers = sorted(paper["number"] for paper in papers(ann))
    assert numbers == [f"{ann.account.id}-{number:04d}" for number in range(1, 10)]
    for paper in papers(ann):
        assert float(paper["net"]) + float(paper["tax"]["amount"]) == pytest.approx(float(paper["total"]))


def test_what_goes_back_to_the_cash_balance_has_a_credit_note_too(street: Street) -> None:
    """Gift 5, cash 10, card 15: the card and the cash balance get theirs back, each with its note; gift stays."""
    ann = street.customer("cash back")
    gift = street.post("/gift-codes", family="purse", amount="5", currency="USD")["code"]
    ann.post("redemptions", code=gift)
    ann.tops_up("purse/balance", "10", "stripe")
    order = ann.buys("purse/plan", "stripe")
    assert order["paid_by"] == {"gift": "5", "cash": "10", "provider": "15"}
    asked = ann.post("refunds", plan="purse/plan")
    assert (asked["amount"], sorted(row["payer"] for row in asked["refunds"])) == ("25", ["cash", "stripe"])
    ann.waits_for(lambda: "purse/plan" not in ann.plans())
    assert (ann.left("purse/balance", "cash"), ann.left("purse/balance", "gift")) == ("10", "0")
    notes = [paper for paper in papers(ann) if paper["kind"] == "credit_note"]
    assert sorted(paper["number"] for paper in notes) == [f"{ann.account.id}-C0001", f"{ann.account.id}-C0002"]
    assert sorted((paper["paid"][0]["by"], paper["total"]) for paper in notes) == [
        ("cash", "-10.00"),
        ("stripe", "-15.00"),
    ]
    assert {paper["corrects"] for paper in notes} == {ann.order(order["id"])["invoice"]}
    assert ann.order(order["id"])["refunded"] == "25"
    statement = street.books.call("GET", f"{ann.path}/statement?plan=purse/balance&from=2026-01-01T00:00:00Z")
    for pool in statement["pools"]:
        moved = sum(float(line["amount"]) for line in pool["lines"])
        assert float(pool["opening"]["amount"]) + moved == pytest.approx(float(pool["closing"]["amount"]))
