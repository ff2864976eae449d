"""Changes of plan, refunds, pauses, trials and purses: every sum to the coin."""

from __future__ import annotations

from fractions import Fraction

import pytest

from faregate.core.amounts import render
from faregate.core.commands import grant
from faregate.core.errors import BadCommand
from faregate.core.instants import DAY, HOUR, parse_instant
from faregate.core.trade import agreeing
from faregate.core.trade.buying import change_later
from faregate.core.trade.quote import Discount
from faregate.core.usage import Usage
from tests.core.trade.customer import CARD, CREEM, START, WECHAT, Customer, money

MID = parse_instant("2026-03-20T00:00:00Z")


# ---- S1.7: the switch


@pytest.mark.parametrize(
    ("days", "consumed", "credit"),
    [
        (0, "0.1", "9"),  # never less than a tenth
        (7, "0.25", "7.5"),  # a week is a quarter
        (14, "0.5", "5"),
        (28, "1", "0"),
        (30, "1", "0"),
    ],
)
def test_a_switch_credits_what_time_left(days: int, consumed: str, credit: str) -> None:
    customer = Customer()
    customer.buy("credits/starter", "monthly", CREEM)
    customer.until(START + days * DAY)
    quote = customer.change("credits/premium")
    assert quote.details["consumed"] == consumed
    assert render(quote.credit, "USD") == credit
    assert (quote.total, quote.kind) == (money("25"), "switch")


def test_a_switch_credits_at_most_the_difference_and_ends_the_old_mandate() -> None:
    customer = Customer()
    customer.buy("credits/master", "monthly", CREEM)
    quote = customer.change("credits/ultra")
    assert render(quote.credit, "USD") == "90"
    old = customer.subscription("credits").key
    order = customer.order(quote, CREEM)
    assert old in customer.state.subscriptions, "nothing changes before the payment"
    assert customer.pay(order) == "delivered"
    assert old not in customer.state.subscriptions
    wallet = customer.state.of_plan("credits/pay2go")
    assert wallet is not None
    assert wallet.pools["wallet"].available == money("90")
    assert len(customer.effects("cancel_mandate")) == 1
    customer.check()


def test_pools_weigh_three_quarters_and_one_quarter() -> None:
    customer = Customer()
    customer.buy("credits/starter", "monthly", CREEM)
    assert customer.use("anthropic/claude-sonnet-4.5", Usage(output=60_000))  # 0.9 USD: 90 of 1,200 credits
    quote = customer.change("credits/premium")
    assert quote.details["pool_shares"] == {"main": "0.075", "backup": "0"}
    assert quote.details["consumed"] == "0.1"


def test_what_is_used_between_quote_and_payment_is_not_credited() -> None:
    customer = Customer()
    customer.buy("credits/starter", "monthly", CREEM)
    order = customer.order(customer.change("credits/premium"), CREEM)
    customer.until(START + 14 * DAY)
    order = customer.order(customer.change("credits/premium"), CREEM)
    customer.until(START + 14 * DAY + 23 * HOUR)
    customer.pay(order)
    wallet = customer.state.of_plan("credits/pay2go")
    assert wallet is not None
    assert wallet.pools["wallet"].available == money("4.66")  # of 5.00: 23 more hours of 28 days
    customer.check()


def test_a_downgrade_credits_nothing() -> None:
    customer = Customer()
    customer.buy("credits/premium", "monthly", CREEM)
    assert customer.change("credits/starter").credit == 0


# ---- S4.7: upgrades by the difference


def test_an_upgrade_pays_the_difference_for_what_is_left_and_keeps_the_period() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    before = customer.subscription("agipower")
    start, end = before.period_start, before.period_end
    assert end is not None
    customer.until(MID)
    quote = customer.change("agipower/max")
    left = Fraction(end - MID, end - start)
    assert quote.total == round(money("80") * left / 10**7) * 10**7
    customer.pay(customer.order(quote))
    after = customer.subscription("agipower")
    assert (after.key, after.terms.plan) == (before.key, "agipower/max")
    assert (after.period_start, after.period_end) == (start, end)
    customer.until(end)
    renewal = customer.book.orders[customer.effects("charge")[0].about]
    assert renewal.outside == money("100")
    customer.check()


