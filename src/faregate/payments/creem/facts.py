"""Creem's objects as facts.

A checkout (``ch_…``) is a payment, and a subscription (``sub_…``) a mandate; later payments of a subscription are
transactions (``tran_…``). Amounts are compared without the taxes that Creem adds on top and keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from faregate.app.payments_port import (
    DisputeStatus,
    MandateState,
    MandateStatus,
    Money,
    PaymentStatus,
    Problem,
    RefundStatus,
    State,
)
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.minor_units import InexactMoney, from_minor

FIRST_PERIOD = timedelta(days=1)
_REFUND_STATES: Mapping[str, State] = {
    "pending": "pending",
    "requiresAction": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "cancelled",
}
_TRANSACTION_STATES: Mapping[str, State] = {
    "pending": "pending",
    "paid": "succeeded",
    "refunded": "succeeded",
    "partialRefund": "succeeded",
    "chargedBack": "succeeded",
    "uncollectible": "failed",
    "declined": "failed",
    "canceled": "cancelled",
    "void": "cancelled",
}
_MANDATE_STATES: Mapping[str, MandateState] = {
    **dict.fromkeys(("active", "trialing", "scheduled_cancel", "past_due", "unpaid", "paused"), "active"),
    **dict.fromkeys(("canceled", "expired"), "ended"),
}


def our_order(fields: Fields) -> str | None:
    """Our order id in the metadata of an object."""
    return (fields.fields("metadata") or Fields({})).text("order")


def net_money(fields: Fields, currency: str | None = None) -> Money:
    """What was really paid or is to be paid, without tax and after discounts. Raises Unreadable.

    ``amount`` is before tax; whatever a discount took off is missing from ``amount_paid``.
    """
    amount, paid, tax = fields.need_whole("amount"), fields.whole("amount_paid"), fields.whole("tax_amount") or 0
    if paid is not None and paid not in (amount, amount + tax):
        amount = paid - tax
    amount -= (fields.whole("discount_amount") or 0) if paid is None else 0
    return money(amount, currency or fields.need_text("currency"))


def money(count: int, currency: str) -> Money:
    """Raises Unreadable for a currency that is not known."""
    try:
        return from_minor(count, currency.upper())
    except InexactMoney as problem:
        raise Unreadable(str(problem)) from None


def checkout_status(name: str, checkout: Fields) -> PaymentStatus:
    """A checkout as a payment. Raises Unreadable."""
    reference, status = checkout.need_text("id"), checkout.need_text("status")
    order, said = checkout.text("request_id"), our_order(checkout)
    if order and said and order != said:
        raise Unreadable("names two orders")
    order = order or said
    bought = checkout.fields("order")
    if status == "completed":
        if bought is None or bought.text("status") != "paid":
            raise Unreadable("is completed and not paid")
        return PaymentStatus(
            name,
            reference,
            order,
            net_money(bought),
            "succeeded",
            transaction=bought.text("transaction"),
            mandate=checkout.reference("subscription"),
        )
    if status == "expired":
        return PaymentStatus(name, reference, order, None, "cancelled", Problem("expired", "not paid in time"))
    if status not in ("pending", "processing"):
        raise Unreadable("is in no known state")
    return PaymentStatus(name, reference, order, None, "pending")


def transaction_status(name: str, transaction: Fields) -> PaymentStatus:
    """A transaction as a payment: it names Creem's order, not ours. Raises Unreadable."""
    state = _TRANSACTION_STATES.get(transaction.need_text("status"))
    if state is None:
        raise Unreadable("is in no known state")
    reference = transaction.need_text("id")
    problem = Problem("declined", "the transaction was declined") if state == "failed" else None
    return PaymentStatus(
        name,
        reference,
        our_order(transaction),
        net_money(transaction),
        state,
        problem,
        transaction=reference,
        mandate=transaction.reference("subscription"),
    )


def is_first_period(subscription: Fields) -> bool:
    """Whether a subscription that was just paid is in its first period: that payment is the checkout's, told twice.

    The first period begins when the subscription does, give or take the seconds of the checkout; the shortest one
    lasts a month. Raises Unreadable where it does not say.
    """
    begun = _moment(subscription, "created_at")
    return abs(_moment(subscription, "current_period_start_date") - begun) < FIRST_PERIOD


def _moment(fields: Fields, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(fields.need_text(name))
    except ValueError as failure:
        raise Unreadable(f"{name} is no moment") from failure
    if moment.tzinfo is None:
        raise Unreadable(f"{name} is in no time zone")
    return moment


def renewal_status(name: str, subscription: Fields) -> PaymentStatus:
    """The payment that a subscription has just made. Raises Unreadable."""
    paid = subscription.fields("last_transaction")
    reference = subscription.text("last_transaction_id") or (paid.need_text("id") if paid else None)
    if reference is None:
        raise Unreadable("names no transaction")
    if paid is not None:
        amount = net_money(paid)
    else:
        product = subscription.need_fields("product")
        amount = money(product.need_whole("price"), product.need_text("currency"))
    return PaymentStatus(
        name,
        reference,
        our_order(subscription),
        amount,
        "succeeded",
        transaction=reference,
        mandate=subscription.need_text("id"),
    )


def overdue_status(name: str, subscription: Fields) -> PaymentStatus:
    """A subscription whose payment failed and will be tried again."""
    problem = Problem("declined", "the renewal was declined; Creem tries again")
    mandate = subscription.need_text("id")
    return PaymentStatus(name, None, our_order(subscription), None, "pending", problem, mandate=mandate)


def refund_fact(name: str, refund: Fields, asked: str | None = None, payment: str | None = None) -> RefundStatus:
    """A refund. Creem does not know our id of it; it is always all of a transaction, which names it.

    ``asked`` is the transaction of ``payment`` that we asked to give back: the answer says little but a state.
    Raises Unreadable.
    """
    state = _REFUND_STATES.get(refund.need_text("status"))
    if state is None:
        raise Unreadable("is in no known state")
    checkout = refund.text_or_fields("checkout")
    reference = refund.reference("transaction") or asked
    if reference is None or (asked is not None and reference != asked):
        raise Unreadable("is of another transaction")
    amount = None
    count, currency = refund.whole("refund_amount"), refund.text("refund_currency")
    if count is not None and currency is not None:
        amount = money(count, currency)
        transaction = refund.text_or_fields("transaction")
        if transaction is not None and count == transaction.whole("amount_paid"):
            amount = net_money(transaction)
    return RefundStatus(
        name,
        reference,
        None,
        checkout.text("id") if checkout else payment or reference,
        (checkout.text("request_id") or our_order(checkout)) if checkout else None,
        amount,
        state,
        Problem("declined", "the refund failed") if state == "failed" else None,
    )


def mandate_fact(name: str, subscription: Fields) -> MandateStatus:
    """A subscription as a mandate. Raises Unreadable."""
    state = _MANDATE_STATES.get(subscription.need_text("status"))
    if state is None:
        raise Unreadable("is in no known state")
    return MandateStatus(name, subscription.need_text("id"), state, our_order(subscription))


def dispute_fact(name: str, dispute: Fields) -> DisputeStatus:
    """A dispute. Raises Unreadable."""
    checkout = dispute.text_or_fields("checkout")
    return DisputeStatus(
        name,
        dispute.need_text("id"),
        checkout.text("id") if checkout else dispute.reference("transaction"),
        (checkout.text("request_id") or our_order(checkout)) if checkout else None,
        money(dispute.need_whole("amount"), dispute.need_text("currency")),
        "opened",
    )
