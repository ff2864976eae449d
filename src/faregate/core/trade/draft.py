"""Drafts: entries of one account that follow each other, each decided on the state that the one before leaves.

Owns being ahead of the journal. What is in a draft goes into the journal together or not at all.
"""

from __future__ import annotations

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.evolve import Plans, evolve
from faregate.core.market import Market


class Draft:
    """``state`` is a copy, ahead of the journal by ``entries``."""

    def __init__(self, state: AccountState, market: Market, plans: Plans) -> None:
        self.state = state.copy()
        self.market = market
        self.plans = plans
        self.entries: list[Entry] = []

    def add(self, entry: Entry) -> Entry:
        """``entry`` is next."""
        evolve(self.state, entry, self.plans)
        self.entries.append(entry)
        return entry
