"""Forecasts: what time alone will do to the pools and windows of a payer, and whether a request passes then.

Owns the instants at which room returns and the state of a pool at a later instant. Changes nothing, and counts on
nobody's doing: open holds stay as they are, nobody tops up, prices and terms stay those of the route.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from itertools import islice
from typing import NamedTuple

from faregate.core.account import Subscription
from faregate.core.filling import period_after
from faregate.core.instants import calendar_period
from faregate.core.pool import Pool
from faregate.core.route import Payer, list_value
from faregate.core.usage import Usage
from faregate.core.waterfall import Waterfall
from faregate.core.window import Window

FILLINGS_AHEAD = 400
"""How many fillings a debt is followed through; what takes longer is called never."""


class Opening(NamedTuple):
    """An instant at which room returns, and where. ``binds``: there is no room at all until then."""

    at: int
    reason: str
    subject: str
    binds: bool


def passes_at(payers: Sequence[Payer], usage: Usage, prompts: dict[str, int], at: int) -> bool:
    """Whether ``payers`` alone would admit ``usage`` at ``at``, if only time goes by until then."""
    if all(payer.open_admission for payer in payers):
        # Anything that is left is enough, so nothing has to be split: refusals come in swarms and must be cheap.
        return any(_pays_something(payer, usage, prompts, at) for payer in payers)
    return _walk_passes(payers, usage, prompts, at)


def _walk_passes(payers: Sequence[Payer], usage: Usage, prompts: dict[str, int], at: int) -> bool:
    pools: dict[str, Pool] = {}
    walk = Waterfall(usage, at, at, prompts)
    for payer in payers:
        if payer.subscription.switched_on and not _over(payer.subscription, at):
            walk.offer(_at(payer, at, pools), payer.open_admission)
        if walk.left == 0:
            return True
    return any(draft.payer.open_admission for draft in walk.drafts)


def _pays_something(payer: Payer, usage: Usage, prompts: dict[str, int], at: int) -> bool:
    """Whether the payer alone could take any share of the request, however small."""
    subscription = payer.subscription
    if not subscription.switched_on or _over(subscription, at):
        return False
    if payer.progressive is not None and any(value == 0 for _, value in payer.progressive.brackets):
        return _walk_passes((payer,), usage, prompts, at)
    counts = prompts.get(subscription.key)
    own = usage if counts is None else usage._replace(prompts=counts)
    listed = list_value(payer, own)
    needed = payer.gauge.quantity(own, listed)[0]
    for window, gauge in payer.counted:
        counted = needed if gauge is None else gauge.quantity(own, listed)[0]
        if counted > 0 and window.room_at(at) <= 0:
            return False
    if payer.pool is None or needed <= 0:
        return True
    pool = _pool_at(subscription, payer.pool, at)
    if pool.owed > 0 or pool.available > 0:
        return pool.owed <= 0
    refill = pool.terms.refill
    return refill is not None and pool.automatic and pool.restores_left(at) > 0 and refill.full > pool.held


def openings(payer: Payer, now: int) -> list[Opening]:
    """Every instant after ``now`` at which the payer's pool or one of its windows may have more room."""
    found: list[Opening] = []
    pool = payer.pool
    windows = [window for window, _ in payer.counted]
    for window in windows:
        full = window.room_at(now) <= 0
        found += [Opening(at, "window_full", window.key, full) for at in _reopenings(window, now)]
    if pool is not None:
        reason = "debt_owed" if pool.owed > 0 else "pool_empty"
        dry = pool.available <= 0 or pool.owed > 0
        found += [Opening(at, reason, pool.key, dry) for at in _fillings(payer.subscription, pool, now)]
        # Where the whole must be covered, a payer that has less leaves the request to one that has enough.
        lapses = {lot.expires_at for lot in pool.lots if lot.expires_at is not None and lot.expires_at > now}
        found += [Opening(at, "pool_empty", pool.key, False) for at in lapses if not payer.open_admission]
    if payer.progress is not None:
        # The next day begins in a cheaper bracket.
        subject = pool.key if pool is not None else payer.progress.key
        found += [Opening(at, "pool_empty", subject, False) for at in _reopenings(payer.progress, now)]
    return [each for each in found if not _over(payer.subscription, each.at)]


def _over(subscription: Subscription, at: int) -> bool:
    return subscription.ends_at is not None and subscription.ends_at <= at


def _reopenings(window: Window, now: int) -> list[int]:
    if window.kind == "sliding":
        length = window.terms.length
        return [start + length for start, _ in window.buckets if start + length > now]
    closes = window.reopens_at(now)
    return [closes] if closes is not None else []


def _fillings(subscription: Subscription, pool: Pool, now: int) -> list[int]:
    refill = pool.terms.refill
    if refill is None:
        return []
    if refill.kind == "restore":
        return [calendar_period(now, refill.every, refill.zone)[1]] if pool.automatic else []
    # One more than repays the debt: the filling that does may leave too little over.
    wanted = pool.owed // max(refill.full, 1) + 2 if pool.owed > 0 else 1
    return list(islice(_refills(subscription, pool), min(wanted, FILLINGS_AHEAD)))


def _refills(subscription: Subscription, pool: Pool) -> Iterator[int]:
    """The instants of the pool's coming fillings."""
    refill = pool.terms.refill
    if refill is None or refill.kind == "restore":
        return
    calendar = refill.kind == "calendar"
    at = pool.next_refill if calendar else subscription.period_end
    while at is not None and not _over(subscription, at):
        yield at
        if calendar:
            at = calendar_period(at, refill.every, refill.zone)[1]
        else:
            at = period_after(at, subscription.period, subscription.terms.zone, subscription.anchor)


def _at(payer: Payer, at: int, pools: dict[str, Pool]) -> Payer:
    """The payer with its pool as it will be at ``at``; windows roll over by themselves when read."""
    if payer.pool is None:
        return payer
    later = copy(payer)
    key = payer.pool.key
    if key not in pools:
        pools[key] = _pool_at(payer.subscription, payer.pool, at)
    later.pool = pools[key]
    return later


def _pool_at(subscription: Subscription, pool: Pool, at: int) -> Pool:
    later = copy(pool)
    balance, filled = 0, False
    for filling in islice(_refills(subscription, pool), FILLINGS_AHEAD):
        if filling > at:
            break
        assert pool.terms.refill is not None
        full = pool.terms.refill.full
        balance, later.owed, filled = max(full - later.owed, 0), max(later.owed - full, 0), True
    for lot in pool.lots:
        lapsed = lot.expires_at is not None and lot.expires_at <= at
        if not lapsed and not (filled and lot.cause == "refill"):
            balance += lot.balance
    later.available = balance
    return later