def test_a_downgrade_waits_for_the_periods_end() -> None:
    customer = Customer()
    customer.buy("agipower/max")
    draft = customer.draft()
    change_later(draft, customer.change("agipower/pro"), customer.now, "later")
    customer.take(draft)
    assert customer.subscription("agipower").terms.plan == "agipower/max"
    customer.until("2026-04-04T12:00:00Z")
    order = customer.book.orders[customer.effects("charge")[0].about]
    assert order.outside == money("20")
    customer.pay(order)
    assert customer.subscription("agipower").terms.plan == "agipower/pro"
    customer.check()


# ---- S2.9: refunds


def test_a_refund_is_what_was_paid_less_use_less_five_percent_and_the_plan_falls_to_free() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    assert customer.use("anthropic/claude-sonnet-4.5", Usage(output=66_000))  # 0.99 USD, 39.224 Flows
    quote = customer.refund_quote("agipower")
    worth = (Fraction("0.99") * Fraction("39.6") + Fraction("0.02")) / Fraction("39.6")
    refundable = Fraction(round((20 - worth) * 100), 100)
    assert quote.refundable == refundable * 10**9
    assert quote.amount == Fraction(round(refundable * Fraction("0.95") * 100), 100) * 10**9
    refund = customer.refund("agipower")
    assert not customer.use("anthropic/claude-sonnet-4.5", Usage(output=1000)), "not used up on its way"
    assert customer.hear_refund(refund) == "succeeded"
    assert customer.plans_running() == ["agipower/payg", "agipower/free"]
    assert customer.balance("external:stripe", "USD") == render(-money("20") + quote.amount, "USD")
    assert refund.amount == quote.amount
    customer.check()


def test_a_refund_that_fails_leaves_the_plan_as_it_was() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    refund = customer.refund("agipower")
    assert customer.hear_refund(refund, "failed") == "failed"
    assert customer.balance("house:sales", "USD") == "20"
    assert customer.refund("agipower").amount == money("19")
    customer.hear_refund(list(customer.book.refunds.values())[-1], "cancelled")
    assert customer.use("anthropic/claude-sonnet-4.5", Usage(output=1000))
    customer.check()


def test_refunds_end_with_their_time_and_with_use_above_the_price() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    assert customer.use("anthropic/claude-opus-4.1", Usage(output=280_000))  # 21 USD
    with pytest.raises(BadCommand, match="worth more"):
        customer.refund_quote("agipower")
    late = Customer()
    late.buy("agipower/pro")
    late.until(START + DAY)
    assert late.refund_quote("agipower").amount == money("19")
    late.until(START + DAY + 1)
    with pytest.raises(BadCommand, match="24 hours"):
        late.refund_quote("agipower")


def test_families_without_refunds_say_so() -> None:
    customer = Customer()
    customer.buy("glm/lite", payer=WECHAT)
    with pytest.raises(BadCommand, match="not refunded"):
        customer.refund_quote("glm")


# ---- S4.5, S4.8: purses and discounts


def with_purses(gift: str, cash: str) -> Customer:
    customer = Customer()
    order = customer.buy("glm/lite", payer=WECHAT)
    assert order.state == "done"
    wallet = customer.state.of_plan("glm/api")
    assert wallet is not None
    for pool, amount in (("gift", gift), ("balance", cash)):
        if money(amount):
            entry = grant(customer.state, wallet, wallet.pools[pool], money(amount, "CNY"), customer.now, pool)
            customer.add(entry)
    return customer


