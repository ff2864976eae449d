"""What is WeChat Pay's own: signed answers, sealed notices, contracts that are signed before they are charged."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from faregate.app.payments_errors import WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import MandateStatus, PaymentStatus, Period, QrText
from tests.payments.desk import Desk, open_desk
from tests.payments.fakes.fake import SECOND, Delivery
from tests.payments.fakes.wechat_pay import WechatPayFake

WechatDesk = Desk[WechatPayFake]


@pytest.fixture
async def wechat() -> AsyncIterator[WechatDesk]:
    async with open_desk("wechat_pay") as desk:
        yield desk


async def mandate_of(desk: WechatDesk) -> str:
    found = await desk.payments.begin(desk.order(mandate=Period("month")))
    assert isinstance(found.how, QrText)
    assert (await desk.payments.mandate_status("ord_00000001")).state == "pending"
    desk.fake.sign_contract("ord_00000001")
    fact = desk.events()[-1].fact
    assert isinstance(fact, MandateStatus)
    assert (fact.state, fact.order) == ("active", "ord_00000001")
    assert await desk.payments.mandate_status("ord_00000001") == fact
    return str(fact.reference)


async def test_the_platforms_next_key_is_believed_by_its_serial_number(wechat: WechatDesk) -> None:
    wechat.fake.signs_with = "wechat next platform"
    await wechat.payments.begin(wechat.order())
    wechat.fake.pay("ord_00000001")
    assert wechat.read(wechat.fake.last()).kind == "payment"


async def test_a_serial_number_that_is_not_known_is_refused(wechat: WechatDesk) -> None:
    await wechat.payments.begin(wechat.order())
    wechat.fake.pay("ord_00000001")
    delivery = wechat.fake.last()
    other = Delivery(delivery.url, {**delivery.headers, "wechatpay-serial": "WECHATPAY/SIGNTEST/0"}, delivery.body)
    with pytest.raises(WebhookUnsigned):
        wechat.read(other)


async def test_an_answer_that_wechat_did_not_sign_is_no_answer(wechat: WechatDesk) -> None:
    await wechat.payments.begin(wechat.order())
    wechat.fake.pay("ord_00000001")
    wechat.fake.signs_with = "forger"
    status = await wechat.payments.status("ord_00000001")
    assert status.state == "unknown"
    assert status.problem is not None
    assert status.problem.code == "contradiction"


async def test_a_signed_notification_for_another_merchant_is_refused(wechat: WechatDesk) -> None:
    await wechat.payments.begin(wechat.order())
    wechat.fake.notify_of_another_merchant("ord_00000001")
    with pytest.raises(WebhookUnreadable):
        wechat.read(wechat.fake.last())


async def test_contents_that_our_key_does_not_open_are_refused(wechat: WechatDesk) -> None:
    await wechat.payments.begin(wechat.order())
    wechat.fake.pay("ord_00000001")
    for field, other in (("nonce", "000000000000"), ("associated_data", "refund"), ("algorithm", "NONE")):
        notice = json.loads(wechat.fake.last().body)
        notice["resource"][field] = other
        resigned = wechat.fake.redelivered(Delivery("", {}, json.dumps(notice).encode()))
        with pytest.raises(WebhookUnreadable):
            wechat.read(resigned)


async def test_every_request_is_signed_with_a_nonce(wechat: WechatDesk) -> None:
    await wechat.payments.begin(wechat.order())
    await wechat.payments.status("ord_00000001")
    assert len(wechat.fake.nonces) == 2


async def test_a_begin_repeated_after_the_payment_finds_it_paid(wechat: WechatDesk) -> None:
    order = wechat.order()
    await wechat.payments.begin(order)
    wechat.fake.pay(order.order)
    again = await wechat.payments.begin(order)
    assert (again.state, again.reference, again.how) == ("succeeded", order.order, None)
    other = await wechat.payments.begin(wechat.order(coins=1))
    assert other.state == "unknown"


async def test_a_contract_is_charged_once_for_an_order(wechat: WechatDesk) -> None:
    mandate = await mandate_of(wechat)
    order = wechat.order()
    assert (await wechat.payments.charge(mandate, order)).state == "pending"
    assert (await wechat.payments.charge(mandate, order)).state == "succeeded"
    assert wechat.fake.paid_for(order.order) == 1999
    fact = wechat.events()[-1].fact
    assert isinstance(fact, PaymentStatus)
    assert (fact.state, fact.order) == ("succeeded", order.order)


@pytest.mark.parametrize(("what", "lie"), [("order", "ord_99999999"), ("amount", 1)])
async def test_a_charge_that_is_answered_for_something_else_is_unknown(
    wechat: WechatDesk, what: str, lie: object
) -> None:
    mandate = await mandate_of(wechat)
    wechat.fake.lies[what] = lie
    assert (await wechat.payments.charge(mandate, wechat.order())).state == "unknown"


async def test_a_charge_without_money_is_refused_by_name(wechat: WechatDesk) -> None:
    mandate = await mandate_of(wechat)
    wechat.fake.charge_ends = "failed"
    charged = await wechat.payments.charge(mandate, wechat.order("ord_00000002"))
    assert charged.state == "failed"
    assert charged.problem is not None
    assert charged.problem.code == "insufficient_funds"


async def test_an_ended_contract_is_charged_no_more(wechat: WechatDesk) -> None:
    mandate = await mandate_of(wechat)
    for _ in range(2):
        ended = await wechat.payments.cancel_mandate(mandate)
        assert (ended.state, ended.reference) == ("ended", mandate)
    charged = await wechat.payments.charge(mandate, wechat.order("ord_00000002"))
    assert charged.problem is not None
    assert (charged.state, charged.problem.code) == ("failed", "mandate_ended")


async def test_a_contract_that_its_customer_ends_is_told(wechat: WechatDesk) -> None:
    mandate = await mandate_of(wechat)
    wechat.fake.end_contract("ord_00000001")
    fact = wechat.events()[-1].fact
    assert isinstance(fact, MandateStatus)
    assert (fact.state, fact.reference) == ("ended", mandate)


async def test_a_refund_that_waited_is_told_in_the_end(wechat: WechatDesk) -> None:
    order = wechat.order()
    await wechat.payments.begin(order)
    wechat.fake.pay(order.order)
    wechat.fake.refund_ends = "pending"
    await wechat.payments.refund(wechat.refund_order(order, order.order, 1999))
    wechat.fake.finish_refund("ref_00000001", "succeeded")
    fact = wechat.events()[-1].fact
    assert fact is not None
    assert fact.state == "succeeded"
    assert wechat.fake.given_back(order.order) == 1999


async def test_the_end_of_an_order_is_said_in_the_time_of_china(wechat: WechatDesk) -> None:
    await wechat.payments.begin(wechat.order(expires_at=wechat.clock.now + 7_200 * SECOND))
    assert b'"time_expire":"2026-11-23T20:00:00+08:00"' in wechat.fake.asked[0][1].body
