"""Commands on an account: subscribe, grant, reset, restore, renew, cancel, switch, segment, change terms.

Owns the entries that operators' and owners' acts make. Money for them is none of its business. Every command takes
its idempotency ``key`` and ``now``, reads the state and returns the next entries; nothing changes until ``evolve``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import render
from faregate.core.entry import Entry, Posting, WindowDraw
from faregate.core.errors import BadCommand, UnknownSubject
from faregate.core.filling import Row, new_lot, open_pool, period_after
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.renewal import renewal, terms_renewed
from faregate.core.terms import Terms


def subscribe(
    state: AccountState,
    terms: Terms,
    now: int,
    key: str,
    companions: Sequence[Terms] = (),
    once: bool = False,
    period: str | None = None,
    price: str | None = None,
) -> list[Entry]:
    """Put ``terms`` on the account, with the wallets that come with it and are not there yet.

    ``once``: a pass for one period, not renewed; ``period`` the length bought, where it is not that of the terms;
    ``price`` the id of the price it was bought at, kept as a fact.
    Raises BadCommand when a plan of the same exclusive group runs.
    """
    for running in state.subscriptions.values():
        same = running.terms.plan == terms.plan and (terms.exclusive or terms.wallet)
        clashes = (
            terms.exclusive is not None
            and running.terms.family == terms.family
            and running.terms.exclusive == terms.exclusive
        )
        if same or clashes:
            raise BadCommand("one_of_its_kind", running=running.terms.plan, plan=terms.plan)
    entries = [_subscribed(state, terms, now, key, once, period or terms.period, 0)]
    if price is not None:
        entries[0].data["price"] = price
    for companion in companions:
        if state.of_plan(companion.plan) is None:
            offset = len(entries)
            entries.append(
                _subscribed(state, companion, now, f"{key}+{companion.plan}", False, companion.period, offset)
            )
    return entries


def _subscribed(
    state: AccountState, terms: Terms, now: int, key: str, once: bool, period: str | None, offset: int
) -> Entry:
    name = f"{terms.plan}#{state.next_subscription + offset}"
    period_end = period_after(now, period, terms.zone)
    postings: list[Posting] = []
    lots: list[Row] = []
    refills: list[tuple[str, int | None]] = []
    for pool in terms.pools:
        open_pool(name, pool, now, period_end, postings, lots, refills)
    data: dict[str, Any] = {
        "subscription": name,
        "plan": terms.plan,
        "version": terms.version,
        "period": period,
        "period_start": now,
        "period_end": period_end,
        "ends_at": period_end if once or not terms.renews else None,
        "lots": lots,
        "refills": refills,
    }
    seq = state.seq + 1 + offset
    return Entry(state.account, seq, now, "subscribe", key, postings, [], data)


def find_subscription(state: AccountState, plan: str | None) -> Subscription:
    """The running subscription of ``plan`` (or of any plan, when None and there is one that is no wallet)."""
    if plan is not None:
        found = state.of_plan(plan) or state.subscriptions.get(plan)
        if found is None:
            known = [subscription.terms.plan for subscription in state.subscriptions.values()]
            raise UnknownSubject("running plan", plan, known)
        return found
    paid = [each for each in state.subscriptions.values() if not each.terms.wallet]
    if len(paid) == 1:
        return paid[0]
    names = [subscription.terms.plan for subscription in paid]
    if not paid:
        raise UnknownSubject("running plan", "(any)", names)
    raise BadCommand("which_plan", plans=", ".join(names))


def find_pool(subscription: Subscription, pool: str | None) -> Pool:
    """The named pool of a subscription, or its first."""
    pools = subscription.pools
    if pool is None and pools:
        return next(iter(pools.values()))
    if pool is None or pool not in pools:
        raise UnknownSubject(f"pool in {subscription.terms.plan}", pool or "(any)", list(pools))
    return pools[pool]


def grant(
    state: AccountState,
    subscription: Subscription,
    pool: Pool,
    amount: int,
    now: int,
    key: str,
    expires_at: int | None = None,
    priority: int = 0,
    reason: str = "",
) -> Entry:
    """Put ``amount`` (smallest parts of the pool's unit, positive) into ``pool`` as a lot; debt is repaid first.

    An opt-in wallet whose owner never chose is switched on by it. Raises BadCommand for a useless amount or expiry.
    """
    if amount <= 0:
        raise BadCommand("grant_not_positive", amount=render(amount, pool.terms.unit))
    if expires_at is not None and expires_at <= now:
        raise BadCommand("grant_ends_first")
    postings: list[Posting] = []
    lots: list[Row] = []
    new_lot(
        pool.lot_ledger(pool.granted + 1),
        pool.key,
        pool.terms,
        "grant",
        expires_at,
        amount,
        postings,
        lots,
        priority,
        pool.owed,
    )
    data: dict[str, Any] = {
        "subscription": subscription.key,
        "lots": lots,
        "reason": reason,
    }
    if subscription.terms.opt_in and subscription.switch is None:
        data["switch_on"] = True
    return Entry(state.account, state.seq + 1, now, "grant", key, postings, [], data)


def reset_windows(state: AccountState, subscription: Subscription, window: str | None, now: int, key: str) -> Entry:
    """Set what is used in one window (or in all but guards and progressive counters) to what open holds reserve.

    Anchors stay. What a hold reserves goes on counting: its settlement or release takes it away again.
    """
    terms = subscription.terms
    names = [each.id for each in terms.windows if not each.guard] if window is None else [window]
    draws: list[WindowDraw] = []
    for name in names:
        found = subscription.windows.get(name)
        if found is None:
            raise UnknownSubject(f"window in {terms.plan}", name, [each.id for each in terms.windows])
        reserved = sum(amount for at, amount in state.reserved_in(found.key).items() if found.is_live(at, now))
        draws.append((found.key, found.anchor or 0, reserved - found.used_at(now)))
    data = {"subscription": subscription.key}
    return Entry(state.account, state.seq + 1, now, "reset", key, [], draws, data)


def restore(state: AccountState, subscription: Subscription, pool: Pool, now: int, key: str) -> Entry:
    """Restore ``pool`` to its cap by its owner's wish. Raises BadCommand when it cannot, saying why."""
    refill = pool.terms.refill
    if refill is None or refill.kind != "restore":
        raise BadCommand("no_restore", pool=pool.key)
    if pool.restores_left(now) <= 0:
        raise BadCommand("restored_enough", pool=pool.key, times=refill.times, every=refill.every)
    amount = refill.full - pool.available - pool.held
    if amount <= 0:
        raise BadCommand("at_its_cap", pool=pool.key)
    postings: list[Posting] = []
    lots: list[Row] = []
    ledger = pool.lot_ledger(pool.granted + 1)
    new_lot(
        ledger,
        pool.key,
        pool.terms,
        "restore",
        None,
        amount,
        postings,
        lots,
        owed=pool.owed,
        house="house:restored",
    )
    data = {"subscription": subscription.key, "lots": lots}
    return Entry(state.account, state.seq + 1, now, "restore", key, postings, [], data)


def renew(state: AccountState, subscription: Subscription, now: int, key: str, market: Market | None = None) -> Entry:
    """Begin the next paid period at ``now``: renewal pools filled anew, what was left of them lapses.

    In the version of the plan that ``market`` and the cohort rules give it then; without a market, in its own.
    """
    terms = terms_renewed(subscription, now, market) if market is not None else subscription.terms
    period_end = period_after(now, subscription.period, terms.zone)
    cancelled = subscription.ends_at is not None and now < subscription.ends_at
    ends_at = period_end if cancelled else None
    period = {"anchor": now, "period_start": now, "period_end": period_end, "ends_at": ends_at}
    return renewal(state, subscription, now, key, period, terms)


def cancel(state: AccountState, subscription: Subscription, now: int, key: str, at_once: bool = False) -> Entry:
    """End the subscription at its period's end, or at once. Plans without a period end at once."""
    ends_at = now if at_once or subscription.period_end is None else subscription.period_end
    data = {"subscription": subscription.key, "ends_at": ends_at}
    return Entry(state.account, state.seq + 1, now, "cancel", key, [], [], data)


def switch(state: AccountState, subscription: Subscription, on: bool, now: int, key: str) -> Entry:
    """Switch an opt-in wallet on or off."""
    if not subscription.terms.opt_in:
        raise BadCommand("always_on", plan=subscription.terms.plan)
    data = {"subscription": subscription.key, "on": on}
    return Entry(state.account, state.seq + 1, now, "switch", key, [], [], data)


def set_restore_mode(state: AccountState, pool: Pool, automatic: bool, now: int, key: str) -> Entry:
    """Whether ``pool`` restores itself when empty, or waits for its owner."""
    refill = pool.terms.refill
    if refill is None or refill.kind != "restore":
        raise BadCommand("no_restore", pool=pool.key)
    data = {"pool": pool.key, "automatic": automatic}
    return Entry(state.account, state.seq + 1, now, "restore_mode", key, [], [], data)


def set_segment(
    state: AccountState,
    segment: str,
    begins: int,
    until: int | None,
    reason: str,
    now: int,
    key: str,
) -> Entry:
    """Put the account into ``segment`` from ``begins`` to ``until`` (None: open), with the reason.

    Raises UnknownSubject when no plan of the account knows the segment, BadCommand for an empty span.
    """
    known = sorted({name for each in state.subscriptions.values() for name in each.terms.segments})
    if segment not in known:
        raise UnknownSubject("segment", segment, known)
    if until is not None and until < begins:
        raise BadCommand("segment_ends_first")
    data = {"segment": segment, "from": begins, "until": until, "reason": reason}
    return Entry(state.account, state.seq + 1, now, "segment", key, [], [], data)


def change_terms(state: AccountState, subscription: Subscription, terms: Terms, now: int, key: str) -> Entry:
    """Put other terms (another version, or another plan of the family) under a running subscription.

    Period, anchors and what was used stay; pools that are new open full; a renewal or restore pool whose size
    changed gets the new size at its next filling.
    """
    if terms.family != subscription.terms.family:
        raise BadCommand("another_family", plan=terms.plan, running=subscription.terms.plan)
    postings: list[Posting] = []
    lots: list[Row] = []
    refills: list[tuple[str, int | None]] = []
    for pool in terms.pools:
        if pool.id not in subscription.pools:
            open_pool(subscription.key, pool, now, subscription.period_end, postings, lots, refills)
    data: dict[str, Any] = {
        "subscription": subscription.key,
        "plan": terms.plan,
        "version": terms.version,
        "lots": lots,
        "refills": refills,
    }
    return Entry(state.account, state.seq + 1, now, "terms", key, postings, [], data)
