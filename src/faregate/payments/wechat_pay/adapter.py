"""WeChat Pay behind the port."""

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
    Problem,
    QrText,
    RefundOrder,
    RefundStatus,
    WebhookEvent,
)
from faregate.payments.minor_units import to_minor
from faregate.payments.orders import check_order, check_refund
from faregate.payments.outcomes import (
    ENDS,
    SaidNo,
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
from faregate.payments.wechat_pay.calls import Clock, Randomness, WechatPayCalls
from faregate.payments.wechat_pay.facts import china_time, mandate_fact, payment_status, refund_fact
from faregate.payments.wechat_pay.settings import WechatPaySettings
from faregate.payments.wechat_pay.webhook import read_wechat_pay_webhook

_PAID_BEFORE = frozenset({"ORDERPAID", "ORDER_PAID", "OUT_TRADE_NO_USED"})


class WechatPayments:
    """A ``PaymentProvider``."""

    kind: PaymentsKind = "wechat_pay"
    acknowledgement = Acknowledgement(status=204)

    def __init__(
        self, settings: WechatPaySettings, transport: Transport, clock: Clock, randomness: Randomness
    ) -> None:
        self._settings, self._transport = settings, transport
        self._calls = WechatPayCalls(settings, transport, clock, randomness)
        self.name = settings.door.name
        self.currencies = settings.door.currencies
        signs = settings.mandate_plan is not None
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
        """A code to scan: to pay, or to sign the contract where the order asks for a mandate."""
        check_order(self.name, self.currencies, order)
        if order.mandate is not None:
            return await self._sign(order)
        content: dict[str, Any] = {
            "appid": self._settings.app,
            "mchid": self._settings.merchant,
            "description": order.description[:127],
            "out_trade_no": order.order,
            "notify_url": order.notify_url,
            "amount": {"total": to_minor(order.amount), "currency": order.amount.currency},
        }
        if order.expires_at:
            content["time_expire"] = china_time(order.expires_at)
        try:
            code = (await self._calls.make_native(content)).need_text("code_url")
        except SaidNo as failure:
            if failure.words in _PAID_BEFORE:
                return await self._paid_before(order)
            return bad_begun(self.name, order, failure)
        except ENDS as failure:
            return bad_begun(self.name, order, failure)
        return Begun(
            self.name, order.order, order.amount, "pending", order.order, QrText(code), expires_at=order.expires_at
        )

    async def _paid_before(self, order: PaymentOrder) -> Begun:
        """An earlier begin of this order was heard after all."""
        status = await self.status(order.order)
        same = status.amount == order.amount
        problem = status.problem if same else Problem("contradiction", "this order id was used for another amount")
        return Begun(
            self.name, order.order, order.amount, status.state if same else "unknown", order.order, problem=problem
        )

    async def _sign(self, order: PaymentOrder) -> Begun:
        content: dict[str, Any] = {
            "appid": self._settings.app,
            "plan_id": self._plan(),
            "out_contract_code": order.order,
            "contract_display_account": order.customer[:32],
            "contract_notify_url": order.notify_url,
            "out_user_code": order.customer[:32],
        }
        try:
            url = (await self._calls.sign_contract(content)).need_text("redirect_url")
        except ENDS as failure:
            return bad_begun(self.name, order, failure)
        return Begun(self.name, order.order, order.amount, "pending", order.order, QrText(url))

    def _plan(self) -> int:
        if self._settings.mandate_plan is None:
            raise PaymentUnsupported(self.name, "mandate")
        return self._settings.mandate_plan

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        """Asks for the money; that it comes is told by notification, or by ``status``."""
        self._plan()
        check_order(self.name, self.currencies, order)
        contract, _, _ = mandate.partition(":")
        content = {
            "appid": self._settings.app,
            "out_trade_no": order.order,
            "description": order.description[:127],
            "transaction_notify_url": order.notify_url,
            "contract_id": contract,
            "amount": {"total": to_minor(order.amount), "currency": order.amount.currency},
        }
        try:
            answer = await self._calls.deduct(content)
            taken = answer.fields("amount")
            if answer.text("out_trade_no") != order.order or (
                taken is not None and taken.whole("total") != to_minor(order.amount)
            ):
                raise contradiction("the deduction is not for this order")
        except SaidNo as failure:
            if failure.words in _PAID_BEFORE:
                return await self.status(order.order)
            return bad_charge(self.name, failure)
        except ENDS as failure:
            return bad_charge(self.name, failure)
        return PaymentStatus(self.name, order.order, order.order, order.amount, "pending", mandate=mandate)

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        """By our order id."""
        try:
            return about_payment(reference, payment_status(self._settings, await self._calls.transaction(reference)))
        except ENDS as failure:
            return no_news(self.name, reference, failure)

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Closes the order, then asks what it came to."""
        try:
            await self._calls.close_order(reference)
        except SaidNo:
            pass
        except ENDS as failure:
            return no_news(self.name, reference, failure)
        return await self.status(reference, order)

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Of any part; under our refund id it happens once."""
        check_refund(self.name, self.currencies, order, partial=True)
        content = {
            "out_trade_no": order.payment,
            "out_refund_no": order.refund,
            "reason": order.reason[:80],
            "notify_url": order.notify_url,
            "amount": {
                "refund": to_minor(order.amount),
                "total": to_minor(order.paid),
                "currency": order.amount.currency,
            },
        }
        try:
            return about_refund(order, refund_fact(self._settings, await self._calls.make_refund(content)))
        except ENDS as failure:
            return bad_refund(self.name, order, failure)

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        """By our refund id."""
        try:
            return about_refund(order, refund_fact(self._settings, await self._calls.refund(reference)))
        except ENDS as failure:
            return no_refund_news(self.name, reference, failure)

    async def mandate_status(self, payment: str) -> MandateStatus:
        """The contract that the order asked for; none yet is pending."""
        self._plan()
        try:
            return mandate_fact(self._settings, await self._calls.contract(payment))
        except SaidNo as failure:
            if failure.problem.code in ("not_found", "mandate_ended"):
                return MandateStatus(self.name, None, "pending", payment)
            return no_mandate_news(self.name, None, failure)
        except ENDS as failure:
            return no_mandate_news(self.name, None, failure)

    async def cancel_mandate(self, mandate: str) -> MandateStatus:
        """Ends the contract."""
        self._plan()
        code = mandate.partition(":")[2]
        if not code:
            raise PaymentNotPossible(self.name, "mandate", "is none of WeChat Pay's")
        try:
            try:
                found = await self._calls.end_contract(code, "cancelled")
            except SaidNo:
                # Ended before: only the contract itself says so for sure.
                found = await self._calls.contract(code)
            return mandate_fact(self._settings, found)
        except ENDS as failure:
            return no_mandate_news(self.name, mandate, failure)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        """See ``webhook``."""
        return read_wechat_pay_webhook(self._settings, headers, body, now)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()
