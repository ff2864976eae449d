"""WeChat Pay's notifications: signed by its platform, sealed with our API v3 key, both checked.

What one is about is told by what is inside, which is sealed, not by its outer words.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.payments_errors import WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import WebhookEvent
from faregate.payments.fields import Unreadable, read_fields
from faregate.payments.signatures import check_moment
from faregate.payments.wechat_pay.facts import mandate_fact, moment_of, payment_status, refund_fact
from faregate.payments.wechat_pay.settings import WechatPaySettings
from faregate.payments.wechat_pay.signing import NotSigned, unsealed, verified_moment


def read_wechat_pay_webhook(
    settings: WechatPaySettings, headers: Mapping[str, str], body: bytes, now: int
) -> WebhookEvent:
    """Raises WebhookRefused."""
    name = settings.door.name
    try:
        signed_at = verified_moment(settings, headers, body)
    except NotSigned as problem:
        raise WebhookUnsigned(name, str(problem)) from None
    check_moment(name, signed_at, now, settings.door.webhook_seconds)
    try:
        notice = read_fields(body)
        event, at = notice.need_text("id"), moment_of(notice.need_text("create_time"))
        found = read_fields(unsealed(settings.api_v3_key, notice.need_fields("resource")))
        if found.text("mchid") != settings.merchant:
            raise Unreadable("is another merchant's")
        if "out_refund_no" in found:
            return WebhookEvent(name, event, "refund", refund_fact(settings, found), at)
        if "trade_state" in found:
            return WebhookEvent(name, event, "payment", payment_status(settings, found), at)
        if "out_contract_code" in found:
            return WebhookEvent(name, event, "mandate", mandate_fact(settings, found), at)
        return WebhookEvent(name, event, "ignored", None, at)
    except Unreadable as problem:
        raise WebhookUnreadable(name, f"the notification {problem}") from None
