"""Extra Usage and limits by key as people and programs see them.

Owns these parts of a subscription's view. Amounts are exact decimal strings, instants RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import render
from faregate.core.instants import calendar_period, render_instant


def extra_view(state: AccountState, subscription: Subscription, now: int) -> dict[str, Any] | None:
    """Extra Usage of ``subscription`` with its spend so far; None where its plan has none."""
    name = subscription.terms.extra_usage
    wallet = state.of_plan(name) if name is not None else None
    if wallet is None:
        return None
    unit = wallet.terms.sources[0].meter.unit
    extra = subscription.extra
    available = sum(pool.available for pool in wallet.pools.values())
    view: dict[str, Any] = {
        "on": extra is not None and extra.on,
        "wallet": name,
        "key": (extra.key or None) if extra is not None else None,
        "revoked_key": (extra.lost or None) if extra is not None else None,
        "since": render_instant(extra.since) if extra is not None and extra.on else None,
        "unit": unit,
        "balance": render(available, unit),
        "spent": render(extra.spent if extra is not None else 0, unit),
        "spent_this_month": "0",
        "windows": [],
    }
    if extra is None:
        return view
    month, amount = extra.month
    if month == calendar_period(now, "month", subscription.terms.zone)[0]:
        view["spent_this_month"] = render(amount, unit)
    for id, window in subscription.windows.items():
        if id in extra.windows:
            anchor, amount = extra.windows[id]
            spent = amount if window.is_live(anchor, now) else 0
            view["windows"].append({"id": id, "spent": render(spent, unit)})
    return view


def key_limits_view(subscription: Subscription) -> list[dict[str, Any]]:
    """The limits that single keys have of their own."""
    found = []
    for id, limit in subscription.key_limits.items():
        window, _, key = id.partition("@")
        unit = subscription.terms.window(window).unit
        found.append({"window": window, "key": key, "limit": render(limit, unit), "unit": unit})
    return found
