"""Stripe's webhooks: ``Stripe-Signature: t=…,v1=…`` is HMAC-SHA256 over the moment, a dot and the body.

Several ``v1`` stand there while a secret is being changed; any of our secrets may have made any of them. The moment
is signed with the body and must be near now.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.payments_errors import WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import WebhookEvent
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.signatures import MICROSECONDS, check_moment, keyed_hash, same
from faregate.payments.stripe.facts import (
    dispute_fact,
    intent_status,
    metadata_of,
    refund_fact,
    session_status,
)
from faregate.payments.stripe.settings import StripeSettings

_SESSIONS = frozenset(
    f"checkout.session.{what}" for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired")
)
_INTENTS = frozenset(f"payment_intent.{what}" for what in ("succeeded", "payment_failed", "canceled", "processing"))
_REFUNDS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
_DISPUTES = frozenset({"charge.dispute.created", "charge.dispute.closed"})


def read_stripe_webhook(settings: StripeSettings, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
    """Raises WebhookRefused."""
    name = settings.door.name
    signed_at = _verified_moment(settings, headers.get("stripe-signature", ""), body)
    check_moment(name, signed_at, now, settings.door.webhook_seconds)
    try:
        event = read_fields(body)
        if event.truth("livemode") != settings.live:
            raise Unreadable("is of the other mode, live or test")
        return _event(name, event)
    except Unreadable as problem:
        raise WebhookUnreadable(name, f"the event {problem}") from None


def _verified_moment(settings: StripeSettings, header: str, body: bytes) -> int:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for key, _, value in pairs if key == "t"]
    given = [value for key, _, value in pairs if key == "v1"]
    if len(moments) != 1 or not moments[0].isascii() or not moments[0].isdigit() or len(moments[0]) > 12:
        raise WebhookUnsigned(settings.door.name, "Stripe-Signature says no moment")
    message = moments[0].encode() + b"." + body
    expected = [keyed_hash(secret.encoded, message, "sha256") for secret in settings.webhook_secrets]
    if not any(same(one, other) for one in given[:16] for other in expected):
        raise WebhookUnsigned(settings.door.name, "no v1 of Stripe-Signature is of our secret")
    return int(moments[0]) * MICROSECONDS


def _event(name: str, event: Fields) -> WebhookEvent:
    kind, reference = event.need_text("type"), event.need_text("id")
    at = event.need_whole("created") * MICROSECONDS
    found = event.need_fields("data").need_fields("object")
    if kind in _SESSIONS and found.text("mode") == "payment":
        return WebhookEvent(name, reference, "payment", session_status(name, found), at)
    if kind in _INTENTS and metadata_of(found).text("charge") == "yes":
        return WebhookEvent(name, reference, "payment", intent_status(name, found), at)
    if kind in _REFUNDS:
        return WebhookEvent(name, reference, "refund", refund_fact(name, found), at)
    if kind in _DISPUTES:
        return WebhookEvent(name, reference, "dispute", dispute_fact(name, found), at)
    return WebhookEvent(name, reference, "ignored", None, at)
