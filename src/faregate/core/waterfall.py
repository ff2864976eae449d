"""The waterfall: one request's need, drawn from payers in order, split where the unit divides.

Owns the exact arithmetic of splitting: what a request needs is a fraction of the request; each payer takes the
largest fraction that its pool, its windows and its bracket allow. Reads state, never changes it; what it has drawn
so far is kept beside. Used by admission and by settlement alike, so that both split the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from faregate.core.amounts import checked, decimal_text, round_half_even
from faregate.core.pool import Pool
from faregate.core.request import Block, Slice
from faregate.core.route import Payer, list_value
from faregate.core.tariff import Gauge
from faregate.core.usage import Usage
from faregate.core.window import Window

# A named tuple made without the detour over its keyword constructor: this is the hot path.
new_slice: Callable[[type[Slice], tuple[Any, ...]], Slice] = tuple.__new__

ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(slots=True)
class Draft:
    """What one payer takes at one bracket so far, exact. ``share`` is the fraction of the request."""

    payer: Payer
    bracket: int
    bracket_value: Fraction
    share: Fraction = ZERO
    amount: Fraction = ZERO
    debt: Fraction = ZERO
    reserved_lots: list[tuple[str, int]] = field(default_factory=list)
    windows: dict[str, tuple[int, Fraction]] = field(default_factory=dict)


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


class Waterfall:
    """One walk. ``at`` is the admission (prices, window instances), ``now`` the moment of drawing.

    ``prompts`` gives, by subscription key, how many prompts the request counts there. At settlement ``own`` is what
    the request's hold reserved: it may draw that again, and unlike a hold it may pass a limit in whole units.
    """

    def __init__(
        self,
        usage: Usage,
        at: int,
        now: int,
        prompts: dict[str, int],
        own: Reserved | None = None,
    ) -> None:
        self.usage = usage
        self.at = at
        self.now = now
        self.prompts = prompts
        self.left = ONE
        self.drafts: list[Draft] = []
        self.restores: list[Restore] = []
        self._pool_drawn: dict[str, Fraction] = {}
        self._window_drawn: dict[str, Fraction] = {}
        self._counted_whole: set[str] = set()
        self._holding = own is None
        self._own = own if own is not None else Reserved({}, {})

    def offer(self, payer: Payer, overdraw_whole: bool) -> Block | None:
        """Draw all that ``payer`` can pay of what is left. Returns why it paid nothing or stopped, or None.

        ``overdraw_whole``: a payer that counts whole requests or prompts takes one while anything is left.
        """
        pool = payer.pool
        if pool is not None and pool.owed > 0:
            return Block(payer.key, "debt_owed", pool.key, None)
        usage = self.usage_for(payer)
        while self.left > 0:
            bracket, bracket_value, bracket_room = self._bracket(payer)
            need = self._need(payer.gauge, payer, usage, bracket_value)
            limit, block = self._limit(payer, usage, need, bracket_value, overdraw_whole)
            share, at_bracket_end = limit, False
            if bracket_room is not None:
                listed = self._progress_need(payer, usage)
                if listed > 0 and bracket_room / listed < share:
                    share, at_bracket_end = bracket_room / listed, True
            if share >= self.left:
                share = self.left
            elif not at_bracket_end and share <= 0:
                if self._restore(payer, block):
                    continue
                return block
            self._take(payer, usage, share, bracket, bracket_value)
            if self.left > 0 and not at_bracket_end and not self._restore(payer, block):
                return block
        return None

    def usage_for(self, payer: Payer) -> Usage:
        """The usage as this payer counts it: prompts by its own plan's rule."""
        prompts = self.prompts.get(payer.subscription.key)
        if prompts is None or prompts == self.usage.prompts:
            return self.usage
        return self.usage._replace(prompts=prompts)

    def draw_reserved(self, payer: Payer, held: Slice) -> None:
        """Draw up to what ``held`` reserved of ``payer``, at the bracket it was held at."""
        usage = self.usage_for(payer)
        value = self._bracket_value(payer, held.bracket)
        need = self._need(payer.gauge, payer, usage, value)
        lots = [(ledger, part) for ledger, part in held.lots]
        if payer.gauge.whole:
            self._take(payer, usage, self.left, held.bracket, value, None, lots, held.amount)
            return
        share = self.left
        if need > 0:
            share = min(share, Fraction(held.amount) / need)
        for window, gauge in payer.counted:
            if gauge is not None and gauge.whole:
                continue
            counted = need if gauge is None else self._window_need(gauge, payer, usage, value, window)
            if counted > 0:
                share = min(share, max(self._room(window), ZERO) / counted)
        self._take(payer, usage, share, held.bracket, value, need * share, lots)

    def overrun(self, payer: Payer) -> None:
        """Put all that is left on ``payer``: windows record it, a pool books it as debt."""
        usage = self.usage_for(payer)
        if self.drafts and self.drafts[-1].payer.key == payer.key:
            bracket, value = self.drafts[-1].bracket, self.drafts[-1].bracket_value
        else:
            bracket, value, _ = self._bracket(payer)
        need = self._need(payer.gauge, payer, usage, value)
        share = self.left
        draft = self._draft(payer, bracket, value)
        if payer.pool is not None:
            draft.debt += need * share
        self._take(payer, usage, share, bracket, value, ZERO if payer.pool is not None else None)

    def slices(self) -> list[Slice]:
        """The drafts rounded: each amount once, the last list value taking the remainder of the whole."""
        made: list[Slice] = []
        burnt: dict[str, int] = {}
        first = self.drafts[0].payer if self.drafts else None
        whole = list_value(first, self.usage) if first is not None else (0, 1)
        total = round_half_even(*whole)
        listed = 0
        complete = self.left == 0
        for index, draft in enumerate(self.drafts):
            last = complete and index == len(self.drafts) - 1
            exact = draft.share * Fraction(*whole)
            value = total - listed if last else round_half_even(exact.numerator, exact.denominator)
            listed += value
            made.append(self._slice(draft, value, burnt))
        return made

    # ---- what one payer needs and has room for

    def _need(self, gauge: Gauge, payer: Payer, usage: Usage, bracket_value: Fraction) -> Fraction:
        return Fraction(*gauge.quantity(usage, list_value(payer, usage))) * bracket_value

    def _window_need(
        self, gauge: Gauge, payer: Payer, usage: Usage, bracket_value: Fraction, window: Window
    ) -> Fraction:
        value = bracket_value if window.terms.multiplied else ONE
        return Fraction(*gauge.quantity(usage, list_value(payer, usage))) * value

    def _progress_need(self, payer: Payer, usage: Usage) -> Fraction:
        assert payer.progress_gauge is not None
        return Fraction(*payer.progress_gauge.quantity(usage, list_value(payer, usage)))

    def _bracket(self, payer: Payer) -> tuple[int, Fraction, Fraction | None]:
        """(index, multiplier, list value left in it) of the bracket the payer is in now."""
        rule, window = payer.progressive, payer.progress
        if rule is None or window is None:
            return 0, ONE, None
        paid = window.limit - self._room(window)
        for index, (up_to, value) in enumerate(rule.brackets):
            if up_to is None or paid < up_to:
                return index, value, None if up_to is None else up_to - paid
        return len(rule.brackets) - 1, rule.brackets[-1][1], None

    def _bracket_value(self, payer: Payer, bracket: int) -> Fraction:
        return ONE if payer.progressive is None else payer.progressive.brackets[bracket][1]

    def _limit(
        self,
        payer: Payer,
        usage: Usage,
        need: Fraction,
        bracket_value: Fraction,
        overdraw_whole: bool,
    ) -> tuple[Fraction, Block | None]:
        """The largest share of the request that pool and windows allow, and what sets it."""
        share, block = self.left, None
        pool = payer.pool
        whole = payer.gauge.whole
        if pool is not None and need > 0:
            available = pool.available - self._pool_drawn.get(pool.key, ZERO) + self._restored(pool)
            if available < need * self.left:
                allowed = self._whole_share(available, overdraw_whole) if whole else available / need
                if allowed < share:
                    share, block = (
                        max(allowed, ZERO),
                        Block(payer.key, "pool_empty", pool.key, None),
                    )
        for window, gauge in payer.counted:
            counted = need if gauge is None else self._window_need(gauge, payer, usage, bracket_value, window)
            if counted <= 0:
                continue
            room = self._room(window)
            if whole or (gauge is not None and gauge.whole):
                if window.key in self._counted_whole or room >= counted:
                    continue
                allowed = self._whole_share(room, overdraw_whole)
            elif room >= counted * self.left:
                continue
            else:
                allowed = max(room, ZERO) / counted
            if allowed < share:
                share, block = max(allowed, ZERO), Block(payer.key, "window_full", window.key, None)
        return share, block

    def _whole_share(self, room: Fraction, overdraw_whole: bool) -> Fraction:
        return self.left if overdraw_whole and room > 0 else ZERO

    def _room(self, window: Window) -> Fraction:
        """What this walk may still draw on ``window``: its instance at admission, own returns and draws counted."""
        anchor, reserved = self._instance(window)
        if not window.is_live(anchor, self.now):
            return Fraction(window.limit)
        used = window.used_at(self.now) - reserved
        return window.limit - used - self._window_drawn.get(window.key, ZERO)

    def _instance(self, window: Window) -> tuple[int, int]:
        """(anchor of the instance this request belongs to, what its own hold reserved there)."""
        own = self._own.windows.get(window.key)
        return own if own is not None else (window.instance_at(self.at)[0], 0)

    # ---- drawing

    def _take(
        self,
        payer: Payer,
        usage: Usage,
        share: Fraction,
        bracket: int,
        bracket_value: Fraction,
        amount: Fraction | None = None,
        reserved_lots: list[tuple[str, int]] | None = None,
        reserved: int = 0,
    ) -> None:
        need = self._need(payer.gauge, payer, usage, bracket_value)
        draft = self._draft(payer, bracket, bracket_value)
        if amount is None:
            if payer.gauge.whole:
                amount, debt = self._whole_amount(payer, need, reserved)
                draft.debt += debt
            else:
                amount = need * share
            if payer.pool is not None:
                drawn = self._pool_drawn.get(payer.pool.key, ZERO)
                self._pool_drawn[payer.pool.key] = drawn + amount - min(amount, reserved)
        draft.share += share
        draft.amount += amount
        if reserved_lots is not None:
            draft.reserved_lots.extend(reserved_lots)
        for window, gauge in payer.counted:
            counted = need if gauge is None else self._window_need(gauge, payer, usage, bracket_value, window)
            if gauge.whole if gauge is not None else payer.gauge.whole:
                if window.key in self._counted_whole:
                    continue
                self._counted_whole.add(window.key)
                if self._holding:
                    counted = min(counted, max(self._room(window), ZERO))
            else:
                counted *= share
            self._count(draft, window, counted)
        if payer.progress is not None:
            self._count(draft, payer.progress, self._progress_need(payer, usage) * share)
        self.left -= share

    def _whole_amount(self, payer: Payer, need: Fraction, reserved: int) -> tuple[Fraction, Fraction]:
        """(paid, debt) of a draw that does not split. A hold reserves no more than what is left."""
        if payer.pool is None:
            if not self._holding:
                return need, ZERO
            for window, gauge in payer.counted:
                if gauge is None:
                    need = min(need, max(self._room(window), ZERO))
            return need, ZERO
        drawn = self._pool_drawn.get(payer.pool.key, ZERO)
        available = payer.pool.available - drawn + self._restored(payer.pool) + reserved
        paid = min(need, max(available, ZERO))
        return paid, ZERO if self._holding else need - paid

    def _count(self, draft: Draft, window: Window, counted: Fraction) -> None:
        if counted <= 0:
            return
        anchor, _ = self._instance(window)
        before = draft.windows.get(window.key, (anchor, ZERO))[1]
        draft.windows[window.key] = (anchor, before + counted)
        self._window_drawn[window.key] = self._window_drawn.get(window.key, ZERO) + counted

    def _draft(self, payer: Payer, bracket: int, bracket_value: Fraction) -> Draft:
        for draft in self.drafts:
            if draft.payer.key == payer.key and draft.bracket == bracket:
                return draft
        draft = Draft(payer, bracket, bracket_value)
        self.drafts.append(draft)
        return draft

    # ---- restores

    def _restored(self, pool: Pool) -> int:
        return sum(restore.amount for restore in self.restores if restore.pool is pool)

    def _restore(self, payer: Payer, block: Block | None) -> bool:
        """Restore the payer's pool if it is what binds, it restores by itself and has a restore left."""
        pool = payer.pool
        if pool is None or block is None or block.reason != "pool_empty":
            return False
        refill = pool.terms.refill
        if refill is None or refill.kind != "restore" or not pool.automatic:
            return False
        done = sum(1 for restore in self.restores if restore.pool is pool)
        if pool.restores_left(self.now) - done <= 0 or not self._windows_have_room(payer):
            return False
        # What other open holds reserve is still in the pool; what this request drew is spent.
        amount = refill.full - (pool.held - self._own.pools.get(pool.key, 0))
        if amount <= 0:
            return False
        number = pool.granted + 1 + done
        self.restores.append(Restore(pool, pool.lot_ledger(number), amount))
        return True

    def _windows_have_room(self, payer: Payer) -> bool:
        return all(self._room(window) > 0 for window, _ in payer.counted)

    # ---- rounding

    def _slice(self, draft: Draft, value: int, burnt: dict[str, int]) -> Slice:
        payer = draft.payer
        amount = checked(round_half_even(draft.amount.numerator, draft.amount.denominator))
        debt = checked(round_half_even(draft.debt.numerator, draft.debt.denominator))
        lots = self._lots(draft, amount, burnt)
        windows = [
            (key, anchor, round_half_even(counted.numerator, counted.denominator))
            for key, (anchor, counted) in draft.windows.items()
        ]
        return make_slice(payer, draft.bracket, draft.bracket_value, amount, debt, value, lots, windows)

    def _lots(self, draft: Draft, amount: int, burnt: dict[str, int]) -> list[tuple[str, int]]:
        pool = draft.payer.pool
        if pool is None:
            return []
        taken: list[tuple[str, int]] = []
        for ledger, reserved in draft.reserved_lots:
            part = min(reserved, amount)
            if part > 0:
                taken.append((ledger, part))
                amount -= part
        if amount > 0:
            more = pool.burn(amount, burnt)
            for ledger, part in more:
                burnt[ledger] = burnt.get(ledger, 0) + part
            taken.extend(more)
            amount -= sum(part for _, part in more)
        for restore in self.restores:
            if amount > 0 and restore.pool is pool:
                part = min(amount, restore.amount - burnt.get(restore.ledger, 0))
                burnt[restore.ledger] = burnt.get(restore.ledger, 0) + part
                taken.append((restore.ledger, part))
                amount -= part
        return _merged(taken)


def _merged(taken: list[tuple[str, int]]) -> list[tuple[str, int]]:
    by_ledger: dict[str, int] = {}
    for ledger, part in taken:
        by_ledger[ledger] = by_ledger.get(ledger, 0) + part
    return list(by_ledger.items())


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
