"""A payment provider whose truth outlives crashes of ours, and that loses, doubles or twists what it answers.

Owns what was really paid and paid back. Speaks the port directly; the wire is tested in tests/payments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from faregate.app.payments_port import (
    Acknowledgement,
    Begun,
    Capabilities,
    HowToPay,
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
Mishap = Callable[[str], str]
CHARGED = Capabilities(
    mandate=True, off_session=True, refund=True, partial_refund=True, cancel_mandate=True, abandon=True
)
SHAPES = {
    "charged": CHARGED,
    "renews_itself": Capabilities(
        mandate=True, renews_itself=True, refund=True, partial_refund=True, cancel_mandate=True, abandon=True
    ),
    "signed_first": replace(CHARGED, mandate_first=True),
    "coins": Capabilities(refund=True, partial_refund=True),
}
"""What kinds of payment providers there are."""


@dataclass
class Truth:
    """What the payment provider has in its own books; survives our process."""

    payments: dict[str, tuple[PaymentOrder, State]] = field(default_factory=dict)
    refunds: dict[str, tuple[RefundOrder, State]] = field(default_factory=dict)
    mandates: dict[str, bool] = field(default_factory=dict)
    signings: dict[str, PaymentOrder] = field(default_factory=dict)
    """What is to be signed before it is charged, by payment."""
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
    """``mishap(call)`` says what happens to an answer: nothing (""), or it is ``lost``, ``late`` (what was done shows
    in the next), ``twisted`` (another sum), ``contradicted`` (another end), or the call comes in ``doubled``."""

    kind: PaymentsKind = "stripe"
    currencies = frozenset({"USD", "CNY"})
    acknowledgement = Acknowledgement()

    def __init__(
        self,
        truth: Truth,
        name: str = "stripe",
        mishap: Mishap = lambda call: "",
        charges: bool = True,
        shape: str = "",
    ) -> None:
        self.name = name
        self.truth = truth
        self.mishap = mishap
        self.news: list[WebhookEvent] = []
        """Webhooks of what was done because we asked for it."""
        self.capabilities = SHAPES[shape or ("charged" if charges else "renews_itself")]

    # ---- the customer

    def pay(self, payment: str) -> WebhookEvent:
        """The customer pays at the checkout page; the webhook that tells it."""
        order, state = self.truth.payments[payment]
        assert state == "pending", state
        self.truth.payments[payment] = (order, "succeeded")
        if order.mandate is not None:
            self.truth.mandates.setdefault(f"m_{payment}", True)
        return self.event(payment)

    def sign(self, payment: str) -> WebhookEvent:
        """The customer signs what is charged later; the webhook that tells it."""
        del self.truth.signings[payment]
        self.truth.mandates[f"m_{payment}"] = True
        return self.signed(payment)

    def signed(self, payment: str) -> WebhookEvent:
        said = MandateStatus(self.name, f"m_{payment}", "active", payment)
        return WebhookEvent(self.name, f"evt_{payment}_signed", "mandate", said, 0)

    def event(self, payment: str, number: int = 1) -> WebhookEvent:
        return WebhookEvent(self.name, f"evt_{payment}_{number}", "payment", self._status(payment), 0)

    def refund_event(self, refund: str) -> WebhookEvent:
        return WebhookEvent(self.name, f"evt_{refund}", "refund", self._refund_status(refund), 0)

    # ---- the port

    async def begin(self, order: PaymentOrder) -> Begun:
        self.truth.calls.append(f"begin {order.order}")
        if self.capabilities.mandate_first and order.mandate is not None:
            if f"m_{order.order}" not in self.truth.mandates:
                self.truth.signings.setdefault(order.order, order)
        else:
            self.truth.payments.setdefault(order.order, (order, "pending"))
        if self.mishap("begin") not in ("", "doubled"):
            return Begun(self.name, order.order, order.amount, "unknown", problem=UNKNOWN)
        how: HowToPay = Redirect(f"https://pay.example/{order.order}")
        return Begun(self.name, order.order, order.amount, "pending", f"ref_{order.order}", how)

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        self.truth.calls.append(f"charge {order.order}")
        if order.order not in self.truth.payments:
            alive = self.truth.mandates.get(mandate, False)
            self.truth.payments[order.order] = (order, "succeeded" if alive else "failed")
            self.news.append(self.event(order.order))
        return self._answered("charge", order.order)

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        assert order is not None
        return self._answered("status", order)

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        assert order is not None
        if order not in self.truth.payments:
            signing = self.truth.signings.pop(order, None)
            problem = None if signing is not None else Problem("not_found", "nothing of that id")
            return PaymentStatus(self.name, reference, order, None, "cancelled", problem)
        kept, state = self.truth.payments[order]
        if state == "pending":
            self.truth.payments[order] = (kept, "cancelled")
        return self._answered("abandon", order)

    async def refund(self, order: RefundOrder) -> RefundStatus:
        self.truth.calls.append(f"refund {order.refund}")
        if order.refund not in self.truth.refunds:
            self.truth.refunds[order.refund] = (order, "succeeded")
            self.news.append(self.refund_event(order.refund))
        return self._refund_answered("refund", order.refund)

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        return self._refund_answered("refund_status", order.refund)

    async def renewal(self, mandate: str) -> PaymentStatus:
        root = mandate.removeprefix("m_")
        made = [each for each in self.truth.payments if each.startswith(f"{root}r")]
        if not made:
            return PaymentStatus(self.name, None, None, None, "pending", mandate=mandate)
        answer = self._answered("renewal", made[-1])
        if answer.state == "unknown":
            return answer
        return replace(answer, reference=made[-1], order=root, mandate=mandate)

    async def cancel_mandate(self, reference: str) -> MandateStatus:
        self.truth.mandates[reference] = False
        if self.mishap("cancel_mandate") not in ("", "doubled"):
            return MandateStatus(self.name, reference, "unknown", problem=UNKNOWN)
        return MandateStatus(self.name, reference, "ended")

    async def mandate_status(self, reference: str) -> MandateStatus:
        if self.mishap("mandate_status") not in ("", "doubled"):
            return MandateStatus(self.name, None, "unknown", problem=UNKNOWN)
        payment = reference.removeprefix("ref_")
        alive = self.truth.mandates.get(f"m_{payment}")
        if alive is None:
            return MandateStatus(self.name, None, "pending", payment)
        return MandateStatus(self.name, f"m_{payment}", "active" if alive else "ended", payment)

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
            return replace(status, amount=_less(status.amount))
        if mishap == "late" and status.state == "succeeded":
            return replace(status, state="pending", mandate=None)
        if mishap == "contradicted" and status.state == "succeeded":
            return replace(status, state="failed", problem=Problem("declined", "the card was declined"), mandate=None)
        return status

    def _status(self, payment: str) -> PaymentStatus:
        order, state = self.truth.payments[payment]
        mandate = f"m_{payment}" if f"m_{payment}" in self.truth.mandates else None
        problem = Problem("declined", "the card was declined") if state == "failed" else None
        return PaymentStatus(self.name, f"ref_{payment}", payment, order.amount, state, problem, None, mandate)

    def _refund_answered(self, call: str, refund: str) -> RefundStatus:
        mishap = self.mishap(call)
        if mishap == "lost":
            return RefundStatus(self.name, None, None, None, None, None, "unknown", UNKNOWN)
        status = self._refund_status(refund)
        if mishap == "twisted" and status.amount is not None:
            return replace(status, amount=_less(status.amount))
        if mishap == "late" and status.state == "succeeded":
            return replace(status, state="pending")
        if mishap == "contradicted" and status.state == "succeeded":
            return replace(status, state="failed", problem=Problem("rejected", "not possible"))
        return status

    def _refund_status(self, refund: str) -> RefundStatus:
        order, state = self.truth.refunds[refund]
        return RefundStatus(self.name, f"r_{refund}", refund, order.payment, order.order, order.amount, state)


def _less(amount: Money) -> Money:
    return Money(amount.amount - 10_000_000, amount.currency)
