"""The tally of one replay: what became of every request, and what that adds up to.

Owns the counts. What was refused or not offered is marked request by request and added up at the end, at list prices
as the plan's family has them; what was paid is counted as it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from faregate.comparison.draws import Draws
from faregate.comparison.exact_arrays import Exact, Mask, total
from faregate.comparison.lanes import Lanes
from faregate.comparison.stretches import Stretch, Stretches
from faregate.comparison.workload import HOURS_A_WEEK, Workload
from faregate.core.ratecard import RateCard
from faregate.core.request import Slice

Card = Callable[[str], RateCard | None]
"""The rate card that prices a model for the plans of the offer."""

PAID, REFUSED, NOT_OFFERED = 0, 1, 2


@dataclass(slots=True)
class Counts:
    """What became of the requests. ``overflow`` and ``wallet`` are 10⁻⁹ of the comparison's currency.

    ``covered`` were paid by plans alone; ``uncovered``: a pool paid more than it had.
    ``payers`` are the keys of all sources that paid.
    ``refusals`` by window or pool key, or by reason; ``drawn`` by window and
    pool key, in smallest parts; ``refused_slots`` by hour of the week.
    """

    admitted: int = 0
    covered: int = 0
    refused: int = 0
    not_offered: int = 0
    overflow: int = 0
    wallet: int = 0
    uncovered: bool = False
    payers: set[str] = field(default_factory=set)
    refusals: dict[str, int] = field(default_factory=dict)
    drawn: dict[str, int] = field(default_factory=dict)
    refused_slots: list[int] = field(default_factory=lambda: [0] * HOURS_A_WEEK)
    stretches: list[Stretch] = field(default_factory=list)


class Tally:
    """Counts one replay. ``wallets`` are the plans whose money is counted."""

    def __init__(self, workload: Workload, lanes: Lanes, draws: Draws, wallets: set[str], card: Card) -> None:
        self.counts = Counts()
        self.stretches = Stretches(workload.ends)
        self.marks = bytearray(len(workload.columns))
        self._workload, self._lanes, self._draws, self._wallets, self._card = workload, lanes, draws, wallets, card
        # Payer -> the key of its pool, None where it has none.
        self._pools: dict[str, str | None] = {}

    def paid(self, at: int, slices: list[Slice]) -> None:
        """One request was paid at ``at``."""
        counts = self.counts
        counts.admitted += 1
        drawn = counts.drawn
        by_plan = True
        for piece in slices:
            amount = piece[4]
            pool = self.pool_of(piece[0], piece[2])
            if pool is not None:
                drawn[pool] = drawn.get(pool, 0) + amount
            for window, _, part in piece[12]:
                drawn[window] = drawn.get(window, 0) + part
            if piece[5]:
                counts.uncovered = True
            if self.is_wallet(piece[1]):
                by_plan = False
                counts.wallet += self._draws.money.convert(amount + piece[5], 1, piece[3], at)
        if by_plan:
            counts.covered += 1
        self.passed(at)

    def pool_of(self, payer: str, pool: str | None) -> str | None:
        """The key of the pool of a payer that pays."""
        if payer not in self._pools:
            self.counts.payers.add(payer)
            self._pools[payer] = f"{payer.rpartition('/')[0]}:{pool}" if pool is not None else None
        return self._pools[payer]

    def is_wallet(self, plan: str) -> bool:
        return plan in self._wallets

    def passed(self, at: int) -> None:
        """A request was paid at ``at``: a block that no waiting would have ended is over."""
        if self.stretches.waits_for_payment:
            self.stretches.paid(at)

    def many_paid(self, payer: str, plan: str, pool: str | None, count: int) -> None:
        """``count`` requests were paid whole by one payer; what they drew is told by itself."""
        counts = self.counts
        counts.admitted += count
        key = self.pool_of(payer, pool)
        if key is not None:
            counts.drawn.setdefault(key, 0)
        if not self.is_wallet(plan):
            counts.covered += count

    def drew(self, key: str, amount: int) -> None:
        """Requests drew ``amount`` of the window or pool of that key."""
        drawn = self.counts.drawn
        drawn[key] = drawn.get(key, 0) + amount

    def refused(self, row: int, at: int, subject: str, retry_at: int | None, count: int = 1) -> None:
        """``count`` requests, the first of them ``row`` at ``at``, were refused alike; ``mark`` marks the others."""
        counts = self.counts
        self.marks[row] = REFUSED
        counts.refused += count
        counts.refusals[subject] = counts.refusals.get(subject, 0) + count
        self.stretches.refused(at, retry_at, subject, count)

    def not_offered(self, row: int) -> None:
        self.marks[row] = NOT_OFFERED

    def mark(self, first: int, last: int, mask: Mask | None, as_what: int) -> None:
        """Requests [first, last), those of ``mask`` alone where there is one, went that way."""
        if mask is None:
            self.marks[first:last] = bytes((as_what,)) * (last - first)
        else:
            np.frombuffer(self.marks, dtype=np.uint8)[first:last][mask[first:last]] = as_what

    def close(self) -> Counts:
        """Everything added up."""
        counts, lanes = self.counts, self._lanes
        marks = np.frombuffer(self.marks, dtype=np.uint8)
        refused: Mask = (marks == REFUSED) & ~lanes.unserved
        absent: Mask = (marks == NOT_OFFERED) | lanes.unserved
        counts.not_offered = int(np.count_nonzero(absent))
        slots = np.frombuffer(self._workload.slots, dtype=np.uint8)
        counts.refused_slots = np.bincount(slots[refused], minlength=HOURS_A_WEEK).tolist()
        if counts.refused:
            for lane, (model, _) in enumerate(lanes.names):
                counts.overflow += self._value(model, refused & lanes.masks[lane])
        if counts.not_offered:
            for number, model in enumerate(self._workload.columns.models):
                counts.overflow += self._value(model, absent & (self._workload.columns.model == number))
        counts.stretches = self.stretches.close()
        return counts

    def _value(self, model: str, mask: Mask) -> int:
        """List value of the requests of ``mask``, in 10⁻⁹ of the comparison's currency."""
        card = self._card(model)
        if card is None or not mask.any():
            return 0
        values = self._draws.values(card)
        self._draws.remember_rates(card.currency, mask)
        return total(Exact(values.numbers[mask], values.most))
