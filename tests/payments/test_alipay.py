"""What is Alipay's own: pages signed by us, answers signed to the byte, agreements signed before they are charged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode

import pytest

from faregate.app.payments_errors import PaymentNotPossible, WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import MandateStatus, PaymentStatus, Period, QrText, Redirect, RefundStatus
from faregate.payments.alipay.signing import NotSigned, verified_answer
from tests.payments.desk import Desk, open_desk
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.fake import Delivery, Reply

AlipayDesk = Desk[AlipayFake]


@pytest.fixture
async def alipay() -> AsyncIterator[AlipayDesk]:
    async with open_desk("alipay") as desk:
        yield desk


async def begun(desk: AlipayDesk, order: str = "ord_00000001") -> None:
    found = await desk.payments.begin(desk.order(order))
    assert isinstance(found.how, Redirect)
    desk.fake.open_page(found.how.url)


async def mandate_of(desk: AlipayDesk) -> str:
    found = await desk.payments.begin(desk.order(mandate=Period("month")))
    assert isinstance(found.how, QrText)
    assert (await desk.payments.mandate_status("ord_00000001")).state == "pending"
    desk.fake.open_page(found.how.text)
    assert (await desk.payments.mandate_status("ord_00000001")).state == "pending"
    desk.fake.sign_contract("ord_00000001")
    fact = desk.events()[-1].fact
    assert isinstance(fact, MandateStatus)
    assert (fact.state, fact.order) == ("active", "ord_00000001")
    assert await desk.payments.mandate_status("ord_00000001") == fact
    return str(fact.reference)


async def test_a_page_that_nobody_opened_is_pending_and_cannot_be_closed(alipay: AlipayDesk) -> None:
    await alipay.payments.begin(alipay.order())
    assert (await alipay.payments.status("ord_00000001")).state == "pending"
    assert (await alipay.payments.abandon("ord_00000001")).state == "pending"


async def test_a_code_to_scan_in_place_of_a_page() -> None:
    async with open_desk("alipay", checkout="qr") as desk:
        found = await desk.payments.begin(desk.order())
        assert isinstance(found.how, QrText)
        desk.fake.pay("ord_00000001")
        assert (await desk.payments.status("ord_00000001")).state == "succeeded"
        assert (await desk.payments.begin(desk.order())).state == "succeeded"


async def test_a_trade_given_back_whole_is_still_a_payment_though_it_is_closed(alipay: AlipayDesk) -> None:
    await begun(alipay)
    alipay.fake.pay("ord_00000001")
    await alipay.payments.refund(alipay.refund_order(alipay.order(), "ord_00000001", 1999))
    assert (await alipay.payments.status("ord_00000001")).state == "succeeded"
    fact = alipay.events()[-1].fact
    # The notification tells the sum of all refunds: the one that it is about has to be asked for.
    assert isinstance(fact, RefundStatus)
    assert (fact.refund, fact.state, fact.amount) == ("ref_00000001", "pending", None)


async def test_a_signed_notification_for_another_seller_is_refused(alipay: AlipayDesk) -> None:
    await begun(alipay)
    alipay.fake.notify_of_another_seller("ord_00000001")
    with pytest.raises(WebhookUnreadable):
        alipay.read(alipay.fake.last())


@pytest.mark.parametrize("added", [b"&total_amount=0.01", b"&extra=1", b"&empty=1"])
async def test_a_parameter_added_after_signing_is_refused(alipay: AlipayDesk, added: bytes) -> None:
    await begun(alipay)
    alipay.fake.pay("ord_00000001")
    delivery = alipay.fake.last()
    with pytest.raises(WebhookUnsigned):
        alipay.read(Delivery(delivery.url, delivery.headers, delivery.body + added))


async def test_only_rsa2_is_believed(alipay: AlipayDesk) -> None:
    await begun(alipay)
    alipay.fake.pay("ord_00000001")
    weaker = alipay.fake.last().body.replace(b"sign_type=RSA2", b"sign_type=RSA")
    with pytest.raises(WebhookUnsigned):
        alipay.read(Delivery("", {}, weaker))


async def test_the_order_of_parameters_does_not_matter(alipay: AlipayDesk) -> None:
    await begun(alipay)
    alipay.fake.pay("ord_00000001")
    pairs = parse_qsl(alipay.fake.last().body.decode(), keep_blank_values=True)
    turned = Delivery("", {}, urlencode(pairs[::-1]).encode())
    assert alipay.read(turned) == alipay.read(alipay.fake.last())


async def test_an_answer_is_verified_to_the_byte(alipay: AlipayDesk) -> None:
    settings = alipay.fake.settings()
    reply = Reply({"code": "10000", "note": "a/b", "total_amount": "19.99"})
    _, body = alipay.fake.sealed("alipay.trade.query", reply)
    assert verified_answer(settings, body, "alipay.trade.query").text("note") == "a/b"  # type: ignore[arg-type]
    for old, new in ((b"19.99", b"19.98"), (b"a\\/b", b"a/b"), (b'"code": ', b'"code":')):
        assert old in body
        with pytest.raises(NotSigned):
            verified_answer(settings, body.replace(old, new), "alipay.trade.query")  # type: ignore[arg-type]


async def test_an_agreement_is_charged_once_for_an_order(alipay: AlipayDesk) -> None:
    mandate = await mandate_of(alipay)
    order = alipay.order()
    first, second = await alipay.payments.charge(mandate, order), await alipay.payments.charge(mandate, order)
    assert first.state == second.state == "succeeded"
    assert (second.order, second.amount) == (order.order, order.amount)
    assert alipay.fake.paid_for(order.order) == 1999


async def test_a_charge_that_waits_is_pending_and_told_later(alipay: AlipayDesk) -> None:
    mandate = await mandate_of(alipay)
    alipay.fake.charge_ends = "pending"
    assert (await alipay.payments.charge(mandate, alipay.order())).state == "pending"
    alipay.fake.finish_charge("ord_00000001")
    fact = alipay.events()[-1].fact
    assert isinstance(fact, PaymentStatus)
    assert (fact.state, fact.order) == ("succeeded", "ord_00000001")


async def test_a_charge_without_money_is_refused_by_name(alipay: AlipayDesk) -> None:
    mandate = await mandate_of(alipay)
    alipay.fake.charge_ends = "failed"
    charged = await alipay.payments.charge(mandate, alipay.order("ord_00000002"))
    assert charged.problem is not None
    assert (charged.state, charged.problem.code) == ("failed", "insufficient_funds")


@pytest.mark.parametrize(("what", "lie"), [("order", "ord_99999999"), ("amount", 1)])
async def test_a_charge_that_is_answered_for_something_else_is_unknown(
    alipay: AlipayDesk, what: str, lie: object
) -> None:
    mandate = await mandate_of(alipay)
    alipay.fake.lies[what] = lie
    assert (await alipay.payments.charge(mandate, alipay.order())).state == "unknown"


async def test_an_ended_agreement_is_charged_no_more(alipay: AlipayDesk) -> None:
    mandate = await mandate_of(alipay)
    for _ in range(2):
        assert (await alipay.payments.cancel_mandate(mandate)).state == "ended"
    charged = await alipay.payments.charge(mandate, alipay.order("ord_00000002"))
    assert charged.problem is not None
    assert (charged.state, charged.problem.code) == ("failed", "mandate_ended")


async def test_an_agreement_that_its_customer_ends_is_told(alipay: AlipayDesk) -> None:
    mandate = await mandate_of(alipay)
    alipay.fake.end_contract("ord_00000001")
    fact = alipay.events()[-1].fact
    assert isinstance(fact, MandateStatus)
    assert (fact.state, fact.reference) == ("ended", mandate)


async def test_an_agreement_more_often_than_every_week_is_refused(alipay: AlipayDesk) -> None:
    with pytest.raises(PaymentNotPossible):
        await alipay.payments.begin(alipay.order(mandate=Period("day", 6)))


async def test_amounts_may_be_written_with_fewer_places(alipay: AlipayDesk) -> None:
    await begun(alipay, "ord_00000003")
    alipay.fake.pay("ord_00000003")
    alipay.fake.twist("alipay.trade.query", lambda content: content.update(total_amount="19.990"))
    status = await alipay.payments.status("ord_00000003")
    assert status.amount == alipay.money(1999)
    alipay.fake.twist("alipay.trade.query", lambda content: content.update(total_amount="19.991"))
    assert (await alipay.payments.status("ord_00000003")).state == "unknown"
