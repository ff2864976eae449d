"""Renewal: the entry that begins the next paid period, in the same version of the plan or in another.

Owns what is filled and what lapses then. Which version it is, sale.py says; when it is due, roll.py and commands.py.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.entry import Entry, Posting
from faregate.core.filling import Row, lapse_lot, open_pool, refill_pool
from faregate.core.instants import calendar_period
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.sale import terms_at_renewal
from faregate.core.terms import PoolTerms, Terms


class Filling:
    """What a renewal writes about pools: postings, new lots, lots that lapse, dates of the next fillings."""

    def __init__(self) -> None:
        self.postings: list[Posting] = []
        self.lots: list[Row] = []
        self.lapsed: list[str] = []
        self.refills: list[tuple[str, int | None]] = []

    def renew(self, pool: Pool, terms: PoolTerms, at: int, period_end: int | None) -> None:
        """Fill a pool anew that is filled at renewals."""
        if terms.refill is not None and terms.refill.kind == "renewal":
            refill_pool(pool, at, period_end, self.postings, self.lots, self.lapsed, terms)

    def move(self, key: str, pool: Pool | None, terms: PoolTerms, at: int, period_end: int | None) -> None:
        """Put a pool (None: not there yet) under the terms of another version."""
        if pool is None:
            open_pool(key, terms, at, period_end, self.postings, self.lots, self.refills)
            return
        refill = terms.refill
        if refill is not None and refill.kind == "calendar":
            if pool.next_refill is None:
                end = calendar_period(at, refill.every, refill.zone)[1]
                refill_pool(pool, at, end, self.postings, self.lots, self.lapsed, terms)
                self.refills.append((pool.key, end))
            return
        if pool.next_refill is not None:
            self.refills.append((pool.key, None))
        self.renew(pool, terms, at, period_end)

    def leave(self, pool: Pool) -> None:
        """A pool that the new version lacks: its filling lapses and is the last; what was granted stays in sight."""
        for lot in pool.lots:
            if lot.cause == "refill":
                lapse_lot(pool, lot.ledger, lot.balance, self.postings, self.lapsed)
        if pool.next_refill is not None:
            self.refills.append((pool.key, None))


def terms_renewed(subscription: Subscription, at: int, market: Market) -> Terms:
    """The terms that ``subscription`` is under once it is renewed at ``at``."""
    terms = subscription.terms
    return terms_at_renewal(market.sold.get(terms.plan, ()), terms, subscription.bought_at, at)


def renewal(
    state: AccountState,
    subscription: Subscription,
    at: int,
    key: str,
    period: dict[str, Any],
    terms: Terms,
) -> Entry:
    """The entry of a renewal at ``at`` under ``terms``. ``period``: anchor, period_start, period_end, ends_at.

    One that moves to another version or plan says so: ``version`` and ``former_version`` stand in it, and ``plan``.
    """
    filling, period_end = Filling(), period["period_end"]
    data: dict[str, Any] = {"subscription": subscription.key, **period}
    kept = {each.id for each in terms.pools}
    before = subscription.terms
    if (terms.plan, terms.version) == (before.plan, before.version):
        for id, pool in subscription.pools.items():
            if id in kept:
                filling.renew(pool, pool.terms, at, period_end)
    else:
        for id, pool in subscription.pools.items():
            if id not in kept:
                filling.leave(pool)
        for pool_terms in terms.pools:
            filling.move(subscription.key, subscription.pools.get(pool_terms.id), pool_terms, at, period_end)
        data["version"], data["former_version"] = terms.version, before.version
        if terms.plan != before.plan:
            data["plan"] = terms.plan
        data["refills"] = filling.refills
    data["lots"], data["lapsed"] = filling.lots, filling.lapsed
    return Entry(state.account, state.seq + 1, at, "renew", key, filling.postings, [], data)
