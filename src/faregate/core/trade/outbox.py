"""The outbox: what is still to be asked of payment providers, and when.

Owns the entries ``attempt`` (a worker begins to ask: until then nobody else does) and ``answered``. What an answer
means is in payments.py and refunding.py.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.instants import SECOND
from faregate.core.trade.book import Effect
from faregate.core.trade.looking import LOOKS_AFTER
from faregate.core.trade.ordering import book_of

WAITS = (60, 120, 300, 900, 3600, 4 * 3600)
"""Seconds from the beginning of one try to that of the next; the last one for ever."""


def due(state: AccountState, now: int) -> list[Effect]:
    """Effects to be asked now, the longest due first."""
    return sorted((each for each in book_of(state).effects.values() if each.due_at <= now), key=lambda e: e.due_at)


def attempt(state: AccountState, effect: Effect, now: int) -> Entry:
    """``effect`` is being asked: the next try is due when this one must be over."""
    number = effect.tries + 1
    wait = WAITS[min(effect.tries, len(WAITS) - 1)]
    data = {"effect": effect.id, "tries": number, "due_at": now + wait * SECOND}
    return Entry(state.account, state.seq + 1, now, "attempt", f"{effect.id}:{number}", [], [], data)


def answered(state: AccountState, effect: Effect, outcome: str, now: int, key: str, **facts: Any) -> Entry:
    """``effect`` is done with."""
    data = {"effect": effect.id, "about": effect.about, "outcome": outcome, **facts}
    return Entry(state.account, state.seq + 1, now, "answered", key, [], [], data)


def ask_later(state: AccountState, effect: Effect, now: int, key: str, **changes: Any) -> Entry:
    """``effect`` had no answer yet: it becomes (or stays) a question about how things stand."""
    wait = WAITS[min(effect.tries, len(WAITS) - 1)]
    data = {"effect": effect.id, "tries": effect.tries, "due_at": now + wait * SECOND, **changes}
    return Entry(state.account, state.seq + 1, now, "attempt", key, [], [], data)


def looked(state: AccountState, effect: Effect, now: int, key: str) -> Entry:
    """It was as it had been told: ``effect`` is asked again later, or no more."""
    looks = int(effect.facts["looks"]) + 1
    if looks >= len(LOOKS_AFTER):
        return answered(state, effect, "nothing_came", now, key)
    due_at = max(int(effect.facts["ended_at"]) + LOOKS_AFTER[looks], now + LOOKS_AFTER[0])
    return ask_later(state, effect, now, key, tries=0, looks=looks, due_at=due_at, problem="")
