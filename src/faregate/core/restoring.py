"""Restores applied: pools brought back to their cap, counted by period, and taken back where they were not needed.

Owns how an entry's restores change the state. Decides nothing.
"""

from __future__ import annotations

from faregate.core.account import AccountState, Hold
from faregate.core.entry import Entry
from faregate.core.instants import calendar_period
from faregate.core.pool import Lot, Pool


def undo_restores(state: AccountState, entry: Entry, hold: Hold) -> None:
    """Take back what a hold restored and its settlement did not need."""
    for pool_key, ledger in entry.data["undone"]:
        pool = state.find_pool(pool_key)
        if pool is not None:
            if pool.restored_in == _restore_period(pool, hold.at):
                pool.restores -= 1
            state.lots.pop(ledger, None)
            pool.lots = [lot for lot in pool.lots if lot.ledger != ledger]


def add_restored(state: AccountState, entry: Entry) -> None:
    """The lots that an entry restores."""
    for pool_key, ledger, amount in entry.data["restores"]:
        pool = state.find_pool(pool_key)
        if pool is not None:
            count_restore(pool, entry.at)
            add_lot(state, pool, Lot(ledger, "restore", entry.at, None, 0, amount, 0))


def count_restore(pool: Pool, at: int) -> None:
    """One more restore of its period."""
    start = _restore_period(pool, at)
    pool.restores = pool.restores + 1 if pool.restored_in == start else 1
    pool.restored_in = start


def _restore_period(pool: Pool, at: int) -> int:
    refill = pool.terms.refill
    assert refill is not None
    return calendar_period(at, refill.every, refill.zone)[0]


def add_lot(state: AccountState, pool: Pool, lot: Lot) -> None:
    """A new lot of a pool, and its place in the index."""
    pool.granted += 1
    pool.add(lot)
    state.lots[lot.ledger] = (pool, lot)
