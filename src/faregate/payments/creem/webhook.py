"""Creem's webhooks: ``creem-signature`` is the HMAC-SHA256 of the body.

No moment is signed apart; the body's own ``created_at`` is the event's, not the delivery's, and deliveries are
repeated for hours and by hand for days: so the window is wide, and repeats are told by the event's id.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.payments_errors import WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import WebhookEvent
from faregate.payments.creem.facts import (
    checkout_status,
    dispute_fact,
    is_first_period,
    mandate_fact,
    overdue_status,
    refund_fact,
    renewal_status,
)
from faregate.payments.creem.settings import CreemSettings
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.signatures import check_moment, keyed_hash, same

_TEST_MODES = frozenset({"test", "sandbox", "local"})


def read_creem_webhook(settings: CreemSettings, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
    """Raises WebhookRefused."""
    name = settings.door.name
    given = headers.get("creem-signature", "")
    expected = [keyed_hash(secret.encoded, body, "sha256") for secret in settings.webhook_secrets]
    if not any(same(given, each) for each in expected):
        raise WebhookUnsigned(name, "creem-signature is not of our secret")
    try:
        event = read_fields(body)
        at = event.need_whole("created_at") * 1_000
        check_moment(name, at, now, settings.door.webhook_seconds)
        found = event.need_fields("object")
        if settings.live == (found.text("mode") in _TEST_MODES):
            raise Unreadable("is of the other mode, live or test")
        return _event(name, event, found, at)
    except Unreadable as problem:
        raise WebhookUnreadable(name, f"the event {problem}") from None


def _event(name: str, event: Fields, found: Fields, at: int) -> WebhookEvent:
    reference, kind = event.need_text("id"), event.need_text("eventType")
    if kind == "checkout.completed":
        return WebhookEvent(name, reference, "payment", checkout_status(name, found), at)
    if kind == "subscription.paid" and is_first_period(found):
        return WebhookEvent(name, reference, "ignored", None, at)
    if kind == "subscription.paid":
        return WebhookEvent(name, reference, "renewal", renewal_status(name, found), at)
    if kind == "subscription.past_due":
        return WebhookEvent(name, reference, "renewal", overdue_status(name, found), at)
    if kind in ("subscription.canceled", "subscription.expired"):
        return WebhookEvent(name, reference, "mandate", mandate_fact(name, found), at)
    if kind == "refund.created":
        return WebhookEvent(name, reference, "refund", refund_fact(name, found), at)
    if kind == "dispute.created":
        return WebhookEvent(name, reference, "dispute", dispute_fact(name, found), at)
    return WebhookEvent(name, reference, "ignored", None, at)
