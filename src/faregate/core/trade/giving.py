"""Giving: gift balance that comes from elsewhere (a reward, a gift code, the house), and what is taken back of it.

Owns the entries of the receiving account. A gift that was spent already is owed: the next gift repays it.
"""

from __future__ import annotations

from typing import Any

from faregate.core import commands
from faregate.core.account import AccountState
from faregate.core.entry import Entry, Posting
from faregate.core.errors import BadCommand
from faregate.core.filling import Row, new_lot
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.sale import sold_at
from faregate.core.terms import Terms
from faregate.core.trade.draft import Draft


def receive_gift(
    draft: Draft, family: str, into: str, amount: int, currency: str, source: str, now: int, key: str
) -> None:
    """Add a gift to ``draft``; an account without such a purse gets the wallet that has one.

    Raises BadCommand where the family has no such wallet.
    """
    if _purse(draft.state, family, into, currency, draft.market) is None:
        wallet = wallet_with(draft.market, family, into, currency, now)
        if wallet is None:
            raise BadCommand("no_purse", family=family, purse=into)
        for entry in commands.subscribe(draft.state, wallet, now, f"{key}+wallet"):
            draft.add(entry)
    pool = purse_for(draft.state, family, into, currency, draft.market)
    draft.add(receive(draft.state, pool, amount, source, now, key))


def return_gift(draft: Draft, family: str, into: str, amount: int, currency: str, now: int, key: str) -> None:
    """Add to ``draft`` that a gift goes back."""
    pool = purse_for(draft.state, family, into, currency, draft.market)
    draft.add(take_away(draft.state, pool, amount, now, key))


def wallet_with(market: Market, family: str, into: str, currency: str, now: int) -> Terms | None:
    """The wallet of ``family`` sold now that has such a purse; None where there is none."""
    for (plan, version), trade in market.trade.items():
        if plan.partition("/")[0] != family or not any(purse == into for _, purse in trade.purses):
            continue
        row = sold_at(market.sold.get(plan, ()), now)
        if row is None or row.terms.version != version:
            continue
        if any(purse == into and row.terms.pool(id).unit == currency for id, purse in trade.purses):
            return row.terms
    return None


def purse_for(state: AccountState, family: str, into: str, currency: str, market: Market) -> Pool:
    """Where gifts of ``family`` go. Raises BadCommand where the account has no such purse."""
    found = _purse(state, family, into, currency, market)
    if found is None:
        raise BadCommand("no_purse", family=family, purse=into)
    return found


def _purse(state: AccountState, family: str, into: str, currency: str, market: Market) -> Pool | None:
    for subscription in state.subscriptions.values():
        terms = subscription.terms
        trade = market.trade.get((terms.plan, terms.version))
        if terms.family != family or trade is None:
            continue
        for id, purse in trade.purses:
            if purse == into and subscription.pools[id].terms.unit == currency:
                return subscription.pools[id]
    return None


def receive(state: AccountState, pool: Pool, amount: int, source: str, now: int, key: str, **facts: Any) -> Entry:
    """A gift comes into ``pool``; what it owes is repaid first."""
    postings: list[Posting] = []
    lots: list[Row] = []
    ledger = pool.lot_ledger(pool.granted + 1)
    new_lot(ledger, pool.key, pool.terms, source, None, amount, postings, lots, owed=pool.owed)
    data = {"subscription": pool.key.rpartition(":")[0], "lots": lots, "reason": source, **facts}
    subscription = state.subscriptions[data["subscription"]]
    if subscription.terms.opt_in and subscription.switch is None:
        data["switch_on"] = True
    return Entry(state.account, state.seq + 1, now, "grant", key, postings, [], data)


def take_away(state: AccountState, pool: Pool, amount: int, now: int, key: str, **facts: Any) -> Entry:
    """A gift goes back: from what the pool has, the rest as debt that the next gift repays."""
    unit = pool.terms.unit
    burnt = pool.burn(min(amount, max(pool.available, 0)))
    postings: list[Posting] = [(lot, unit, -part) for lot, part in burnt]
    rest = amount - sum(part for _, part in burnt)
    if rest:
        postings.append((f"debt:{pool.key}", unit, -rest))
    postings.append(("house:granted", unit, amount))
    data = {"subscription": pool.key.rpartition(":")[0], "reason": "reversal", **facts}
    return Entry(state.account, state.seq + 1, now, "grant", key, postings, [], data)
