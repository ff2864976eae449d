"""Money that does not come as it was ordered: in two transfers, twice, through another payment provider, in part and
too late. What came is in the books, what nobody owes goes back or is looked at by a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.background import in_background
from tests.money.street import Customer, Street, open_street

PLAN = "agipower/pro"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("odd")
    with in_background(lambda: open_street(folder)) as street:
        yield street


def seen(ann: Customer, order: dict[str, Any], amount: str, where: str) -> str:
    """An operator saw a transfer; what it came to."""
    body = {"amount": amount, "currency": "USD", "seen": where}
    return str(ann.post(f"orders/{order['id']}/confirm", **body)["came_to"])


def received(ann: Customer, order: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["payer"], row["amount"]) for row in ann.order(order["id"])["received"]]


def test_two_transfers_for_one_order_are_both_in_the_books(street: Street) -> None:
    ann = street.customer("two transfers")
    order = ann.post("orders", plan=PLAN, payer="manual")
    assert [seen(ann, order, "8", "line 1"), seen(ann, order, "12", "line 2")] == ["review", "review"]
    assert seen(ann, order, "12", " line  2 ") == "known", "the same line is the same money"
    assert received(ann, order) == [("manual", "8"), ("manual", "12")]
    assert ann.post(f"orders/{order['id']}/resolve", how="deliver", note="both")["state"] == "done"
    assert ann.refunds() == []


def test_a_second_transfer_for_what_was_paid_goes_back(street: Street) -> None:
    ann = street.customer("paid again")
    order = ann.post("orders", plan=PLAN, payer="manual")
    assert [seen(ann, order, "20", "line 1"), seen(ann, order, "20", "line 2")] == ["delivered", "returned"]
    (refund,) = ann.refunds()
    assert (refund["state"], refund["why"], refund["amount"]) == ("processing", "not_owed", "20")
    assert street.matters(ann.account.id) == ["refund"]


def test_of_an_order_that_was_paid_at_two_payment_providers_one_payment_goes_back(street: Street) -> None:
    ann, stripe = street.customer("two providers"), street.fakes["stripe"]
    order = ann.post("orders", plan=PLAN, payer="stripe")
    ann.waits_for(lambda: ann.order(order["id"])["pay"])
    assert seen(ann, order, "20", "line 1") == "review"
    stripe.pay(f"{order['id']}_1")
    street.empty_post("stripe")
    assert received(ann, order) == [("manual", "20"), ("stripe", "20")]
    ann.post(f"orders/{order['id']}/resolve", how="deliver", note="he paid twice")
    ann.waits_for(lambda: [refund["state"] for refund in ann.refunds()] == ["succeeded"])
    assert stripe.given_back(f"{order['id']}_1") == 2000
    assert ann.plans() == ["agipower/payg", PLAN]


def test_what_is_above_the_price_in_one_transfer_is_kept_when_a_person_delivers(street: Street) -> None:
    ann = street.customer("too much")
    order = ann.post("orders", plan=PLAN, payer="manual")
    seen(ann, order, "25", "line 1")
    assert ann.post(f"orders/{order['id']}/resolve", how="deliver", note="keep it")["state"] == "done"
    assert ann.refunds() == []


def test_coins_in_part_wait_for_the_rest_however_long_that_takes(street: Street) -> None:
    ann, coins = street.customer("in part"), street.fakes["nowpayments"]
    order = ann.post("orders", plan="credits/starter", price="pass", payer="nowpayments")
    ann.waits_for(lambda: ann.order(order["id"])["pay"])
    coins.reach(f"{order['id']}_1", "partially_paid")  # type: ignore[attr-defined]
    street.empty_post("nowpayments")
    street.forward("3d")
    assert ann.order(order["id"])["state"] == "review"
    coins.reach(f"{order['id']}_1", "finished")  # type: ignore[attr-defined]
    street.empty_post("nowpayments")
    assert (ann.order(order["id"])["state"], street.matters(ann.account.id)) == ("done", [])


@pytest.mark.parametrize("told", [True, False], ids=["told", "found by asking"])
def test_coins_in_part_for_an_order_that_is_over_are_a_matter_for_a_person(street: Street, told: bool) -> None:
    ann, coins = street.customer(f"in part, late, {told}"), street.fakes["nowpayments"]
    order = ann.post("orders", plan="credits/starter", price="pass", payer="nowpayments")
    ann.waits_for(lambda: ann.order(order["id"])["pay"])
    street.forward("25h")
    assert ann.order(order["id"])["state"] == "closed"
    coins.reach(f"{order['id']}_1", "partially_paid")  # type: ignore[attr-defined]
    if told:
        street.empty_post("nowpayments")
        assert street.matters(ann.account.id) == ["paid_twice"]
    else:
        coins.outbox.clear()
        for _ in range(4):
            street.forward("2d")
            if street.matters(ann.account.id):
                break
    ann.waits_for(lambda: street.matters(ann.account.id) == ["paid_twice"])
    (matter,) = [row for row in street.books.call("GET", "/matters")["matters"] if row["account"] == ann.account.id]
    assert matter["reason"] == "partially_paid"
    ann.post("matters/settle", matter=matter["id"], how="keep", note="sent back by hand")
    assert street.matters(ann.account.id) == []


def test_a_part_of_a_refund_that_did_not_go_is_a_matter_when_the_plan_is_over(street: Street) -> None:
    ann = street.customer("half a refund")
    order = ann.post("orders", plan=PLAN, payer="manual")
    seen(ann, order, "20", "line 1")
    up = ann.post("changes", plan=PLAN, to="agipower/max", payer="manual")
    seen(ann, up, up["to_pay"], "line 2")
    ann.post("refunds", plan="agipower/max")
    refunds = {refund["order"]: refund for refund in ann.refunds()}
    assert refunds.keys() == {order["id"], up["id"]}

    def sent(id: str, state: str) -> None:
        refund = refunds[id]
        told = {"amount": refund["amount"], "currency": "USD", "seen": f"out of {id}", "state": state}
        ann.post(f"orders/{id}/confirm", refund=refund["id"], **told)

    sent(up["id"], "succeeded")
    sent(order["id"], "failed")
    assert "agipower/max" not in ann.plans()
    assert street.matters(ann.account.id) == ["refund_failed"]
    ann.post("matters/settle", matter=refunds[order["id"]]["id"], how="again", note="another account of his")
    (again,) = [refund for refund in ann.refunds() if refund["why"] == "again"]
    assert again["amount"] == refunds[order["id"]]["amount"]
    assert street.matters(ann.account.id) == ["refund"]
