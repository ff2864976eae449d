"""Snapshots: an account's state as plain data and back.

Owns the shape of a snapshot. A snapshot saves the cost of a rebuild and never changes its meaning: two states are
the same exactly when their snapshots are equal, which is how ``verify`` compares.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState, Hold, Subscription
from faregate.core.evolve import Plans, furnish, refresh_due
from faregate.core.extra_state import ExtraUsage
from faregate.core.flags import flags_data, read_flags
from faregate.core.key_windows import put_in
from faregate.core.pool import Lot, Pool
from faregate.core.trade.keeping import book_data, read_book
from faregate.core.window import Window

FORMAT = 1


def to_data(state: AccountState) -> dict[str, Any]:
    """``state`` as JSON-able data. Lazily rolled windows are written as they stand."""
    return {
        "format": FORMAT,
        "account": state.account,
        "seq": state.seq,
        "next_subscription": state.next_subscription,
        "subscriptions": [_subscription(each) for each in state.subscriptions.values()],
        "ended": [_subscription(each) for each in state.ended.values()],
        "holds": [[hold.request, hold.at, hold.seq, hold.expires_at, hold.data] for hold in state.holds.values()],
        "segments": {name: list(span) for name, span in state.segments.items()},
        **flags_data(state),
        **({"prompts": [list(each) for each in state.prompts.items()]} if state.prompts else {}),
        **({"book": book_data(state.book)} if state.book is not None else {}),
    }


def from_data(data: dict[str, Any], plans: Plans) -> AccountState:
    """The state that ``to_data`` wrote."""
    state = AccountState(data["account"])
    state.seq = data["seq"]
    state.next_subscription = data["next_subscription"]
    for row in data["subscriptions"]:
        subscription = _read_subscription(row, state, plans)
        state.subscriptions[subscription.key] = subscription
    for row in data["ended"]:
        subscription = _read_subscription(row, state, plans)
        state.ended[subscription.key] = subscription
    for request, at, seq, expires_at, facts in data["holds"]:
        state.holds[request] = Hold(request, at, seq, expires_at, facts)
    state.segments = {name: (span[0], span[1], span[2]) for name, span in data["segments"].items()}
    read_flags(state, data)
    state.prompts = dict(data.get("prompts", ()))
    if "book" in data:
        state.book = read_book(data["book"])
    state.index()
    refresh_due(state)
    return state


def _subscription(subscription: Subscription) -> dict[str, Any]:
    return {
        "key": subscription.key,
        "terms": [subscription.terms.plan, subscription.terms.version],
        "former": [[until, terms.plan, terms.version] for until, terms in subscription.former],
        "bought_at": subscription.bought_at,
        "anchor": subscription.anchor,
        "period_start": subscription.period_start,
        "period_end": subscription.period_end,
        "ends_at": subscription.ends_at,
        "period": subscription.period,
        "switch": subscription.switch,
        **({"price": subscription.price} if subscription.price is not None else {}),
        "pools": {name: _pool(pool) for name, pool in subscription.pools.items()},
        "windows": {name: _window(window) for name, window in subscription.windows.items()},
        **({"extra": subscription.extra.data()} if subscription.extra is not None else {}),
        **({"key_limits": subscription.key_limits} if subscription.key_limits else {}),
        "prompt_calls": [[session, *calls] for session, calls in subscription.prompt_calls.items()],
    }


def _pool(pool: Pool) -> dict[str, Any]:
    return {
        "lots": [
            [lot.ledger, lot.cause, lot.granted_at, lot.expires_at, lot.priority, lot.size, lot.balance]
            for lot in pool.lots
        ],
        "held": pool.held,
        "owed": pool.owed,
        "granted": pool.granted,
        "restored_in": pool.restored_in,
        "restores": pool.restores,
        "automatic": pool.automatic,
        "next_refill": pool.next_refill,
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "anchor": window.anchor,
        "closes": window.closes,
        "used": window.used,
        "draws": window.draws,
        "buckets": [list(bucket) for bucket in window.buckets],
    }


def _read_subscription(row: dict[str, Any], state: AccountState, plans: Plans) -> Subscription:
    subscription = Subscription(
        row["key"],
        plans(*row["terms"]),
        row["bought_at"],
        row["anchor"],
        row["period_start"],
        row["period_end"],
        row["ends_at"],
        row["switch"],
        period=row["period"],
        price=row.get("price"),
        former=tuple((until, plans(plan, version)) for until, plan, version in row["former"]),
        prompt_calls={session: (prompt, calls) for session, prompt, calls in row["prompt_calls"]},
    )
    subscription.extra = ExtraUsage.from_data(row["extra"]) if "extra" in row else None
    subscription.key_limits = dict(row.get("key_limits", {}))
    for terms in (*(former for _, former in subscription.former), subscription.terms):
        subscription.terms = terms
        furnish(state, subscription)
    for name, kept in row["pools"].items():
        pool = subscription.pools[name]
        pool.lots = [Lot(*lot) for lot in kept["lots"]]
        pool.available = sum(lot.balance for lot in pool.lots)
        for field in ("held", "owed", "granted", "restored_in", "restores", "automatic", "next_refill"):
            setattr(pool, field, kept[field])
    for name, kept in row["windows"].items():
        window = subscription.windows.get(name) or put_in(subscription, name)
        assert window is not None, name
        for field in ("anchor", "closes", "used", "draws"):
            setattr(window, field, kept[field])
        window.buckets = [list(bucket) for bucket in kept["buckets"]]
    return subscription
