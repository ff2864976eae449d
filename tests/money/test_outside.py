"""What payment providers tell unasked, through their adapters: disputes, refunds from their own dashboards, mandates
that customers end there. Booked once, whoever tells it again, and open until a person decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from faregate.app.payments_errors import PaymentUnclear
from faregate.app.receipts import Write
from faregate.app.verify import Verification
from faregate.core.errors import BadCommand
from faregate.core.trade.agenda import open_matters
from tests.money.test_payment_providers import SALES, Sale, Shopping, shopping
from tests.payments.fakes.fake import SECOND, Fault, Moved
from tests.payments.fakes.stripe import StripeFake

STRIPE, CREEM = SALES[0], SALES[1]
WECHAT, ALIPAY = SALES[3], SALES[4]


@asynccontextmanager
async def bought(sale: Sale, folder: Path) -> AsyncIterator[tuple[Shopping, str]]:
    """A plan that was bought; gives our id of its payment. The books are verified at the end."""
    async with shopping(sale, folder) as shop:
        order = await shop.order()
        payment = shop.pay(order)
        await tell(shop)
        assert shop.has_plan()
        yield shop, payment
        with shop.house.store.view() as books:
            report = Verification(books, shop.house.ledger.shelf.terms).run()
        assert report.clean, report.findings


async def tell(shop: Shopping) -> None:
    while shop.desk.fake.outbox:
        waiting = list(shop.desk.fake.outbox)
        shop.desk.fake.outbox.clear()
        await shop.deliver(*waiting, *map(shop.desk.fake.redelivered, waiting))


def matters(shop: Shopping) -> list[str]:
    state = shop.house.ledger.current(shop.account, shop.desk.clock.now)
    return [each.kind for each in open_matters(state)]


def balance(shop: Shopping, ledger: str) -> int:
    """In coins."""
    found: Counter[str] = Counter()
    for entry in shop.house.store.entries(shop.account):
        for name, _, amount in entry.postings:
            found[name] += amount
    return found[ledger] // 10_000_000


async def settle(shop: Shopping, how: Any) -> None:
    state = shop.house.ledger.current(shop.account, shop.desk.clock.now)
    (matter,) = open_matters(state)
    control = shop.house.control.shop
    await control.settle_case(shop.account, matter.id, how, "looked at", Write(how, shop.desk.clock.now))


def dispute(shop: Shopping, payment: str, status: str) -> None:
    """Stripe tells how a dispute stands."""
    fake = shop.desk.fake
    assert isinstance(fake, StripeFake)
    book = next(each for each in fake.sessions.values() if each.order == payment)
    told = {"id": "dp_1", "object": "dispute", "payment_intent": book.number, "amount": book.coins}
    kind = "charge.dispute.created" if status == "needs_response" else "charge.dispute.closed"
    fake.notify(kind, {**told, "currency": book.currency, "status": status})


async def test_a_dispute_takes_the_money_away_once_and_stays_open(tmp_path: Path) -> None:
    async with bought(STRIPE, tmp_path) as (shop, payment):
        dispute(shop, payment, "needs_response")
        await tell(shop)
        assert matters(shop) == ["dispute"]
        assert balance(shop, "external:stripe") == 0
        assert balance(shop, "house:disputes") == -2000
        assert balance(shop, "house:sales") == 2000
        assert shop.has_plan()
        with pytest.raises(BadCommand) as refused:
            shop.house.control.shop.preview_refund(shop.account, STRIPE.plan, shop.desk.clock.now)
        assert refused.value.rule == "payment_disputed"


async def test_a_dispute_that_is_won_brings_the_money_back(tmp_path: Path) -> None:
    async with bought(STRIPE, tmp_path) as (shop, payment):
        dispute(shop, payment, "needs_response")
        await tell(shop)
        dispute(shop, payment, "won")
        await tell(shop)
        assert matters(shop) == []
        assert balance(shop, "external:stripe") == -2000
        assert balance(shop, "house:disputes") == 0


@pytest.mark.parametrize("opened_first", [True, False])
async def test_a_dispute_that_is_lost_is_a_loss_and_a_person_ends_the_plan(
    tmp_path: Path, opened_first: bool
) -> None:
    async with bought(STRIPE, tmp_path) as (shop, payment):
        for status in ("needs_response", "lost") if opened_first else ("lost", "needs_response"):
            dispute(shop, payment, status)
            await tell(shop)
        assert matters(shop) == ["dispute"]
        assert balance(shop, "external:stripe") == 0
        assert balance(shop, "house:sales") == 0
        assert shop.has_plan()
        await settle(shop, "end")
        assert matters(shop) == []
        assert not shop.has_plan()
        await shop.quiet()
        assert not any(shop.desk.fake.methods.values()), "the card is not charged again"


async def test_a_dispute_that_is_never_told_the_end_of_is_ended_by_a_person(tmp_path: Path) -> None:
    async with bought(CREEM, tmp_path) as (shop, payment):
        shop.desk.fake.dispute(payment)
        await tell(shop)
        assert matters(shop) == ["dispute"]
        await settle(shop, "lost")
        assert balance(shop, "house:disputes") == 0
        assert balance(shop, "house:sales") == 0
        await settle(shop, "keep")
        assert matters(shop) == []
        assert shop.has_plan()


def refund_at_stripe(shop: Shopping, payment: str, coins: int) -> None:
    fake = shop.desk.fake
    assert isinstance(fake, StripeFake)
    book = next(each for each in fake.sessions.values() if each.order == payment)
    refund: dict[str, Any] = {"id": fake.next_id("re_"), "object": "refund", "amount": coins}
    refund["currency"] = book.currency
    fake.moved.append(Moved(payment, coins, "USD", refund["id"]))
    fake.notify("refund.created", {**refund, "payment_intent": book.number, "status": "succeeded", "metadata": {}})


async def test_a_refund_made_in_stripes_dashboard_is_booked_once(tmp_path: Path) -> None:
    async with bought(STRIPE, tmp_path) as (shop, payment):
        refund_at_stripe(shop, payment, 700)
        await tell(shop)
        assert matters(shop) == ["refund_outside"]
        assert balance(shop, "external:stripe") == -1300
        assert balance(shop, "house:sales") == 1300
        (refund,) = shop.house.control.shop.refunds(shop.account, shop.desk.clock.now)
        assert (refund["why"], refund["state"], refund["amount"]) == ("outside", "succeeded", "7")
        quoted = shop.house.control.shop.preview_refund(shop.account, STRIPE.plan, shop.desk.clock.now)
        assert quoted["refunded_before"] == "7"
        await settle(shop, "keep")
        assert shop.has_plan()


async def test_all_that_is_given_back_at_creem_is_booked_once(tmp_path: Path) -> None:
    async with bought(CREEM, tmp_path) as (shop, _):
        transaction = next(iter(shop.desk.fake.transactions))
        shop.desk.fake.finish_refund(transaction, "succeeded")
        await tell(shop)
        assert matters(shop) == ["refund_outside"]
        assert balance(shop, "external:creem") == 0
        assert balance(shop, "house:sales") == 0
        await settle(shop, "end")
        assert not shop.has_plan()


async def test_a_refund_made_in_wechats_merchant_platform_is_booked_once(tmp_path: Path) -> None:
    async with bought(WECHAT, tmp_path) as (shop, payment):
        fake = shop.desk.fake
        book = fake.books[payment]
        fake._refund(
            {"out_trade_no": payment, "out_refund_no": "50300909", "amount": {"total": book.coins, "refund": 500}}
        )
        await tell(shop)
        assert matters(shop) == ["refund_outside"]
        assert balance(shop, "external:wechat") == 500 - book.coins
        await settle(shop, "keep")


async def test_refunds_at_alipay_that_tell_their_sum_alone_are_booked_each_once(tmp_path: Path) -> None:
    async with bought(ALIPAY, tmp_path) as (shop, payment):
        fake = shop.desk.fake
        for number, coins in enumerate((300, 200)):
            refund = {"id": f"alipay-{number}", "coins": coins, "done": False}
            fake.refunds[(payment, refund["id"])] = refund
            fake._settle(fake.books[payment], refund)
            await tell(shop)
        assert matters(shop) == ["refund_outside", "refund_outside"]
        assert balance(shop, "external:alipay") == 500 - fake.books[payment].coins


async def test_a_subscription_cancelled_at_creem_is_called_off_here(tmp_path: Path) -> None:
    async with bought(CREEM, tmp_path) as (shop, payment):
        shop.desk.fake.cancelled_by_the_customer(payment)
        await tell(shop)
        state = shop.house.ledger.current(shop.account, shop.desk.clock.now)
        found = state.of_plan(CREEM.plan)
        assert found is not None
        agreement = shop.book.agreements[found.key]
        assert (agreement.auto, agreement.mandate, agreement.reason) == (False, None, "mandate_ended")
        assert found.ends_at == found.period_end
        assert found.period_end is not None
        shop.desk.clock.now = found.period_end + 60 * SECOND
        await shop.quiet()
        assert not shop.has_plan()


async def test_a_dispute_that_cannot_be_placed_now_is_not_acknowledged(tmp_path: Path) -> None:

    async with bought(STRIPE, tmp_path) as (shop, payment):
        dispute(shop, payment, "needs_response")
        shop.desk.fake.fail("intent", Fault.ERROR, Fault.ERROR, Fault.ERROR)
        with pytest.raises(PaymentUnclear):
            await shop.deliver(shop.desk.fake.last())
        assert matters(shop) == []
        shop.desk.fake.mend("intent")
        await tell(shop)
        assert matters(shop) == ["dispute"]