def test_a_renewal_draws_gift_then_cash_then_the_payment_provider() -> None:
    customer = with_purses("10", "15")
    customer.until("2026-04-04T12:00:00Z")
    order = customer.book.orders[customer.effects("charge")[0].about]
    assert order.outside == money("24", "CNY")
    assert customer.balance(f"order:{order.id}", "CNY") == "25"
    customer.pay(order)
    assert customer.balance("house:gift_redeemed", "CNY") == "10"
    assert customer.balance("house:sales", "CNY") == "88"
    customer.check()


def test_a_renewal_that_purses_cover_asks_nobody() -> None:
    customer = with_purses("10", "100")
    customer.until("2026-04-04T12:00:00Z")
    assert customer.book.effects == {}
    assert customer.subscription("glm").period_end == parse_instant("2026-05-04T12:00:00Z")
    customer.check()


def test_a_lapsed_renewal_gives_the_purses_back() -> None:
    customer = with_purses("10", "15")
    customer.until("2026-04-20T12:00:00Z")
    assert "glm/lite" not in customer.plans_running()
    wallet = customer.state.of_plan("glm/api")
    assert wallet is not None
    assert (wallet.pools["gift"].available, wallet.pools["balance"].available) == (money("10"), money("15"))
    customer.check()


def test_discounts_come_off_one_after_the_other_and_gift_after_them() -> None:
    customer = with_purses("5", "0")
    customer.call_off("glm")
    customer.until("2026-04-10T12:00:00Z")
    off = [Discount("first_order", Fraction(1, 2)), Discount("friend", Fraction(1, 10))]
    quote = customer.quote("glm/lite", discounts=off)
    assert quote.lines == (("price", money("49")), ("first_order", -money("24.5")), ("friend", -money("2.45")))
    assert (quote.total, quote.outside) == (money("22.05"), money("17.05"))


# ---- pauses


def test_a_pause_stops_the_clock() -> None:
    customer = Customer()
    customer.buy("agipower/pro")
    customer.until(START + 10 * DAY)
    customer.add(agreeing.pause(customer.state, customer.subscription("agipower"), customer.now, "p"))
    assert not customer.use("anthropic/claude-sonnet-4.5", Usage(output=1000))
    customer.until(START + 50 * DAY)
    customer.add(
        agreeing.go_on(customer.state, customer.subscription("agipower"), customer.now, "g", customer.market)
    )
    assert customer.subscription("agipower").period_end == START + 50 * DAY + 21 * DAY
    assert customer.use("anthropic/claude-sonnet-4.5", Usage(output=1000))
    customer.until(START + 71 * DAY)
    customer.pay(customer.book.orders[customer.effects("charge")[0].about])
    assert customer.subscription("agipower").period_start == START + 71 * DAY
    customer.check()


def test_a_payer_that_renews_by_itself_is_not_asked() -> None:
    customer = Customer()
    customer.buy("credits/starter", "monthly", CREEM)
    customer.until("2026-04-04T12:00:00Z")
    assert customer.effects("charge") == []
    order = next(each for each in customer.book.orders.values() if each.state == "waiting")
    assert customer.hear(order) == "delivered"
    assert customer.subscription("credits").pools["main"].available == 1200 * 10**9
    customer.check()


def test_a_year_of_renewals_keeps_the_thirty_first() -> None:
    customer = Customer(parse_instant("2026-01-31T10:00:00Z"))
    customer.buy("agipower/pro")
    days = []
    for _ in range(13):
        end = customer.subscription("agipower").period_end
        assert end is not None
        customer.until(end)
        customer.pay(customer.book.orders[customer.effects("charge")[0].about])
        draft_effects = list(customer.book.effects)
        for id in draft_effects:
            del customer.book.effects[id]
        days.append(end)
    assert days[0] == parse_instant("2026-02-28T10:00:00Z")
    assert days[1] == parse_instant("2026-03-31T10:00:00Z")
    assert days[-1] == parse_instant("2027-02-28T10:00:00Z")
    assert CARD.charges
