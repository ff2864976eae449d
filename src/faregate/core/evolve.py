"""Evolution: an entry applied to the state it follows.

Owns every change of an account's state; live, rebuilt and replayed states all come from here. Takes an entry's facts
as they stand and decides nothing. ``evolve`` changes the state it is given and returns it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from faregate.core.account import NEVER, AccountState, Hold, Subscription
from faregate.core.entry import Entry
from faregate.core.errors import JournalGap
from faregate.core.flags import apply_flag, apply_review
from faregate.core.key_entries import apply_extra_usage, apply_key_limit, count_extra
from faregate.core.key_windows import follow_terms, opened
from faregate.core.pool import Lot, Pool
from faregate.core.resent import ask, unask
from faregate.core.restoring import add_lot, add_restored, count_restore, undo_restores
from faregate.core.route import progress_window
from faregate.core.terms import Progressive, Terms, WindowTerms
from faregate.core.trade import applying
from faregate.core.window import Window

Plans = Callable[[str, str], Terms]
"""(plan, version) -> its terms; published versions never change."""

KEPT_SESSIONS = 64


def evolve(state: AccountState, entry: Entry, plans: Plans) -> AccountState:
    """``state`` with ``entry`` applied. Raises JournalGap when it is not the next entry."""
    seq, kind = entry[1], entry[3]
    if seq != state.seq + 1:
        raise JournalGap(state.account, state.seq + 1, seq)
    if kind == "hold":
        _apply_hold(state, entry)
    elif kind == "settle":
        _apply_settle(state, entry)
    elif kind == "release":
        _apply_release(state, entry)
    else:
        _COMMANDS[kind](state, entry, plans)
        if state.book is not None or kind in ("trade", "case") or "order" in entry.data:
            applying.apply(state, entry)
        state.routes = {}
        refresh_due(state)
    state.seq = seq
    return state


def rebuild(account: str, entries: Iterable[Entry], plans: Plans) -> AccountState:
    """The state that ``entries``, from the first one on, build."""
    state = AccountState(account)
    for entry in entries:
        evolve(state, entry, plans)
    return state


def refresh_due(state: AccountState) -> None:
    """Find again when time itself changes something: refills, expiries, ends, holds."""
    due = min((hold.expires_at for hold in state.holds.values()), default=NEVER)
    book = state.book
    if book is not None:
        due = min(due, book.next_step())
    for subscription in state.subscriptions.values():
        edges = (subscription.ends_at, subscription.period_end)
        if book is not None and not book.goes_on(subscription.key):
            edges = (subscription.ends_at, None)
        for edge in edges:
            if edge is not None and edge < due:
                due = edge
        if book is not None and book.is_paused(subscription.key):
            continue
        for pool in subscription.pools.values():
            if pool.next_refill is not None and pool.next_refill < due:
                due = pool.next_refill
            for lot in pool.lots:
                if lot.expires_at is not None and lot.expires_at < due:
                    due = lot.expires_at
    state.due_at = due


# ---- requests


def _apply_hold(state: AccountState, entry: Entry) -> None:
    data = entry.data
    if "restores" in data:
        add_restored(state, entry)
    _post(state, entry[5])
    draw(state, entry[6], 1)
    request, expires_at = data["request"], data["expires_at"]
    state.holds[request] = Hold(request, entry[2], entry[1], expires_at, data)
    if expires_at < state.due_at:
        state.due_at = expires_at
    if "asked" in data:
        ask(state, data["asked"], request)
    if "calls" in data:
        for key, session, after, _ in data["calls"]:
            subscription = state.subscriptions.get(key)
            if subscription is not None:
                count_call(subscription, session, (after[0], after[1]))


def _apply_settle(state: AccountState, entry: Entry) -> None:
    data = entry[7]
    hold = state.holds.pop(data["request"])
    if "restores" in data:
        add_restored(state, entry)
    _post(state, entry[5])
    if entry[6]:
        held = [drawn[0] for piece in hold.data["slices"] for drawn in piece[12]]
        for change in entry[6]:
            draw(state, (change,), 0 if change[0] in held else 1)
    if "undone" in data:
        undo_restores(state, entry, hold)
    if "extra" in data:
        count_extra(state, entry, data["extra"])
    if state.book is not None:
        state.book.count(data["slices"])
    if state.ended:
        _forget_ended(state)


def _apply_release(state: AccountState, entry: Entry) -> None:
    hold = state.holds.pop(entry.data["request"])
    _post(state, entry.postings)
    draw(state, entry.windows, -1)
    if "undone" in entry.data:
        undo_restores(state, entry, hold)
    if "asked" in hold.data:
        unask(state, hold.data["asked"], hold.request)
    for key, session, after, before in hold.data.get("calls", ()):
        subscription = state.subscriptions.get(key)
        if subscription is None or subscription.prompt_calls.get(session) != tuple(after):
            continue
        if before is None:
            del subscription.prompt_calls[session]
        else:
            subscription.prompt_calls[session] = (before[0], before[1])
    if state.ended:
        _forget_ended(state)


def draw(state: AccountState, draws: Iterable[Any], requests: int) -> None:
    """Apply window draws; ``requests`` is how many requests that makes in each window."""
    windows = state.windows
    for key, anchor, delta in draws:
        window = windows.get(key)
        if window is None:
            window = opened(state, key) if delta > 0 else None
            if window is None:
                continue
        if window.anchor == anchor and requests >= 0:
            # The instance that is open: the common case, without a call.
            window.used += delta
            window.draws += requests
        else:
            window.apply(anchor, delta, requests)


def count_call(subscription: Subscription, session: str, after: tuple[str, int]) -> None:
    calls = subscription.prompt_calls
    calls.pop(session, None)
    calls[session] = after
    if len(calls) > KEPT_SESSIONS:
        oldest = next(name for name in calls if name)
        del calls[oldest]


def _post(state: AccountState, postings: Iterable[Any]) -> None:
    """Apply postings to lots, to what is held and to what is owed; the house's accounts are not kept here.

    A hold posts to what is held before it posts to lots, a settlement after: so an empty lot is forgotten only when
    nothing is held any more that could come back to it.
    """
    lots, reserves = state.lots, state.reserves
    for ledger, _, amount in postings:
        found = lots.get(ledger)
        if found is not None:
            pool, lot = found
            lot.balance += amount
            pool.available += amount
            continue
        reserve = reserves.get(ledger)
        if reserve is not None:
            reserve.held += amount
            if reserve.held == 0 and len(reserve.lots) > 1:
                drop_spent(state, reserve)
        elif ledger.startswith("debt:"):
            owing = state.find_pool(ledger[5:])
            if owing is not None:
                owing.owed -= amount


def drop_spent(state: AccountState, pool: Pool) -> None:
    """Forget empty lots."""
    for lot in pool.lots:
        if lot.balance == 0:
            state.lots.pop(lot.ledger, None)
    pool.lots = [lot for lot in pool.lots if lot.balance != 0]


def _forget_ended(state: AccountState) -> None:
    needed = {piece[0].rpartition("/")[0] for hold in state.holds.values() for piece in hold.data["slices"]}
    for key in [key for key in state.ended if key not in needed]:
        for pool in state.ended.pop(key).pools.values():
            state.reserves.pop("held:" + pool.key, None)


# ---- commands


def _apply_nothing(state: AccountState, entry: Entry, plans: Plans) -> None:
    """An entry that only states a fact."""


def _apply_subscribe(state: AccountState, entry: Entry, plans: Plans) -> None:
    data = entry.data
    terms = plans(data["plan"], data["version"])
    subscription = Subscription(
        data["subscription"],
        terms,
        entry.at,
        entry.at,
        data["period_start"],
        data["period_end"],
        data["ends_at"],
        period=data["period"],
        price=data.get("price"),
    )
    state.next_subscription += 1
    state.subscriptions[subscription.key] = subscription
    furnish(state, subscription)
    _grant(state, entry)


def furnish(state: AccountState, subscription: Subscription) -> None:
    """Give a subscription the pools and windows of its terms; what it has already stays as it is."""
    terms, key = subscription.terms, subscription.key
    for pool_terms in terms.pools:
        pool = subscription.pools.get(pool_terms.id)
        if pool is None:
            pool = subscription.pools[pool_terms.id] = Pool(f"{key}:{pool_terms.id}", pool_terms)
            state.reserves["held:" + pool.key] = pool
        else:
            pool.terms = pool_terms
    for window_terms in (*terms.windows, *_progress_windows(terms)):
        window = subscription.windows.get(window_terms.id)
        if window is None or (window.kind, window.terms.unit) != (window_terms.kind, window_terms.unit):
            window = Window(f"{key}:{window_terms.id}", window_terms, subscription.bought_at)
            subscription.windows[window_terms.id] = window
        else:
            window.terms, window.limit = window_terms, window_terms.limit
        state.windows[window.key] = window
    if subscription.windows.keys() - {each.id for each in terms.windows}:
        follow_terms(subscription)


def _progress_windows(terms: Terms) -> list[WindowTerms]:
    return [
        WindowTerms(
            progress_window(source, rule),
            "calendar",
            NEVER,
            rule.currency,
            every=rule.every,
            zone=rule.zone,
        )
        for source in terms.sources
        for rule in source.multipliers
        if isinstance(rule, Progressive)
    ]


def _grant(state: AccountState, entry: Entry, plans: Plans | None = None) -> None:
    """New lots, then the postings, then the dates of the next refills."""
    data = entry.data
    for ledger, pool_key, cause, expires_at, priority, size in data.get("lots", ()):
        pool = state.find_pool(pool_key)
        if pool is not None:
            if cause == "restore":
                count_restore(pool, entry.at)
            add_lot(state, pool, Lot(ledger, cause, entry.at, expires_at, priority, size, 0))
    _post(state, entry.postings)
    for ledger in data.get("lapsed", ()):
        found = state.lots.pop(ledger, None)
        if found is not None:
            found[0].lots.remove(found[1])
    for pool_key, next_refill in data.get("refills", ()):
        pool = state.find_pool(pool_key)
        if pool is not None:
            pool.next_refill = next_refill
    if data.get("switch_on"):
        subscription = state.subscriptions.get(data["subscription"])
        if subscription is not None:
            subscription.switch = True


def _apply_renew(state: AccountState, entry: Entry, plans: Plans) -> None:
    subscription = state.subscriptions[entry.data["subscription"]]
    if "version" in entry.data:
        plan = entry.data.get("plan", subscription.terms.plan)
        _put_under(state, subscription, entry, plans(plan, entry.data["version"]))
    subscription.period = entry.data.get("period", subscription.period)
    subscription.anchor = entry.data["anchor"]
    subscription.period_start = entry.data["period_start"]
    subscription.period_end = entry.data["period_end"]
    subscription.ends_at = entry.data["ends_at"]
    _grant(state, entry)


def _apply_end(state: AccountState, entry: Entry, plans: Plans) -> None:
    _post(state, entry.postings)
    subscription = state.subscriptions.pop(entry.data["subscription"])
    for pool in subscription.pools.values():
        for lot in pool.lots:
            state.lots.pop(lot.ledger, None)
        pool.lots, pool.available, pool.next_refill = [], 0, None
    for window in subscription.windows.values():
        state.windows.pop(window.key, None)
    for segment in entry.data.get("segments", ()):
        start, _, reason = state.segments[segment]
        state.segments[segment] = (start, entry.at, reason)
    state.ended[subscription.key] = subscription
    _forget_ended(state)


def _apply_cancel(state: AccountState, entry: Entry, plans: Plans) -> None:
    state.subscriptions[entry.data["subscription"]].ends_at = entry.data["ends_at"]


def _apply_reset(state: AccountState, entry: Entry, plans: Plans) -> None:
    for key, _, _ in entry.windows:
        window = state.windows.get(key)
        if window is not None:
            window.reset(state.reserved_in(key))


def _apply_switch(state: AccountState, entry: Entry, plans: Plans) -> None:
    state.subscriptions[entry.data["subscription"]].switch = entry.data["on"]


def _apply_restore_mode(state: AccountState, entry: Entry, plans: Plans) -> None:
    pool = state.find_pool(entry.data["pool"])
    if pool is not None:
        pool.automatic = entry.data["automatic"]


def _apply_segment(state: AccountState, entry: Entry, plans: Plans) -> None:
    data = entry.data
    state.segments[data["segment"]] = (data["from"], data["until"], data["reason"])


def _apply_terms(state: AccountState, entry: Entry, plans: Plans) -> None:
    data = entry.data
    subscription = state.subscriptions[data["subscription"]]
    _put_under(state, subscription, entry, plans(data["plan"], data["version"]))
    _grant(state, entry)


def _put_under(state: AccountState, subscription: Subscription, entry: Entry, terms: Terms) -> None:
    """Other terms under a subscription, from ``entry`` on."""
    subscription.former = (*subscription.former, (entry.seq, subscription.terms))
    subscription.terms = terms
    furnish(state, subscription)


_COMMANDS: dict[str, Callable[[AccountState, Entry, Plans], None]] = {
    "open": _apply_nothing,
    "subscribe": _apply_subscribe,
    "grant": _grant,
    "refill": _grant,
    "lapse": _grant,
    "restore": _grant,
    "renew": _apply_renew,
    "end": _apply_end,
    "cancel": _apply_cancel,
    "reset": _apply_reset,
    "switch": _apply_switch,
    "restore_mode": _apply_restore_mode,
    "extra_usage": apply_extra_usage,
    "key_limit": apply_key_limit,
    "segment": _apply_segment,
    "flag": apply_flag,
    "review": apply_review,
    "terms": _apply_terms,
    **dict.fromkeys(applying.KINDS, _grant),
}
