"""What every payment provider must do, whatever it speaks: the rules of ``app.payments_port``."""

from __future__ import annotations

import pytest

from faregate.app.payments_errors import (
    PaymentNotPossible,
    PaymentUnsupported,
    WebhookOutOfTime,
    WebhookRefused,
    WebhookUnsigned,
)
from faregate.app.payments_port import (
    Money,
    disagreements,
)
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.fake import SECOND, Fault
from tests.payments.steps import LIES, OPERATIONS, AnyDesk, begun, impatient, paid, payment_facts


async def test_a_begun_payment_waits_and_says_how_to_pay(desk: AnyDesk) -> None:
    order = desk.order()
    found = await begun(desk, order)
    assert (found.state, found.order, found.amount, found.problem) == ("pending", order.order, order.amount, None)
    assert found.payment_provider == desk.payments.name
    assert found.reference
    assert found.how is not None
    status = await desk.payments.status(found.reference, order.order)
    assert status.state == "pending"
    assert desk.fake.paid_for(order.order) == 0


async def test_a_payment_is_told_by_webhook_and_agrees_with_its_order(desk: AnyDesk) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    fact = payment_facts(desk)[-1]
    assert (fact.state, fact.reference, fact.payment_provider) == ("succeeded", reference, desk.payments.name)
    assert disagreements(order, fact) == ()
    assert fact.transaction
    assert desk.fake.paid_for(order.order) == 1999


async def test_a_payment_whose_webhook_was_lost_is_found_by_asking(desk: AnyDesk) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    desk.fake.outbox.clear()
    status = await desk.payments.status(reference, order.order)
    assert status.state == "succeeded"
    assert disagreements(order, status) == ()


async def test_a_webhook_that_comes_twice_is_one_event(desk: AnyDesk) -> None:
    await paid(desk, desk.order())
    delivery = desk.fake.last()
    first, second = desk.read(delivery), desk.read(desk.fake.redelivered(delivery))
    assert (first.event, first.fact) == (second.event, second.fact)


async def test_different_events_have_different_names(desk: AnyDesk) -> None:
    await paid(desk, desk.order())
    await paid(desk, desk.order("ord_00000002"))
    read = [desk.read(each) for each in desk.fake.outbox]
    assert len({each.event for each in read}) == len(read)


async def test_webhooks_in_another_order_end_in_the_same_state(desk: AnyDesk) -> None:
    order = desk.order()
    await paid(desk, order)
    desk.fake.outbox.reverse()
    assert "succeeded" in {fact.state for fact in payment_facts(desk)}
    assert {fact.state for fact in payment_facts(desk)} <= {"pending", "succeeded"}


async def test_a_payment_nobody_made_in_time_is_cancelled(desk: AnyDesk) -> None:
    order = desk.order()
    found = await begun(desk, order)
    desk.fake.expire(order.order)
    status = await desk.payments.status(str(found.reference), order.order)
    assert status.state == "cancelled"
    assert all(fact.state == "cancelled" for fact in payment_facts(desk))


# ---- webhooks that are not to be believed


async def test_a_webhook_signed_by_another_is_refused(desk: AnyDesk) -> None:
    await paid(desk, desk.order())
    with pytest.raises(WebhookUnsigned):
        desk.read(desk.fake.forged(desk.fake.last()))


async def test_a_webhook_changed_after_signing_is_refused(desk: AnyDesk) -> None:
    await paid(desk, desk.order())
    with pytest.raises(WebhookUnsigned):
        desk.read(desk.fake.altered(desk.fake.last()))


async def test_a_webhook_without_its_signature_is_refused(desk: AnyDesk) -> None:
    await paid(desk, desk.order())
    body = desk.fake.last().body
    for headers in ({}, {"content-type": "application/json"}):
        if isinstance(desk.fake, AlipayFake):
            body = body.split(b"&sign=")[0]
        with pytest.raises(WebhookUnsigned):
            desk.payments.read_webhook(headers, body, desk.clock.now)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"a=1&a=2", b'{"a":1,"a":2}', b"[" * 9_999]
)
async def test_a_webhook_that_is_nonsense_is_refused_without_a_fault(desk: AnyDesk, body: bytes) -> None:
    await paid(desk, desk.order())
    with pytest.raises(WebhookRefused):
        desk.payments.read_webhook(desk.fake.last().headers, body, desk.clock.now)


async def test_a_webhook_replayed_much_later_is_refused_where_a_moment_is_signed(desk: AnyDesk) -> None:
    await paid(desk, desk.order())
    event = desk.read(desk.fake.last())
    desk.clock.now += 8 * 86_400 * SECOND
    if desk.fake.kind == "nowpayments":
        # Nothing there says when: the same event once more, which its name tells.
        assert desk.read(desk.fake.last()).event == event.event
        return
    with pytest.raises(WebhookOutOfTime):
        desk.read(desk.fake.last())


async def test_a_webhook_from_the_future_is_refused_where_a_moment_is_signed(desk: AnyDesk) -> None:
    if desk.fake.kind == "nowpayments":
        assert desk.payments.capabilities.refund is False
        return
    await paid(desk, desk.order())
    desk.clock.now -= 8 * 86_400 * SECOND
    with pytest.raises(WebhookOutOfTime):
        desk.read(desk.fake.last())


async def test_the_message_of_a_refusal_shows_nothing_secret(desk: AnyDesk) -> None:
    await paid(desk, desk.order())
    with pytest.raises(WebhookUnsigned) as refused:
        desk.read(desk.fake.forged(desk.fake.last()))
    secrets = [value for value in desk.fake.environ().values() if len(value) < 100]
    assert not any(secret in str(refused.value) for secret in secrets)
    settings = repr(desk.fake.settings())
    assert not any(secret in settings for secret in secrets)


