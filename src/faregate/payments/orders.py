"""What every payment provider asks of an order before anything is sent."""

from __future__ import annotations

import re

from faregate.app.payments_errors import PaymentNotPossible
from faregate.app.payments_port import Money, PaymentOrder, RefundOrder
from faregate.payments.minor_units import InexactMoney, to_minor

_ID = re.compile(r"[A-Za-z0-9_]{8,32}")


def check_order(payment_provider: str, currencies: frozenset[str], order: PaymentOrder) -> None:
    """Raises PaymentNotPossible for an id, amount or currency that cannot be carried."""
    check_id(payment_provider, "order", order.order)
    check_money(payment_provider, currencies, order.amount)
    if not order.description.strip():
        raise PaymentNotPossible(payment_provider, "description", "is empty")


def check_refund(payment_provider: str, currencies: frozenset[str], order: RefundOrder, *, partial: bool) -> None:
    """Raises PaymentNotPossible for a refund that is not of this payment, or larger; ``partial``: less is allowed."""
    check_id(payment_provider, "refund", order.refund)
    check_money(payment_provider, currencies, order.amount)
    if order.amount.currency != order.paid.currency:
        raise PaymentNotPossible(payment_provider, "currency", f"was paid in {order.paid.currency}")
    if order.amount.amount > order.paid.amount:
        raise PaymentNotPossible(payment_provider, "amount", "is more than was paid")
    if not partial and order.amount.amount != order.paid.amount:
        raise PaymentNotPossible(payment_provider, "amount", "can only be given back whole")


def check_id(payment_provider: str, field: str, text: str) -> None:
    """Raises PaymentNotPossible unless ``text`` can be our id at every payment provider."""
    if not _ID.fullmatch(text):
        raise PaymentNotPossible(payment_provider, field, "must be 8 to 32 of A-Z a-z 0-9 _")


def check_money(payment_provider: str, currencies: frozenset[str], money: Money) -> int:
    """The amount in smallest coins. Raises PaymentNotPossible."""
    if money.currency not in currencies:
        known = ", ".join(sorted(currencies))
        raise PaymentNotPossible(payment_provider, "currency", f"is {money.currency}; configured: {known}")
    if money.amount <= 0:
        raise PaymentNotPossible(payment_provider, "amount", "must be more than nothing")
    try:
        return to_minor(money)
    except InexactMoney as problem:
        raise PaymentNotPossible(payment_provider, "amount", str(problem)) from None
