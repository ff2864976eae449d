"""Purses: gift and cash balances of an account's wallets, as far as they may pay an order.

Owns which lots pay, in which order, and how they come back. Postings between a lot and an order's escrow only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from faregate.core.account import AccountState
from faregate.core.entry import Posting
from faregate.core.filling import Row
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.trade.terms import CASH, GIFT, OUTSIDE


class Part(NamedTuple):
    """What one lot of a purse pays: ``amount`` in 10⁻⁹ of the order's currency.

    ``expires_at``, ``priority`` and ``cause`` are the lot's, to make it again should it be gone when money returns.
    """

    pool: str
    purse: str
    lot: str
    amount: int
    expires_at: int | None
    priority: int
    cause: str


def read_parts(rows: Iterable[Sequence[Any]]) -> list[Part]:
    """Parts as they stand in an order's record."""
    return [Part(*row) for row in rows]


def purses(state: AccountState, family: str, currency: str, market: Market) -> list[tuple[str, Pool]]:
    """The purses of ``family`` in ``currency`` that owe nothing: (gift or cash, pool)."""
    found: list[tuple[str, Pool]] = []
    for subscription in state.subscriptions.values():
        terms = subscription.terms
        if terms.family != family:
            continue
        trade = market.trade.get((terms.plan, terms.version))
        for id, purse in trade.purses if trade is not None else ():
            pool = subscription.pools[id]
            if pool.terms.unit == currency and pool.owed == 0:
                found.append((purse, pool))
    return found


def parts_for(
    state: AccountState,
    amount: int,
    currency: str,
    family: str,
    paid_from: Sequence[str],
    gift_pays: bool,
    market: Market,
) -> list[Part]:
    """What the purses pay of ``amount``, in the order of ``paid_from`` up to the payment provider."""
    parts: list[Part] = []
    kept = purses(state, family, currency, market)
    for who in paid_from:
        if who == OUTSIDE:
            break
        if who == GIFT and not gift_pays:
            continue
        for purse, pool in kept:
            if purse != who or amount <= 0:
                continue
            for ledger, part in pool.burn(min(amount, max(pool.available, 0))):
                lot = pool.find(ledger)
                assert lot is not None, "it was just found there"
                parts.append(Part(pool.key, purse, ledger, part, lot.expires_at, lot.priority, lot.cause))
                amount -= part
    return parts


def sums(parts: Iterable[Sequence[Any]]) -> dict[str, int]:
    """What gift and cash pay in all."""
    paid = {GIFT: 0, CASH: 0}
    for part in parts:
        paid[part[1]] += part[3]
    return paid


def take(parts: Iterable[Part], currency: str, escrow: str) -> list[Posting]:
    """Postings that move ``parts`` into an escrow."""
    postings: list[Posting] = []
    for part in parts:
        postings += [(part.lot, currency, -part.amount), (escrow, currency, part.amount)]
    return postings


def give_back(
    state: AccountState, parts: Iterable[Sequence[Any]], currency: str, escrow: str, now: int
) -> tuple[list[Posting], list[Row]]:
    """Postings that return ``parts``, and the lots to be made again for those that are gone.

    What expired meanwhile goes back to the house; so does what a wallet that ended had.
    """
    postings: list[Posting] = []
    lots: list[Row] = []
    made: dict[str, int] = {}
    for pool_key, _, ledger, amount, expires_at, priority, cause in parts:
        pool = state.find_pool(pool_key)
        postings.append((escrow, currency, -amount))
        if pool is None or (expires_at is not None and expires_at <= now):
            postings.append(("house:expired", currency, amount))
            continue
        if ledger not in state.lots:
            made[pool_key] = made.get(pool_key, 0) + 1
            ledger = pool.lot_ledger(pool.granted + made[pool_key])  # noqa: PLW2901 - the lot it returns to
            lots.append((ledger, pool_key, cause, expires_at, priority, amount))
        postings.append((ledger, currency, amount))
    return postings, lots