# ---- facts that do not agree


@pytest.mark.parametrize(("what", "lie"), LIES)
async def test_a_true_webhook_about_something_else_disagrees_with_the_order(
    desk: AnyDesk, what: str, lie: object
) -> None:
    if desk.fake.kind == "alipay" and what == "currency":
        return  # It names no currency: everything is CNY.
    order = desk.order()
    await begun(desk, order)
    desk.fake.lies[what] = lie
    desk.fake.pay(order.order)
    fact = payment_facts(desk)[-1]
    assert what in disagreements(order, fact)


@pytest.mark.parametrize(("what", "lie"), LIES)
async def test_an_answer_about_something_else_is_never_taken_for_the_order(
    desk: AnyDesk, what: str, lie: object
) -> None:
    if desk.fake.kind == "alipay" and what == "currency":
        return
    order = desk.order()
    reference = await paid(desk, order)
    desk.fake.lies[what] = lie
    status = await desk.payments.status(reference, order.order)
    assert status.state == "unknown" or what in disagreements(order, status)


@pytest.mark.parametrize(("what", "lie"), LIES)
async def test_a_begin_that_is_answered_for_something_else_is_unknown(desk: AnyDesk, what: str, lie: object) -> None:
    if desk.fake.kind in ("alipay", "wechat_pay") or (desk.fake.kind == "creem" and what != "order"):
        return  # Their answers to it name nothing but the page.
    desk.fake.lies[what] = lie
    found = await desk.payments.begin(desk.order())
    assert (found.state, found.reference, found.how) == ("unknown", None, None)
    assert found.problem is not None
    assert found.problem.code == "contradiction"


# ---- nobody knows


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_begin_without_an_answer_is_unknown_and_safe_to_repeat(desk: AnyDesk, fault: Fault) -> None:
    operation = OPERATIONS[desk.fake.kind][0]
    if not operation:
        return  # Nothing is asked.
    hasty = await impatient(desk)
    desk.fake.fail(operation, fault, fault)
    order = desk.order()
    first = await hasty.payments.begin(order)
    await hasty.payments.close()
    assert (first.state, first.how) == ("unknown", None)
    assert first.problem is not None
    assert first.problem.code in ("unreachable", "timed_out", "server_error", "contradiction")
    desk.fake.mend(operation)
    second = await desk.payments.begin(order)
    assert second.state == "pending"
    desk.fake.pay(order.order)
    assert desk.fake.paid_for(order.order) == 1999


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_question_without_an_answer_is_unknown(desk: AnyDesk, fault: Fault) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    hasty = await impatient(desk)
    desk.fake.fail(OPERATIONS[desk.fake.kind][1], fault, fault)
    status = await hasty.payments.status(reference, order.order)
    assert (status.state, status.order, status.amount) == ("unknown", None, None)
    await hasty.payments.close()
    desk.fake.mend(OPERATIONS[desk.fake.kind][1])
    assert (await desk.payments.status(reference, order.order)).state == "succeeded"


async def test_nobody_there_is_unknown(desk: AnyDesk) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    await desk.fake.close()
    status = await desk.payments.status(reference, order.order)
    assert status.state == "unknown"
    assert status.problem is not None
    assert status.problem.code in ("unreachable", "timed_out")


async def test_a_key_that_is_refused_fails_no_order(desk: AnyDesk) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    desk = await impatient(desk, mistaken=True)
    status = await desk.payments.status(reference, order.order)
    assert status.state == "unknown"
    assert status.problem is not None
    assert status.problem.code in ("unauthorised", "contradiction")
    await desk.payments.close()


# ---- what is not even sent


async def test_what_cannot_be_carried_is_refused_before_anything_is_sent(desk: AnyDesk) -> None:
    good = desk.order()
    nano = Money(good.amount.amount + 1, good.amount.currency)
    for field, bad in {
        "amount": desk.order(amount=nano),
        "order": desk.order(order="short"),
        "currency": desk.order(amount=Money(10**9, "ZWL")),
        "description": desk.order(description=" "),
    }.items():
        with pytest.raises(PaymentNotPossible) as refused:
            await desk.payments.begin(bad)
        assert refused.value.field == field
    for coins in (0, -5):
        with pytest.raises(PaymentNotPossible):
            await desk.payments.begin(desk.order(coins=coins))
    assert desk.fake.asked == []


async def test_what_is_not_known_says_so(desk: AnyDesk) -> None:
    can = desk.payments.capabilities
    if not can.off_session:
        with pytest.raises(PaymentUnsupported):
            await desk.payments.charge("mandate", desk.order())
    if not can.abandon:
        with pytest.raises(PaymentUnsupported):
            await desk.payments.abandon("reference")
    if not can.cancel_mandate:
        with pytest.raises(PaymentUnsupported):
            await desk.payments.cancel_mandate("mandate")


async def test_an_abandoned_payment_is_closed_and_a_paid_one_says_so(desk: AnyDesk) -> None:
    if not desk.payments.capabilities.abandon:
        return
    first, second = desk.order(), desk.order("ord_00000002")
    found = await begun(desk, first)
    assert (await desk.payments.abandon(str(found.reference), first.order)).state == "cancelled"
    reference = await paid(desk, second)
    assert (await desk.payments.abandon(reference, second.order)).state == "succeeded"
    assert desk.fake.given_back(second.order) == 0
