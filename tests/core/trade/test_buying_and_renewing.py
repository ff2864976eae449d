"""Orders, payments and renewals: what is delivered when, and what becomes of money that does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.core.errors import BadCommand
from faregate.core.instants import DAY, HOUR, parse_instant
from tests.core.trade.customer import CARD, CREEM, START, WECHAT, Customer, money


def test_a_plan_begins_when_its_payment_is_confirmed_and_not_before() -> None:
    customer = Customer()
    order = customer.order(customer.quote("agipower/pro"))
    assert customer.plans_running() == []
    assert customer.hear(order, "pending") == "pending"
    assert customer.pay(order) == "delivered"
    assert customer.plans_running() == ["agipower/pro", "agipower/payg"]
    assert customer.balance("house:sales", "USD") == "20"
    assert customer.balance("external:stripe", "USD") == "-20"
    customer.check()


def test_the_same_payment_told_again_changes_nothing() -> None:
    customer = Customer()
    order = customer.buy("agipower/pro")
    before = len(customer.entries)
    assert customer.pay(order) == "known"
    assert customer.hear(order, "failed") == "known"
    assert len(customer.entries) == before


def test_a_second_payment_of_one_order_goes_back_whole() -> None:
    customer = Customer()
    order = customer.buy("agipower/pro")
    assert customer.hear(order, reference="another") == "returned"
    (refund,) = customer.book.refunds.values()
    assert (refund.amount, refund.facts["why"]) == (money("20"), "not_owed")
    assert customer.hear_refund(refund) == "succeeded"
    assert customer.plans_running() == ["agipower/pro", "agipower/payg"]
    assert customer.balance("external:stripe", "USD") == "-20"
    customer.check()


def test_of_two_orders_for_one_place_the_older_is_closed_and_a_late_payment_of_it_goes_back() -> None:
    customer = Customer()
    first = customer.order(customer.quote("agipower/pro"))
    second = customer.order(customer.quote("agipower/max"))
    assert (customer.book.orders[first.id].state, customer.book.orders[first.id].reason) == ("closed", "superseded")
    assert customer.pay(second) == "delivered"
    assert customer.pay(first) == "returned"
    assert customer.plans_running() == ["agipower/max", "agipower/payg"]
    customer.hear_refund(next(iter(customer.book.refunds.values())))
    customer.check()


@pytest.mark.parametrize("facts", [{"amount": money("19.99")}, {"currency": "EUR"}, {"payer": "creem"}])
def test_a_payment_that_differs_from_its_order_waits_for_a_person(facts: dict[str, Any]) -> None:
    customer = Customer()
    order = customer.order(customer.quote("agipower/pro"))
    assert customer.hear(order, **facts) == "review"
    kept = customer.book.orders[order.id]
    assert (kept.state, kept.reason) == ("review", "amount_differs")
    assert customer.plans_running() == []
    customer.check()


def test_an_order_nobody_pays_expires_and_can_still_not_be_paid_for_nothing() -> None:
    customer = Customer()
    order = customer.order(customer.quote("agipower/pro"))
    customer.until(START + 2 * DAY)
    assert customer.book.orders[order.id].reason == "expired"
    assert customer.pay(order) == "returned"
    customer.hear_refund(next(iter(customer.book.refunds.values())))
    customer.check()


def test_a_renewal_is_charged_at_the_periods_end_and_begins_when_paid() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    customer.until("2026-04-04T12:00:00Z")
    (effect,) = customer.effects("charge")
    order = customer.book.orders[effect.about]
    assert (order.outside, order.state, effect.due_at) == (money("20"), "waiting", customer.now)
    customer.until("2026-04-04T15:00:00Z")
    assert customer.pay(order) == "delivered"
    subscription = customer.subscription("agipower")
    assert (subscription.period_start, subscription.period_end) == (
        parse_instant("2026-04-04T12:00:00Z"),
        parse_instant("2026-05-04T12:00:00Z"),
    )
    customer.check()


def test_a_charge_that_fails_is_tried_again_by_the_plans_rule_and_then_the_plan_lapses() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    customer.until("2026-04-04T12:00:00Z")
    order = customer.book.orders[customer.effects("charge")[0].about]
    for day in (0, 1, 2):
        customer.until(parse_instant("2026-04-04T12:00:00Z") + day * DAY)
        order = customer.book.orders[order.id]
        assert customer.hear(order, "failed", problem="declined", amount=None) == "failed"
    assert order.tries == 4, "after the last charge the customer is asked to pay by hand"
    assert customer.plans_running() == ["agipower/pro", "agipower/payg"]
    customer.until("2026-04-07T12:00:00Z")
    assert customer.plans_running() == ["agipower/payg"]
    assert customer.book.orders[order.id].state == "closed"
    customer.check()


def test_called_off_it_runs_to_the_end_of_the_period_and_its_mandate_ends() -> None:
    customer = Customer()
    customer.buy("credits/pro", "monthly", CREEM)
    customer.call_off("credits")
    assert [each.facts["mandate"] for each in customer.effects("cancel_mandate")] == ["mandate-" + _first(customer)]
    customer.until("2026-04-04T11:59:59Z")
    assert "credits/pro" in customer.plans_running()
    customer.until("2026-04-04T12:00:00Z")
    assert customer.plans_running() == ["credits/pay2go"]
    customer.check()


def test_called_off_too_late_for_the_notice_one_more_period_is_charged() -> None:
    customer = Customer()
    customer.buy("glm/lite", payer=WECHAT)
    customer.until("2026-04-02T12:00:00Z")
    customer.call_off("glm")
    customer.until("2026-04-04T12:00:00Z")
    order = customer.book.orders[customer.effects("charge")[0].about]
    customer.pay(order)
    customer.until("2026-05-04T12:00:00Z")
    assert "glm/lite" not in customer.plans_running()
    assert len(customer.book.orders) == 2
    customer.check()


def test_a_pass_is_paid_once_and_ends() -> None:
    customer = Customer()
    customer.buy("credits/pro", "pass", CREEM._replace(name="nowpayments"))
    customer.until(START + 30 * DAY)
    assert customer.plans_running() == ["credits/pay2go"]
    assert len(customer.book.orders) == 1
    customer.check()


def test_who_may_be_paid_is_what_the_price_says() -> None:
    customer = Customer()
    with pytest.raises(BadCommand, match="through"):
        customer.order(customer.quote("agipower/pro"), CREEM)
    with pytest.raises(BadCommand, match="name one of: stripe"):
        customer.order(customer.quote("agipower/pro"), None)


def test_a_free_plan_gives_way_to_one_that_is_bought() -> None:
    customer = Customer()
    customer.buy("agipower/free", payer=None)
    customer.until(START + HOUR)
    customer.buy("agipower/pro", payer=CARD)
    assert customer.plans_running() == ["agipower/payg", "agipower/pro"]
    customer.check()


def _first(customer: Customer) -> str:
    return next(iter(customer.book.orders))[:8]
