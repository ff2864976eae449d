"""What is told to have come to nothing is looked at again for a week: money that in truth moved is found and booked,
whether or not anybody ever corrects what was told falsely."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.trade.book import LOOKS
from faregate.core.trade.looking import LOOKS_AFTER
from tests.money.test_payment_providers import SALES, Shopping, shopping
from tests.money.world import Open, World, live
from tests.payments.steps import OPERATIONS

USD = 10**9
FALSELY: dict[str, dict[str, Any]] = {
    "stripe": {"status": "expired", "payment_status": "unpaid"},
    "creem": {"status": "expired", "order": None},
    "nowpayments": {"payment_status": "expired"},
    "wechat_pay": {"trade_state": "CLOSED"},
    "alipay": {"trade_status": "TRADE_CLOSED", "send_pay_date": None},
}
"""How each payment provider says that nothing was paid."""


@pytest.fixture(params=SALES, ids=lambda sale: sale.kind)
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shopping]:
    async with shopping(request.param, tmp_path) as opened:
        yield opened


def lie(shop: Shopping) -> None:
    """The next answer about a payment says that nothing was paid; so does the one after its order is closed there."""
    kind = shop.sale.kind

    def change(answer: dict[str, Any]) -> None:
        answer.update(FALSELY[kind])
        for name in [name for name, value in answer.items() if value is None]:
            del answer[name]

    for _ in range(1 + shop.desk.payments.capabilities.abandon):
        shop.desk.fake.twist(OPERATIONS[kind][1], change)


async def passes(shop: Shopping, length: int) -> None:
    shop.desk.clock.now += length
    shop.cashier.want(shop.account)
    await shop.quiet()


async def test_a_payment_that_was_falsely_told_to_have_expired_is_found_and_goes_back(shop: Shopping) -> None:
    order = await shop.order()
    payment = shop.pay(order)
    shop.desk.fake.outbox.clear()
    lie(shop)
    await passes(shop, MINUTE + 1)
    assert (shop.state(order), shop.has_plan()) == ("closed", False)
    assert not shop.book.refunds, "it was believed"
    await passes(shop, LOOKS_AFTER[0])
    (refund,) = shop.book.refunds.values()
    assert refund.amount == shop.book.orders[order["id"]].received[0][3], "all of it"
    sent_by_us = refund.state == "succeeded"
    assert sent_by_us == bool(shop.desk.fake.given_back(payment))
    matters = [row.kind for row in shop.house.control.till.matters(None, None, 10)]
    assert sent_by_us or matters == ["refund_failed"], "or a person looks at it"
    assert (shop.state(order), shop.has_plan()) == ("closed", False)


async def test_a_payment_that_came_when_its_order_was_over_is_found_though_nobody_tells_of_it(shop: Shopping) -> None:
    """Coins that are confirmed late, a page that stayed open: of it no webhook comes."""
    order = await shop.order()
    await passes(shop, DAY + HOUR)
    assert shop.state(order) == "closed"
    if shop.sale.kind not in ("creem", "nowpayments"):
        return  # These pages were closed with the order.
    shop.desk.fake.pay(f"{order['id']}_1")
    shop.desk.fake.outbox.clear()
    for _ in range(6):
        await passes(shop, DAY)
    (refund,) = shop.book.refunds.values()
    assert refund.facts["why"] == "not_owed"


async def test_what_came_to_nothing_is_looked_at_five_times_in_a_week_and_then_no_more(tmp_path: Path) -> None:
    async with shopping(SALES[0], tmp_path) as shop:
        order = await shop.order()
        shop.desk.fake.expire(f"{order['id']}_1")
        shop.desk.fake.outbox.clear()
        await passes(shop, MINUTE + 1)
        assert shop.state(order) == "closed"
        asked = shop.desk.fake.count("session")
        for _ in range(9 * 24 * 6):
            await passes(shop, 10 * MINUTE)
        assert shop.desk.fake.count("session") - asked == len(LOOKS_AFTER)
        assert not shop.book.effects


async def test_a_look_without_an_answer_is_repeated_and_counts_for_none(tmp_path: Path) -> None:
    async with shopping(SALES[0], tmp_path) as shop:
        order = await shop.order()
        shop.pay(order)
        shop.desk.fake.outbox.clear()
        lie(shop)
        await passes(shop, MINUTE + 1)
        await shop.desk.fake.close()
        await passes(shop, LOOKS_AFTER[-1] + DAY)
        (asked,) = [each for each in shop.book.effects.values() if each.kind in LOOKS]
        assert asked.facts["looks"] == 0
        assert asked.problem == "unreachable"


# ---- charges and refunds


def lying(call: str, times: int) -> Callable[[str], str]:
    """A mishap: the first answers to ``call`` tell the contrary."""
    left = [times]

    def mishap(asked: str) -> str:
        if asked != call or not left[0]:
            return ""
        left[0] -= 1
        return "contradicted"

    return mishap


async def bought(open: Open, plan: str) -> str:
    account = await open.account()
    order = await open.shop.buy(account, plan, open.write("buy"), payer=open.payer.name)
    await open.quiet(account)
    await open.cashier.hear(open.payer.pay(f"{order['id']}_1"))
    await open.quiet(account)
    return account


async def wait(open: Open, account: str, length: int, step: int = HOUR) -> None:
    until = open.world.now + length
    while open.world.now < until:
        open.world.now = min(open.world.now + step, until)
        open.cashier.want(account)
        await open.cashier.settled(account)


def test_a_charge_that_was_falsely_declined_renews_when_it_is_found_and_is_not_made_twice(tmp_path: Path) -> None:
    world = World(tmp_path, lying("charge", 1))

    async def life() -> None:
        async with world.open() as open:
            account = await bought(open, "agipower/pro")
            await wait(open, account, 31 * DAY + HOUR)
            found = open.state(account).of_plan("agipower/pro")
            assert found is not None
            assert found.period_start - found.bought_at == 31 * DAY
            await wait(open, account, 8 * DAY)
            assert world.truth.taken() == 40 * USD
            assert not open.book(account).refunds
            assert sum(call.startswith("charge") for call in world.truth.calls) == 1
            open.check(account)

    assert not live(life())


def test_a_refund_that_was_falsely_told_to_have_failed_is_found_and_looked_at_by_a_person(tmp_path: Path) -> None:
    world = World(tmp_path, lying("refund", 1))

    async def life() -> None:
        async with world.open() as open:
            account = await bought(open, "agipower/pro")
            await open.shop.refund(account, "agipower/pro", open.write("refund"))
            await open.cashier.settled(account)
            assert {each.state for each in open.book(account).refunds.values()} == {"failed"}
            assert open.state(account).of_plan("agipower/pro") is not None
            await wait(open, account, HOUR)
            assert {each.state for each in open.book(account).refunds.values()} == {"succeeded"}
            assert [row.kind for row in open.house.control.till.matters(None, None, 10)] == ["refund_outside"]
            assert world.truth.taken() == 1 * USD
            open.check(account)

    assert not live(life())


def test_what_is_really_over_is_left_alone(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def life() -> None:
        async with world.open() as open:
            account = await open.account()
            order = await open.shop.buy(account, "agipower/pro", open.write("buy"), payer="stripe")
            await open.quiet(account)
            await open.shop.withdraw_order(account, order["id"], open.write("withdraw"))
            await wait(open, account, 8 * DAY)
            assert open.book(account).orders[order["id"]].reason == "withdrawn"
            assert not open.book(account).effects
            open.check(account)

    assert not live(life())
