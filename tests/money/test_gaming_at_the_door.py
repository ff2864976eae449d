"""Ways to have money or quota for nothing, each tried through the operator API and the webhooks of a live service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.background import in_background
from tests.money.street import Street, open_street


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("gaming")
    with in_background(lambda: open_street(folder)) as street:
        yield street


def test_downgrading_and_upgrading_in_a_loop_costs_every_time_and_credits_nothing(street: Street) -> None:
    ann = street.customer("loop")
    ann.buys("credits/premium", "creem", price="monthly")
    for plan, to in (("credits/premium", "credits/starter"), ("credits/starter", "credits/premium")) * 2:
        shown = ann.post("changes/preview", plan=plan, to=to)
        ann.pay(ann.post("changes", plan=plan, to=to, payer="creem"))
        assert float(shown["credit"]) <= max(0.0, float(shown["to_pay"]) - 10)
    paid = sum(each.coins for each in street.fakes["creem"].moved if each.order.split("_")[2] in ann.account.id)
    assert paid == 2500 + 1000 + 2500 + 1000 + 2500
    assert float(ann.left("credits/pay2go", "wallet")) <= 2 * 9


def test_a_refund_after_use_is_less_by_what_was_used(street: Street) -> None:
    ann = street.customer("refund after use")
    ann.buys("agipower/pro", "stripe")
    ann.uses("10")
    assert float(ann.post("refunds/preview", plan="agipower/pro")["amount"]) <= 0.95 * 10


def test_a_webhook_of_the_payment_after_its_refund_brings_nothing_back(street: Street) -> None:
    ann, stripe = street.customer("refund then webhook"), street.fakes["stripe"]
    order = ann.post("orders", plan="agipower/pro", payer="stripe")
    ann.waits_for(lambda: ann.order(order["id"])["pay"])
    stripe.pay(f"{order['id']}_1")
    told = stripe.last()
    street.empty_post("stripe")
    ann.post("refunds", plan="agipower/pro")
    ann.waits_for(lambda: ann.plans() == ["agipower/free", "agipower/payg"])
    for _ in range(2):
        assert street.deliver("stripe", stripe.redelivered(told)) == 200
    assert ann.plans() == ["agipower/free", "agipower/payg"]
    assert stripe.paid_for(f"{order['id']}_1") - stripe.given_back(f"{order['id']}_1") == 100


def test_nobody_invites_themselves_nor_anybody_who_paid_before(street: Street) -> None:
    ann, bob = street.customer("self-referral"), street.customer("paid before")
    code = street.books.call("GET", f"{ann.path}/invitations")["code"]
    assert "invites" in ann.refused("joinings", code=code, family="glm")
    bob.buys("glm/lite", "wechat")
    assert "before" in bob.refused("joinings", code=code, family="glm")


def test_gift_is_never_paid_out_nor_earns_a_reward(street: Street) -> None:
    ann, bob = street.customer("launderer"), street.customer("inviter")
    code = street.books.call("GET", f"{bob.path}/invitations")["code"]
    ann.post("joinings", code=code, family="glm")
    gift = street.post("/gift-codes", family="glm", amount="100", currency="CNY")["code"]
    ann.post("redemptions", code=gift)
    assert ann.post("orders", plan="glm/lite", payer="wechat")["state"] == "done"
    assert street.books.call("GET", f"{bob.path}/invitations")["friends"][0]["amount"] in (None, "0")
    assert "refund" in ann.refused("refunds/preview", plan="glm/lite")
    left = ann.left("glm/api", "gift")
    assert "already" in ann.refused("redemptions", code=gift)
    assert ann.left("glm/api", "gift") == left, "once, however often it is tried"
    assert "used" in bob.refused("redemptions", code=gift)


@pytest.mark.parametrize("amount", ["-5", "0", "-0.01", "1e400", "NaN"])
def test_negative_and_senseless_amounts_are_refused(street: Street, amount: str) -> None:
    ann = street.customer(f"amount {amount}")
    ann.buys("agipower/pro", "stripe")
    assert ann.refused("top-ups", plan="agipower/payg", amount=amount, payer="stripe")
    assert ann.refused("grants", plan="agipower/payg", pool="wallet", amount=amount)
    assert ann.left("agipower/payg", "wallet") == "0"


def test_the_right_figure_in_the_wrong_currency_delivers_nothing(street: Street) -> None:
    ann = street.customer("currency")
    order = ann.post("orders", plan="glm/lite", payer="manual")
    ann.post(f"orders/{order['id']}/confirm", amount=order["to_pay"], currency="USD", seen="line 1")
    assert (ann.order(order["id"])["state"], ann.plans()) == ("review", [])
    assert ann.refused(f"orders/{order['id']}/resolve", how="deliver", note="looks right")
    assert ann.plans() == []


@pytest.mark.parametrize("payer", ["stripe", "creem", "nowpayments", "wechat", "alipay"])
def test_forged_altered_and_replayed_webhooks_deliver_nothing_more(street: Street, payer: str) -> None:
    plans = {"stripe": "agipower/pro", "wechat": "glm/lite", "alipay": "glm/lite"}
    ann, fake, plan = street.customer(f"forger {payer}"), street.fakes[payer], plans.get(payer, "credits/starter")
    price = {"creem": "monthly", "nowpayments": "pass"}.get(payer)
    order = ann.post("orders", plan=plan, payer=payer, price=price, once=plan == "glm/lite")
    how = ann.waits_for(lambda: ann.order(order["id"])["pay"])
    if payer == "alipay":
        fake.open_page(how["url"])  # type: ignore[attr-defined]
    fake.pay(f"{order['id']}_1")
    told = fake.outbox[0]
    for false in (fake.forged(told), fake.altered(told)):
        assert street.deliver(payer, false) in (400, 401)
    assert plan not in ann.plans()
    street.empty_post(payer)
    ann.waits_for(lambda: plan in ann.plans())
    before = ann.look()["entries"]
    assert street.deliver(payer, fake.redelivered(told)) < 300
    assert ann.look()["entries"] == before, "told again, it changes nothing"


def test_of_two_tabs_that_both_pay_for_one_place_one_payment_goes_back(street: Street) -> None:
    ann, stripe = street.customer("two tabs"), street.fakes["stripe"]
    first = ann.post("orders", plan="agipower/pro", payer="stripe")
    ann.waits_for(lambda: ann.order(first["id"])["pay"])
    stripe.pay(f"{first['id']}_1")
    late = list(stripe.outbox)
    stripe.outbox.clear()
    second = ann.post("orders", key="same", plan="agipower/pro", payer="stripe")
    assert ann.post("orders", key="same", plan="agipower/pro", payer="stripe")["id"] == second["id"]
    if ann.order(second["id"])["state"] == "waiting":
        ann.pay(second)
    for each in late:
        street.deliver("stripe", stripe.redelivered(each))
    payments = [f"{each['id']}_1" for each in (first, second)]
    ann.waits_for(lambda: sum(stripe.paid_for(each) - stripe.given_back(each) for each in payments) == 2000)
    assert "agipower/pro" in ann.refused("orders", plan="agipower/pro", payer="stripe")
    assert ann.plans() == ["agipower/payg", "agipower/pro"]
