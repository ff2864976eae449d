"""NowPayments' payments as facts.

``price_amount`` is what we asked for in our currency; what was sent in coins is compared with it by NowPayments,
whose ``finished`` alone means that all of it arrived. Less is ``partially_paid``: it waits for the rest, or for a
person.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.payments_port import Money, PaymentStatus, Problem, State
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.minor_units import InexactMoney, from_decimal

_STATES: Mapping[str, State] = {
    **dict.fromkeys(("waiting", "confirming", "confirmed", "sending", "partially_paid"), "pending"),
    "finished": "succeeded",
    "failed": "failed",
    "refunded": "failed",
    "expired": "cancelled",
}
_PROBLEMS = {
    "partially_paid": Problem("partially_paid", "less than the price arrived; the rest is awaited"),
    "failed": Problem("declined", "the payment failed"),
    "refunded": Problem("declined", "NowPayments sent the coins back"),
    "expired": Problem("expired", "not paid in time"),
}


def payment_status(name: str, payment: Fields) -> PaymentStatus:
    """A payment. Raises Unreadable."""
    status, reference = payment.need_text("payment_status"), payment.need_name("payment_id")
    state, problem = _STATES.get(status), _PROBLEMS.get(status)
    if state is None:
        raise Unreadable("is in no known state")
    if state == "succeeded" and not (payment.number("actually_paid") or 0) > 0:
        raise Unreadable("is finished and nothing was paid")
    if payment.name("parent_payment_id"):
        # Coins sent once more to an address that was paid: money without an order of its own.
        state, problem = "unknown", Problem("paid_twice", f"sent again after {payment.name('parent_payment_id')}")
    order = payment.text("order_id")
    return PaymentStatus(
        name, reference, order, price_of(payment), state, problem, transaction=payment.name("purchase_id")
    )


def price_of(payment: Fields) -> Money:
    """The price in our currency. Raises Unreadable."""
    amount = payment.number("price_amount")
    if amount is None:
        raise Unreadable("names no price")
    try:
        return from_decimal(amount, payment.need_text("price_currency").upper())
    except InexactMoney as problem:
        raise Unreadable(str(problem)) from None
