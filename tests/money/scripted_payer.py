"""A payment provider whose truth outlives crashes of ours, and that loses, doubles or twists what it answers.

Owns what was really paid and paid back. Speaks the port directly; the wire is tested in tests/payments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from faregate.app.payments_port import (
    Acknowledgement,
    Begun,
    Capabilities,
    MandateStatus,
    Money,
    PaymentOrder,
    PaymentsKind,
    PaymentStatus,
    Problem,
    Redirect,
    RefundOrder,
    RefundStatus,
    State,
    WebhookEvent,
)

UNKNOWN = Problem("timed_out", "no answer in time")


@dataclass
class Truth:
    """What the payment provider has in its own books; survives our process."""

    payments: dict[str, tuple[PaymentOrder, State]] = field(default_factory=dict)
    refunds: dict[str, tuple[RefundOrder, State]] = field(default_factory=dict)
    mandates: dict[str, bool] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def taken(self, currency: str = "USD") -> int:
        """Money that customers paid and did not get back, in 10⁻⁹."""
        paid = sum(
            order.amount.amount
            for order, state in self.payments.values()
            if state == "succeeded" and order.amount.currency == currency
        )
        back = sum(
            order.amount.amount
            for order, state in self.refunds.values()
            if state == "succeeded" and order.amount.currency == currency
        )
        return paid - back


class ScriptedPayer:
    """``mishap(call)`` says what happens to an answer: "" (nothing), "lost", "twisted" or "late"."""

    kind: PaymentsKind = "stripe"
    currencies = frozenset({"USD", "CNY"})
    acknowledgement = Acknowledgement()

    def __init__(
        self,
        truth: Truth,
        name: str = "stripe",
        mishap: Callable[[str], str] = lambda call: "",
        charges: bool = True,
    ) -> None:
        self.name = name
        self.truth = truth
        self.mishap = mishap
        self.capabilities = Capabilities(
            mandate=True,
            off_session=charges,
            renews_itself=not charges,
            refund=True,
            partial_refund=True,
            cancel_mandate=True,
            abandon=True,
        )

    # ---- the customer

    def pay(self, payment: str) -> WebhookEvent:
        """The customer pays at the checkout page; the webhook that tells it."""
        order, state = self.truth.payments[payment]
        assert state == "pending", state
        self.truth.payments[payment] = (order, "succeeded")
        if order.mandate is not None:
            self.truth.mandates.setdefault(f"m_{payment}", True)
        return self.event(payment)

    def event(self, payment: str, number: int = 1) -> WebhookEvent:
        return WebhookEvent(self.name, f"evt_{payment}_{number}", "payment", self._status(payment), 0)

    def refund_event(self, refund: str) -> WebhookEvent:
        return WebhookEvent(self.name, f"evt_{refund}", "refund", self._refund_status(refund), 0)

    # ---- the port

    async def begin(self, order: PaymentOrder) -> Begun:
        self.truth.calls.append(f"begin {order.order}")
        self.truth.payments.setdefault(order.order, (order, "pending"))
        if self.mishap("begin"):
            return Begun(self.name, order.order, order.amount, "unknown", problem=UNKNOWN)
        how = Redirect(f"https://pay.example/{order.order}")
        return Begun(self.name, order.order, order.amount, "pending", f"ref_{order.order}", how)

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        self.truth.calls.append(f"charge {order.order}")
        if order.order not in self.truth.payments:
            alive = self.truth.mandates.get(mandate, False)
            self.truth.payments[order.order] = (order, "succeeded" if alive else "failed")
        return self._answered("charge", order.order)

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        assert order is not None
        return self._answered("status", order)

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        assert order is not None
        kept, state = self.truth.payments[order]
        if state == "pending":
            self.truth.payments[order] = (kept, "cancelled")
        return self._answered("abandon", order)

    async def refund(self, order: RefundOrder) -> RefundStatus:
        self.truth.calls.append(f"refund {order.refund}")
        self.truth.refunds.setdefault(order.refund, (order, "succeeded"))
        if self.mishap("refund") == "lost":
            return RefundStatus(self.name, None, None, None, None, None, "unknown", UNKNOWN)
        return self._refund_status(order.refund)

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        return self._refund_status(order.refund)

    async def cancel_mandate(self, reference: str) -> MandateStatus:
        self.truth.mandates[reference] = False
        if self.mishap("cancel_mandate"):
            return MandateStatus(self.name, reference, "unknown", problem=UNKNOWN)
        return MandateStatus(self.name, reference, "ended")

    async def mandate_status(self, reference: str) -> MandateStatus:
        alive = self.truth.mandates.get(reference, False)
        return MandateStatus(self.name, reference, "active" if alive else "ended")

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        raise NotImplementedError

    async def close(self) -> None:
        pass

    # ---- answers

    def _answered(self, call: str, payment: str) -> PaymentStatus:
        mishap = self.mishap(call)
        if mishap == "lost":
            return PaymentStatus(self.name, None, None, None, "unknown", UNKNOWN)
        status = self._status(payment)
        if mishap == "twisted" and status.amount is not None:
            twisted = Money(status.amount.amount - 10_000_000, status.amount.currency)
            return PaymentStatus(self.name, status.reference, status.order, twisted, status.state)
        return status

    def _status(self, payment: str) -> PaymentStatus:
        order, state = self.truth.payments[payment]
        mandate = f"m_{payment}" if f"m_{payment}" in self.truth.mandates else None
        problem = Problem("declined", "the card was declined") if state == "failed" else None
        return PaymentStatus(self.name, f"ref_{payment}", payment, order.amount, state, problem, None, mandate)

    def _refund_status(self, refund: str) -> RefundStatus:
        order, state = self.truth.refunds[refund]
        return RefundStatus(self.name, f"r_{refund}", refund, order.payment, order.order, order.amount, state)
