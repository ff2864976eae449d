"""Coupons and gift codes through the operator API of a live service: what they take off, whom they are for, how often
they may be used, and what becomes of a use when its order comes to something or to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from faregate.core.instants import HOUR, render_instant
from tests.clients.background import in_background
from tests.money.street import Customer, Street, open_street

PRINTED = Path(__file__).with_name("printed.yaml")
PLAN = "agipower/pro"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("coupons")
    with in_background(lambda: open_street(folder, PRINTED)) as street:
        yield street


@pytest.fixture
def code(request: pytest.FixtureRequest) -> str:
    """A code of this test's own."""
    return "C" + sha256(request.node.name.encode()).hexdigest()[:10].upper()


def made(street: Street, code: str, **facts: Any) -> str:
    street.post("/coupons", code=code, **facts)
    return code


def used(street: Street, code: str) -> int:
    return int(street.books.call("GET", f"/coupons/{code}")["used"])


def later(street: Street, length: int) -> str:
    return render_instant(street.service.clock() + length)


def orders(ann: Customer, code: str, plan: str = PLAN, payer: str = "stripe", **more: Any) -> dict[str, Any]:
    """An order with the coupon, as it shows how to pay."""
    order = ann.post("orders", plan=plan, payer=payer, coupon=code, **more)
    if order["state"] == "waiting":
        ann.waits_for(lambda: ann.order(order["id"])["pay"])
    return order


# ---- what it takes off


@pytest.mark.parametrize(
    ("worth", "total"),
    [
        ({"share": "0.1"}, "18"),
        ({"share": "1/3"}, "13.33"),
        ({"share": "0.99999"}, "0"),
        ({"share": "0.00025"}, "20"),
        ({"amount": "5.55", "currency": "USD"}, "14.45"),
        ({"amount": "5.55", "currency": " usd"}, "14.45"),
        ({"amount": "500", "currency": "USD"}, "0"),
    ],
)
def test_a_share_is_rounded_to_the_coin_once_and_nothing_goes_below_zero(
    street: Street, code: str, worth: dict[str, str], total: str
) -> None:
    ann = street.customer(code)
    made(street, code, **worth)
    if total == "20":
        assert "takes nothing off" in ann.refused("orders/preview", plan=PLAN, coupon=code)
        return
    preview = ann.post("orders/preview", plan=PLAN, coupon=code)
    assert preview["total"] == total
    order = orders(ann, code)
    assert (order["total"], order["lines"]) == (total, preview["lines"])
    assert order["lines"][1]["code"] == f"coupon:{code}"


@pytest.mark.parametrize(
    "worth",
    [
        {},
        {"share": "0"},
        {"share": "-0.1"},
        {"share": "1.01"},
        {"share": "NaN"},
        {"share": "1e-1"},
        {"share": "0.1", "amount": "1", "currency": "USD"},
        {"share": "0.1", "currency": "USD"},
        {"amount": "5"},
        {"amount": "-5", "currency": "USD"},
        {"amount": "0", "currency": "USD"},
        {"amount": "0.001", "currency": "USD"},
        {"amount": "0.5", "currency": "JPY"},
        {"share": "0.1", "plans": ["agipower/por"]},
        {"share": "0.1", "begins": "2027-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"},
    ],
)
def test_a_coupon_that_could_take_off_nothing_or_more_than_all_is_not_made(
    street: Street, worth: dict[str, Any]
) -> None:
    assert street.refused("/coupons", code="SENSELESS", **worth)


def test_a_code_is_made_once_and_spaces_around_it_do_not_matter(street: Street, code: str) -> None:
    made(street, f" {code}", share="0.5")
    assert "already" in street.refused("/coupons", code=code, share="0.9")
    ann = street.customer(code)
    assert ann.post("orders/preview", plan=PLAN, coupon=f"{code} ")["total"] == "10"
    assert "no coupon" in ann.refused("orders/preview", plan=PLAN, coupon=code.lower())


def test_a_coupon_of_another_currency_is_refused_in_its_own_words_and_not_used(street: Street, code: str) -> None:
    made(street, code, amount="5", currency="USD", uses=1)
    ann = street.customer(code)
    for what in ("orders/preview", "orders"):
        said = ann.refused(what, plan="glm/lite", coupon=code, **({"payer": "wechat"} if what == "orders" else {}))
        assert "USD" in said
        assert "CNY" in said
    assert used(street, code) == 0


