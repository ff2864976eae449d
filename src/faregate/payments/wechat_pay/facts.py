"""WeChat Pay's objects as facts.

Our order id is its ``out_trade_no``, and names the payment; our refund id is its ``out_refund_no``. A mandate is its
contract, named by its ``contract_id`` and our code of it, which is the id of the order that asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from faregate.app.payments_port import MandateStatus, Money, PaymentStatus, Problem, RefundStatus, State
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.minor_units import InexactMoney, from_minor
from faregate.payments.signatures import MICROSECONDS
from faregate.payments.wechat_pay.settings import WechatPaySettings

_STATES: Mapping[str, State] = {
    **dict.fromkeys(("SUCCESS", "REFUND"), "succeeded"),
    **dict.fromkeys(("NOTPAY", "USERPAYING", "ACCEPT", "ACCEPTED"), "pending"),
    **dict.fromkeys(("CLOSED", "REVOKED"), "cancelled"),
    **dict.fromkeys(("PAYERROR", "PAY_FAIL"), "failed"),
}
_REFUND_STATES: Mapping[str, State] = {
    "SUCCESS": "succeeded",
    "PROCESSING": "pending",
    "ABNORMAL": "pending",
    "CLOSED": "cancelled",
}
_CHINA = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def payment_status(settings: WechatPaySettings, transaction: Fields) -> PaymentStatus:
    """A transaction as a payment. Raises Unreadable."""
    _check_ours(settings, transaction)
    state = _STATES.get(transaction.need_text("trade_state"))
    if state is None:
        raise Unreadable("is in no known state")
    order, number = transaction.need_text("out_trade_no"), transaction.text("transaction_id")
    if state == "succeeded" and number is None:
        raise Unreadable("is paid and has no number")
    problem = None
    if state == "failed":
        problem = Problem("declined", transaction.text("trade_state_desc") or "the payment failed")
    amount = transaction.fields("amount")
    money = _money(amount, "total") if amount is not None else None
    return PaymentStatus(settings.door.name, order, order, money, state, problem, transaction=number)


def refund_fact(settings: WechatPaySettings, refund: Fields) -> RefundStatus:
    """A refund, answered (``status``) or notified (``refund_status``). Raises Unreadable."""
    said = refund.text("status") or refund.need_text("refund_status")
    state = _REFUND_STATES.get(said)
    if state is None:
        raise Unreadable("is in no known state")
    problem = None
    if said == "ABNORMAL":
        problem = Problem("rejected", "the money cannot go back to where it came from: see the merchant platform")
    order, ours = refund.need_text("out_trade_no"), refund.need_text("out_refund_no")
    money = _money(refund.need_fields("amount"), "refund")
    return RefundStatus(settings.door.name, ours, ours, order, order, money, state, problem)


def mandate_fact(settings: WechatPaySettings, contract: Fields) -> MandateStatus:
    """A contract as a mandate. Raises Unreadable."""
    _check_ours(settings, contract)
    if contract.whole("plan_id") not in (None, settings.mandate_plan):
        raise Unreadable("is of another plan")
    code = contract.need_text("out_contract_code")
    number = contract.need_text("contract_id")
    ended = contract.text("contract_state") in ("TERMINATED", "UNSIGNED") or "contract_terminate_info" in contract
    return MandateStatus(settings.door.name, f"{number}:{code}", "ended" if ended else "active", code)


def moment_of(text: str) -> int:
    """``2026-01-31T10:34:56+08:00`` as microseconds UTC. Raises Unreadable."""
    try:
        elapsed = datetime.fromisoformat(text) - _EPOCH
    except (ValueError, TypeError):
        raise Unreadable("has a moment that is none") from None
    return (elapsed.days * 86_400 + elapsed.seconds) * MICROSECONDS


def china_time(at: int) -> str:
    """The other way, to the second."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(_CHINA).strftime("%Y-%m-%dT%H:%M:%S+08:00")


def _check_ours(settings: WechatPaySettings, fields: Fields) -> None:
    if fields.text("mchid") not in (None, settings.merchant) or fields.text("appid") not in (None, settings.app):
        raise Unreadable("is another merchant's")


def _money(amount: Fields, field: str) -> Money:
    try:
        return from_minor(amount.need_whole(field), amount.text("currency") or "CNY")
    except InexactMoney as problem:
        raise Unreadable(str(problem)) from None
