"""Refunds of every payment provider: whole, in part, waiting, failed, unheard, untrue."""

from __future__ import annotations

import pytest

from faregate.app.payments_errors import PaymentNotPossible, PaymentUnsupported
from faregate.app.payments_port import RefundStatus
from tests.payments.fakes.fake import Fault
from tests.payments.steps import LIES, OPERATIONS, AnyDesk, impatient, paid


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_refund_without_an_answer_is_unknown_and_happens_once(desk: AnyDesk, fault: Fault) -> None:
    if not desk.payments.capabilities.refund:
        return
    order = desk.order()
    reference = await paid(desk, order)
    hasty = await impatient(desk)
    refund = desk.refund_order(order, reference, 1999)
    desk.fake.fail(OPERATIONS[desk.fake.kind][2], fault, fault)
    first = await hasty.payments.refund(refund)
    assert (first.state, first.amount) == ("unknown", None)
    await hasty.payments.close()
    desk.fake.mend(OPERATIONS[desk.fake.kind][2])
    second = await desk.payments.refund(refund)
    assert second.state in ("succeeded", "unknown")
    settled = await desk.payments.refund_status(str(second.reference), refund)
    assert settled.state == "succeeded"
    assert desk.fake.given_back(order.order) == 1999


async def test_a_whole_refund_goes_back_once_however_often_it_is_asked_for(desk: AnyDesk) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    refund = desk.refund_order(order, reference, 1999)
    if not desk.payments.capabilities.refund:
        with pytest.raises(PaymentUnsupported):
            await desk.payments.refund(refund)
        return
    first, second = await desk.payments.refund(refund), await desk.payments.refund(refund)
    assert first.state == second.state == "succeeded"
    assert first.amount in (None, order.amount)
    assert desk.fake.given_back(order.order) == 1999
    told = await desk.payments.refund_status(str(first.reference), refund)
    assert (told.state, told.payment, told.amount) == ("succeeded", reference, order.amount)
    # What was paid stays paid: the refund is another fact.
    assert (await desk.payments.status(reference, order.order)).state == "succeeded"


async def test_a_part_is_given_back_where_that_is_possible_and_never_more_than_was_paid(desk: AnyDesk) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    part = desk.refund_order(order, reference, 500)
    if not desk.payments.capabilities.partial_refund:
        with pytest.raises((PaymentNotPossible, PaymentUnsupported)):
            await desk.payments.refund(part)
        return
    assert (await desk.payments.refund(part)).state == "succeeded"
    rest = desk.refund_order(order, reference, 1499, refund="ref_00000002")
    assert (await desk.payments.refund(rest)).state == "succeeded"
    assert desk.fake.given_back(order.order) == 1999
    more = await desk.payments.refund(desk.refund_order(order, reference, 1, refund="ref_00000003"))
    assert more.state == "failed"
    assert desk.fake.given_back(order.order) == 1999


async def test_a_refund_larger_than_the_payment_is_not_even_sent(desk: AnyDesk) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    asked = len(desk.fake.asked)
    with pytest.raises((PaymentNotPossible, PaymentUnsupported)):
        await desk.payments.refund(desk.refund_order(order, reference, 2000))
    assert len(desk.fake.asked) == asked


async def test_a_refund_is_told_by_webhook_with_its_payment(desk: AnyDesk) -> None:
    if not desk.payments.capabilities.refund:
        return
    order = desk.order()
    reference = await paid(desk, order)
    desk.fake.outbox.clear()
    await desk.payments.refund(desk.refund_order(order, reference, 1999))
    facts = [event.fact for event in desk.events() if event.kind == "refund"]
    assert facts
    for fact in facts:
        assert isinstance(fact, RefundStatus)
        assert (fact.payment, fact.order) == (reference, order.order)
        assert fact.state in ("succeeded", "pending")
        assert fact.amount in (None, order.amount)


async def test_a_refund_that_waits_is_pending(desk: AnyDesk) -> None:
    if not desk.payments.capabilities.refund:
        return
    order = desk.order()
    reference = await paid(desk, order)
    desk.fake.refund_ends = "pending"
    refund = desk.refund_order(order, reference, 1999)
    found = await desk.payments.refund(refund)
    assert found.state == "pending"
    again = await desk.payments.refund_status(str(found.reference or refund.refund), refund)
    assert again.state == "pending"
    assert desk.fake.given_back(order.order) == 0


async def test_a_refund_that_fails_gives_nothing_back_and_says_why(desk: AnyDesk) -> None:
    if not desk.payments.capabilities.refund:
        return
    order = desk.order()
    reference = await paid(desk, order)
    desk.fake.refund_ends = "failed"
    found = await desk.payments.refund(desk.refund_order(order, reference, 1999))
    assert found.state in ("failed", "cancelled")
    assert desk.fake.given_back(order.order) == 0


@pytest.mark.parametrize(("what", "lie"), LIES)
async def test_a_refund_that_is_answered_for_something_else_is_unknown(desk: AnyDesk, what: str, lie: object) -> None:
    if not desk.payments.capabilities.refund or desk.fake.kind == "creem":
        return  # Creem's answer names nothing.
    if (desk.fake.kind, what) in (("alipay", "currency"), ("stripe", "order")):
        return
    order = desk.order()
    reference = await paid(desk, order)
    desk.fake.lies[what] = lie
    found = await desk.payments.refund(desk.refund_order(order, reference, 1999))
    assert found.state == "unknown"
    assert found.problem is not None
    assert found.problem.code == "contradiction"
