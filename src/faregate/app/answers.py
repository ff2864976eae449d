"""Answers: what the answer to a question of the outbox writes into the books, in the forms that all questions share.

Owns the ends ``done`` and ``later``, and how to pay as plain data. What is asked is questions.py's and signing.py's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faregate.app.payments_port import (
    Begun,
    HowToPay,
    Instructions,
    MandateStatus,
    PaymentStatus,
    Period,
    QrText,
    Redirect,
    RefundStatus,
)
from faregate.core.instants import MINUTE
from faregate.core.trade import outbox
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of

POLL_FIRST = MINUTE
"""How long after a payment was begun it is asked about, should its webhook be lost."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer does to the books."""

    write: Callable[[Draft, str, int], None]


def how_to_pay(how: HowToPay) -> dict[str, Any]:
    """How to pay as plain data: ``url``, ``qr`` or ``lines``."""
    match how:
        case Redirect(url):
            return {"url": url}
        case QrText(text):
            return {"qr": text}
        case Instructions(lines):
            return {"lines": [list(line) for line in lines]}


def period_of(period: str | None) -> Period | None:
    """How often a mandate is charged: ``month``, ``year`` or ``30d``; None is never."""
    if period is None:
        return None
    if period == "month":
        return Period("month")
    if period == "year":
        return Period("year")
    return Period("day", int(period.removesuffix("d")))


def problem_of(status: Begun | PaymentStatus | RefundStatus | MandateStatus) -> str:
    """Why a state is not the one hoped for; empty where nothing is said of it."""
    return status.problem.code if status.problem is not None else ""


def done(outcome: str) -> Answer:
    """Nothing more is to be asked."""

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            draft.add(outbox.answered(draft.state, mine, outcome, now, f"{id}:{mine.tries}:answered"))

    return Answer(write)


def later(problem: str) -> Answer:
    """There was no answer: it is asked again."""

    def write(draft: Draft, id: str, now: int) -> None:
        mine = book_of(draft.state).effects.get(id)
        if mine is not None:
            draft.add(outbox.ask_later(draft.state, mine, now, f"{id}:{mine.tries}:later", problem=problem))

    return Answer(write)
