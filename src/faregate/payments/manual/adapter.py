"""Payment by hand behind the port.

Nothing is kept here: what is true is what operators confirm, and the caller keeps that. Webhooks are refused, all of
them; ``confirm`` is for callers who know that an operator speaks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from faregate.app.payments_errors import PaymentUnsupported, WebhookUnsigned
from faregate.app.payments_port import (
    Acknowledgement,
    Begun,
    Capabilities,
    Confirmation,
    Instructions,
    MandateStatus,
    PaymentOrder,
    PaymentsKind,
    PaymentStatus,
    Problem,
    RefundOrder,
    RefundStatus,
    WebhookEvent,
)
from faregate.payments.manual.settings import ManualSettings
from faregate.payments.minor_units import to_decimal
from faregate.payments.orders import check_id, check_money, check_order, check_refund

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LETTERS = 9


class ManualPayments:
    """A ``PaymentProvider`` and ``ConfirmedByHand``."""

    kind: PaymentsKind = "manual"
    capabilities = Capabilities(refund=True, partial_refund=True, abandon=True, by_hand=True)
    acknowledgement = Acknowledgement()

    def __init__(self, settings: ManualSettings) -> None:
        self._settings = settings
        self.name = settings.name
        self.currencies = settings.currencies

    async def begin(self, order: PaymentOrder) -> Begun:
        """How to pay, and the code that the customer puts on the transfer."""
        check_order(self.name, self.currencies, order)
        if order.mandate is not None:
            raise PaymentUnsupported(self.name, "mandate")
        lines = (
            *self._settings.instructions,
            ("amount", f"{to_decimal(order.amount)} {order.amount.currency}"),
            ("payment_code", payment_code(order.order)),
        )
        return Begun(
            self.name,
            order.order,
            order.amount,
            "pending",
            order.order,
            Instructions(lines),
            expires_at=order.expires_at,
        )

    def confirm(self, confirmation: Confirmation) -> WebhookEvent:
        """The event that an operator's confirmation is. Raises PaymentNotPossible."""
        check_id(self.name, "order", confirmation.order)
        check_money(self.name, self.currencies, confirmation.amount)
        state = confirmation.state
        problem = None if state == "succeeded" else Problem("rejected", confirmation.seen)
        fact: PaymentStatus | RefundStatus
        if confirmation.refund is None:
            # What was seen names the money: seen elsewhere, it is other money.
            fact = PaymentStatus(
                self.name,
                _seen(confirmation) or confirmation.order,
                confirmation.order,
                confirmation.amount,
                state,
                problem,
                transaction=confirmation.seen,
            )
            return WebhookEvent(self.name, _event(confirmation), "payment", fact, confirmation.at)
        check_id(self.name, "refund", confirmation.refund)
        fact = RefundStatus(
            self.name,
            confirmation.refund,
            confirmation.refund,
            confirmation.order,
            confirmation.order,
            confirmation.amount,
            state,
            problem,
        )
        return WebhookEvent(self.name, _event(confirmation), "refund", fact, confirmation.at)

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        """Nobody can be charged by hand."""
        raise PaymentUnsupported(self.name, "off_session")

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Pending, for ever: only a confirmation says more."""
        return PaymentStatus(self.name, reference, None, None, "pending")

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Nothing has to be closed."""
        return PaymentStatus(self.name, reference, None, None, "cancelled")

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Waits for an operator to send the money and to confirm it."""
        check_refund(self.name, self.currencies, order, partial=True)
        return RefundStatus(self.name, order.refund, order.refund, order.payment, order.order, None, "pending")

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        """Pending, for ever: only a confirmation says more."""
        return RefundStatus(self.name, reference, order.refund, order.payment, order.order, None, "pending")

    async def mandate_status(self, payment: str) -> MandateStatus:
        """There are none."""
        raise PaymentUnsupported(self.name, "mandate")

    async def cancel_mandate(self, mandate: str) -> MandateStatus:
        """There are none."""
        raise PaymentUnsupported(self.name, "cancel_mandate")

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        """Nobody can sign one."""
        raise WebhookUnsigned(self.name, "is confirmed by an operator, never by a webhook")

    async def close(self) -> None:
        """Nothing is open."""


def payment_code(order: str) -> str:
    """What stands on the transfer: nine letters and digits that cannot be misread; an order has one."""
    number = int.from_bytes(hashlib.sha256(order.encode()).digest()[:6], "big")
    letters = []
    for _ in range(_CODE_LETTERS):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    code = "".join(letters)
    return f"{code[:3]}-{code[3:6]}-{code[6:]}"


def _seen(confirmation: Confirmation) -> str:
    return " ".join(confirmation.seen.split())


def _event(confirmation: Confirmation) -> str:
    said = (
        *(confirmation.order, confirmation.refund or "", confirmation.state),
        *(str(confirmation.amount.amount), confirmation.amount.currency, _seen(confirmation)),
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]
