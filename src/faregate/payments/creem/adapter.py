"""Creem behind the port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faregate.app.payments_errors import PaymentNotPossible, PaymentUnsupported
from faregate.app.payments_port import (
    Acknowledgement,
    Begun,
    Capabilities,
    MandateStatus,
    PaymentOrder,
    PaymentsKind,
    PaymentStatus,
    Period,
    Problem,
    Redirect,
    RefundOrder,
    RefundStatus,
    WebhookEvent,
)
from faregate.payments.creem.calls import CreemCalls
from faregate.payments.creem.facts import (
    checkout_status,
    is_first_period,
    mandate_fact,
    refund_fact,
    renewal_status,
    transaction_status,
)
from faregate.payments.creem.settings import CreemSettings
from faregate.payments.creem.webhook import read_creem_webhook
from faregate.payments.fields import Unreadable
from faregate.payments.minor_units import to_minor
from faregate.payments.orders import check_order, check_refund
from faregate.payments.outcomes import (
    ENDS,
    SaidNo,
    about_payment,
    about_refund,
    bad_begun,
    bad_refund,
    contradiction,
    no_mandate_news,
    no_news,
    no_refund_news,
)
from faregate.payments.transport import Transport

LEAST_COINS = 100
_PERIODS = {
    ("month", 1): "every-month",
    ("month", 3): "every-three-months",
    ("month", 6): "every-six-months",
    ("month", 12): "every-year",
    ("year", 1): "every-year",
}


class CreemPayments:
    """A ``PaymentProvider``."""

    kind: PaymentsKind = "creem"
    capabilities = Capabilities(
        mandate=True, renews_itself=True, refund=True, cancel_mandate=True, names_refunds=False
    )
    acknowledgement = Acknowledgement()

    def __init__(self, settings: CreemSettings, transport: Transport) -> None:
        self._settings, self._transport = settings, transport
        self._calls = CreemCalls(settings.api_key, transport)
        self.name = settings.door.name
        self.currencies = settings.door.currencies

    async def begin(self, order: PaymentOrder) -> Begun:
        """A checkout of a product with this very price; the customer's browser goes to its page."""
        check_order(self.name, self.currencies, order)
        period = self._period(order.mandate)
        if to_minor(order.amount) < LEAST_COINS:
            raise PaymentNotPossible(self.name, "amount", f"must be at least 1 {order.amount.currency}")
        try:
            product = await self._product(order, period)
            checkout = await self._calls.make_checkout(self._checkout(order, product), order.idempotency_key)
            url = checkout.need_text("checkout_url")
            if checkout.text("request_id") != order.order or checkout.reference("product") != product:
                raise contradiction("the checkout is not for this order")
            reference = checkout.need_text("id")
        except ENDS as failure:
            return bad_begun(self.name, order, failure)
        return Begun(self.name, order.order, order.amount, "pending", reference, Redirect(url))

    def _period(self, mandate: Period | None) -> str | None:
        if mandate is None:
            return None
        period = _PERIODS.get((mandate.unit, mandate.count))
        if period is None:
            raise PaymentNotPossible(self.name, "mandate", f"cannot be charged every {mandate.count} {mandate.unit}")
        return period

    async def _product(self, order: PaymentOrder, period: str | None) -> str:
        """Creem's product for the order: a configured one must cost exactly this; others are made for the purpose."""
        wanted = {
            "price": to_minor(order.amount),
            "currency": order.amount.currency,
            "billing_type": "recurring" if period else "onetime",
        }
        configured = self._settings.products.get(order.product or "")
        if configured is not None:
            product = await self._calls.product(configured)
            found = (product.whole("price"), product.text("currency"), product.text("billing_type"))
            right = found == tuple(wanted.values()) and (not period or product.text("billing_period") == period)
            if not right:
                raise PaymentNotPossible(self.name, "product", f"{configured} has another price or period at Creem")
            return configured
        if not self._settings.make_products:
            raise PaymentNotPossible(self.name, "product", f"{order.product or 'none'} is not among `products`")
        content: dict[str, Any] = {**wanted, "name": order.description[:120], "description": order.description[:500]}
        if period:
            content["billing_period"] = period
        return (await self._calls.make_product(content, order.idempotency_key)).need_text("id")

    def _checkout(self, order: PaymentOrder, product: str) -> dict[str, Any]:
        content: dict[str, Any] = {
            "product_id": product,
            "request_id": order.order,
            "units": 1,
            "success_url": order.return_url,
            "metadata": {"order": order.order, "customer": order.customer},
        }
        if order.email:
            content["customer"] = {"email": order.email}
        return content

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        """Creem charges by itself."""
        raise PaymentUnsupported(self.name, "off_session")

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        """``ch_…`` or ``tran_…``."""
        try:
            if reference.startswith("tran_"):
                return about_payment(
                    reference, transaction_status(self.name, await self._calls.transaction(reference))
                )
            return about_payment(reference, checkout_status(self.name, await self._calls.checkout(reference)))
        except ENDS as failure:
            return no_news(self.name, reference, failure)

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Creem closes checkouts by itself."""
        raise PaymentUnsupported(self.name, "abandon")

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """All of a transaction."""
        check_refund(self.name, self.currencies, order, partial=False)
        try:
            transaction = await self._transaction_of(order.payment)
            found = await self._calls.refund(transaction, order.idempotency_key)
            return about_refund(order, refund_fact(self.name, found, transaction, order.payment))
        except ENDS as failure:
            return bad_refund(self.name, order, failure)

    async def _transaction_of(self, payment: str) -> str:
        if payment.startswith("tran_"):
            return payment
        transaction = checkout_status(self.name, await self._calls.checkout(payment)).transaction
        if transaction is None:
            raise SaidNo(Problem("not_paid", "nothing was paid with it"))
        return transaction

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        """Refunds cannot be asked for; what became of the transaction can."""
        try:
            found = await self._calls.transaction(await self._transaction_of(order.payment))
            paid, returned = found.whole("amount_paid") or found.need_whole("amount"), found.whole("refunded_amount")
            if found.need_text("status") != "refunded":
                return RefundStatus(self.name, reference, None, order.payment, None, None, "pending")
            if returned is not None and returned != paid:
                raise Unreadable("is refunded and was given back in part")
            amount = transaction_status(self.name, found).amount
            status = RefundStatus(self.name, reference, None, order.payment, None, amount, "succeeded")
            return about_refund(order, status)
        except ENDS as failure:
            return no_refund_news(self.name, reference, failure)

    async def mandate_status(self, payment: str) -> MandateStatus:
        """The subscription that a checkout began."""
        try:
            status = checkout_status(self.name, await self._calls.checkout(payment))
            if status.mandate is None:
                return MandateStatus(self.name, None, "pending", status.order)
            return mandate_fact(self.name, await self._calls.subscription(status.mandate))
        except ENDS as failure:
            return no_mandate_news(self.name, None, failure)

    async def renewal(self, mandate: str) -> PaymentStatus:
        """The subscription's last transaction, once it is in a later period than its first."""
        try:
            found = await self._calls.subscription(mandate)
            last = found.text("last_transaction_id")
            if last is None or is_first_period(found):
                return PaymentStatus(self.name, None, None, None, "pending", mandate=mandate)
            status = transaction_status(self.name, await self._calls.transaction(last))
            if status.state != "succeeded":
                return PaymentStatus(self.name, None, None, None, "pending", status.problem, mandate=mandate)
            return renewal_status(self.name, found)
        except ENDS as failure:
            return no_news(self.name, mandate, failure)

    async def cancel_mandate(self, mandate: str) -> MandateStatus:
        """Cancels the subscription at once."""
        try:
            try:
                found = await self._calls.cancel_subscription(mandate)
            except SaidNo:
                # Cancelled before: only the subscription itself says so for sure.
                found = await self._calls.subscription(mandate)
            return mandate_fact(self.name, found)
        except ENDS as failure:
            return no_mandate_news(self.name, mandate, failure)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        """See ``webhook``."""
        return read_creem_webhook(self._settings, headers, body, now)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()
