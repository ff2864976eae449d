"""The waterfall: one request's need, drawn from payers in order, split where the unit divides.

Owns the exact arithmetic of splitting: what a request needs is a fraction of the request; each payer takes the
largest fraction that its pool, its windows and its bracket allow. Reads state, never changes it; what it has drawn
so far is kept beside. Used by admission and by settlement alike, so that both split the same way. Rounding is in
``draft``.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.draft import NOTHING_RESERVED, ZERO, Draft, Reserved, Restore, rounded, slices_of
from faregate.core.pool import Pool
from faregate.core.request import Block, Slice
from faregate.core.route import Payer, list_value
from faregate.core.tariff import Gauge
from faregate.core.usage import Usage
from faregate.core.window import Window

ONE = Fraction(1)
UNLIMITED = 2**80
"""Room in a window instance that is over: it binds nobody any more."""


class Waterfall:
    """One walk. ``at`` is the admission (prices, window instances), ``now`` the moment of drawing.

    ``prompts`` gives, by subscription key, how many prompts the request counts there. At settlement ``own`` is what
    the request's hold reserved: it may draw that again, and unlike a hold it may pass a limit in whole units.
    ``short`` tells that a whole unit was taken and held only as far as there was room for it.
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
        self.short = False
        self.drafts: list[Draft] = []
        self.restores: list[Restore] = []
        self._counted_whole: set[str] = set()
        self._holding = own is None
        self._own = own if own is not None else NOTHING_RESERVED
        # By payer, gauge and multiplier, each by what it is: asked for again at every limit and every draw.
        self._needs: dict[tuple[int, int, int], Fraction] = {}

    def offer(self, payer: Payer, overdraw_whole: bool) -> Block | None:
        """Draw all that ``payer`` can pay of what is left. Returns why it paid nothing or stopped, or None.

        ``overdraw_whole``: a payer that counts whole requests or prompts takes one while anything is left.
        """
        pool = payer.pool
        usage = self.usage_for(payer)
        while self.left:
            bracket, bracket_value, bracket_room = self._bracket(payer)
            need = self._need(payer.gauge, payer, usage, bracket_value)
            if pool is not None and need and pool.owed > 0:
                return Block(payer.key, "debt_owed", pool.key, None)
            share, block = self._limit(payer, usage, need, bracket, bracket_value, overdraw_whole)
            at_bracket_end = False
            if bracket_room is not None and not payer.gauge.whole:
                listed = self._progress_need(payer, usage)
                if listed and bracket_room / listed < share:
                    share, at_bracket_end = bracket_room / listed, True
            if share:
                self._take(payer, usage, share, need, bracket, bracket_value)
            if self.left and not at_bracket_end and not self._restore(payer, usage, bracket_value, block):
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
        if payer.gauge.whole:
            self._take(payer, usage, self.left, need, held.bracket, value)
            return
        share = self.left
        if need and rounded(_part_of(need, share)) > held.amount:
            share = min(share, held.amount / need)
        for window, gauge in payer.counted:
            if gauge is not None and gauge.whole:
                continue
            counted = need if gauge is None else self._window_need(gauge, payer, usage, value, window)
            room = self._room(window)
            if counted and rounded(_part_of(counted, share)) > room:
                share = min(share, max(room, 0) / counted)
        if share:
            self._take(payer, usage, share, need, held.bracket, value)

    def overrun(self, payer: Payer) -> None:
        """Put all that is left on ``payer``: windows record it, a pool books it as debt.

        A pool that carries debt pays out of what it still has first: owing beside a balance would only lock it.
        """
        usage = self.usage_for(payer)
        if self.drafts and self.drafts[-1].payer.key == payer.key:
            bracket, value = self.drafts[-1].bracket, self.drafts[-1].bracket_value
        else:
            bracket, value, _ = self._bracket(payer)
        draft = self._draft(payer, bracket, value)
        need = self._need(payer.gauge, payer, usage, value)
        rest = _part_of(need, self.left)
        pool, paid = payer.pool, rest
        if pool is not None:
            carries = pool.terms.debt == "carry"
            paid = min(rest, max(self._balance(pool, draft) - draft.amount, ZERO)) if carries else ZERO
            draft.debt += rest - paid
        draft.amount += paid
        self._count_share(draft, usage, self.left, need)

    def slices(self) -> list[Slice]:
        """The drafts rounded into slices. Restores that nothing was drawn from are not made after all."""
        made = slices_of(self.drafts, self.usage, self.left == 0, self._own, self.restores)
        drawn = {ledger for piece in made for ledger, _ in piece.lots}
        self.restores = [restore for restore in self.restores if restore.ledger in drawn]
        return made

    # ---- what one payer needs and has room for

    def _need(self, gauge: Gauge, payer: Payer, usage: Usage, bracket_value: Fraction) -> Fraction:
        key = id(payer), id(gauge), id(bracket_value)
        need = self._needs.get(key)
        if need is None:
            numerator, denominator = gauge.quantity(usage, list_value(payer, usage))
            need = Fraction(numerator * bracket_value.numerator, denominator * bracket_value.denominator)
            self._needs[key] = need
        return need

    def _window_need(
        self, gauge: Gauge, payer: Payer, usage: Usage, bracket_value: Fraction, window: Window
    ) -> Fraction:
        return self._need(gauge, payer, usage, bracket_value if window.terms.multiplied else ONE)

    def _progress_need(self, payer: Payer, usage: Usage) -> Fraction:
        assert payer.progress_gauge is not None
        return Fraction(*payer.progress_gauge.quantity(usage, list_value(payer, usage)))

    def _bracket(self, payer: Payer) -> tuple[int, Fraction, int | None]:
        """(index, multiplier, list value left in it) of the bracket the payer is in now."""
        rule, window = payer.progressive, payer.progress
        if rule is None or window is None:
            return 0, ONE, None
        room = self._room(window)
        if room == UNLIMITED:
            # The period of the admission is over: no cheaper than what the request has paid so far.
            index = max((draft.bracket for draft in self.drafts if draft.payer.key == payer.key), default=0)
            return index, rule.brackets[index][1], None
        paid = window.limit - room
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
        bracket: int,
        bracket_value: Fraction,
        overdraw_whole: bool,
    ) -> tuple[Fraction, Block | None]:
        """The largest share of the request that pool and windows allow, and what sets it.

        What the same draft has drawn before counts exact: it is rounded once, with what comes now.
        """
        share, block = self.left, None
        pool = payer.pool
        whole = payer.gauge.whole
        own = self._drafted(payer, bracket)
        if pool is not None and need:
            allowed = self._allowed(self._balance(pool, own), own.amount if own else 0, need, whole, overdraw_whole)
            if allowed < share:
                share, block = allowed, Block(payer.key, "pool_empty", pool.key, None)
        for window, gauge in payer.counted:
            counted = need if gauge is None else self._window_need(gauge, payer, usage, bracket_value, window)
            if not counted:
                continue
            gauge_whole = payer.gauge.whole if gauge is None else gauge.whole
            if gauge_whole and window.key in self._counted_whole:
                continue
            drawn = own.windows[window.key][1] if own is not None and window.key in own.windows else 0
            allowed = self._allowed(self._room(window, own), drawn, counted, whole or gauge_whole, overdraw_whole)
            if allowed < share:
                share, block = allowed, Block(payer.key, "window_full", window.key, None)
        return share, block

    def _allowed(
        self, capacity: int, drawn: Fraction | int, need: Fraction, whole: bool, overdraw_whole: bool
    ) -> Fraction:
        """The share of the request that ``capacity`` allows beside what was ``drawn`` of it before."""
        room = capacity - drawn
        if room <= 0:
            return ZERO
        if whole:
            return self.left if overdraw_whole or room >= need else ZERO
        more = _part_of(need, self.left)
        return self.left if rounded(drawn + more if drawn else more) <= capacity else room / need

    def _balance(self, pool: Pool, own: Draft | None = None) -> int:
        """What this walk may still draw on ``pool``, or all that ``own`` may: what its own hold reserved included."""
        drawn = sum(rounded(each.amount) for each in self.drafts if each.payer.pool is pool and each is not own)
        restored = sum(made.amount for made in self.restores if made.pool is pool)
        return pool.available + self._own.of_pool(pool.key) + restored - drawn

    def _room(self, window: Window, own: Draft | None = None) -> int:
        """What this walk may still draw on ``window``, or all that ``own`` may: its instance at admission.

        What the request's own hold reserved stays its own, even where others have overrun the limit since.
        """
        anchor, reserved = self._instance(window)
        if not window.is_live(anchor, self.now):
            return UNLIMITED
        free = max(window.limit - window.used_at(self.now), 0)
        others = [draft for draft in self.drafts if draft is not own and window.key in draft.windows]
        return free + reserved - sum(rounded(draft.windows[window.key][1]) for draft in others)

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
        need: Fraction,
        bracket: int,
        bracket_value: Fraction,
    ) -> None:
        draft = self._draft(payer, bracket, bracket_value)
        if payer.gauge.whole:
            amount, debt = self._whole_amount(payer, need, draft)
            draft.debt += debt
        else:
            amount = _part_of(need, share)
        draft.amount = draft.amount + amount if draft.amount else amount
        self._count_share(draft, usage, share, need)

    def _whole_amount(self, payer: Payer, need: Fraction, draft: Draft) -> tuple[Fraction, Fraction]:
        """(paid, debt) of a draw that does not split. A hold reserves no more than what is left."""
        if payer.pool is None:
            paid = need
            for window, gauge in payer.counted if self._holding else ():
                if gauge is None:
                    paid = min(paid, Fraction(max(self._room(window), 0)))
        else:
            paid = min(need, Fraction(max(self._balance(payer.pool, draft), 0)))
        if not self._holding:
            return paid, need - paid
        self.short = self.short or paid < need
        return paid, ZERO

    def _count_share(self, draft: Draft, usage: Usage, share: Fraction, need: Fraction) -> None:
        """Count ``share`` of the request, all of which needs ``need``, in the payer's windows; whole units once."""
        payer = draft.payer
        for window, gauge in payer.counted:
            counted = need if gauge is None else self._window_need(gauge, payer, usage, draft.bracket_value, window)
            if gauge.whole if gauge is not None else payer.gauge.whole:
                if window.key in self._counted_whole or not counted:
                    continue
                self._counted_whole.add(window.key)
            else:
                counted = _part_of(counted, share)
            if self._holding:
                counted = self._capped(draft, window, counted)
            self._count(draft, window, counted)
        if payer.progress is not None:
            self._count(draft, payer.progress, _part_of(self._progress_need(payer, usage), share))
        draft.share = draft.share + share if draft.share else share
        self.left = self.left - share if share is not self.left else ZERO

    def _capped(self, draft: Draft, window: Window, counted: Fraction) -> Fraction:
        """``counted`` as far as ``window`` has room for it: a hold never passes a limit."""
        drawn = draft.windows[window.key][1] if window.key in draft.windows else ZERO
        capacity = max(self._room(window, draft), 0)
        if rounded(drawn + counted if drawn else counted) <= capacity:
            return counted
        self.short = True
        return capacity - drawn

    def _count(self, draft: Draft, window: Window, counted: Fraction) -> None:
        if counted <= 0:
            return
        anchor, _ = self._instance(window)
        known = draft.windows.get(window.key)
        draft.windows[window.key] = (anchor, counted if known is None else known[1] + counted)

    def _draft(self, payer: Payer, bracket: int, bracket_value: Fraction) -> Draft:
        draft = self._drafted(payer, bracket)
        if draft is None:
            draft = Draft(payer, bracket, bracket_value)
            self.drafts.append(draft)
        return draft

    def _drafted(self, payer: Payer, bracket: int) -> Draft | None:
        for draft in self.drafts:
            if draft.payer.key == payer.key and draft.bracket == bracket:
                return draft
        return None

    # ---- restores

    def _restore(self, payer: Payer, usage: Usage, bracket_value: Fraction, block: Block | None) -> bool:
        """Restore the payer's pool if it is what binds, it restores by itself and has a restore left."""
        pool = payer.pool
        if pool is None or block is None or block.reason != "pool_empty":
            return False
        refill = pool.terms.refill
        if refill is None or refill.kind != "restore" or not pool.automatic:
            return False
        done = sum(1 for restore in self.restores if restore.pool is pool)
        if pool.restores_left(self.now) - done <= 0 or not self._windows_have_room(payer, usage, bracket_value):
            return False
        # What other open holds reserve is still in the pool; what this request drew is spent.
        others = pool.held - self._own.of_pool(pool.key)
        amount = refill.full - others - max(self._balance(pool), 0)
        if amount <= 0:
            return False
        number = pool.granted + 1 + done
        self.restores.append(Restore(pool, pool.lot_ledger(number), amount))
        return True

    def _windows_have_room(self, payer: Payer, usage: Usage, bracket_value: Fraction) -> bool:
        """Whether each window that the request counts in has some room left."""
        for window, gauge in payer.counted:
            counts = gauge is None or self._window_need(gauge, payer, usage, bracket_value, window) > 0
            if counts and self._room(window) <= 0:
                return False
        return True


def _part_of(need: Fraction, share: Fraction) -> Fraction:
    """``share`` of ``need``: mostly all of it, which needs no multiplication."""
    return need if share is ONE else need * share
