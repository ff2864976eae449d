"""NowPayments' notifications: ``x-nowpayments-sig`` is the HMAC-SHA512 of the body with its names sorted.

No moment is signed, and most bodies carry none: a notification that is sent again is the same event, told by payment,
state and what was paid, and states only go forward at the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from faregate.app.payments_errors import WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import WebhookEvent
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.nowpayments.facts import payment_status
from faregate.payments.nowpayments.settings import NowPaymentsSettings
from faregate.payments.nowpayments.sorted_json import sorted_json
from faregate.payments.signatures import MICROSECONDS, check_moment, keyed_hash, same

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_nowpayments_webhook(
    settings: NowPaymentsSettings, headers: Mapping[str, str], body: bytes, now: int
) -> WebhookEvent:
    """Raises WebhookRefused."""
    name = settings.door.name
    given = headers.get("x-nowpayments-sig", "").lower()
    try:
        message = sorted_json(body)
    except Unreadable:
        raise WebhookUnsigned(name, "the body cannot be what was signed") from None
    if not any(same(given, keyed_hash(each.encoded, message, "sha512")) for each in settings.ipn_secrets):
        raise WebhookUnsigned(name, "x-nowpayments-sig is not of our secret")
    try:
        payment = read_fields(body)
        at = _moment(payment)
        if at is not None:
            check_moment(name, at, now, settings.door.webhook_seconds)
        fact = payment_status(name, payment)
        paid = payment.number("actually_paid") or 0
        event = f"{fact.reference}:{payment.need_text('payment_status')}:{paid}"
        return WebhookEvent(name, event, "payment", fact, now if at is None else at)
    except Unreadable as problem:
        raise WebhookUnreadable(name, f"the notification {problem}") from None


def _moment(payment: Fields) -> int | None:
    try:
        given = payment.whole("updated_at")
        return None if given is None else given * 1_000
    except Unreadable:
        pass
    text = payment.need_text("updated_at")
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("has a moment that is none") from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    elapsed = parsed - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * MICROSECONDS + elapsed.microseconds
