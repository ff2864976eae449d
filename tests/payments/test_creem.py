"""What is Creem's own: products, taxes on top, subscriptions that renew by themselves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from faregate.app.payments_errors import PaymentNotPossible, WebhookUnreadable
from faregate.app.payments_port import (
    DisputeStatus,
    MandateStatus,
    PaymentOrder,
    PaymentStatus,
    Period,
    disagreements,
)
from tests.payments.desk import Desk, open_desk
from tests.payments.fakes.creem import PRODUCT, CreemFake
from tests.payments.fakes.fake import SECOND, Delivery

CreemDesk = Desk[CreemFake]


@pytest.fixture
async def creem() -> AsyncIterator[CreemDesk]:
    async with open_desk("creem") as desk:
        yield desk


async def subscribed(desk: CreemDesk) -> tuple[PaymentOrder, PaymentStatus]:
    order = desk.order(mandate=Period("month"))
    await desk.payments.begin(order)
    desk.fake.pay(order.order)
    fact = desk.events()[0].fact
    assert isinstance(fact, PaymentStatus)
    return order, fact


async def test_taxes_that_creem_adds_are_no_disagreement(creem: CreemDesk) -> None:
    order, fact = await subscribed(creem)
    assert disagreements(order, fact) == ()


async def test_a_discount_given_at_creem_is_a_disagreement(creem: CreemDesk) -> None:
    order = creem.order()
    await creem.payments.begin(order)
    creem.fake.pay(order.order)
    event = json.loads(creem.fake.last().body)
    event["object"]["order"]["amount_paid"] = 1000 + event["object"]["order"]["tax_amount"]
    delivery = creem.fake._signed(json.dumps(event).encode(), creem.fake.environ()["CREEM_HOOK"])
    fact = creem.read(delivery).fact
    assert isinstance(fact, PaymentStatus)
    assert disagreements(order, fact) == ("amount",)


async def test_a_renewal_tells_a_new_payment_of_the_same_mandate(creem: CreemDesk) -> None:
    order, first = await subscribed(creem)
    creem.clock.now += 30 * 86_400 * SECOND
    creem.fake.renew(order.order)
    creem.fake.outbox = creem.fake.outbox[-1:]
    event = creem.events()[-1]
    fact = event.fact
    assert isinstance(fact, PaymentStatus)
    assert (event.kind, fact.state, fact.order, fact.mandate) == ("renewal", "succeeded", order.order, first.mandate)
    assert fact.transaction != first.transaction
    assert fact.amount == order.amount
    assert (await creem.payments.status(str(fact.reference))).state == "succeeded"


async def test_the_first_period_is_no_renewal_though_creem_tells_it_twice(creem: CreemDesk) -> None:
    await subscribed(creem)
    assert [creem.read(each).kind for each in creem.fake.outbox] == ["payment", "ignored"]


@pytest.mark.parametrize("said", [None, "yesterday", "2026-11-23T10:00:00"])
async def test_a_renewal_of_nobody_knows_which_period_is_refused(creem: CreemDesk, said: str | None) -> None:
    await subscribed(creem)
    event = json.loads(creem.fake.last().body)
    event["object"]["current_period_start_date"] = said
    delivery = creem.fake._signed(json.dumps(event).encode(), creem.fake.environ()["CREEM_HOOK"])
    with pytest.raises(WebhookUnreadable):
        creem.read(delivery)


async def test_a_declined_renewal_is_pending_with_its_reason(creem: CreemDesk) -> None:
    order, _ = await subscribed(creem)
    creem.fake.renewal_fails(order.order)
    fact = creem.events()[-1].fact
    assert isinstance(fact, PaymentStatus)
    assert (fact.state, fact.order, fact.reference) == ("pending", order.order, None)
    assert fact.problem is not None
    assert fact.problem.code == "declined"


async def test_a_subscription_ends_by_us_or_by_its_customer(creem: CreemDesk) -> None:
    order, first = await subscribed(creem)
    mandate = str(first.mandate)
    assert (await creem.payments.mandate_status(str(first.reference))).state == "active"
    for _ in range(2):
        assert (await creem.payments.cancel_mandate(mandate)).state == "ended"
    creem.fake.cancelled_by_the_customer(order.order)
    fact = creem.events()[-1].fact
    assert isinstance(fact, MandateStatus)
    assert (fact.reference, fact.state, fact.order) == (mandate, "ended", order.order)


async def test_a_configured_product_must_cost_what_the_order_does(creem: CreemDesk) -> None:
    right = creem.order(coins=1000, product="credits/starter", mandate=Period("month"))
    await creem.payments.begin(right)
    assert creem.fake.count("make_product") == 0
    assert creem.fake.books["ch_" + "0" * 11 + "1"].extra["product"] == PRODUCT
    for wrong in (
        creem.order("ord_00000002", 999, product="credits/starter", mandate=Period("month")),
        creem.order("ord_00000002", 1000, product="credits/starter"),
        creem.order("ord_00000002", 1000, product="credits/starter", mandate=Period("year")),
    ):
        with pytest.raises(PaymentNotPossible) as refused:
            await creem.payments.begin(wrong)
        assert refused.value.field == "product"


async def test_a_period_that_creem_does_not_know_is_refused(creem: CreemDesk) -> None:
    with pytest.raises(PaymentNotPossible):
        await creem.payments.begin(creem.order(mandate=Period("day", 28)))
    assert creem.fake.asked == []


async def test_a_dispute_names_the_payment(creem: CreemDesk) -> None:
    order, first = await subscribed(creem)
    creem.fake.dispute(order.order)
    fact = creem.events()[-1].fact
    assert isinstance(fact, DisputeStatus)
    assert (fact.payment, fact.order, fact.state) == (first.reference, order.order, "opened")


async def test_an_event_of_live_money_is_refused_by_a_test_key(creem: CreemDesk) -> None:
    await subscribed(creem)
    event = json.loads(creem.fake.outbox[0].body)
    event["object"]["mode"] = "prod"
    live: Delivery = creem.fake._signed(json.dumps(event).encode(), creem.fake.environ()["CREEM_HOOK"])
    with pytest.raises(WebhookUnreadable):
        creem.read(live)


async def test_a_refund_that_waited_is_told_in_the_end(creem: CreemDesk) -> None:
    order, first = await subscribed(creem)
    creem.fake.refund_ends = "pending"
    refund = creem.refund_order(order, str(first.reference), 1999)
    found = await creem.payments.refund(refund)
    creem.fake.finish_refund(str(found.reference), "succeeded")
    told = creem.events()[-1].fact
    again = await creem.payments.refund_status(str(found.reference), refund)
    assert (again.state, again.amount) == ("succeeded", order.amount)
    assert told is not None
    assert told.state == "succeeded"
