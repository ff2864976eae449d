"""Payment by hand: nothing is true before an operator says so, and nobody else can."""

from __future__ import annotations

import pytest

from faregate.app.payments_errors import PaymentNotPossible, PaymentUnsupported, WebhookUnsigned
from faregate.app.payments_port import (
    Confirmation,
    ConfirmedByHand,
    Instructions,
    Money,
    PaymentOrder,
    PaymentProvider,
    PaymentStatus,
    Period,
    RefundOrder,
    RefundStatus,
    disagreements,
)
from faregate.payments.manual.adapter import ManualPayments, payment_code
from faregate.payments.manual.settings import ManualSettings
from faregate.payments.settings import read_payments
from tests.payments.desk import NOW

YUAN = 10**9


def manual() -> ManualPayments:
    section = {"kind": "manual", "currencies": ["CNY"], "instructions": {"account": "6222 0000 1111", "bank": "ICBC"}}
    (settings,) = read_payments([section], {})
    assert isinstance(settings, ManualSettings)
    return ManualPayments(settings)


def an_order(**more: object) -> PaymentOrder:
    given = {
        "order": "ord_00000001",
        "amount": Money(198 * YUAN, "CNY"),
        "description": "PLUS",
        "customer": "acc_1",
        "idempotency_key": "1",
        "notify_url": "",
        "return_url": "",
        "at": NOW,
        **more,
    }
    return PaymentOrder(**given)  # type: ignore[arg-type]


def saw(amount: int = 198 * YUAN, currency: str = "CNY", **more: object) -> Confirmation:
    given = {
        "order": "ord_00000001",
        "refund": None,
        "amount": Money(amount, currency),
        "state": "succeeded",
        "operator": "key_boss",
        "seen": "ICBC 2026-11-23 line 4",
        "at": NOW,
        **more,
    }
    return Confirmation(**given)  # type: ignore[arg-type]


async def test_the_customer_is_shown_where_to_pay_and_a_code() -> None:
    payments: PaymentProvider = manual()
    found = await payments.begin(an_order())
    assert found.state == "pending"
    assert isinstance(found.how, Instructions)
    assert found.how.lines == (
        ("account", "6222 0000 1111"),
        ("bank", "ICBC"),
        ("amount", "198.00 CNY"),
        ("payment_code", payment_code("ord_00000001")),
    )
    assert (await payments.status("ord_00000001")).state == "pending"


async def test_orders_have_codes_of_their_own() -> None:
    codes = {payment_code(f"ord_{number:08d}") for number in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == 11 for code in codes)


def test_a_confirmation_is_the_event_and_twice_is_one() -> None:
    payments: ConfirmedByHand = manual()
    event = payments.confirm(saw())
    assert isinstance(event.fact, PaymentStatus)
    assert (event.kind, event.fact.state, event.fact.reference) == ("payment", "succeeded", "ICBC 2026-11-23 line 4")
    assert disagreements(an_order(), event.fact) == ()
    assert payments.confirm(saw(operator="key_other", at=NOW + 1)).event == event.event


@pytest.mark.parametrize(
    ("confirmation", "what"),
    [
        (saw(197 * YUAN), ("amount",)),
        (saw(order="ord_00000002"), ("order",)),
    ],
)
def test_what_the_operator_saw_is_compared_not_what_was_ordered(
    confirmation: Confirmation, what: tuple[str, ...]
) -> None:
    event = manual().confirm(confirmation)
    assert isinstance(event.fact, PaymentStatus)
    assert disagreements(an_order(), event.fact) == what
    assert event.event != manual().confirm(saw()).event


@pytest.mark.parametrize("confirmation", [saw(currency="USD"), saw(0), saw(-1), saw(order="x"), saw(1)])
def test_a_confirmation_of_what_cannot_be_is_refused(confirmation: Confirmation) -> None:
    with pytest.raises(PaymentNotPossible):
        manual().confirm(confirmation)


def test_a_refund_is_confirmed_by_its_own_id() -> None:
    event = manual().confirm(saw(50 * YUAN, refund="ref_00000001"))
    assert event.kind == "refund"
    assert event.fact == RefundStatus(
        "manual",
        "ref_00000001",
        "ref_00000001",
        "ord_00000001",
        "ord_00000001",
        Money(50 * YUAN, "CNY"),
        "succeeded",
    )


async def test_a_refund_waits_for_its_confirmation() -> None:
    order = RefundOrder(
        *("ref_00000001", "ord_00000001", "ord_00000001", Money(198 * YUAN, "CNY"), Money(50 * YUAN, "CNY")),
        *("reason", "key", "", NOW),
    )
    assert (await manual().refund(order)).state == "pending"
    assert (await manual().refund_status("ref_00000001", order)).state == "pending"


@pytest.mark.parametrize("body", [b"", b'{"order":"ord_00000001","state":"succeeded"}'])
def test_nobody_can_confirm_by_webhook(body: bytes) -> None:
    with pytest.raises(WebhookUnsigned):
        manual().read_webhook({"authorization": "Bearer x"}, body, NOW)


async def test_there_are_no_mandates_by_hand() -> None:
    payments = manual()
    with pytest.raises(PaymentUnsupported):
        await payments.begin(an_order(mandate=Period("month")))
    with pytest.raises(PaymentUnsupported):
        await payments.charge("x", an_order())
    assert (await payments.abandon("ord_00000001")).state == "cancelled"
    await payments.close()