def test_it_comes_off_after_the_discounts_and_gift_pays_of_what_is_left(street: Street, code: str) -> None:
    """100, half for a first order, a tenth less for a friend, a fifth less by the coupon, 6 of gift: 30 paid."""
    inviter, friend = street.customer(f"{code} inviter"), street.customer(f"{code} friend")
    invitation = street.books.call("GET", f"{inviter.path}/invitations")["code"]
    friend.post("joinings", code=invitation, family="printed")
    gift = street.post("/gift-codes", family="printed", amount="6", currency="CNY")["code"]
    friend.post("redemptions", code=gift)
    made(street, code, share="0.2", plans=["printed/coder"])
    order = friend.buys("printed/coder", "wechat", coupon=code)
    assert [line["amount"] for line in order["lines"]] == ["100", "-50", "-5", "-9"]
    assert order["paid_by"] == {"gift": "6", "cash": "0", "provider": "30"}
    (told,) = street.books.call("GET", f"{inviter.path}/invitations")["friends"]
    assert (told["cash"], told["amount"]) == ("30", "3")
    assert street.fakes["wechat"].paid_for(f"{order['id']}_1") == 3000


def test_a_renewal_costs_the_plans_price_again(street: Street, code: str) -> None:
    made(street, code, share="0.5")
    ann = street.customer(code)
    orders_paid = ann.buys(PLAN, "stripe", coupon=code)
    assert orders_paid["total"] == "10"
    assert ann.plan(PLAN)["agreement"]["next_charge"]["to_pay"] == "20"


def test_all_of_the_price_off_asks_nobody_and_the_renewal_is_asked_of_whoever_was_named(
    street: Street, code: str
) -> None:
    made(street, code, share="1")
    ann, bob = street.customer(f"{code} ann"), street.customer(f"{code} bob")
    order = ann.post("orders", plan=PLAN, payer="stripe", coupon=code)
    assert (order["state"], order["to_pay"], order["invoice"]) == ("done", "0", None)
    assert ann.plan(PLAN)["agreement"]["payer"] == "stripe"
    assert bob.post("orders", plan=PLAN, coupon=code)["state"] == "done", "nobody need be named"


# ---- whom it is for


def test_it_is_for_the_plans_it_names_in_whichever_version(street: Street, code: str) -> None:
    made(street, code, share="0.5", plans=[PLAN, "agipower/max"])
    ann = street.customer(code)
    assert "is not for" in ann.refused("orders/preview", plan="credits/starter", coupon=code)
    assert "is not for" in ann.refused("orders", plan="glm/lite", payer="wechat", coupon=code)
    version = ann.post("orders/preview", plan=PLAN)["version"]
    assert ann.post("orders/preview", plan=f"{PLAN}@{version}", coupon=code)["total"] == "10"
    assert ann.post("orders/preview", plan="agipower/max", coupon=code)["total"] == "50"


def test_it_holds_from_its_beginning_until_its_end_and_an_order_keeps_what_it_was_quoted(
    street: Street, code: str
) -> None:
    made(street, code, share="0.5", begins=later(street, HOUR), until=later(street, 3 * HOUR))
    ann = street.customer(code)
    assert "not valid now" in ann.refused("orders/preview", plan=PLAN, coupon=code)
    street.forward("61m")
    order = orders(ann, code)
    street.forward("2h")
    assert "not valid now" in street.customer(f"{code} late").refused(
        "orders", plan=PLAN, payer="stripe", coupon=code
    )
    assert ann.pay(order)["state"] == "done", "it was valid when it was ordered"
    assert street.fakes["stripe"].paid_for(f"{order['id']}_1") == 1000


def test_for_a_first_order_only_one_who_bought_before_is_refused(street: Street, code: str) -> None:
    made(street, code, share="0.5", first_order_only=True, per_account=5)
    ann, bob = street.customer(f"{code} ann"), street.customer(f"{code} bob")
    ann.buys("credits/free")
    assert ann.buys("glm/lite", "wechat", coupon=code)["state"] == "done", "what costs nothing is no order before"
    for what in ("orders/preview", "orders"):
        more = {"payer": "stripe"} if what == "orders" else {}
        assert "first order" in ann.refused(what, plan=PLAN, coupon=code, **more)
    bob.buys(PLAN, "stripe")
    assert "first order" in bob.refused("orders/preview", plan="glm/lite", coupon=code)
    assert used(street, code) == 1


