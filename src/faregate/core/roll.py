"""What time itself does: refills, renewals, expiries, ends of subscriptions, holds nobody closed.

Owns the entry for the next thing that is due. Runs lazily, on read, before a decision; there are no reset jobs.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Final

from faregate.core.account import NEVER, AccountState, Hold, Subscription
from faregate.core.entry import Entry, Posting
from faregate.core.evolve import Plans, evolve, refresh_due
from faregate.core.filling import Row, lapse_lot, period_after, refill_pool
from faregate.core.instants import calendar_period
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.renewal import renewal, terms_renewed
from faregate.core.settle import release, settle
from faregate.core.trade.ordering import order_due
from faregate.core.trade.referring import reward_step
from faregate.core.trade.renewing import is_due, renewal_step
from faregate.core.trade.returning import left_over, mandate_off
from faregate.core.usage import Usage


class _EveryRequest:
    """All requests there may be."""

    def __contains__(self, request: object) -> bool:
        return True


EVERY_REQUEST: Final = _EveryRequest()
"""In flight: no hold is closed."""


def roll(state: AccountState, now: int, market: Market, in_flight: Container[str] = ()) -> Entry | None:
    """The entry of the earliest thing due at ``now``, or None. Apply it and ask again until None.

    Holds of requests ``in_flight`` are known to be alive and do not expire.
    """
    if state.due_at > now:
        return None
    if state.book is not None and state.book.next_step() < min(now + 1, _first_edge(state)):
        # Before a period's end, so that what it gives back is there to pay the next one.
        entry = _book_due(state, now)
        if entry is not None:
            return entry
    for subscription in state.subscriptions.values():
        entry = _subscription_due(state, subscription, now, market)
        if entry is not None:
            return entry
    if state.book is not None:
        entry = _book_due(state, now)
        if entry is not None:
            return entry
    for hold in state.holds.values():
        if hold.expires_at <= now and hold.request not in in_flight:
            return close_lost(state, hold, now, market)
    refresh_due(state)
    return None


def roll_all(
    state: AccountState, now: int, market: Market, plans: Plans, in_flight: Container[str] = ()
) -> list[Entry]:
    """Apply everything due at ``now``; its entries."""
    entries: list[Entry] = []
    while (entry := roll(state, now, market, in_flight)) is not None:
        evolve(state, entry, plans)
        entries.append(entry)
    return entries


def _book_due(state: AccountState, now: int) -> Entry | None:
    return order_due(state, now) or left_over(state) or reward_step(state, now)


def _first_edge(state: AccountState) -> int:
    """The first end of a period, or of a subscription."""
    edges = [at for each in state.subscriptions.values() for at in (each.period_end, each.ends_at)]
    return min((at for at in edges if at is not None), default=NEVER)


def _subscription_due(state: AccountState, subscription: Subscription, now: int, market: Market) -> Entry | None:
    edge = subscription.period_end
    ends = subscription.ends_at
    agreement = state.book.agreements.get(subscription.key) if state.book is not None else None
    if agreement is not None and is_due(state, subscription, agreement, now):
        return renewal_step(state, subscription, agreement, market)
    if ends is not None and ends <= now:
        ended, effects = end(state, subscription, ends), mandate_off(agreement, subscription.key, ends)
        return ended._replace(data={**ended.data, "effects": effects}) if effects else ended
    if agreement is not None and agreement.paused is not None:
        return None
    if agreement is None and edge is not None and edge <= now:
        return _renewed(state, subscription, edge, market)
    for pool in subscription.pools.values():
        if pool.next_refill is not None and pool.next_refill <= now:
            return _refilled(state, subscription, pool, now)
        if any(lot.expires_at is not None and lot.expires_at <= now for lot in pool.lots):
            return _lapsed(state, subscription, pool, now)
    return None


def _renewed(state: AccountState, subscription: Subscription, at: int, market: Market) -> Entry:
    """The next paid period, begun where the last one ended; counted from the purchase, so that a 31st stays one."""
    terms, anchor = terms_renewed(subscription, at, market), subscription.anchor
    period_end = period_after(at, subscription.period, terms.zone, anchor)
    period = {"anchor": anchor, "period_start": at, "period_end": period_end, "ends_at": None}
    return renewal(state, subscription, at, f"renew:{subscription.key}:{at}", period, terms)


def end(state: AccountState, subscription: Subscription, at: int) -> Entry:
    """The entry that ends a subscription: what its pools have lapses, segments that need continuity end."""
    postings: list[Posting] = []
    lapsed: list[str] = []
    for pool in subscription.pools.values():
        for lot in pool.lots:
            lapse_lot(pool, lot.ledger, lot.balance, postings, lapsed)
    ended = subscription.terms.continuity_segments
    data = {
        "subscription": subscription.key,
        "lapsed": lapsed,
        "segments": sorted(name for name in ended if state.in_segment(name, at)),
    }
    key = f"end:{subscription.key}"
    return Entry(state.account, state.seq + 1, at, "end", key, postings, [], data)


def _refilled(state: AccountState, subscription: Subscription, pool: Pool, now: int) -> Entry:
    """A calendar filling: that of the period around ``now``; fillings nobody saw in between leave no trace.

    While something is owed they come one by one, since each repays its part.
    """
    refill = pool.terms.refill
    assert refill is not None and pool.next_refill is not None
    start, end = calendar_period(pool.next_refill if pool.owed > 0 else now, refill.every, refill.zone)
    postings: list[Posting] = []
    lots: list[Row] = []
    lapsed: list[str] = []
    refill_pool(pool, start, end, postings, lots, lapsed)
    data: dict[str, Any] = {
        "subscription": subscription.key,
        "lots": lots,
        "lapsed": lapsed,
        "refills": [(pool.key, end)],
    }
    key = f"refill:{pool.key}:{start}"
    return Entry(state.account, state.seq + 1, start, "refill", key, postings, [], data)


def _lapsed(state: AccountState, subscription: Subscription, pool: Pool, now: int) -> Entry:
    postings: list[Posting] = []
    lapsed: list[str] = []
    at = now
    for lot in pool.lots:
        if lot.expires_at is not None and lot.expires_at <= now:
            at = min(at, lot.expires_at)
            lapse_lot(pool, lot.ledger, lot.balance, postings, lapsed)
    data = {"subscription": subscription.key, "lapsed": lapsed}
    key = f"lapse:{pool.key}:{','.join(ledger.rpartition(':')[2] for ledger in lapsed)}"
    return Entry(state.account, state.seq + 1, at, "lapse", key, postings, [], data)


def close_lost(state: AccountState, hold: Hold, now: int, market: Market) -> Entry:
    """Close a hold nobody will close any more, by its plan's rule: release it, or charge the estimate."""
    payer = hold.data["slices"][0][0]
    subscription = state.subscription(payer.rpartition("/")[0])
    if subscription is not None and subscription.terms.lost_hold == "charge":
        facts = {"outcome": "lost", "estimated": True}
        return settle(state, hold.request, Usage(*hold.data["estimate"]), now, market, facts)
    return release(state, hold.request, now, "lost")
