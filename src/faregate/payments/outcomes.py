"""How a call of a payment provider ends when it ends badly.

Owns the two ways that must never be mixed up: it said no (nothing happened), and nobody knows.
"""

from __future__ import annotations

from faregate.app.payments_port import (
    Begun,
    MandateStatus,
    PaymentOrder,
    PaymentStatus,
    Problem,
    RefundOrder,
    RefundStatus,
    State,
)
from faregate.payments.fields import Unreadable
from faregate.payments.transport import Answer


class SaidNo(Exception):
    """The payment provider refused, in words that are surely its own. ``words`` is its own code."""

    def __init__(self, problem: Problem, words: str = "") -> None:
        super().__init__(problem.message)
        self.problem, self.words = problem, words


class NobodyKnows(Exception):
    """What was asked may have happened or not."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def contradiction(message: str) -> NobodyKnows:
    """An answer that cannot be true, or cannot be read."""
    return NobodyKnows(Problem("contradiction", message))


def raise_for_status(answer: Answer) -> None:
    """Raises NobodyKnows where the status alone says that nothing is sure; other 4xx and 2xx are for the caller."""
    status = answer.status
    if status in (401, 403):
        raise NobodyKnows(Problem("unauthorised", f"the payment provider refuses our key (status {status})"))
    if status >= 500 or status in (408, 409, 425, 429):
        raise NobodyKnows(Problem("server_error", f"status {status}"))
    if status < 200 or 300 <= status < 400:
        raise contradiction(f"status {status}")


ENDS = (SaidNo, NobodyKnows, Unreadable)
"""All that a call can raise."""


def problem_of(failure: Exception) -> Problem:
    """Why a call ended with one of ENDS."""
    if isinstance(failure, SaidNo | NobodyKnows):
        return failure.problem
    return Problem("contradiction", f"the answer {failure}")


def bad_begun(name: str, order: PaymentOrder, failure: Exception) -> Begun:
    """A ``begin`` that ended with one of ENDS: ``failed`` where it said no, else ``unknown``."""
    return Begun(name, order.order, order.amount, _state(failure), problem=problem_of(failure))


def bad_charge(name: str, failure: Exception) -> PaymentStatus:
    """The same for ``charge``."""
    return PaymentStatus(name, None, None, None, _state(failure), problem_of(failure))


def bad_refund(name: str, order: RefundOrder, failure: Exception, reference: str | None = None) -> RefundStatus:
    """The same for ``refund``."""
    state = _state(failure)
    return RefundStatus(name, reference, order.refund, order.payment, None, None, state, problem_of(failure))


def no_news(name: str, reference: str, failure: Exception) -> PaymentStatus:
    """A question that ended with one of ENDS: it says nothing about the payment."""
    return PaymentStatus(name, reference, None, None, "unknown", problem_of(failure))


def no_refund_news(name: str, reference: str, failure: Exception) -> RefundStatus:
    """The same about a refund."""
    return RefundStatus(name, reference, None, None, None, None, "unknown", problem_of(failure))


def no_mandate_news(name: str, mandate: str | None, failure: Exception) -> MandateStatus:
    """The same about a mandate."""
    return MandateStatus(name, mandate, "unknown", problem=problem_of(failure))


def about_payment(reference: str, status: PaymentStatus) -> PaymentStatus:
    """``status`` unless it answers for another payment than was asked for. Raises NobodyKnows."""
    if status.reference != reference:
        raise contradiction("the answer is about another payment")
    return status


def about_charge(order: PaymentOrder, status: PaymentStatus) -> PaymentStatus:
    """``status`` unless it charged something else than was asked for. Raises NobodyKnows."""
    if status.order not in (None, order.order) or status.amount not in (None, order.amount):
        raise contradiction("another order or amount was charged than we asked for")
    return status


def about_refund(order: RefundOrder, status: RefundStatus) -> RefundStatus:
    """``status`` unless it gave something else back than was asked for. Raises NobodyKnows."""
    strange = (
        status.refund not in (None, order.refund)
        or status.order not in (None, order.order)
        or status.payment not in (None, order.payment)
        or status.amount not in (None, order.amount)
    )
    if strange:
        raise contradiction("the answer is about another refund, payment or amount")
    return status


def _state(failure: Exception) -> State:
    return "failed" if isinstance(failure, SaidNo) else "unknown"