def test_two_orders_that_wait_are_not_both_the_first(street: Street, code: str) -> None:
    one, two = f"{code}-1", f"{code}-2"
    for each in (one, two):
        made(street, each, share="0.5", first_order_only=True)
    ann = street.customer(code)
    first = orders(ann, one)
    assert "first order" in ann.refused("orders", plan="glm/lite", payer="wechat", coupon=two)
    assert used(street, two) == 0
    ann.post(f"orders/{first['id']}/withdraw")
    assert orders(ann, two, "glm/lite", "wechat")["state"] == "waiting"


# ---- how often


def test_uses_in_all_and_by_one_account_are_counted_while_orders_wait(street: Street, code: str) -> None:
    made(street, code, share="0.5", uses=2)
    ann, bob, eve = (street.customer(f"{code} {name}") for name in ("ann", "bob", "eve"))
    orders(ann, code)
    assert "as often" in ann.refused("orders", plan="glm/lite", payer="wechat", coupon=code)
    orders(bob, code)
    assert "as often" in eve.refused("orders/preview", plan=PLAN, coupon=code)
    assert "as often" in eve.refused("orders", plan=PLAN, payer="stripe", coupon=code)
    assert used(street, code) == 2


def test_of_many_who_take_the_last_use_at_once_one_gets_it(street: Street, code: str) -> None:
    made(street, code, share="0.5", uses=1)
    crowd = [street.customer(f"{code} {number}") for number in range(6)]

    def tries(ann: Customer) -> str:
        try:
            return str(ann.post("orders", plan=PLAN, payer="stripe", coupon=code)["total"])
        except HTTPError as problem:
            return f"refused {problem.code}"

    with ThreadPoolExecutor(len(crowd)) as many:
        came = list(many.map(tries, crowd))
    assert sorted(came) == ["10", *["refused 409"] * 5]
    assert used(street, code) == 1
    assert sum(len(ann.orders()) for ann in crowd) == 1, "who came too late has no order at another price"


def test_the_same_write_twice_at_once_takes_one_use(street: Street, code: str) -> None:
    made(street, code, share="0.5", uses=5, per_account=5)
    ann = street.customer(code)
    body = {"plan": PLAN, "payer": "stripe", "coupon": code}
    with ThreadPoolExecutor(4) as many:
        came = list(many.map(lambda _: ann.post("orders", key=f"{code} once", **body)["id"], range(4)))
    assert len(set(came)) == 1
    assert used(street, code) == 1
    assert len(ann.orders()) == 1


def test_ordering_anew_in_another_tab_takes_the_use_of_the_order_that_it_takes_the_place_of(
    street: Street, code: str
) -> None:
    made(street, code, share="0.5", uses=1)
    ann = street.customer(code)
    first = orders(ann, code)
    assert ann.post("orders/preview", plan="agipower/max", coupon=code)["total"] == "50"
    second = orders(ann, code, "agipower/max")
    assert ann.order(first["id"])["state"] == "closed"
    ann.waits_for(lambda: used(street, code) == 1)
    assert "as often" in street.customer(f"{code} bob").refused("orders", plan=PLAN, payer="stripe", coupon=code)
    assert ann.pay(second)["total"] == "50"
    assert used(street, code) == 1


# ---- what becomes of a use


def withdrawn(ann: Customer, order: dict[str, Any]) -> None:
    ann.post(f"orders/{order['id']}/withdraw")


def expired(ann: Customer, order: dict[str, Any]) -> None:
    ann.street.forward("25h")


def failed(ann: Customer, order: dict[str, Any]) -> None:
    seen = {"amount": order["to_pay"], "currency": "USD", "seen": "bounced", "state": "failed"}
    ann.post(f"orders/{order['id']}/confirm", **seen)


def given_back(ann: Customer, order: dict[str, Any]) -> None:
    ann.post(f"orders/{order['id']}/confirm", amount="3", currency="USD", seen="line 3")
    ann.post(f"orders/{order['id']}/resolve", how="give_back", note="too little")


