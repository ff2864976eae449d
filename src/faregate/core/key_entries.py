"""Entries about keys, applied: Extra Usage switched and paid, limits by key.

Owns what these entries change of a state. Part of ``evolve``, which alone calls it.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.extra_state import ExtraUsage
from faregate.core.extra_usage import paid_by_wallet
from faregate.core.instants import calendar_period
from faregate.core.key_windows import follow_terms


def apply_extra_usage(state: AccountState, entry: Entry, plans: object) -> None:
    data = entry.data
    subscription = state.subscriptions[data["subscription"]]
    before = subscription.extra
    if before is None:
        subscription.extra = ExtraUsage(data["on"], data["key"], data["lost"], entry.at)
        return
    if data["on"] and not before.on:
        before.since, before.spent = entry.at, 0
    before.on, before.key, before.lost = data["on"], data["key"], data["lost"]


def apply_key_limit(state: AccountState, entry: Entry, plans: object) -> None:
    data = entry.data
    subscription = state.subscriptions[data["subscription"]]
    id = f"{data['window']}@{data['key']}"
    if data["limit"] is None:
        subscription.key_limits.pop(id, None)
    else:
        subscription.key_limits[id] = data["limit"]
    follow_terms(subscription)


def count_extra(state: AccountState, entry: Entry, mark: dict[str, Any]) -> None:
    """Add what a settlement was paid by Extra Usage to its plan's sums."""
    host = state.subscription(mark["subscription"])
    if host is None or host.extra is None:
        return
    month = calendar_period(entry.at, "month", host.terms.zone)[0]
    windows = [(id, anchor) for id, anchor in mark["windows"]]
    host.extra.count(paid_by_wallet(mark, entry.data["slices"]), month, windows)
