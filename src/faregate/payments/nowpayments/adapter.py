"""NowPayments behind the port."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from faregate.app.payments_errors import PaymentNotPossible, PaymentUnsupported
from faregate.app.payments_port import (
    Acknowledgement,
    Begun,
    Capabilities,
    Instructions,
    MandateStatus,
    PaymentOrder,
    PaymentsKind,
    PaymentStatus,
    RefundOrder,
    RefundStatus,
    WebhookEvent,
)
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.minor_units import to_decimal
from faregate.payments.nowpayments.calls import NowPaymentsCalls
from faregate.payments.nowpayments.facts import payment_status
from faregate.payments.nowpayments.settings import NowPaymentsSettings
from faregate.payments.nowpayments.webhook import read_nowpayments_webhook
from faregate.payments.orders import check_order
from faregate.payments.outcomes import ENDS, about_payment, bad_begun, contradiction, no_news
from faregate.payments.transport import Transport


class NowPayments:
    """A ``PaymentProvider``."""

    kind: PaymentsKind = "nowpayments"
    capabilities = Capabilities()
    acknowledgement = Acknowledgement()

    def __init__(self, settings: NowPaymentsSettings, transport: Transport) -> None:
        self._settings, self._transport = settings, transport
        self._calls = NowPaymentsCalls(settings.api_key, transport)
        self.name = settings.door.name
        self.currencies = settings.door.currencies

    async def begin(self, order: PaymentOrder) -> Begun:
        """An address to send coins to; ``order.method`` chooses the coin."""
        check_order(self.name, self.currencies, order)
        coin = order.method or self._settings.coins[0]
        if coin not in self._settings.coins:
            known = ", ".join(self._settings.coins)
            raise PaymentNotPossible(self.name, "method", f"{coin!r} is none of the configured coins: {known}")
        if order.mandate is not None:
            raise PaymentNotPossible(self.name, "mandate", "coins cannot be charged again")
        content = {
            # Written out, so that no float comes between.
            "price_amount": msgspec.Raw(to_decimal(order.amount).encode()),
            "price_currency": order.amount.currency.lower(),
            "pay_currency": coin,
            "order_id": order.order,
            "order_description": order.description[:500],
            "ipn_callback_url": order.notify_url,
        }
        try:
            payment = await self._calls.make_payment(content)
            status = payment_status(self.name, payment)
            if (status.order, status.amount, payment.text("pay_currency")) != (order.order, order.amount, coin):
                raise contradiction("the payment is not for this order")
            lines = _lines(payment)
        except ENDS as failure:
            return bad_begun(self.name, order, failure)
        return Begun(self.name, order.order, order.amount, "pending", status.reference, Instructions(lines))

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        """Coins are sent, not drawn."""
        raise PaymentUnsupported(self.name, "off_session")

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        """By NowPayments' number of the payment."""
        try:
            return about_payment(reference, payment_status(self.name, await self._calls.payment(reference)))
        except ENDS as failure:
            return no_news(self.name, reference, failure)

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        """An address stays open until it expires."""
        raise PaymentUnsupported(self.name, "abandon")

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """The API knows none: an operator sends coins by hand."""
        raise PaymentUnsupported(self.name, "refund")

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        """There are none."""
        raise PaymentUnsupported(self.name, "refund")

    async def mandate_status(self, payment: str) -> MandateStatus:
        """There are none."""
        raise PaymentUnsupported(self.name, "mandate")

    async def cancel_mandate(self, mandate: str) -> MandateStatus:
        """There are none."""
        raise PaymentUnsupported(self.name, "cancel_mandate")

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        """See ``webhook``."""
        return read_nowpayments_webhook(self._settings, headers, body, now)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()


def _lines(payment: Fields) -> tuple[tuple[str, str], ...]:
    amount = payment.number("pay_amount")
    if amount is None or amount <= 0:
        raise Unreadable("names no amount to pay")
    lines = [
        ("address", payment.need_text("pay_address")),
        ("amount", format(amount, "f")),
        ("coin", payment.need_text("pay_currency")),
    ]
    extra, network = payment.name("payin_extra_id"), payment.text("network")
    if extra:
        # Without it the coins are lost: it must be shown.
        lines.append(("memo", extra))
    if network:
        lines.append(("network", network))
    return tuple(lines)
