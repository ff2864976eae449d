"""Steps that tests of every payment provider take."""

from __future__ import annotations

from typing import Any

from faregate.app.payments_port import Begun, PaymentOrder, PaymentStatus, Redirect
from faregate.payments.opening import Surroundings, open_payments
from faregate.payments.settings import read_payments
from tests.payments.desk import Desk
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.keys import private_pem

OPERATIONS = {
    "stripe": ("create_session", "session", "refund", "refund_status"),
    "creem": ("make_checkout", "read_checkout", "make_refund", "read_transaction"),
    "nowpayments": ("make_payment", "read_payment", "", ""),
    "wechat_pay": ("make", "status", "refund", "refund_status"),
    "alipay": ("", "alipay.trade.query", "alipay.trade.refund", "alipay.trade.fastpay.refund.query"),
}
"""What each fake calls begin, status, refund and refund_status; empty where nothing is asked."""

AnyDesk = Desk[Any]


LIES = [("order", "ord_99999999"), ("amount", 1), ("currency", "EUR")]
"""What is told falsely."""


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


async def impatient(desk: AnyDesk, *, mistaken: bool = False) -> AnyDesk:
    """The same desk with an adapter that waits a few milliseconds only; ``mistaken``: with keys of others."""
    section = {"kind": desk.fake.kind, "base_url": desk.fake.base_url, "answer_seconds": 0.03, **desk.fake.section()}
    environ = desk.fake.environ()
    if mistaken:
        environ = {name: value[:-6] + "q8w7e6" if len(value) < 100 else value for name, value in environ.items()}
        environ |= {name: private_pem("forger") for name in ("WX_KEY", "ALIPAY_KEY") if name in environ}
    (settings,) = read_payments([section], environ)
    around = Surroundings(desk.clock, lambda size: b"\x07" * size, {}, sweep_seconds=0.005)
    return Desk(open_payments(settings, around), desk.fake, desk.clock)
