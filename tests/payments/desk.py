"""A payment provider's adapter and its fake, ready to be used: for the tests of payments and of money.

``async with open_desk("stripe") as desk`` starts the fake on a free port and opens the adapter from settings read as
from a configuration file; ``desk.payments`` is the port, ``desk.fake`` the customer, the bank and the saboteur.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from faregate.app.payments_port import Money, PaymentOrder, PaymentProvider, RefundOrder, WebhookEvent
from faregate.core.instants import parse_instant
from faregate.payments.minor_units import from_minor
from faregate.payments.opening import Surroundings, open_payments
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.creem import CreemFake
from tests.payments.fakes.fake import Clock, Delivery, Fake
from tests.payments.fakes.nowpayments import NowPaymentsFake
from tests.payments.fakes.stripe import StripeFake
from tests.payments.fakes.wechat_pay import WechatPayFake

NOW = parse_instant("2026-11-23T10:00:00Z")

FAKES: dict[str, type[Fake]] = {
    "stripe": StripeFake,
    "creem": CreemFake,
    "nowpayments": NowPaymentsFake,
    "wechat_pay": WechatPayFake,
    "alipay": AlipayFake,
}
CURRENCY = {"stripe": "USD", "creem": "USD", "nowpayments": "USD", "wechat_pay": "CNY", "alipay": "CNY"}


FakeKind = TypeVar("FakeKind", bound=Fake)


@dataclass
class Desk(Generic[FakeKind]):
    """``payments`` speaks to ``fake``; both go by ``clock``."""

    payments: PaymentProvider
    fake: FakeKind
    clock: Clock

    def money(self, coins: int, currency: str | None = None) -> Money:
        return from_minor(coins, currency or CURRENCY[self.fake.kind])

    def order(self, order: str = "ord_00000001", coins: int = 1999, **more: Any) -> PaymentOrder:
        """An order of ``coins`` in the fake's currency."""
        given: dict[str, Any] = {
            "order": order,
            "amount": self.money(coins),
            "description": "Credits Pro · 一个月",
            "customer": "acc_0123abcd",
            "idempotency_key": f"begin:{order}",
            "notify_url": "https://fare.example/api/v1/payments/any/webhook",
            "return_url": "https://fare.example/thanks?order=1",
            "at": self.clock.now,
        }
        return PaymentOrder(**{**given, **more})

    def refund_order(
        self, order: PaymentOrder, payment: str, coins: int, refund: str = "ref_00000001"
    ) -> RefundOrder:
        """Give ``coins`` of ``order`` back."""
        return RefundOrder(
            refund=refund,
            order=order.order,
            payment=payment,
            paid=order.amount,
            amount=self.money(coins),
            reason="changed their mind",
            idempotency_key=f"refund:{refund}",
            notify_url=order.notify_url,
            at=self.clock.now,
        )

    def read(self, delivery: Delivery) -> WebhookEvent:
        """The webhook as the adapter reads it now."""
        return self.payments.read_webhook(delivery.headers, delivery.body, self.clock.now)

    def events(self) -> list[WebhookEvent]:
        """All that waits in the outbox, but what is of no use."""
        read = [self.read(each) for each in self.fake.outbox]
        return [each for each in read if each.kind != "ignored"]


@asynccontextmanager
async def open_desk(
    kind: str, clock: Clock | None = None, name: str | None = None, **more: Any
) -> AsyncIterator[Desk[Any]]:
    """A desk for one kind of payment provider, called ``name``; ``more`` goes to its fake."""
    clock = clock or Clock(NOW)
    fake = FAKES[kind](clock, **more)
    await fake.start()
    seeded = random.Random(1)
    settings = fake.settings(name)
    payments = open_payments(settings, Surroundings(clock, seeded.randbytes, {}, sweep_seconds=0.005))
    try:
        yield Desk(payments, fake, clock)
    finally:
        await payments.close()
        await fake.close()
