"""Who listens to live events, counted: so many for each account and in all.

Owns the bounds.
"""

from __future__ import annotations

from collections import Counter

from faregate.app.people_errors import TooManyListeners

MOST_LISTENERS = 500
MOST_OF_ACCOUNT = 10


class Listeners:
    """Who listens, by account."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def enter(self, account: str) -> None:
        """Count one more. Raises TooManyListeners."""
        if self.of[account] >= MOST_OF_ACCOUNT or self.of.total() >= MOST_LISTENERS:
            raise TooManyListeners
        self.of[account] += 1

    def leave(self, account: str) -> None:
        """Count one less."""
        self.of[account] -= 1
        if self.of[account] <= 0:
            del self.of[account]
