"""Bounds of grace: what plans let requests have while the books are away, and how much of it is left in this worker.

Owns the counting, by subscription, until the books are back. Decides nothing else about a request.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.grace import MARK
from faregate.core.terms import GraceRule

MICROSECONDS = 1_000_000


def gives_grace(state: AccountState) -> bool:
    """Whether a plan of the account lets requests go on at all."""
    return any(each.terms.grace is not None for each in state.subscriptions.values())


class Bounds:
    """What one account had of its plans' grace so far."""

    def __init__(self, requests: dict[str, int] | None = None, drawn: dict[str, int] | None = None) -> None:
        self._requests = requests if requests is not None else {}
        self._drawn = drawn if drawn is not None else {}

    def copy(self) -> Bounds:
        return Bounds(dict(self._requests), dict(self._drawn))

    def let_through(self, hold: Entry, state: AccountState, away_seconds: float) -> bool:
        """Whether every plan that pays for ``hold`` lets it through; if so, it is counted.

        ``away_seconds``: since the books were last reached.
        """
        needs: dict[str, int] = {}
        for key, rule, drawn in _shares(state, hold.data["slices"]):
            if rule is None or away_seconds * MICROSECONDS > rule.length:
                return False
            needs[key] = needs.get(key, 0) + drawn
            if rule.requests is not None and self._requests.get(key, 0) >= rule.requests:
                return False
            if rule.draw is not None and self._drawn.get(key, 0) + needs[key] > rule.draw:
                return False
        for key, drawn in needs.items():
            self._requests[key] = self._requests.get(key, 0) + 1
            self._drawn[key] = self._drawn.get(key, 0) + drawn
        return bool(needs)

    def close(self, held: dict[str, Any], closing: Entry, state: AccountState) -> None:
        """Count what a request that was let through drew in the end in place of what it held."""
        if MARK not in held:
            return
        for slices, sign in ((held["slices"], -1), (closing.data.get("slices", ()), 1)):
            for key, _, drawn in _shares(state, slices):
                self._drawn[key] = self._drawn.get(key, 0) + sign * drawn


def _shares(state: AccountState, slices: Any) -> list[tuple[str, GraceRule | None, int]]:
    """(subscription, its rule, what counts towards its bound) of every slice."""
    found = []
    for piece in slices:
        key = piece[0].rpartition("/")[0]
        subscription = state.subscriptions.get(key)
        rule = subscription.terms.grace if subscription is not None else None
        counts = rule is not None and rule.unit == piece[3]
        found.append((key, rule, piece[4] + piece[5] if counts else 0))
    return found
