"""Stripe behind the port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from faregate.app.payments_errors import PaymentNotPossible
from faregate.app.payments_port import (
    Acknowledgement,
    Begun,
    Capabilities,
    MandateStatus,
    PaymentOrder,
    PaymentsKind,
    PaymentStatus,
    Problem,
    Redirect,
    RefundOrder,
    RefundStatus,
    WebhookEvent,
)
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.minor_units import PLACES
from faregate.payments.orders import check_money, check_order, check_refund
from faregate.payments.outcomes import (
    ENDS,
    SaidNo,
    about_charge,
    about_payment,
    about_refund,
    bad_begun,
    bad_charge,
    bad_refund,
    no_mandate_news,
    no_news,
    no_refund_news,
)
from faregate.payments.signatures import MICROSECONDS
from faregate.payments.stripe.calls import StripeCalls
from faregate.payments.stripe.facts import intent_status, mandate_fact, refund_fact, session_status
from faregate.payments.stripe.settings import StripeSettings
from faregate.payments.stripe.webhook import read_stripe_webhook
from faregate.payments.transport import Transport

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

_LEAST_SECONDS, _MOST_SECONDS = 1_860, 86_340
"""A session can be open for half an hour at least and a day at most."""


class StripePayments:
    """A ``PaymentProvider``."""

    kind: PaymentsKind = "stripe"
    capabilities = Capabilities(
        mandate=True, off_session=True, refund=True, partial_refund=True, cancel_mandate=True, abandon=True
    )
    acknowledgement = Acknowledgement()

    def __init__(self, settings: StripeSettings, transport: Transport) -> None:
        self._settings, self._transport = settings, transport
        self._calls = StripeCalls(settings.api_key, transport)
        self.name = settings.door.name
        self.currencies = settings.door.currencies

    async def begin(self, order: PaymentOrder) -> Begun:
        """A checkout session; the customer's browser goes to its page."""
        check_order(self.name, self.currencies, order)
        params = self._session_params(order)
        try:
            session = await self._calls.create_session(params, order.idempotency_key)
            status = session_status(self.name, session)
            url = session.text("url")
            if url is None or status.order != order.order or status.amount != order.amount:
                raise Unreadable("is not for this order")
            expires_at = session.need_whole("expires_at") * MICROSECONDS
        except ENDS as failure:
            return bad_begun(self.name, order, failure)
        return Begun(
            self.name, order.order, order.amount, "pending", status.reference, Redirect(url), expires_at=expires_at
        )

    def _session_params(self, order: PaymentOrder) -> SessionCreateParams:
        said = {"order": order.order, "customer": order.customer}
        asked = {**said, "mandate": "yes"} if order.mandate else said
        params: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": order.order,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": order.amount.currency.lower(),
                        "unit_amount": self._coins(order),
                        "product_data": {"name": order.description[:250]},
                    },
                }
            ],
            "metadata": asked,
            "payment_intent_data": {"metadata": said, "description": order.description[:500]},
            "success_url": order.return_url,
            "cancel_url": order.return_url,
        }
        if order.mandate:
            params["payment_intent_data"]["setup_future_usage"] = "off_session"
            params["customer_creation"] = "always"
        if order.email:
            params["customer_email"] = order.email
        if order.expires_at:
            seconds = max(_LEAST_SECONDS, min(_MOST_SECONDS, (order.expires_at - order.at) // MICROSECONDS))
            params["expires_at"] = order.at // MICROSECONDS + seconds
        return params

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        """A payment intent of the customer and payment method of the one that left the mandate behind."""
        check_order(self.name, self.currencies, order)
        try:
            left = await self._calls.intent(mandate)
            customer, method = left.reference("customer"), left.reference("payment_method")
            if customer is None or method is None:
                return bad_charge(self.name, _ended("no payment method is left"))
            intent = await self._calls.create_intent(
                {
                    "amount": self._coins(order),
                    "currency": order.amount.currency.lower(),
                    "customer": customer,
                    "payment_method": method,
                    "off_session": True,
                    "confirm": True,
                    "description": order.description[:500],
                    "metadata": {"order": order.order, "customer": order.customer, "charge": "yes"},
                },
                order.idempotency_key,
            )
            return about_charge(order, intent_status(self.name, intent))
        except SaidNo as failure:
            gone = failure.words in ("payment_method_invalid", "resource_missing")
            return bad_charge(self.name, _ended(str(failure)) if gone else failure)
        except ENDS as failure:
            return bad_charge(self.name, failure)

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        """``cs_…`` or ``pi_…``."""
        try:
            if reference.startswith("pi_"):
                return about_payment(reference, intent_status(self.name, await self._calls.intent(reference)))
            return about_payment(reference, session_status(self.name, await self._calls.session(reference)))
        except ENDS as failure:
            return no_news(self.name, reference, failure)

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Expires the checkout session; one that was paid or had expired says so."""
        try:
            return about_payment(reference, session_status(self.name, await self._calls.expire_session(reference)))
        except SaidNo:
            return await self.status(reference, order)
        except ENDS as failure:
            return no_news(self.name, reference, failure)

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """A refund of the payment intent, of any part."""
        check_refund(self.name, self.currencies, order, partial=True)
        try:
            intent = order.payment
            if not intent.startswith("pi_"):
                intent = (await self._calls.session(order.payment)).reference("payment_intent") or ""
            if not intent:
                raise SaidNo(Problem("not_paid", "nothing was paid with it"))
            refund = await self._calls.create_refund(
                {
                    "payment_intent": intent,
                    "amount": check_money(self.name, self.currencies, order.amount),
                    "reason": "requested_by_customer",
                    "metadata": {"order": order.order, "refund": order.refund, "payment": order.payment},
                },
                order.idempotency_key,
            )
            return about_refund(order, refund_fact(self.name, refund))
        except ENDS as failure:
            return bad_refund(self.name, order, failure)

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        """``re_…``."""
        try:
            return about_refund(order, refund_fact(self.name, await self._calls.refund(reference)))
        except ENDS as failure:
            return no_refund_news(self.name, reference, failure)

    async def mandate_status(self, payment: str) -> MandateStatus:
        """Whether the payment method of that payment still belongs to its customer."""
        try:
            intent = await self._intent_of(payment)
            if intent is None:
                return MandateStatus(self.name, None, "pending")
            method = intent.reference("payment_method")
            if method is None:
                return MandateStatus(self.name, intent.need_text("id"), "ended")
            return mandate_fact(self.name, intent.need_text("id"), intent, await self._calls.payment_method(method))
        except ENDS as failure:
            return no_mandate_news(self.name, None, failure)

    async def _intent_of(self, payment: str) -> Fields | None:
        if payment.startswith("pi_"):
            return await self._calls.intent(payment)
        reference = session_status(self.name, await self._calls.session(payment)).mandate
        return None if reference is None else await self._calls.intent(reference)

    async def cancel_mandate(self, mandate: str) -> MandateStatus:
        """Takes the payment method from the customer."""
        try:
            intent = await self._calls.intent(mandate)
            method = intent.reference("payment_method")
            if method is None:
                return MandateStatus(self.name, mandate, "ended")
            try:
                detached = await self._calls.detach(method)
            except SaidNo:
                # Detached before: only the payment method itself says so for sure.
                detached = await self._calls.payment_method(method)
            return mandate_fact(self.name, mandate, intent, detached)
        except ENDS as failure:
            return no_mandate_news(self.name, mandate, failure)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        """See ``webhook``."""
        return read_stripe_webhook(self._settings, headers, body, now)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()

    def _coins(self, order: PaymentOrder) -> int:
        coins = check_money(self.name, self.currencies, order.amount)
        if PLACES[order.amount.currency] == 3 and coins % 10:
            raise PaymentNotPossible(self.name, "amount", "of three places must end with 0 here")
        return coins


def _ended(message: str) -> SaidNo:
    return SaidNo(Problem("mandate_ended", message))
