"""Rows of the shipped systems about money, each through the operator API of a live service under a test clock, with
the payment providers' fakes paying."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.background import in_background
from tests.money.street import Customer, Street, open_street
from tests.payments.fakes.stripe import StripeFake

PRINTED = Path(__file__).with_name("printed.yaml")
HOUR, DAY = 3600, 86_400


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("street")
    with in_background(lambda: open_street(folder, PRINTED)) as street:
        yield street


def lasts_until(ann: Customer, plan: str) -> str:
    return str(ann.plan(plan)["period_end"])


def pools(ann: Customer, plan: str) -> tuple[str, str]:
    return ann.left(plan, "main"), ann.left(plan, "backup")


def test_s0_1_three_kinds_of_plan_stand_side_by_side_and_a_gift_of_the_house_arrives_as_free(street: Street) -> None:
    ann = street.customer("S0.1")
    ann.buys("88code/free", price="free")
    ann.buys("88code/plus", "alipay")
    ann.buys("88code/paygo", "wechat")
    assert ann.plans() == ["88code/free", "88code/paygo", "88code/plus"]
    assert ann.left("88code/paygo", "pack") == "200"
    ann.post("grants", plan="88code/free", pool="day", amount="15")
    assert ann.left("88code/free", "day") == "35"
    assert "88code/free" in ann.refused("orders", plan="88code/free", price="free")
    assert ann.plans().count("88code/free") == 1, "what costs nothing is had once"


def test_s1_3_and_5_every_period_fills_main_with_its_bonus_and_called_off_it_runs_to_the_end(street: Street) -> None:
    ann = street.customer("S1.3")
    order = ann.buys("credits/starter", "creem", price="monthly")
    assert pools(ann, "credits/starter") == ("1200", "3000")
    ann.uses("0.5")
    assert pools(ann, "credits/starter") == ("1150", "3000")
    first = lasts_until(ann, "credits/starter")
    street.to(first, 60)
    street.fakes["creem"].renew(f"{order['id']}_1")  # type: ignore[attr-defined]
    street.empty_post("creem")
    ann.waits_for(lambda: lasts_until(ann, "credits/starter") > first)
    assert pools(ann, "credits/starter") == ("1200", "3000")
    ann.post("agreements", plan="credits/starter", act="call_off")
    street.to(lasts_until(ann, "credits/starter"), -1)
    assert "credits/starter" in ann.plans()
    street.forward("2s")
    ann.waits_for(lambda: ann.plans() == ["credits/pay2go"])


def test_s1_4_free_is_had_for_nothing_and_gives_way_to_a_plan_that_is_bought(street: Street) -> None:
    ann = street.customer("S1.4")
    ann.buys("credits/free")
    assert {each["id"]: each["limit"] for each in ann.plan("credits/free")["windows"]}["credits/free:rpm"] == "1"
    ann.buys("credits/pro", "creem", price="monthly")
    assert ann.plans() == ["credits/pay2go", "credits/pro"]
    assert {each["id"]: each["limit"] for each in ann.plan("credits/pro")["windows"]}["credits/pro:rpm"] == "60"


def test_s1_6_the_cost_budget_is_ten_times_the_price_for_what_is_bought_and_none_for_free(street: Street) -> None:
    ann = street.customer("S1.6")
    ann.buys("credits/premium", "creem", price="monthly")
    limits = {each["id"]: each["limit"] for each in ann.plan("credits/premium")["windows"]}
    assert limits["credits/premium:budget"] == "250"
    free = street.customer("S1.6 free")
    free.buys("credits/free")
    assert not [each for each in free.plan("credits/free")["windows"] if each["id"].endswith("budget")]


def test_s1_7_a_switch_credits_what_is_unused_and_the_new_pools_open_with_the_payment(street: Street) -> None:
    ann = street.customer("S1.7")
    ann.buys("credits/starter", "creem", price="monthly")
    street.forward("14d")
    preview = ann.post("changes/preview", plan="credits/starter", to="credits/premium")
    assert (preview["to_pay"], preview["credit"], preview["credited_to"]) == ("25", "5", "credits/pay2go")
    order = ann.post("changes", plan="credits/starter", to="credits/premium", payer="creem")
    cancelled = street.fakes["creem"].count("cancel")
    assert ann.plans() == ["credits/pay2go", "credits/starter"]
    ann.pay(order)
    assert ann.plans() == ["credits/pay2go", "credits/premium"]
    assert pools(ann, "credits/premium") == ("3000", "7500")
    assert ann.left("credits/pay2go", "wallet") == preview["credit"]
    ann.waits_for(lambda: street.fakes["creem"].count("cancel") > cancelled)


def test_s1_8_the_wallet_is_switched_on_by_its_owner_and_takes_no_less_than_each_minimum(street: Street) -> None:
    ann = street.customer("S1.8")
    ann.buys("credits/free")
    for payer, below, enough in (("creem", "4.99", "5"), ("nowpayments", "9.99", "10")):
        assert "smallest" in ann.refused("top-ups", plan="credits/pay2go", amount=below, payer=payer)
        ann.tops_up("credits/pay2go", enough, payer)
    assert ann.left("credits/pay2go", "wallet") == "15"
    wallet = ann.plan("credits/pay2go")
    assert wallet["switched_on"] is True
    assert (wallet["period_end"], wallet["ends_at"]) == (None, None)


def test_s1_9_which_payment_provider_serves_which_purchase_is_plan_data(street: Street) -> None:
    ann = street.customer("S1.9")
    said = ann.refused("orders", plan="credits/starter", price="pass", payer="creem")
    assert "nowpayments" in said
    assert "stripe" in ann.refused("orders", plan="credits/starter", price="monthly", payer="stripe")
    order = ann.buys("credits/starter", "nowpayments", price="pass")
    assert order["state"] == "done"
    assert pools(ann, "credits/starter") == ("1200", "3000")
    assert ann.plan("credits/starter")["agreement"]["renews"] is False
    street.forward("30d")
    ann.waits_for(lambda: ann.plans() == ["credits/pay2go"])


def insider(ann: Customer) -> bool:
    return any(each["segment"] == "insider" and each["until"] is None for each in ann.look()["segments"])


def test_s2_2_an_insider_stays_one_through_renewals_and_upgrades_and_no_longer_after_a_lapse(street: Street) -> None:
    ann, stripe = street.customer("S2.2"), street.fakes["stripe"]
    ann.buys("agipower/pro", "stripe")
    ann.post("segments", segment="insider", reason="early and active")
    first = lasts_until(ann, "agipower/pro")
    street.to(first, 60)
    ann.waits_for(lambda: lasts_until(ann, "agipower/pro") > first)
    assert insider(ann)
    order = ann.post("changes", plan="agipower/pro", to="agipower/max", payer="stripe")
    if order["state"] == "waiting":
        ann.pay(order)
    ann.waits_for(lambda: "agipower/max" in ann.plans())
    assert insider(ann)
    stripe.charge_ends = "failed"
    try:
        street.to(lasts_until(ann, "agipower/max"), 60)
        ann.waits_for(lambda: "unpaid_renewal" in street.matters(ann.account.id))
        assert insider(ann), "the grace is no lapse"
        street.forward("3d")
        ann.waits_for(lambda: ann.plans() == ["agipower/payg"])
    finally:
        stripe.charge_ends = "succeeded"
    assert not insider(ann)
    ann.buys("agipower/pro", "stripe")
    assert not insider(ann)


def test_s2_4_one_subscription_at_a_time_and_of_two_open_orders_one(street: Street) -> None:
    ann = street.customer("S2.4")
    older = ann.post("orders", plan="agipower/pro", payer="stripe")
    newer = ann.post("orders", plan="agipower/max", payer="stripe")
    assert (ann.order(older["id"])["state"], ann.order(older["id"])["reason"]) == ("closed", "superseded")
    assert ann.pay(newer)["state"] == "done"
    assert "agipower/max" in ann.refused("orders", plan="agipower/pro", payer="stripe")
    assert ann.plans() == ["agipower/max", "agipower/payg"]


def test_s2_6_extra_usage_draws_on_what_was_topped_up(street: Street) -> None:
    ann = street.customer("S2.6")
    ann.buys("agipower/pro", "stripe")
    assert "smallest" in ann.refused("top-ups", plan="agipower/payg", amount="4.99", payer="stripe")
    ann.tops_up("agipower/payg", "5", "stripe")
    ann.post("extra-usage", on=True, plan="agipower/pro", new_key="extra")
    ann.uses("1.26")  # 50 Flows are 1.2626 USD
    ann.uses("1")
    left = ann.left("agipower/payg", "wallet")
    assert "3" < left < "5"
    assert ann.plan("agipower/pro")["extra_usage"]["on"] is True


def test_s2_9_a_refund_is_previewed_processed_and_the_plan_falls_to_free(street: Street) -> None:
    ann, stripe = street.customer("S2.9"), street.fakes["stripe"]
    order = ann.buys("agipower/pro", "stripe")
    shown = ann.post("refunds/preview", plan="agipower/pro")
    ann.uses("1")
    stripe.refund_ends = "pending"
    asked = ann.post("refunds", plan="agipower/pro", shown=shown["amount"])
    ann.waits_for(lambda: [each for each in ann.refunds() if pending_at(street, each["id"])])
    stripe.refund_ends = "succeeded"
    assert asked["differs_from_preview"] is True
    assert (asked["refundable"], asked["fee"], asked["amount"]) == ("19", "0.95", "18.05")
    ann.waits_for(lambda: [each["state"] for each in ann.refunds()] == ["processing"])
    assert street.matters(ann.account.id) == ["refund"]
    assert ann.plan("agipower/pro")["switched_on"] is False
    finish(street, ann)
    assert ann.plans() == ["agipower/free", "agipower/payg"]
    assert stripe.given_back(f"{order['id']}_1") == 1805
    assert street.matters(ann.account.id) == []


def pending_at(street: Street, refund: str) -> bool:
    """Whether the bank has heard of a refund and is not done with it."""
    stripe = street.fakes["stripe"]
    assert isinstance(stripe, StripeFake)
    of_it = [each for each in stripe.refunds.values() if each["metadata"]["refund"] == refund]
    return [each["status"] for each in of_it] == ["pending"]


def finish(street: Street, ann: Customer, status: str = "succeeded") -> None:
    """The bank is done with the refunds of ``ann``."""
    stripe = street.fakes["stripe"]
    assert isinstance(stripe, StripeFake)
    for reference, refund in stripe.refunds.items():
        if refund["status"] == "pending":
            stripe.finish_refund(reference, status)
    street.empty_post("stripe")
    ann.waits_for(lambda: [each["state"] for each in ann.refunds()] == [status])


def test_s2_9_a_refund_that_fails_leaves_the_plan_and_may_be_asked_for_again(street: Street) -> None:
    ann, stripe = street.customer("S2.9 failed"), street.fakes["stripe"]
    ann.buys("agipower/pro", "stripe")
    stripe.refund_ends = "pending"
    ann.post("refunds", plan="agipower/pro")
    ann.waits_for(lambda: [each for each in ann.refunds() if pending_at(street, each["id"])])
    stripe.refund_ends = "succeeded"
    assert "on its way" in ann.refused("refunds/preview", plan="agipower/pro")
    finish(street, ann, "failed")
    assert ann.plan("agipower/pro")["switched_on"] is True
    preview = ann.post("refunds/preview", plan="agipower/pro")
    assert (preview["refundable"], preview["amount"]) == ("20", "19")
    assert ann.post("refunds", plan="agipower/pro", shown="19")["differs_from_preview"] is False
    ann.waits_for(lambda: ann.plans() == ["agipower/free", "agipower/payg"])


def test_s2_9_no_refund_after_24_hours_nor_above_what_was_paid(street: Street) -> None:
    ann = street.customer("S2.9 edge")
    ann.buys("agipower/pro", "stripe")
    until = ann.post("refunds/preview", plan="agipower/pro")["until"]
    street.to(until, -5)
    assert ann.post("refunds/preview", plan="agipower/pro")["amount"] == "19"
    street.to(until, 1)
    assert "24" in ann.refused("refunds", plan="agipower/pro")
    bob = street.customer("S2.9 above")
    street.post("/coupons", code="NINETYFIVE", share="0.95")
    assert bob.buys("agipower/pro", "stripe", coupon="NINETYFIVE")["total"] == "1"
    bob.uses("1.2")
    assert "more" in bob.refused("refunds", plan="agipower/pro")
    assert bob.plans() == ["agipower/payg", "agipower/pro"]


def glm_windows(ann: Customer) -> dict[str, str]:
    return {each["id"].partition(":")[2]: each["limit"] for each in ann.plan("glm/lite")["windows"]}


def test_s3_2_who_bought_before_keeps_price_and_quota_through_paid_renewals_until_a_lapse(tmp_path: Path) -> None:
    with in_background(lambda: open_street(tmp_path, start="2026-01-31T10:00:00+08:00")) as street:
        ann = street.customer("S3.2")
        order = ann.buys("glm/lite", "wechat")
        assert order["lines"] == [{"code": "price", "amount": "40"}, {"code": "first_order", "amount": "-20"}]
        assert order["version"] == "2025-10"
        for number in range(1, 3):
            edge = lasts_until(ann, "glm/lite")
            street.to(edge, 60)
            due = ann.is_charged("glm/lite", "wechat")
            assert (due["state"], due["total"], due["version"]) == ("done", "40", "2025-10"), number
            ann.waits_for(lambda edge=edge: lasts_until(ann, "glm/lite") > edge)  # type: ignore[misc]
            assert "week" not in glm_windows(ann)
            assert glm_windows(ann)["5h"] == "120"
        assert lasts_until(ann, "glm/lite").startswith("2026-04-30T"), "the 31st, or the last day"
        street.fakes["wechat"].charge_ends = "failed"
        street.to(lasts_until(ann, "glm/lite"), 60)
        ann.waits_for(lambda: ann.plan("glm/lite")["agreement"]["failed_charges"] == 1)
        assert street.matters(ann.account.id) == ["unpaid_renewal"]
        street.to(lasts_until(ann, "glm/lite"), 3 * DAY + 60)
        ann.waits_for(lambda: "glm/lite" not in ann.plans())
        street.fakes["wechat"].charge_ends = "succeeded"
        again = ann.buys("glm/lite", "wechat")
        assert (again["total"], again["version"]) == ("49", "2026-02-12")
        assert glm_windows(ann) | {"week": "320", "5h": "80"} == glm_windows(ann)


@pytest.mark.parametrize("bound", ["wechat", "alipay"])
def test_s4_5_a_renewal_is_paid_from_gift_then_cash_then_whoever_is_bound(street: Street, bound: str) -> None:
    ann = street.customer(f"S4.5 {bound}")
    ann.buys("glm/lite", bound)
    ann.tops_up("glm/api", "15", bound)
    code = street.post("/gift-codes", family="glm", amount="10", currency="CNY")["code"]
    ann.post("redemptions", code=code)
    first = lasts_until(ann, "glm/lite")
    street.to(first, 60)
    due = ann.is_charged("glm/lite", bound)
    assert due["paid_by"] == {"gift": "10", "cash": "15", "provider": "24"}
    assert (ann.left("glm/api", "gift"), ann.left("glm/api", "balance")) == ("0", "0")
    assert due["state"] == "done"
    assert street.fakes[bound].paid_for(f"{due['id']}_1") == 2400
    assert lasts_until(ann, "glm/lite") > first


def test_s4_5_by_hand_an_operator_says_what_came_and_each_renewal_is_asked_of_the_customer(street: Street) -> None:
    ann = street.customer("S4.5 by hand")
    order = ann.post("orders", plan="glm/lite", payer="manual")
    seen = {"amount": order["to_pay"], "currency": "CNY", "seen": "statement, line 7"}
    assert ann.post(f"orders/{order['id']}/confirm", **seen)["state"] == "done"
    first = lasts_until(ann, "glm/lite")
    coming = ann.plan("glm/lite")["agreement"]["next_charge"]
    assert (coming["at"], coming["amount"], coming["to_pay"]) == (first, "49", "49")
    street.to(first, 60)
    due = ann.waits_for(lambda: next((row for row in ann.orders() if row["what"] == "renew"), None))
    assert ann.plan("glm/lite")["agreement"]["renewal_order"] == due["id"]
    ann.waits_for(lambda: ann.order(due["id"])["pay"])
    assert ann.post(f"orders/{due['id']}/confirm", amount="49", currency="CNY", seen="line 9")["state"] == "done"
    assert lasts_until(ann, "glm/lite") > first


def test_s4_5_called_off_three_days_before_or_one_period_later(street: Street) -> None:
    early, late = street.customer("S4.5 early"), street.customer("S4.5 late")
    for each in (early, late):
        each.buys("glm/lite", "wechat")
    edge = lasts_until(late, "glm/lite")
    street.to(lasts_until(early, "glm/lite"), -3 * DAY - HOUR)
    early.post("agreements", plan="glm/lite", act="call_off")
    street.to(edge, -3 * DAY + 60)
    late.post("agreements", plan="glm/lite", act="call_off")
    told = late.plan("glm/lite")["agreement"]
    assert (told["renews"], told["one_more_period"]) == (False, True)
    street.to(edge, 60)
    early.waits_for(lambda: early.plans() == ["glm/api"])
    assert late.is_charged("glm/lite", "wechat")["total"] == "49"
    late.waits_for(lambda: lasts_until(late, "glm/lite") > edge)
    street.to(lasts_until(late, "glm/lite"), 60)
    late.waits_for(lambda: late.plans() == ["glm/api"])


def test_s4_7_no_refunds_and_an_upgrade_pays_the_difference_for_what_is_left(street: Street) -> None:
    ann = street.customer("S4.7")
    ann.buys("glm/lite", "wechat")
    assert "refund" in ann.refused("refunds/preview", plan="glm/lite")
    row = ann.plan("glm/lite")
    street.to(row["period_end"], -10 * DAY)
    preview = ann.post("changes/preview", plan="glm/lite", to="glm/pro")
    assert preview["period_end"] == row["period_end"]
    order = ann.post("changes", plan="glm/lite", to="glm/pro", payer="wechat")
    assert order["total"] == preview["total"]
    ann.pay(order)
    assert (ann.plan("glm/pro")["period_end"], ann.plan("glm/pro")["subscription"]) == (
        row["period_end"],
        row["subscription"],
    )
    scheduled = ann.post("changes", plan="glm/pro", to="glm/lite")
    assert scheduled["scheduled"] is True
    assert ann.plan("glm/pro")["agreement"]["next"]["plan"] == "glm/lite"


def test_s4_7_an_upgrade_ordered_on_the_last_day_does_not_reach_into_the_next_period(street: Street) -> None:
    ann = street.customer("S4.7 last day")
    ann.buys("agipower/pro", "stripe")
    edge = lasts_until(ann, "agipower/pro")
    street.to(edge, -600)
    order = ann.post("changes", plan="agipower/pro", to="agipower/ultra", payer="stripe")
    assert float(order["total"]) < 0.1
    street.to(edge, 60)
    ann.waits_for(lambda: lasts_until(ann, "agipower/pro") > edge)
    ended = ann.pay(order)
    assert ended["state"] == "closed"
    assert "agipower/ultra" not in ann.plans()


def test_s4_8_the_printed_example_to_the_cent_and_its_states(street: Street) -> None:
    """100, half for a first order, a tenth less for a friend, 5 of gift, 40 paid: 4 for the inviter."""
    inviter, friend = street.customer("S4.8 inviter"), street.customer("S4.8 friend")
    code = street.books.call("GET", f"{inviter.path}/invitations")["code"]
    gift = street.post("/gift-codes", family="printed", amount="5", currency="CNY")["code"]
    friend.post("joinings", code=code, family="printed")
    friend.post("redemptions", code=gift)
    assert states(inviter) == ["none"]
    preview = friend.post("orders/preview", plan="printed/coder")
    assert [line["amount"] for line in preview["lines"]] == ["100", "-50", "-5"]
    assert (preview["total"], preview["to_pay"]) == ("45", "40")
    order = friend.buys("printed/coder", "wechat")
    assert order["paid_by"] == {"gift": "5", "cash": "0", "provider": "40"}
    (told,) = street.books.call("GET", f"{inviter.path}/invitations")["friends"]
    assert (told["state"], told["cash"], told["amount"]) == ("waiting", "40", "4")
    street.forward("25h")
    inviter.waits_for(lambda: states(inviter) == ["review"])
    assert street.matters(friend.account.id) == ["reward"]
    street.forward("24h")
    inviter.waits_for(lambda: states(inviter) == ["given"])
    inviter.waits_for(lambda: "printed/api" in inviter.plans() and inviter.left("printed/api", "gift") == "4")
    assert "invites" in inviter.refused("joinings", code=code, family="printed")


def states(inviter: Customer) -> list[str]:
    friends = inviter.street.books.call("GET", f"{inviter.path}/invitations")["friends"]
    return [each["state"] for each in friends]
