"""Alipay behind the port."""

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
    QrText,
    Redirect,
    RefundOrder,
    RefundStatus,
    State,
    WebhookEvent,
)
from faregate.payments.alipay.calls import AlipayCalls, Clock, china_time
from faregate.payments.alipay.facts import charge_status, mandate_fact, payment_status, refund_fact
from faregate.payments.alipay.settings import AlipaySettings
from faregate.payments.alipay.webhook import read_alipay_webhook
from faregate.payments.minor_units import to_decimal
from faregate.payments.orders import check_order, check_refund
from faregate.payments.outcomes import (
    ENDS,
    SaidNo,
    about_charge,
    about_payment,
    about_refund,
    bad_begun,
    bad_charge,
    bad_refund,
    contradiction,
    no_mandate_news,
    no_news,
    no_refund_news,
)
from faregate.payments.transport import Transport

_PERSONAL = "CYCLE_PAY_AUTH_P"
_PAID_BEFORE = "ACQ.TRADE_HAS_SUCCESS"


class AlipayPayments:
    """A ``PaymentProvider``."""

    kind: PaymentsKind = "alipay"
    acknowledgement = Acknowledgement(b"success")

    def __init__(self, settings: AlipaySettings, transport: Transport, clock: Clock) -> None:
        self._settings, self._transport = settings, transport
        self._calls = AlipayCalls(settings, transport, clock)
        self.name = settings.door.name
        self.currencies = settings.door.currencies
        signs = settings.mandate_scene is not None
        self.capabilities = Capabilities(
            mandate=signs,
            mandate_first=signs,
            off_session=signs,
            cancel_mandate=signs,
            refund=True,
            partial_refund=True,
            abandon=True,
        )

    async def begin(self, order: PaymentOrder) -> Begun:
        """A page or a code to pay with; a code to sign with where the order asks for a mandate."""
        check_order(self.name, self.currencies, order)
        if order.mandate is not None:
            return self._sign(order, order.mandate)
        content = self._trade(order)
        if self._settings.checkout == "page":
            content["product_code"] = "FAST_INSTANT_TRADE_PAY"
            url = self._calls.page("alipay.trade.page.pay", content, order.notify_url, order.return_url)
            return Begun(
                self.name, order.order, order.amount, "pending", order.order, Redirect(url), order.expires_at
            )
        try:
            answer = await self._calls.ask("alipay.trade.precreate", content, order.notify_url)
            if answer.text("out_trade_no") != order.order:
                raise contradiction("the code is not for this order")
            code = answer.need_text("qr_code")
        except SaidNo as failure:
            if failure.words == _PAID_BEFORE:
                found = await self.status(order.order)
                return Begun(
                    self.name, order.order, order.amount, found.state, found.reference, problem=found.problem
                )
            return bad_begun(self.name, order, failure)
        except ENDS as failure:
            return bad_begun(self.name, order, failure)
        return Begun(self.name, order.order, order.amount, "pending", order.order, QrText(code), order.expires_at)

    def _trade(self, order: PaymentOrder) -> dict[str, Any]:
        content: dict[str, Any] = {
            "out_trade_no": order.order,
            "total_amount": to_decimal(order.amount),
            "subject": order.description[:128],
        }
        if order.expires_at:
            content["time_expire"] = china_time(order.expires_at)
        return content

    def _sign(self, order: PaymentOrder, period: Period) -> Begun:
        months = period.count * (12 if period.unit == "year" else 1)
        by_day = period.unit == "day"
        if by_day and period.count < 7:
            raise PaymentNotPossible(self.name, "mandate", "cannot be charged more often than every 7 days")
        content = {
            "product_code": "CYCLE_PAY_AUTH",
            "personal_product_code": _PERSONAL,
            "sign_scene": self._scene(),
            "external_agreement_no": order.order,
            "access_params": {"channel": "QRCODEORSMS"},
            "period_rule_params": {
                "period_type": "DAY" if by_day else "MONTH",
                "period": str(period.count if by_day else months),
                "execute_time": _execute_day(order.at),
                "single_amount": to_decimal(order.amount),
            },
        }
        url = self._calls.page("alipay.user.agreement.page.sign", content, order.notify_url, order.return_url)
        return Begun(self.name, order.order, order.amount, "pending", order.order, QrText(url))

    def _scene(self) -> str:
        if self._settings.mandate_scene is None:
            raise PaymentUnsupported(self.name, "mandate")
        return self._settings.mandate_scene

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        """Draws the money by the agreement."""
        self._scene()
        check_order(self.name, self.currencies, order)
        content = self._trade(order)
        content |= {"product_code": "CYCLE_PAY_AUTH", "agreement_params": {"agreement_no": mandate}}
        content.pop("time_expire", None)
        try:
            answer = await self._calls.ask("alipay.trade.pay", content, order.notify_url)
            return about_charge(order, charge_status(self.name, answer))
        except SaidNo as failure:
            if failure.words == _PAID_BEFORE:
                return await self.status(order.order)
            return bad_charge(self.name, failure)
        except ENDS as failure:
            return bad_charge(self.name, failure)

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        """By our order id. A page's trade is not there before somebody opened the page: it is ``pending``."""
        try:
            found = await self._calls.ask("alipay.trade.query", {"out_trade_no": reference})
            return about_payment(reference, payment_status(self.name, found))
        except SaidNo as failure:
            state: State = "pending" if failure.problem.code == "not_found" else "unknown"
            return PaymentStatus(self.name, reference, None, None, state, failure.problem)
        except ENDS as failure:
            return no_news(self.name, reference, failure)

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Closes the trade. A page that nobody opened cannot be closed: it stays ``pending`` until it expires."""
        try:
            await self._calls.ask("alipay.trade.close", {"out_trade_no": reference})
        except SaidNo:
            pass
        except ENDS as failure:
            return no_news(self.name, reference, failure)
        return await self.status(reference, order)

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Of any part; under our refund id it happens once. Its answer tells the sum of all refunds, so that this one
        is asked for."""
        check_refund(self.name, self.currencies, order, partial=True)
        content = {
            "out_trade_no": order.payment,
            "out_request_no": order.refund,
            "refund_amount": to_decimal(order.amount),
            "refund_reason": order.reason[:128],
        }
        try:
            answer = await self._calls.ask("alipay.trade.refund", content)
            if answer.text("out_trade_no") != order.payment:
                raise contradiction("the refund is of another trade")
        except ENDS as failure:
            return bad_refund(self.name, order, failure, order.refund)
        return await self.refund_status(order.refund, order)

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        """By our ids of trade and refund."""
        content = {"out_trade_no": order.payment, "out_request_no": reference}
        try:
            found = await self._calls.ask("alipay.trade.fastpay.refund.query", content)
            return about_refund(order, refund_fact(self.name, found))
        except ENDS as failure:
            return no_refund_news(self.name, reference, failure)

    async def mandate_status(self, payment: str) -> MandateStatus:
        """The agreement that the order asked for; none yet is pending."""
        content = {
            "personal_product_code": _PERSONAL,
            "sign_scene": self._scene(),
            "external_agreement_no": payment,
        }
        try:
            return mandate_fact(self.name, await self._calls.ask("alipay.user.agreement.query", content))
        except SaidNo as failure:
            if failure.problem.code == "not_found":
                return MandateStatus(self.name, None, "pending", payment)
            return no_mandate_news(self.name, None, failure)
        except ENDS as failure:
            return no_mandate_news(self.name, None, failure)

    async def cancel_mandate(self, mandate: str) -> MandateStatus:
        """Ends the agreement; one that is not there any more has ended."""
        self._scene()
        try:
            await self._calls.ask("alipay.user.agreement.unsign", {"agreement_no": mandate})
        except SaidNo as failure:
            if failure.problem.code != "not_found":
                return no_mandate_news(self.name, mandate, failure)
        except ENDS as failure:
            return no_mandate_news(self.name, mandate, failure)
        return MandateStatus(self.name, mandate, "ended")

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        """See ``webhook``."""
        return read_alipay_webhook(self._settings, headers, body, now)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()


def _execute_day(at: int) -> str:
    """The day of the first charge, as Alipay takes it: none later than the 28th."""
    day = china_time(at)[:10]
    return day if int(day[8:]) <= 28 else f"{day[:8]}28"
