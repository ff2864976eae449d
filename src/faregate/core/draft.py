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
from faregate.core.tariff import Exact
from faregate.core.usage import Usage

# A named tuple made without the detour over its keyword constructor: this is the hot path.
new_slice: Callable[[type[Slice], tuple[Any, ...]], Slice] = tuple.__new__

ZERO = Fraction(0)


@dataclass(slots=True)
class Draft:
    """What one payer takes at one bracket so far, exact. ``share`` is the fraction of the request."""

    payer: Payer
    bracket: int
    bracket_value: Fraction
    share: Fraction = ZERO
    amount: Fraction = ZERO
    debt: Fraction = ZERO
    windows: dict[str, tuple[int, Fraction]] = field(default_factory=dict)


@dataclass(slots=True)
class Restore:
    """A pool restored to its cap in the middle of a request: a lot to be made."""

    pool: Pool
    ledger: str
    amount: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """What one hold reserved: window key -> (anchor, amount), pool key -> (lot, amount) of each part."""

    windows: dict[str, tuple[int, int]]
    lots: dict[str, list[tuple[str, int]]]

    def of_pool(self, key: str) -> int:
        """The amount reserved of the pool."""
        return sum(part for _, part in self.lots.get(key, ()))


NOTHING_RESERVED = Reserved({}, {})


def rounded(value: Fraction) -> int:
    """``value`` to the nearest smallest part, ties to even."""
    return round_half_even(value.numerator, value.denominator)


def slices_of(
    drafts: Sequence[Draft], usage: Usage, complete: bool, reserved: Reserved, restores: Sequence[Restore]
) -> list[Slice]:
    """The drafts rounded; ``complete`` says that they cover the whole of ``usage``."""
    made: list[Slice] = []
    burning = Burning({key: list(lots) for key, lots in reserved.lots.items()}, restores)
    whole = list_value(drafts[0].payer, usage) if drafts else (0, 1)
    total = round_half_even(*whole)
    listed = 0
    for index, draft in enumerate(drafts):
        last = complete and index == len(drafts) - 1
        value = total - listed if last else _share_of(whole, draft.share)
        listed += value
        made.append(_slice(draft, value, burning))
    return made


def _share_of(whole: Exact, share: Fraction) -> int:
    return round_half_even(whole[0] * share.numerator, whole[1] * share.denominator)


def _slice(draft: Draft, value: int, burning: Burning) -> Slice:
    amount, debt = checked(rounded(draft.amount)), checked(rounded(draft.debt))
    lots = burning.take(draft.payer.pool, amount) if draft.payer.pool is not None else []
    if draft.payer.pool is not None:
        # A tie may round a draft in two parts one smallest part above what its pool has.
        amount = sum(part for _, part in lots)
    windows = [(key, anchor, rounded(counted)) for key, (anchor, counted) in draft.windows.items()]
    return make_slice(draft.payer, draft.bracket, draft.bracket_value, amount, debt, value, lots, windows)


class Burning:
    """Which lots pay: those the hold reserved, then the pool's in burn order, then those just restored."""

    def __init__(self, reserved: dict[str, list[tuple[str, int]]], restores: Sequence[Restore]) -> None:
        self.reserved = reserved
        self.restores = restores
        self.burnt: dict[str, int] = {}

    def take(self, pool: Pool, amount: int) -> list[tuple[str, int]]:
        """(lot, part) for ``amount`` out of ``pool``, as far as there is any."""
        taken: dict[str, int] = {}
        unused: list[tuple[str, int]] = []
        for ledger, reserved in self.reserved.get(pool.key, ()):
            part = min(reserved, amount)
            amount -= part
            if part:
                taken[ledger] = taken.get(ledger, 0) + part
            if reserved > part:
                unused.append((ledger, reserved - part))
        self.reserved[pool.key] = unused
        if amount > 0:
            for ledger, part in pool.burn(amount, self.burnt):
                amount -= self._burn(ledger, part, taken)
        for restore in self.restores:
            left = restore.amount - self.burnt.get(restore.ledger, 0) if restore.pool is pool else 0
            if min(left, amount) > 0:
                amount -= self._burn(restore.ledger, min(left, amount), taken)
        return list(taken.items())

    def _burn(self, ledger: str, part: int, taken: dict[str, int]) -> int:
        self.burnt[ledger] = self.burnt.get(ledger, 0) + part
        taken[ledger] = taken.get(ledger, 0) + part
        return part


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
        words = payer.in_brackets.get(bracket)
        if words is None:
            factor = (payer.progressive.name, decimal_text(bracket_value))
            words = decimal_text(payer.tariff.multiplier * bracket_value), (*factors, factor)
            payer.in_brackets[bracket] = words
        multiplier, factors = words
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
