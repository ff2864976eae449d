"""Referral: the printed example to the cent, who earns nothing, and rewards that go back."""

from __future__ import annotations

from fractions import Fraction

import pytest

from faregate.core.errors import BadCommand
from faregate.core.instants import DAY, HOUR
from faregate.core.trade import giving, referring
from faregate.core.trade.ordering import book_of
from faregate.core.trade.quote import trade_of
from faregate.core.trade.terms import ReferralTerms
from tests.core.trade.customer import START, WECHAT, Customer, money, shelf


def terms() -> ReferralTerms:
    found = trade_of(shelf().market, shelf().sold("glm/lite", START).terms).referral
    assert found is not None
    return found


def invited(hours: int = 0) -> Customer:
    friend = Customer()
    friend.add(referring.join(friend.state, "acc_inviter0", "glm", terms(), friend.now, "join"))
    friend.until(START + hours * HOUR)
    return friend


def first_order(friend: Customer) -> None:
    off = referring.first_order_discounts(friend.state, "glm", terms(), friend.now)
    friend.pay(friend.order(friend.quote("glm/lite", discounts=off), WECHAT))


def reward(friend: Customer) -> dict[str, object]:
    return dict(book_of(friend.state).facts.get("reward", {}))


def test_the_printed_example() -> None:
    """100 → half for a first order → 10% less for a friend → 5 of gift → 40 paid → 4 for the inviter."""
    lines, left = [], money("100", "CNY")
    for off in referring.first_order_discounts(invited().state, "glm", terms(), START):
        amount = off.off(left, "CNY")
        lines.append((off.code, amount))
        left -= amount
    assert lines == [("first_order", money("50")), ("friend", money("5"))]
    cash = left - money("5")
    assert cash == money("40")
    assert terms().reward * cash == money("4")


def test_a_first_order_earns_a_tenth_of_the_cash_really_paid_and_is_given_after_two_days() -> None:
    friend = invited()
    first_order(friend)
    cash = Fraction("22.05")  # 49, half of it, and a tenth less
    assert reward(friend)["cash"] == cash * 10**9
    assert (reward(friend)["amount"], reward(friend)["state"]) == (money("2.20"), "waiting")
    friend.until(START + DAY)
    assert reward(friend)["state"] == "review"
    friend.until(START + 2 * DAY)
    assert reward(friend)["state"] == "given"
    (effect,) = friend.effects("give")
    assert (effect.facts["to"], effect.facts["amount"]) == ("acc_inviter0", money("2.20"))
    friend.check()


def test_a_payment_after_72_hours_earns_nothing_and_costs_more() -> None:
    friend = invited(73)
    first_order(friend)
    assert reward(friend) == {}
    assert friend.balance("house:sales", "CNY") == "24.5"


def test_only_the_first_order_earns() -> None:
    friend = invited()
    first_order(friend)
    friend.until(START + 3 * DAY)
    friend.change("glm/pro")
    before = reward(friend)
    friend.pay(friend.order(friend.change("glm/pro"), WECHAT))
    assert reward(friend) == before


def test_nobody_invites_themselves_twice_or_when_they_paid_before() -> None:
    friend = Customer()
    with pytest.raises(BadCommand, match="themselves"):
        friend.add(referring.join(friend.state, "acct-1", "glm", terms(), friend.now, "j"))
    friend = invited()
    with pytest.raises(BadCommand, match="already"):
        friend.add(referring.join(friend.state, "acc_another0", "glm", terms(), friend.now, "j"))
    customer = Customer()
    customer.buy("glm/lite", payer=WECHAT)
    with pytest.raises(BadCommand, match="new customers"):
        customer.add(referring.join(customer.state, "acc_inviter0", "glm", terms(), customer.now, "j"))


def test_a_reward_that_is_held_back_waits_for_a_person() -> None:
    friend = invited()
    first_order(friend)
    friend.until(START + DAY)
    friend.add(referring.hold_back(friend.state, friend.now, "h", "same card as the inviter"))
    friend.until(START + 30 * DAY)
    assert reward(friend)["state"] == "held"
    friend.add(referring.refuse(friend.state, friend.now, "r", "self-referral"))
    assert friend.effects("give") == []
    friend.check()


def test_a_reward_given_goes_back_with_its_order() -> None:
    friend = invited()
    first_order(friend)
    friend.until(START + 2 * DAY)
    friend.add(referring.refuse(friend.state, friend.now, "r", "refunded"))
    assert [each.facts["to"] for each in friend.effects("take")] == ["acc_inviter0"]


def test_a_gift_makes_its_purse_and_one_that_was_spent_is_owed() -> None:
    inviter = Customer()
    draft = inviter.draft()
    giving.receive_gift(draft, "glm", "gift", money("4", "CNY"), "CNY", "referral", inviter.now, "g1")
    inviter.take(draft)
    wallet = inviter.state.of_plan("glm/api")
    assert wallet is not None
    assert wallet.pools["gift"].available == money("4")
    order = inviter.order(inviter.quote("glm/lite"), WECHAT)
    assert order.outside == money("45", "CNY")
    draft = inviter.draft()
    giving.return_gift(draft, "glm", "gift", money("4", "CNY"), "CNY", inviter.now, "t1")
    inviter.take(draft)
    assert wallet.pools["gift"].owed == money("4")
    draft = inviter.draft()
    giving.receive_gift(draft, "glm", "gift", money("10", "CNY"), "CNY", "house", inviter.now, "g2")
    inviter.take(draft)
    assert (wallet.pools["gift"].owed, wallet.pools["gift"].available) == (0, money("6"))
    inviter.check()
