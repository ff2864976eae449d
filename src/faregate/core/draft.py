"""Drafts: what one payer takes of one request, exact, and the slices they become.

Owns the rounding of a distributed request: each amount once, the last list value taking the remainder of the whole,
and which lots an amount comes out of. Does not decide who pays what share (the waterfall does).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from faregate.core.amounts import checked, decimal_text, round_half_even
from faregate.core.pool import Pool
from faregate.core.request import Slice
from faregate.core.route import Payer, list_value
from faregate.core.usage import Usage

# A named tuple made without the detour over its keyword constructor: this is the hot path.
new_slice: Callable[[type[Slice], tuple[Any, ...]], Slice] = tuple.__new__

ZERO = Fraction(0)


@dataclass(slots=True)
class Draft:
    """What one payer takes at one bracket so far, exact. ``share`` is the fraction of the request.

    ``reserved_lots`` are those of the hold's own slice; they pay first.
    """

    payer: Payer
    bracket: int
    bracket_value: Fraction
    share: Fraction = ZERO
    amount: Fraction = ZERO
    debt: Fraction = ZERO
    reserved_lots: list[tuple[str, int]] = field(default_factory=list)
    windows: dict[str, tuple[int, Fraction]] = field(default_factory=dict)

    def beyond_reserved(self) -> int:
        """What it takes out of its pool beyond what the hold reserved, in whole smallest parts."""
        amount = rounded(self.amount)
        return amount - min(amount, self.reserved())

    def reserved(self) -> int:
        """What the hold reserved of its pool for it."""
        return sum(part for _, part in self.reserved_lots)


@dataclass(slots=True)
class Restore:
    """A pool restored to its cap in the middle of a request: a lot to be made."""

    pool: Pool
    ledger: str
    amount: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """What one hold reserved: window key -> (anchor, amount), pool key -> amount."""

    windows: dict[str, tuple[int, int]]
    pools: dict[str, int]


def rounded(value: Fraction) -> int:
    """``value`` to the nearest smallest part, ties to even."""
    return round_half_even(value.numerator, value.denominator)


def slices_of(drafts: Sequence[Draft], usage: Usage, complete: bool, restores: Sequence[Restore]) -> list[Slice]:
    """The drafts rounded; ``complete`` says that they cover the whole of ``usage``."""
    made: list[Slice] = []
    burnt: dict[str, int] = {}
    whole = list_value(drafts[0].payer, usage) if drafts else (0, 1)
    total = round_half_even(*whole)
    listed = 0
    for index, draft in enumerate(drafts):
        last = complete and index == len(drafts) - 1
        value = total - listed if last else rounded(draft.share * Fraction(*whole))
        listed += value
        made.append(_slice(draft, value, burnt, restores))
    return made


def _slice(draft: Draft, value: int, burnt: dict[str, int], restores: Sequence[Restore]) -> Slice:
    amount, debt = checked(rounded(draft.amount)), checked(rounded(draft.debt))
    lots = _lots(draft, amount, burnt, restores)
    if draft.payer.pool is not None:
        # A tie may round a draft in two parts one smallest part above what its pool has.
        amount = sum(part for _, part in lots)
    windows = [(key, anchor, rounded(counted)) for key, (anchor, counted) in draft.windows.items()]
    return make_slice(draft.payer, draft.bracket, draft.bracket_value, amount, debt, value, lots, windows)


def _lots(draft: Draft, amount: int, burnt: dict[str, int], restores: Sequence[Restore]) -> list[tuple[str, int]]:
    """Which lots pay ``amount``: the reserved ones, then the pool's in burn order, then those just restored."""
    pool = draft.payer.pool
    if pool is None:
        return []
    taken: dict[str, int] = {}
    for ledger, reserved in draft.reserved_lots:
        part = min(reserved, amount)
        if part > 0:
            taken[ledger] = taken.get(ledger, 0) + part
            amount -= part
    if amount > 0:
        for ledger, part in pool.burn(amount, burnt):
            burnt[ledger] = burnt.get(ledger, 0) + part
            taken[ledger] = taken.get(ledger, 0) + part
            amount -= part
    for restore in restores:
        part = min(amount, restore.amount - burnt.get(restore.ledger, 0)) if restore.pool is pool else 0
        if part > 0:
            burnt[restore.ledger] = burnt.get(restore.ledger, 0) + part
            taken[restore.ledger] = taken.get(restore.ledger, 0) + part
            amount -= part
    return list(taken.items())


def make_slice(
    payer: Payer,
    bracket: int,
    bracket_value: Fraction,
    amount: int,
    debt: int,
    value: int,
    lots: Any,
    windows: Any,
) -> Slice:
    """A slice of ``payer`` with its multipliers spelled out."""
    factors: Any = payer.factors
    multiplier = payer.multiplier
    if payer.progressive is not None:
        multiplier = decimal_text(payer.tariff.multiplier * bracket_value)
        factors = (*factors, (payer.progressive.name, decimal_text(bracket_value)))
    return new_slice(
        Slice,
        (
            payer.key,
            payer.plan,
            payer.source.pool,
            payer.unit,
            amount,
            debt,
            value,
            payer.currency,
            multiplier,
            factors,
            payer.card,
            lots,
            windows,
            bracket,
        ),
    )
