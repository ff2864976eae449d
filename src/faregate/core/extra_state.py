"""Extra Usage as it stands on a subscription: on or off, for which key, and what it has paid so far.

Owns the values alone. The rules are in ``extra_usage``; only ``evolve`` changes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ExtraUsage:
    """``key`` is the id of the API key that is billed, '' when it is gone; ``lost`` is then the one that was revoked.

    ``since`` is when it was last switched on. Amounts are in the smallest parts of the wallet's unit: ``spent`` since
    then, ``month`` with the instant its calendar month began, ``windows`` by the plan's window id with the anchor of
    the instance.
    """

    on: bool
    key: str
    lost: str
    since: int
    spent: int = 0
    month: tuple[int, int] = (0, 0)
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, amount: int, month: int, windows: list[tuple[str, int]]) -> None:
        """Add ``amount`` to the sums; ``windows`` are the instances it was paid in."""
        self.spent += amount
        begun, paid = self.month
        if month >= begun:
            self.month = (month, amount + (paid if month == begun else 0))
        for id, anchor in windows:
            opened, paid = self.windows.get(id, (anchor, 0))
            if anchor >= opened:
                self.windows[id] = (anchor, amount + (paid if anchor == opened else 0))

    def data(self) -> list[Any]:
        """JSON-able; ``from_data`` reads it."""
        windows = {id: list(each) for id, each in self.windows.items()}
        return [self.on, self.key, self.lost, self.since, self.spent, list(self.month), windows]

    @classmethod
    def from_data(cls, data: list[Any]) -> ExtraUsage:
        on, key, lost, since, spent, month, windows = data
        kept = {id: (anchor, amount) for id, (anchor, amount) in windows.items()}
        return cls(on, key, lost, since, spent, (month[0], month[1]), kept)
