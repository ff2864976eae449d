"""Orders paid through the real adapters, which speak to each payment provider's fake over HTTP: bought once, told
twice, told late, told falsely, given back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any
from urllib.parse import urlsplit

import pytest

from faregate.app.cashier import Cashier
from faregate.app.payments_errors import WebhookRefused
from faregate.app.receipts import Write
from faregate.bootstrap.house import House, open_house
from faregate.core.trade.book import Book
from tests.money.world import NOW, published_books
from tests.payments.desk import Desk, open_desk
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.fake import SECOND, Clock, Delivery, Fault


@dataclass
class Sale:
    """What is bought, through whom."""

    kind: str
    payer: str
    plan: str
    coins: int
    once: bool = False


SALES = [
    Sale("stripe", "stripe", "agipower/pro", 2000),
    Sale("creem", "creem", "credits/starter", 1000),
    Sale("nowpayments", "nowpayments", "credits/starter", 1000, once=True),
    Sale("wechat_pay", "wechat", "glm/lite", 0, once=True),
    Sale("alipay", "alipay", "glm/lite", 0, once=True),
]
BEGIN = {"stripe": "create_session", "creem": "make_checkout", "nowpayments": "make_payment", "wechat_pay": "make"}


@dataclass
class Shopping:
    """A house with a cashier, and one payment provider behind a real adapter."""

    house: House
    cashier: Cashier
    desk: Desk[Any]
    sale: Sale
    account: str

    async def order(self, key: str = "buy") -> dict[str, Any]:
        shop, clock = self.house.control.shop, self.desk.clock
        order = await shop.buy(
            self.account, self.sale.plan, Write(key, clock.now), payer=self.sale.payer, once=self.sale.once
        )
        await self.quiet()
        return shop.order(self.account, order["id"], clock.now)

    async def quiet(self) -> None:
        """Wait until nothing is asked that is due."""
        for _ in range(300):
            await asyncio.sleep(0.001)
            await self.cashier.settled(self.account)
            if not [each for each in self.book.effects.values() if each.due_at <= self.desk.clock.now]:
                return

    @property
    def book(self) -> Book:
        return self.house.ledger.current(self.account, self.desk.clock.now).book or Book()

    def pay(self, order: dict[str, Any]) -> str:
        """The customer pays in their browser; gives our id of the payment."""
        kept = self.book.orders.get(order["id"])
        payment = kept.payment if kept is not None else f"{order['id']}_1"
        if isinstance(self.desk.fake, AlipayFake):
            self.desk.fake.open_page(self.link(order)["url"])
        self.desk.fake.pay(payment)
        return payment

    def link(self, order: dict[str, Any]) -> dict[str, Any]:
        """How to pay, as the customer is shown."""
        return self.book.orders[order["id"]].link or {}

    async def deliver(self, *deliveries: Delivery) -> None:
        for each in deliveries:
            await self.cashier.webhook(self.sale.payer, each.headers, each.body)
        await self.quiet()

    def state(self, order: dict[str, Any]) -> str:
        return str(self.house.control.shop.order(self.account, order["id"], self.desk.clock.now)["state"])

    def has_plan(self) -> bool:
        state = self.house.ledger.current(self.account, self.desk.clock.now)
        return self.sale.plan in {each.terms.plan for each in state.subscriptions.values()}


@asynccontextmanager
async def shopping(sale: Sale, folder: Path) -> AsyncIterator[Shopping]:
    copyfile(published_books(), folder / "books.db")
    async with open_desk(sale.kind, Clock(NOW), sale.payer) as desk:
        house = open_house(f"sqlite:///{folder / 'books.db'}", now=desk.clock, randomness=random.Random(7).randbytes)
        await house.start()
        control = house.control
        control.payers[sale.payer] = desk.payments
        cashier = Cashier(control.till, control.payers, control.promotions, desk.clock, round_seconds=0.0005)
        cashier.start("https://gate.example")
        made = await control.office.create_account("ann", Write("account", NOW))
        try:
            yield Shopping(house, cashier, desk, sale, str(made["id"]))
        finally:
            await cashier.stop()
            await house.close()


@pytest.fixture(params=SALES, ids=lambda sale: sale.kind)
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shopping]:
    async with shopping(request.param, tmp_path) as opened:
        yield opened


async def test_an_order_is_delivered_when_its_webhook_comes_and_once_when_it_comes_again(shop: Shopping) -> None:
    order = await shop.order()
    assert shop.state(order) == "waiting"
    payment = shop.pay(order)
    await shop.deliver(*shop.desk.fake.outbox, *map(shop.desk.fake.redelivered, reversed(shop.desk.fake.outbox)))
    assert shop.has_plan()
    kept = shop.book.orders.get(order["id"])
    assert kept is None or len(kept.received) == 1
    assert shop.desk.fake.paid_for(payment) >= max(shop.sale.coins, 1)
    assert not shop.book.refunds


async def test_an_order_whose_webhooks_are_lost_is_found_paid_by_asking(shop: Shopping) -> None:
    order = await shop.order()
    shop.pay(order)
    shop.desk.fake.outbox.clear()
    shop.desk.clock.now += 61 * SECOND
    await shop.quiet()
    assert shop.has_plan()


async def test_forged_altered_and_replayed_webhooks_deliver_nothing(shop: Shopping) -> None:
    order = await shop.order()
    shop.pay(order)
    fake = shop.desk.fake
    for false in (fake.forged(fake.last()), fake.altered(fake.last()), Delivery("", {}, fake.last().body[:-40])):
        with pytest.raises(WebhookRefused):
            await shop.deliver(false)
    assert not shop.has_plan()
    assert shop.state(order) == "waiting"


@pytest.mark.parametrize(("what", "lie"), [("amount", 1), ("currency", "EUR"), ("order", "ord_99999999")])
async def test_a_true_webhook_of_other_money_delivers_nothing(shop: Shopping, what: str, lie: object) -> None:
    if (shop.sale.kind, what) == ("alipay", "currency"):
        return  # It names none: everything is CNY.
    order = await shop.order()
    shop.desk.fake.lies[what] = lie
    shop.pay(order)
    await shop.deliver(*shop.desk.fake.outbox)
    assert not shop.has_plan()
    assert shop.state(order) in ("waiting", "review")


@pytest.mark.parametrize("fault", [Fault.REFUSED_BEFORE, Fault.ERROR, Fault.CUT, Fault.GARBLED])
async def test_a_begin_that_nobody_heard_the_answer_of_is_begun_again(shop: Shopping, fault: Fault) -> None:
    if shop.sale.kind not in BEGIN:
        return  # Nothing is asked to begin.
    shop.desk.fake.fail(BEGIN[shop.sale.kind], fault, fault)
    order = await shop.order()
    shop.desk.fake.mend(BEGIN[shop.sale.kind])
    assert shop.link(order) == {}
    shop.desk.clock.now += 3_600 * SECOND
    await shop.quiet()
    shop.pay(order)
    await shop.deliver(*shop.desk.fake.outbox)
    assert shop.has_plan()


async def test_where_to_pay_is_an_address_of_the_payment_provider(shop: Shopping) -> None:
    order = await shop.order()
    link = shop.link(order)
    assert link
    if "url" in link and shop.sale.kind != "alipay":
        assert urlsplit(link["url"]).hostname == "127.0.0.1"
    else:
        assert link.keys() <= {"qr", "lines", "url"}


async def bought(shop: Shopping) -> dict[str, Any]:
    order = await shop.order()
    shop.pay(order)
    await shop.deliver(*shop.desk.fake.outbox)
    shop.desk.fake.outbox.clear()
    assert shop.has_plan()
    return order


async def test_a_refund_reaches_the_customer_once(tmp_path: Path) -> None:
    async with shopping(SALES[0], tmp_path) as shop:
        order = await bought(shop)
        payment = f"{order['id']}_1"
        shop.desk.fake.fail("refund", Fault.ERROR, Fault.ERROR)
        control, clock = shop.house.control.shop, shop.desk.clock
        await control.refund(shop.account, shop.sale.plan, Write("refund", clock.now))
        await shop.quiet()
        # Nobody knows: the money went back, and its answer was lost.
        assert shop.desk.fake.given_back(payment) == 1900
        shop.desk.fake.mend("refund")
        clock.now += 3_600 * SECOND
        await shop.quiet()
        await shop.deliver(*map(shop.desk.fake.redelivered, shop.desk.fake.outbox))
        assert shop.desk.fake.given_back(payment) == 1900
        assert {each.state for each in shop.book.refunds.values()} <= {"succeeded"}
        assert not shop.has_plan()


async def test_a_period_of_creems_own_renewal_is_counted_once(tmp_path: Path) -> None:
    async with shopping(SALES[1], tmp_path) as shop:
        order = await bought(shop)

        def end() -> int | None:
            state = shop.house.ledger.current(shop.account, shop.desk.clock.now)
            found = state.of_plan(shop.sale.plan)
            return found.period_end if found is not None else None

        first = end()
        assert first is not None
        shop.desk.clock.now = first - 60 * SECOND
        shop.desk.fake.renew(f"{order['id']}_1")
        again = shop.desk.fake.redelivered(shop.desk.fake.last())
        await shop.deliver(*shop.desk.fake.outbox, again)
        shop.desk.clock.now = first + 60 * SECOND
        await shop.quiet()
        second = end()
        assert second is not None
        assert 27 * 86_400 * SECOND < second - first < 32 * 86_400 * SECOND
        assert shop.desk.fake.paid_for(f"{order['id']}_1") == 2000
        assert not shop.book.refunds


async def test_a_period_of_creems_own_renewal_that_nobody_told_of_is_found_by_asking(tmp_path: Path) -> None:
    async with shopping(SALES[1], tmp_path) as shop:
        order = await bought(shop)
        clock = shop.desk.clock
        found = shop.house.ledger.current(shop.account, clock.now).of_plan(shop.sale.plan)
        assert found is not None
        first = found.period_end
        assert first is not None
        clock.now = first + 60 * SECOND
        await shop.quiet()
        clock.now += 3_600 * SECOND
        await shop.quiet()
        assert shop.desk.fake.count("read_subscription") == 1, "nothing was charged yet"
        shop.desk.fake.renew(f"{order['id']}_1")
        told = shop.desk.fake.last()
        shop.desk.fake.outbox.clear()
        clock.now += 3_600 * SECOND
        await shop.quiet()
        await shop.deliver(told)
        found = shop.house.ledger.current(shop.account, clock.now).of_plan(shop.sale.plan)
        assert found is not None
        assert found.period_end is not None
        assert 27 * 86_400 * SECOND < found.period_end - first < 32 * 86_400 * SECOND
        assert not shop.book.refunds


async def test_a_mandate_is_charged_when_the_period_ends(tmp_path: Path) -> None:
    async with shopping(SALES[0], tmp_path) as shop:
        await bought(shop)
        state = shop.house.ledger.current(shop.account, shop.desk.clock.now)
        found = state.of_plan(shop.sale.plan)
        assert found is not None
        first = found.period_end
        assert first is not None
        shop.desk.fake.fail("charge", Fault.CUT, Fault.CUT)
        for seconds in (-3_600, 0, 3_600, 7_200):
            shop.desk.clock.now = first + seconds * SECOND
            await shop.quiet()
        await shop.deliver(*map(shop.desk.fake.redelivered, shop.desk.fake.outbox))
        taken = [each for each in shop.desk.fake.moved if each.refund is None]
        assert len(taken) == 2, "the first payment and one renewal, though the answer was lost"
        found = shop.house.ledger.current(shop.account, shop.desk.clock.now).of_plan(shop.sale.plan)
        assert found is not None
        assert found.period_end is not None
        assert found.period_end > first
