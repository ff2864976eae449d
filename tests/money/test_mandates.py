"""Mandates that are signed before they are charged, through the adapters of WeChat Pay and Alipay: signed, charged,
renewed, ended by the customer, and bound in the place of another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from faregate.app.receipts import Write
from faregate.app.verify import Verification
from faregate.core.account import Subscription
from faregate.core.errors import BadCommand
from faregate.core.trade.book import Agreement
from tests.money.test_payment_providers import Sale, Shopping, shopping
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.fake import SECOND

SIGNED_FIRST = [Sale("wechat_pay", "wechat", "glm/lite", 4900), Sale("alipay", "alipay", "glm/lite", 4900)]
DAY = 86_400 * SECOND


@pytest.fixture(params=SIGNED_FIRST, ids=lambda sale: sale.kind)
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shopping]:
    async with shopping(request.param, tmp_path) as opened:
        yield opened
        with opened.house.store.view() as books:
            report = Verification(books, opened.house.ledger.shelf.terms).run()
        assert report.clean, report.findings


def sign(shop: Shopping, signing: str, link: dict[str, Any]) -> None:
    """The customer signs in their app."""
    if isinstance(shop.desk.fake, AlipayFake):
        shop.desk.fake.open_page(link["qr"])
    shop.desk.fake.sign_contract(signing)


async def tell(shop: Shopping) -> None:
    """All webhooks come in, and those that follow from them."""
    while shop.desk.fake.outbox:
        waiting = list(shop.desk.fake.outbox)
        shop.desk.fake.outbox.clear()
        await shop.deliver(*waiting)


async def bought(shop: Shopping) -> dict[str, Any]:
    order = await shop.order()
    sign(shop, f"{order['id']}_1", shop.link(order))
    await tell(shop)
    assert shop.has_plan()
    return order


def running(shop: Shopping) -> Subscription:
    found = shop.house.ledger.current(shop.account, shop.desk.clock.now).of_plan(shop.sale.plan)
    assert found is not None
    return found


def agreement(shop: Shopping) -> Agreement:
    return shop.book.agreements[running(shop).key]


async def until(shop: Shopping, at: int) -> None:
    """Time passes, hour by hour near the end."""
    for moment in (at - 3_600 * SECOND, at, at + 120 * SECOND, at + 600 * SECOND):
        shop.desk.clock.now = max(shop.desk.clock.now, moment)
        await shop.quiet()
        await tell(shop)


def payments(shop: Shopping) -> list[int]:
    return [each.coins for each in shop.desk.fake.moved if each.refund is None]


async def test_an_order_is_signed_for_then_charged_once_and_delivered(shop: Shopping) -> None:
    order = await shop.order()
    view = shop.house.control.shop.order(shop.account, order["id"], shop.desk.clock.now)
    assert view["signs"]
    assert "qr" in view["pay"]
    assert payments(shop) == []
    sign(shop, f"{order['id']}_1", shop.link(order))
    signed = shop.desk.fake.last()
    await tell(shop)
    await shop.deliver(shop.desk.fake.redelivered(signed))
    await tell(shop)
    assert shop.has_plan()
    assert payments(shop) == [2450]
    assert agreement(shop).mandate is not None


async def test_a_signature_whose_webhook_is_lost_is_found_by_asking(shop: Shopping) -> None:
    order = await shop.order()
    sign(shop, f"{order['id']}_1", shop.link(order))
    shop.desk.fake.outbox.clear()
    for seconds in (61, 200, 400):
        shop.desk.clock.now += seconds * SECOND
        await shop.quiet()
    shop.desk.fake.outbox.clear()
    assert shop.has_plan()
    assert payments(shop) == [2450]


async def test_the_mandate_is_charged_at_the_end_of_each_period(shop: Shopping) -> None:
    await bought(shop)
    first = running(shop).period_end
    assert first is not None
    await until(shop, first)
    assert payments(shop) == [2450, 4900]
    second = running(shop).period_end
    assert second is not None
    assert second > first
    await until(shop, second)
    assert payments(shop) == [2450, 4900, 4900]


async def test_a_charge_after_signing_that_is_declined_closes_the_order_and_ends_the_mandate(shop: Shopping) -> None:
    order = await shop.order()
    shop.desk.fake.charge_ends = "failed"
    sign(shop, f"{order['id']}_1", shop.link(order))
    await tell(shop)
    assert shop.state(order) == "closed"
    assert not shop.has_plan()
    assert payments(shop) == []
    assert ended(shop, f"{order['id']}_1")


def ended(shop: Shopping, signing: str) -> bool:
    fake: Any = shop.desk.fake
    if isinstance(fake, AlipayFake):
        return signing not in fake.agreements or fake.agreements[signing]["status"] == "UNSIGN"
    return bool(fake.contracts[signing]["contract_state"] == "TERMINATED")


async def test_what_is_signed_after_the_order_was_given_up_is_cancelled_and_never_charged(shop: Shopping) -> None:
    order = await shop.order()
    link = shop.link(order)
    await shop.house.control.shop.withdraw_order(shop.account, order["id"], Write("off", shop.desk.clock.now))
    sign(shop, f"{order['id']}_1", link)
    await tell(shop)
    assert payments(shop) == []
    assert ended(shop, f"{order['id']}_1")


async def test_a_mandate_that_the_customer_ends_calls_the_renewal_off(shop: Shopping) -> None:
    order = await bought(shop)
    shop.desk.fake.end_contract(f"{order['id']}_1")
    told = shop.desk.fake.last()
    await tell(shop)
    await shop.deliver(shop.desk.fake.redelivered(told))
    kept = agreement(shop)
    assert (kept.auto, kept.mandate, kept.reason) == (False, None, "mandate_ended")
    end = running(shop).period_end
    assert end is not None
    await until(shop, end)
    assert payments(shop) == [2450]
    assert not shop.has_plan()


async def test_a_mandate_that_turns_out_dead_when_it_is_charged_asks_the_customer(shop: Shopping) -> None:
    order = await bought(shop)
    shop.desk.fake.end_contract(f"{order['id']}_1")
    shop.desk.fake.outbox.clear()
    end = running(shop).period_end
    assert end is not None
    shop.desk.clock.now = end
    await shop.quiet()
    shop.desk.clock.now += 1
    await shop.quiet()
    renewal = shop.book.orders[str(agreement(shop).order)]
    assert renewal.state == "waiting"
    assert renewal.link is not None
    sign(shop, renewal.payment, renewal.link)
    await tell(shop)
    assert payments(shop) == [2450, 4900]
    assert agreement(shop).mandate is not None
    next_end = running(shop).period_end
    assert next_end is not None
    await until(shop, next_end)
    assert payments(shop) == [2450, 4900, 4900]


async def test_binding_anew_leaves_the_old_mandate_until_the_new_one_is_signed(shop: Shopping) -> None:
    order = await bought(shop)
    control, clock = shop.house.control.shop, shop.desk.clock
    before = agreement(shop).mandate
    told = await control.bind(shop.account, shop.sale.plan, shop.sale.payer, Write("bind", clock.now))
    await shop.quiet()
    signing = agreement(shop).binding
    assert signing is not None
    assert agreement(shop).mandate == before
    assert told["done"] == "bind"
    sign(shop, signing["id"], signing["link"])
    await tell(shop)
    assert agreement(shop).mandate not in (None, before)
    assert agreement(shop).binding is None
    assert ended(shop, f"{order['id']}_1")
    end = running(shop).period_end
    assert end is not None
    await until(shop, end)
    assert payments(shop) == [2450, 4900]


async def test_binding_somebody_whom_the_plan_does_not_name_is_refused(shop: Shopping) -> None:
    await bought(shop)
    control, clock = shop.house.control.shop, shop.desk.clock
    shop.house.control.payers["stripe"] = shop.desk.payments
    with pytest.raises(BadCommand) as refused:
        await control.bind(shop.account, shop.sale.plan, "stripe", Write("bind", clock.now))
    assert refused.value.rule == "not_paid_there"
