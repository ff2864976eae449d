"""What every payment provider must do, whatever it speaks: the rules of ``app.payments_port``."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.app.payments_errors import (
    PaymentNotPossible,
    PaymentUnsupported,
    WebhookOutOfTime,
    WebhookRefused,
    WebhookUnsigned,
)
from faregate.app.payments_port import (
    Begun,
    Money,
    PaymentOrder,
    PaymentStatus,
    Redirect,
    RefundStatus,
    disagreements,
)
from tests.payments.desk import Desk
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.fake import SECOND, Fault

OPERATIONS = {
    "stripe": ("create_session", "session", "refund", "refund_status"),
    "creem": ("make_checkout", "read_checkout", "make_refund", "read_transaction"),
    "nowpayments": ("make_payment", "read_payment", "", ""),
    "wechat_pay": ("make", "status", "refund", "refund_status"),
    "alipay": ("", "alipay.trade.query", "alipay.trade.refund", "alipay.trade.fastpay.refund.query"),
}
"""What each fake calls begin, status, refund and refund_status; empty where nothing is asked."""

AnyDesk = Desk[Any]


async def begun(desk: AnyDesk, order: PaymentOrder) -> Begun:
    """``order`` begun, its page opened where the customer has to."""
    found = await desk.payments.begin(order)
    if isinstance(desk.fake, AlipayFake) and isinstance(found.how, Redirect):
        desk.fake.open_page(found.how.url)
    return found


async def paid(desk: AnyDesk, order: PaymentOrder) -> str:
    """``order`` begun and paid; gives the payment's reference."""
    found = await begun(desk, order)
    desk.fake.pay(order.order)
    assert found.reference is not None
    return found.reference


def payment_facts(desk: AnyDesk) -> list[PaymentStatus]:
    return [
        event.fact for event in desk.events() if isinstance(event.fact, PaymentStatus) and event.kind == "payment"
    ]


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

LIES = [("order", "ord_99999999"), ("amount", 1), ("currency", "EUR")]


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
    desk = await impatient(desk)
    desk.fake.fail(operation, fault, fault)
    order = desk.order()
    first = await desk.payments.begin(order)
    assert (first.state, first.how) == ("unknown", None)
    assert first.problem is not None
    assert first.problem.code in ("unreachable", "timed_out", "server_error", "contradiction")
    desk.fake.mend(operation)
    second = await desk.payments.begin(order)
    assert second.state == "pending"
    desk.fake.pay(order.order)
    assert desk.fake.paid_for(order.order) == 1999
    await desk.payments.close()


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_question_without_an_answer_is_unknown(desk: AnyDesk, fault: Fault) -> None:
    order = desk.order()
    reference = await paid(desk, order)
    desk = await impatient(desk)
    desk.fake.fail(OPERATIONS[desk.fake.kind][1], fault, fault)
    status = await desk.payments.status(reference, order.order)
    assert (status.state, status.order, status.amount) == ("unknown", None, None)
    desk.fake.mend(OPERATIONS[desk.fake.kind][1])
    assert (await desk.payments.status(reference, order.order)).state == "succeeded"
    await desk.payments.close()


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_refund_without_an_answer_is_unknown_and_happens_once(desk: AnyDesk, fault: Fault) -> None:
    if not desk.payments.capabilities.refund:
        return
    order = desk.order()
    reference = await paid(desk, order)
    desk = await impatient(desk)
    refund = desk.refund_order(order, reference, 1999)
    desk.fake.fail(OPERATIONS[desk.fake.kind][2], fault, fault)
    first = await desk.payments.refund(refund)
    assert (first.state, first.amount) == ("unknown", None)
    desk.fake.mend(OPERATIONS[desk.fake.kind][2])
    second = await desk.payments.refund(refund)
    assert second.state in ("succeeded", "unknown")
    settled = await desk.payments.refund_status(str(second.reference), refund)
    assert settled.state == "succeeded"
    assert desk.fake.given_back(order.order) == 1999
    await desk.payments.close()


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


async def impatient(desk: AnyDesk, *, mistaken: bool = False) -> AnyDesk:
    """The same desk with an adapter that waits a few milliseconds only; ``mistaken``: with keys of others."""
    from faregate.payments.opening import Surroundings, open_payments
    from faregate.payments.settings import read_payments
    from tests.payments.fakes.keys import private_pem

    section = {"kind": desk.fake.kind, "base_url": desk.fake.base_url, "answer_seconds": 0.03, **desk.fake.section()}
    environ = desk.fake.environ()
    if mistaken:
        environ = {name: value[:-6] + "q8w7e6" if len(value) < 100 else value for name, value in environ.items()}
        environ |= {name: private_pem("forger") for name in ("WX_KEY", "ALIPAY_KEY") if name in environ}
    (settings,) = read_payments([section], environ)
    around = Surroundings(desk.clock, lambda size: b"\x07" * size, {}, sweep_seconds=0.005)
    return Desk(open_payments(settings, around), desk.fake, desk.clock)


# ---- refunds


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
