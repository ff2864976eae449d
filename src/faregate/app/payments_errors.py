"""Failures of payments, typed, each with a stable code.

Owns what may not be asked of a payment provider and what may not be believed of a webhook. That a payment failed, or
that nobody knows how it ended, is no failure but a value (``payments_port``). These know no HTTP.
"""

from __future__ import annotations


class PaymentsError(Exception):
    """Base of the failures of payments. ``payment_provider`` is its configured name."""

    code = "payments_error"

    def __init__(self, payment_provider: str, problem: str) -> None:
        super().__init__(f"{payment_provider}: {problem}")
        self.payment_provider, self.problem = payment_provider, problem


class PaymentNotPossible(PaymentsError):
    """An order that this payment provider cannot carry: nothing was sent. ``field`` names what is in the way."""

    code = "payment_not_possible"

    def __init__(self, payment_provider: str, field: str, problem: str) -> None:
        super().__init__(payment_provider, f"{field}: {problem}")
        self.field = field


class PaymentUnsupported(PaymentsError):
    """The payment provider cannot do this at all (``capability``): see its ``capabilities``."""

    code = "payment_unsupported"

    def __init__(self, payment_provider: str, capability: str) -> None:
        super().__init__(payment_provider, f"does not know: {capability}")
        self.capability = capability


class PaymentUnclear(PaymentsError):
    """A webhook that is true, but whose account cannot be found out just now: it is to be sent again."""

    code = "payment_unclear"


class WebhookRefused(PaymentsError):
    """A webhook that is not to be believed. Nothing of its body may be used, nor logged."""

    code = "webhook_refused"


class WebhookUnsigned(WebhookRefused):
    """The signature is missing, of an unknown key, or not that of these bytes."""

    code = "webhook_unsigned"


class WebhookOutOfTime(WebhookRefused):
    """The signature is right, but the moment signed with it is too far from now: a replay, or a wrong clock."""

    code = "webhook_out_of_time"

    def __init__(self, payment_provider: str, signed_at: int, now: int) -> None:
        super().__init__(payment_provider, f"signed {abs(now - signed_at) // 1_000_000} s away from now")
        self.signed_at, self.now = signed_at, now


class WebhookUnreadable(WebhookRefused):
    """Signed, but not what the payment provider's documentation says: too large, not JSON, for another merchant."""

    code = "webhook_unreadable"
