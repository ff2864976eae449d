"""Looking again: a payment or refund that is told to have come to nothing is asked about a few times more.

Owns when, and for how long. What is found then is heard like any other answer: money goes where it belongs, and
nothing that was told falsely is believed for ever. Going on to the next look is the outbox's.
"""

from __future__ import annotations

from typing import Any

from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.trade.book import LOOKS

LOOKS_AFTER = (10 * MINUTE, 2 * HOUR, 12 * HOUR, 2 * DAY, 7 * DAY)
"""How long after its end it is looked at."""


def look(payment: str, reference: str, about: str, now: int, payer: str) -> dict[str, Any]:
    """The record of looking again at ``payment`` of the order ``about``, which ended without money at ``now``."""
    return _row("look", payment, reference, about, now, payer)


def look_at_refund(refund: str, reference: str, now: int, payer: str) -> dict[str, Any]:
    """The record of looking again at ``refund``, which did not go."""
    return _row("look_refund", refund, reference, refund, now, payer)


def _row(kind: str, id: str, reference: str, about: str, now: int, payer: str) -> dict[str, Any]:
    assert kind in LOOKS
    return {
        "effect": f"{id}:look",
        "kind": kind,
        "about": about,
        "due_at": now + LOOKS_AFTER[0],
        "payer": payer,
        "payment": id,
        "reference": reference,
        "ended_at": now,
        "looks": 0,
    }
