"""Stripe's objects as facts.

Checkout sessions (``cs_…``) are payments that the customer makes, payment intents (``pi_…``) those that we charge;
each carries our order id in its metadata. A mandate is named by the payment intent that it was left behind by.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.payments_port import (
    DisputeStatus,
    MandateStatus,
    Money,
    PaymentStatus,
    Problem,
    RefundStatus,
    State,
)
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.minor_units import InexactMoney, from_minor

_REFUND_STATES: Mapping[str, State] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "cancelled",
}
_INTENT_STATES: Mapping[str, State] = {
    "processing": "pending",
    "requires_capture": "pending",
    "requires_action": "failed",
    "requires_payment_method": "failed",
    "requires_confirmation": "failed",
    "succeeded": "succeeded",
    "canceled": "cancelled",
}


def money_of(fields: Fields, amount: str) -> Money:
    """``amount`` and ``currency`` of an object. Raises Unreadable."""
    try:
        return from_minor(fields.need_whole(amount), fields.need_text("currency").upper())
    except InexactMoney as problem:
        raise Unreadable(str(problem)) from None


def metadata_of(fields: Fields) -> Fields:
    """The metadata of an object, empty where it has none."""
    return fields.fields("metadata") or Fields({})


def session_status(name: str, session: Fields) -> PaymentStatus:
    """A checkout session as a payment. Raises Unreadable."""
    order, said = session.text("client_reference_id"), metadata_of(session).text("order")
    if order and said and order != said:
        raise Unreadable("names two orders")
    state: State = "pending"
    problem = None
    status, paid = session.need_text("status"), session.need_text("payment_status")
    if paid == "paid" and status == "complete":
        state = "succeeded"
    elif paid != "unpaid":
        raise Unreadable(f"is {status} and {paid}")
    elif status == "expired":
        state, problem = "cancelled", Problem("expired", "not paid in time")
    intent = session.reference("payment_intent")
    asked = metadata_of(session).text("mandate") == "yes"
    return PaymentStatus(
        name,
        session.need_text("id"),
        order or said,
        money_of(session, "amount_total"),
        state,
        problem,
        transaction=intent,
        mandate=intent if asked and state == "succeeded" else None,
    )


def intent_status(name: str, intent: Fields) -> PaymentStatus:
    """A payment intent that we made as a payment. Raises Unreadable."""
    state = _INTENT_STATES.get(intent.need_text("status"))
    if state is None:
        raise Unreadable("is in no known state")
    if state == "succeeded" and intent.need_whole("amount_received") != intent.need_whole("amount"):
        raise Unreadable("received another amount than it was for")
    reference = intent.need_text("id")
    problem = None
    if state == "failed":
        error = intent.fields("last_payment_error") or Fields({})
        words = error.text("decline_code") or error.text("code") or ""
        known = words if words in ("insufficient_funds", "authentication_required") else "declined"
        problem = Problem(known, error.text("message") or words or "declined")
    order = metadata_of(intent).text("order")
    return PaymentStatus(name, reference, order, money_of(intent, "amount"), state, problem, transaction=reference)


def refund_fact(name: str, refund: Fields) -> RefundStatus:
    """A refund. Raises Unreadable."""
    state = _REFUND_STATES.get(refund.need_text("status"))
    if state is None:
        raise Unreadable("is in no known state")
    said = metadata_of(refund)
    reason = refund.text("failure_reason")
    return RefundStatus(
        name,
        refund.need_text("id"),
        said.text("refund"),
        said.text("payment") or refund.reference("payment_intent"),
        said.text("order"),
        money_of(refund, "amount"),
        state,
        Problem("declined", reason or "the refund failed") if state == "failed" else None,
    )


def mandate_fact(name: str, reference: str, intent: Fields, method: Fields) -> MandateStatus:
    """The mandate that a payment intent left behind: its payment method, while it belongs to the customer."""
    held = method.reference("customer")
    alive = held is not None and held == intent.reference("customer")
    order = metadata_of(intent).text("order")
    return MandateStatus(name, reference, "active" if alive else "ended", order)


def dispute_fact(name: str, dispute: Fields) -> DisputeStatus:
    """A dispute; it names the payment intent, not our order. Raises Unreadable."""
    status = dispute.need_text("status")
    return DisputeStatus(
        name,
        dispute.need_text("id"),
        dispute.reference("payment_intent"),
        metadata_of(dispute).text("order"),
        money_of(dispute, "amount"),
        "won" if status in ("won", "warning_closed") else "lost" if status == "lost" else "opened",
    )
