"""Alipay's objects as facts.

Our order id is its ``out_trade_no``, and names the payment; our refund id is its ``out_request_no``. A mandate is its
agreement, named by Alipay's number; ours is the id of the order that asked for it.
"""

from __future__ import annotations

from faregate.app.payments_port import MandateStatus, Money, PaymentStatus, Problem, RefundStatus, State
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.minor_units import InexactMoney, from_decimal


def yuan(fields: Fields, name: str) -> Money | None:
    """An amount in CNY. Raises Unreadable."""
    number = fields.number(name)
    try:
        return None if number is None else from_decimal(number, "CNY")
    except InexactMoney as problem:
        raise Unreadable(str(problem)) from None


def payment_status(name: str, trade: Fields) -> PaymentStatus:
    """A trade, answered or notified, as a payment. Raises Unreadable.

    A trade that was paid and given back whole is ``TRADE_CLOSED`` as one that was never paid is; only the paid one
    says when.
    """
    said, order = trade.need_text("trade_status"), trade.need_text("out_trade_no")
    was_paid = "send_pay_date" in trade or "gmt_payment" in trade
    state: State
    problem = None
    if said in ("TRADE_SUCCESS", "TRADE_FINISHED") or (said == "TRADE_CLOSED" and was_paid):
        state = "succeeded"
    elif said == "TRADE_CLOSED":
        state, problem = "cancelled", Problem("expired", "not paid in time, or closed")
    elif said == "WAIT_BUYER_PAY":
        state = "pending"
    else:
        raise Unreadable("is in no known state")
    amount, number = yuan(trade, "total_amount"), trade.text("trade_no")
    if state == "succeeded" and (amount is None or number is None):
        raise Unreadable("is paid and has no number or amount")
    return PaymentStatus(name, order, order, amount, state, problem, transaction=number)


def charge_status(name: str, trade: Fields) -> PaymentStatus:
    """The answer to a charge. Raises Unreadable."""
    order, number = trade.need_text("out_trade_no"), trade.text("trade_no")
    state: State = "succeeded" if trade.text("code") == "10000" else "pending"
    amount = yuan(trade, "total_amount")
    if state == "succeeded" and (amount is None or number is None):
        raise Unreadable("is paid and has no number or amount")
    return PaymentStatus(name, order, order, amount, state, transaction=number)


def refund_fact(name: str, found: Fields) -> RefundStatus:
    """The answer to the question for a refund: without ``REFUND_SUCCESS`` it has not come to an end."""
    order, refund = found.text("out_trade_no"), found.text("out_request_no")
    done = found.text("refund_status") == "REFUND_SUCCESS"
    amount = yuan(found, "refund_amount")
    if done and (amount is None or refund is None or order is None):
        raise Unreadable("is given back and says not what")
    return RefundStatus(name, refund, refund, order, order, amount, "succeeded" if done else "pending")


def mandate_fact(name: str, agreement: Fields) -> MandateStatus:
    """An agreement, answered or notified, as a mandate. Raises Unreadable."""
    order, said = agreement.text("external_agreement_no"), agreement.need_text("status")
    if said == "TEMP":
        return MandateStatus(name, None, "pending", order)
    if said not in ("NORMAL", "STOP", "UNSIGN"):
        raise Unreadable("is in no known state")
    return MandateStatus(name, agreement.need_text("agreement_no"), "active" if said == "NORMAL" else "ended", order)
