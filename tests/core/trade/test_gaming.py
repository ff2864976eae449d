"""Ways to have money or quota for nothing, each tried; and statements that contradict each other, each parked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from faregate.core.commands import grant
from faregate.core.errors import BadAmount, BadCommand, CoreError
from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.trade import agreeing, payments, quote
from faregate.core.trade.agenda import open_matters
from faregate.core.trade.book import Order
from faregate.core.trade.payments import PaymentFact
from faregate.core.trade.quote import Discount
from faregate.core.trade.resolving import resolve
from faregate.core.usage import Usage
from tests.core.trade.customer import CARD, CREEM, START, WECHAT, Customer, money

MONTH = 31 * DAY


def outside(customer: Customer, unit: str = "USD") -> int:
    """What payment providers took and did not give back, by the books."""
    rows = customer.balances().items()
    return -sum(units.get(unit, 0) for ledger, units in rows if ledger.startswith("external:"))


def kinds(customer: Customer) -> list[str]:
    return [each.kind for each in open_matters(customer.state)]


# ---- statements that contradict each other


@pytest.mark.parametrize("lie", [{"amount": money("19.99")}, {"currency": "CNY"}, {"payer": "creem"}])
def test_a_payment_in_review_stays_there_whatever_else_comes(lie: dict[str, Any]) -> None:
    customer = Customer()
    order = customer.order(customer.quote("agipower/pro"))
    assert customer.hear(order, reference="false", **lie) == "review"
    assert customer.hear(order, reference="true") == "review"
    assert customer.plans_running() == []
    assert kinds(customer) == ["review"]
    draft = customer.draft()
    resolve(draft, draft.state.book.orders[order.id], "give_back", "", customer.now, "r")  # type: ignore[union-attr]
    customer.take(draft)
    for refund in list(customer.book.refunds.values()):
        customer.hear_refund(refund)
    assert outside(customer) == outside(customer, "CNY") == 0
    customer.check()


def test_of_two_sums_said_of_one_payment_in_review_the_later_stands_and_a_person_decides() -> None:
    customer = Customer()
    order = customer.order(customer.quote("agipower/pro"))
    assert customer.hear(order, amount=money("19.99")) == "review"
    assert customer.hear(order) == "review"
    assert customer.hear(order) == "known"
    assert (outside(customer), customer.book.orders[order.id].escrow) == (money("20"), money("20"))
    assert customer.book.orders[order.id].reason == "amount_contradicted"
    customer.check()


def test_after_the_delivery_nothing_else_that_is_said_of_the_payment_counts() -> None:
    customer = Customer()
    order = customer.buy("agipower/pro")
    for said in ("failed", "cancelled", "unknown", "pending"):
        assert customer.hear(order, said) == "known"
    assert customer.hear(order, amount=money("1")) == "known"
    assert outside(customer) == money("20")
    assert "agipower/pro" in customer.plans_running()


def test_a_success_after_a_failure_goes_back_whole_whoever_took_it() -> None:
    customer = Customer()
    order = customer.order(customer.quote("agipower/pro"))
    assert customer.hear(order, "failed", amount=None) == "failed"
    assert customer.hear(order) == "returned"
    assert customer.hear(order, payer="creem", reference="other") == "returned"
    for refund in list(customer.book.refunds.values()):
        customer.hear_refund(refund)
    assert outside(customer) == 0
    assert customer.book.orders[order.id].reason == "payment_failed"
    customer.check()


def test_one_event_that_tells_of_two_payments_gives_both_back() -> None:
    customer = Customer()
    order = customer.buy("agipower/pro")
    for reference in ("second", "third"):
        fact = PaymentFact(order.payment, "stripe", reference, "succeeded", order.outside, "USD")
        draft = customer.draft()
        payments.hear(draft, draft.state.book.orders[order.id], fact, customer.now, "event")  # type: ignore[union-attr]
        customer.take(draft)
    assert len(customer.book.refunds) == 2
    customer.check()


# ---- refunds


def test_a_refund_is_made_of_the_payment_that_bought_and_not_of_one_that_went_back() -> None:
    customer = Customer()
    order = customer.buy("agipower/pro")
    assert customer.hear(order, reference="twice") == "returned"
    refund = customer.refund("agipower")
    assert refund.facts["reference"] == f"ref-{order.payment}"
    for each in list(customer.book.refunds.values()):
        customer.hear_refund(each)
    assert outside(customer) == money("1")
    customer.check()


def test_buying_and_refunding_in_a_loop_costs_the_fee_each_time() -> None:
    customer = Customer()
    for number in range(1, 6):
        customer.buy("agipower/pro")
        customer.use("openai/gpt-5", Usage(output=50_000, requests=1))
        customer.hear_refund(customer.refund("agipower"))
        assert outside(customer) >= number * (money("1") + money("0.47"))
    customer.check()


def test_a_refund_that_was_given_to_the_cash_balance_is_not_given_again() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    subscription = customer.subscription("agipower")
    first = customer.refund_quote("agipower")
    (order,) = [each for each in customer.book.orders.values() if each.id in first.orders]
    order.refunded += money("15")
    assert customer.refund_quote("agipower").refundable == money("5")
    assert subscription.key == first.subscription


def test_while_a_refund_is_on_its_way_nothing_is_renewed() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    refund = customer.refund("agipower")
    customer.until(START + MONTH + HOUR)
    assert not customer.effects("charge")
    customer.hear_refund(refund)
    assert customer.plans_running() == ["agipower/payg", "agipower/free"]
    customer.check()


# ---- changes


def test_an_upgrade_ordered_on_the_last_day_is_not_had_for_the_next_period() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    customer.until(START + MONTH - HOUR)
    order = customer.order(customer.change("agipower/ultra"))
    assert order.outside == money("0.24")
    customer.until(START + MONTH)
    (due,) = [each for each in customer.book.orders.values() if each.facts["what"] == "renew"]
    assert customer.hear(due) == "delivered"
    assert customer.hear(customer.book.orders[order.id]) == "returned"
    assert "agipower/ultra" not in customer.plans_running()
    customer.check()


def test_switching_up_and_down_never_credits_more_than_was_paid() -> None:
    customer = Customer()
    customer.buy("credits/starter", "monthly", CREEM)
    for plan in ("credits/premium", "credits/starter", "credits/pro", "credits/starter", "credits/master"):
        order = customer.order(customer.change(plan, "monthly"), CREEM)
        if order.state == "waiting":
            customer.pay(order)
    wallet = customer.state.of_plan("credits/pay2go")
    assert wallet is not None
    credit = wallet.pools["wallet"].available
    assert credit < outside(customer) - money("100"), "all but what the last plan costs, and less"
    assert credit == money("9") + money("9") + money("9")
    customer.check()


def test_gift_that_bought_a_plan_comes_back_as_no_credit_and_no_money() -> None:
    customer = Customer()
    customer.buy("glm/lite", payer=WECHAT)
    wallet = customer.state.of_plan("glm/api")
    assert wallet is not None
    customer.add(grant(customer.state, wallet, wallet.pools["gift"], money("49", "CNY"), customer.now, "gift"))
    customer.until(START + MONTH)
    (found,) = customer.book.agreements.values()
    (order,) = [customer.book.orders[id] for id in found.orders]
    assert (order.outside, order.state) == (0, "done")
    with pytest.raises(BadCommand):
        customer.refund_quote("glm")
    with pytest.raises(CoreError):
        quote.top_up(customer.state, wallet, -money("5", "CNY"), "wechat", customer.market)


# ---- renewals


def renewal_of(customer: Customer, root: Order, reference: str) -> str:
    fact = PaymentFact(root.payment, "creem", reference, "succeeded", root.outside, "USD", "", "mandate")
    draft = customer.draft()
    came = payments.hear_renewal(draft, draft.state.book.orders[root.id], fact, customer.now, reference)  # type: ignore[union-attr]
    customer.take(draft)
    return came


def test_a_renewal_told_again_after_it_was_delivered_pays_no_second_period() -> None:
    customer = Customer()
    root = customer.buy("credits/starter", "monthly", CREEM)
    customer.until(START + MONTH - HOUR)
    assert renewal_of(customer, root, "t1") == "paid"
    customer.until(START + MONTH + HOUR)
    assert renewal_of(customer, root, "t1") == "known"
    assert outside(customer) == money("20")
    assert renewal_of(customer, root, "t2") == "paid"
    customer.check()


def test_what_was_paid_ahead_of_a_period_that_never_comes_goes_back() -> None:
    customer = Customer()
    root = customer.buy("credits/starter", "monthly", CREEM)
    customer.until(START + MONTH - HOUR)
    assert renewal_of(customer, root, "t1") == "paid"
    customer.call_off("credits")
    customer.until(START + MONTH)
    assert customer.plans_running() == ["credits/pay2go"]
    (refund,) = customer.book.refunds.values()
    assert (refund.facts["why"], refund.amount) == ("lapsed", money("10"))
    customer.hear_refund(refund)
    assert outside(customer) == money("10")
    customer.check()


def test_a_mandate_ends_with_what_it_paid_for() -> None:
    customer = Customer()
    customer.buy("credits/starter", "monthly", CREEM)
    customer.until(START + MONTH + 3 * DAY)
    assert customer.plans_running() == ["credits/pay2go"]
    assert len(customer.effects("cancel_mandate")) == 1
    customer.check()


def test_a_pause_neither_loses_nor_gains_time_or_quota() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    customer.buy("credits/starter", "monthly", WECHAT._replace(name="nowpayments", charges=False))
    pro = customer.subscription("credits")
    end = pro.period_end
    assert end is not None
    customer.until(START + 10 * DAY)
    customer.add(agreeing.pause(customer.state, pro, customer.now, "pause"))
    customer.until(START + 60 * DAY)
    assert pro.pools["main"].available == 1200 * 10**9
    assert not customer.use("openai/gpt-5", Usage(output=10, requests=1)), "neither of the two pays"
    customer.add(agreeing.go_on(customer.state, pro, customer.now, "on", customer.market))
    assert pro.period_end == end + 50 * DAY
    customer.until(end + 50 * DAY - MINUTE)
    assert pro.pools["main"].available == 1200 * 10**9
    customer.until(end + 50 * DAY)
    assert pro.pools["main"].available == 0
    customer.check()


# ---- amounts and orders


@pytest.mark.parametrize("amount", ["-5", "0", "0.001", "NaN", "Infinity", "1e400", "9" * 40])
def test_no_amount_that_is_none_tops_anything_up(amount: str) -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    wallet = customer.state.of_plan("agipower/payg")
    assert wallet is not None
    with pytest.raises((CoreError, BadAmount)):
        quote.top_up(customer.state, wallet, money(amount), "stripe", customer.market)


def test_what_is_free_is_had_once() -> None:
    customer = Customer()
    customer.order(customer.quote("88code/free", "free"), None)
    with pytest.raises(BadCommand):
        customer.quote("88code/free", "free")


def test_a_first_orders_discount_is_on_one_open_order() -> None:
    customer, off = Customer(), (Discount("first_order", Fraction(1, 2)),)
    older = customer.order(customer.quote("88code/plus", discounts=off), WECHAT)
    newer = customer.order(customer.quote("88code/paygo", discounts=off), WECHAT)
    assert (customer.book.orders[older.id].state, newer.state) == ("closed", "waiting")
    assert customer.hear(older) == "returned"


def test_of_two_tabs_that_both_pay_one_is_delivered_and_the_other_goes_back() -> None:
    customer = Customer()
    tabs = [customer.order(customer.quote("agipower/pro")) for _ in range(2)]
    assert [customer.hear(order) for order in tabs] == ["returned", "delivered"]
    assert customer.plans_running().count("agipower/pro") == 1
    assert CARD.name in {each.facts["payer"] for each in customer.book.refunds.values()}
