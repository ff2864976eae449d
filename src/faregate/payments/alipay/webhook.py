"""Alipay's notifications: a form, signed as a whole, for our app and our seller.

One event is sent again for a day under one ``notify_id``; the moment it was first sent is signed with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.payments_errors import WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import RefundStatus, WebhookEvent
from faregate.payments.alipay.calls import moment_of
from faregate.payments.alipay.facts import mandate_fact, payment_status, yuan
from faregate.payments.alipay.settings import AlipaySettings
from faregate.payments.alipay.signing import NotSigned, verified_notice
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.signatures import check_moment

_MANDATES = frozenset({"dut_user_sign", "dut_user_unsign"})


def read_alipay_webhook(settings: AlipaySettings, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
    """Raises WebhookRefused."""
    name = settings.door.name
    try:
        notice = Fields(verified_notice(settings, body))
    except NotSigned as problem:
        raise WebhookUnsigned(name, str(problem)) from None
    except Unreadable:
        raise WebhookUnsigned(name, "the body cannot be what was signed") from None
    try:
        sent_at = moment_of(notice.need_text("notify_time"))
        check_moment(name, sent_at, now, settings.door.webhook_seconds)
        _check_ours(settings, notice)
        return _event(name, notice, sent_at)
    except Unreadable as problem:
        raise WebhookUnreadable(name, f"the notification {problem}") from None


def _check_ours(settings: AlipaySettings, notice: Fields) -> None:
    if notice.text("app_id") != settings.app:
        raise Unreadable("is for another app")
    if notice.text("seller_id") not in (None, settings.seller):
        raise Unreadable("is for another seller")
    if "trade_status" in notice and "seller_id" not in notice:
        raise Unreadable("names no seller")


def _event(name: str, notice: Fields, sent_at: int) -> WebhookEvent:
    event, kind = notice.need_text("notify_id"), notice.text("notify_type")
    if kind in _MANDATES:
        return WebhookEvent(name, event, "mandate", mandate_fact(name, notice), sent_at)
    if "trade_status" not in notice:
        return WebhookEvent(name, event, "ignored", None, sent_at)
    if "gmt_refund" in notice:
        # It tells the sum of all refunds so far, not this one: the caller asks for that.
        order, refund = notice.need_text("out_trade_no"), notice.text("out_biz_no")
        fact = RefundStatus(name, refund, refund, order, order, None, "pending", total=yuan(notice, "refund_fee"))
        return WebhookEvent(name, event, "refund", fact, sent_at)
    paid_at = notice.text("gmt_payment") or notice.text("gmt_close")
    return WebhookEvent(
        name, event, "payment", payment_status(name, notice), moment_of(paid_at) if paid_at else sent_at
    )