@pytest.mark.parametrize("end", [withdrawn, expired, failed, given_back])
def test_an_order_that_comes_to_nothing_gives_its_use_back(
    street: Street, code: str, end: Callable[[Customer, dict[str, Any]], None]
) -> None:
    made(street, code, share="0.5", uses=1)
    ann, bob = street.customer(f"{code} ann"), street.customer(f"{code} bob")
    order = orders(ann, code, payer="manual")
    assert used(street, code) == 1
    end(ann, order)
    ann.waits_for(lambda: ann.order(order["id"])["state"] == "closed")
    ann.waits_for(lambda: used(street, code) == 0)
    assert orders(bob, code)["total"] == "10"


def test_an_order_that_may_still_be_paid_keeps_its_use_however_long_that_takes(street: Street, code: str) -> None:
    made(street, code, share="0.5", uses=1)
    ann, bob = street.customer(f"{code} ann"), street.customer(f"{code} bob")
    order = orders(ann, code, payer="manual")
    ann.post(f"orders/{order['id']}/confirm", amount="3", currency="USD", seen="line 3")
    assert ann.order(order["id"])["state"] == "review"
    street.forward("5d")
    assert "as often" in bob.refused("orders", plan=PLAN, payer="stripe", coupon=code)
    ann.post(f"orders/{order['id']}/resolve", how="deliver", note="the rest is a present")
    ann.waits_for(lambda: [use["done"] for use in street.books.call("GET", f"/coupons/{code}")["uses_by"]] == [True])
    assert used(street, code) == 1


def test_a_refund_does_not_give_the_use_back(street: Street, code: str) -> None:
    made(street, code, share="0.5", uses=1)
    ann = street.customer(code)
    ann.buys(PLAN, "stripe", coupon=code)
    assert ann.post("refunds/preview", plan=PLAN)["paid"] == "10"
    ann.post("refunds", plan=PLAN)
    ann.waits_for(lambda: PLAN not in ann.plans())
    street.forward("3d")
    assert "as often" in ann.refused("orders", plan=PLAN, payer="stripe", coupon=code)


def test_what_costs_nothing_anyway_uses_no_coupon_up(street: Street, code: str) -> None:
    made(street, code, share="0.5", uses=1)
    ann = street.customer(code)
    assert "takes nothing off" in ann.refused("orders", plan="credits/free", coupon=code)
    assert used(street, code) == 0


# ---- gift codes


def test_ones_own_gift_code_again_is_told_as_redeemed_and_the_same_write_gets_its_first_answer(
    street: Street, code: str
) -> None:
    ann, bob = street.customer(f"{code} ann"), street.customer(f"{code} bob")
    gift = street.post("/gift-codes", family="glm", amount="7", currency="CNY")["code"]
    first = ann.post("redemptions", key=f"{code} 1", code=gift)
    assert (first["amount"], ann.left("glm/api", "gift")) == ("7", "7")
    assert ann.post("redemptions", key=f"{code} 1", code=gift) == first
    said = ann.refused("redemptions", code=f" {gift.upper()} ")
    assert "this account redeemed this gift code already" in said
    assert "used before" in bob.refused("redemptions", code=gift)
    other = street.post("/gift-codes", family="glm", amount="8", currency="CNY")["code"]
    assert "idempotency" in ann.refused("redemptions", key=f"{code} 1", code=other)
    assert ann.left("glm/api", "gift") == "7"


def test_a_gift_code_twice_at_once_is_redeemed_once(street: Street, code: str) -> None:
    crowd = [street.customer(f"{code} {number}") for number in range(4)]
    gift = street.post("/gift-codes", family="glm", amount="7", currency="CNY")["code"]

    def tries(ann: Customer) -> bool:
        try:
            ann.post("redemptions", code=gift)
        except HTTPError:
            return False
        return True

    with ThreadPoolExecutor(len(crowd)) as many:
        assert sorted(many.map(tries, crowd)) == [False, False, False, True]
    assert sum("glm/api" in ann.plans() for ann in crowd) == 1


@pytest.mark.parametrize(
    "worth",
    [
        {"family": "glm", "amount": "-7", "currency": "CNY"},
        {"family": "glm", "amount": "0", "currency": "CNY"},
        {"family": "glm", "amount": "0.001", "currency": "CNY"},
        {"family": "glm", "amount": "7", "currency": "USD"},
        {"family": "gml", "amount": "7", "currency": "CNY"},
    ],
)
def test_a_gift_code_that_nobody_could_have_is_not_made(street: Street, worth: dict[str, str]) -> None:
    assert street.refused("/gift-codes", **worth)
