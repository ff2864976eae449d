"""What of an account is worth telling its owner: windows that fill up, renewals, charges in vain.

Owns the events and their names: one name is one event for ever, so that each is told once. Reads the account's view,
the same that its owner sees; writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from faregate.core.instants import DAY, parse_instant

KINDS = ("window_80", "window_100", "renewal", "payment_failed")
COMING = 3 * DAY
"""A renewal is told so long before."""
_PARTS = ((Decimal(1), "window_100"), (Decimal("0.8"), "window_80"))


class Event(NamedTuple):
    """``name`` is one event for ever; ``facts`` what is told of it, JSON-able."""

    name: str
    kind: str
    facts: dict[str, Any]


def events_of(view: dict[str, Any], now: int) -> Iterator[Event]:
    """What the account of this view is to be told of at ``now``; what was told before comes again."""
    for plan in view["subscriptions"]:
        for window in plan["windows"]:
            if not window.get("guard"):
                yield from _filled(plan, window)
        yield from _agreed(plan, now)


def _filled(plan: dict[str, Any], window: dict[str, Any]) -> Iterator[Event]:
    """The largest part of the window that is full. A window whose end nobody knows is told of once a filling."""
    limit, used, reopens = window["limit"], window["used"], window["reopens_at"]
    if limit is None or reopens is None or Decimal(limit) <= 0:
        return
    for part, kind in _PARTS:
        if Decimal(used) >= part * Decimal(limit):
            facts = {"plan": plan["plan"], "window": window["id"], "reopens_at": reopens}
            facts |= {"used": used, "limit": limit, "unit": window["unit"]}
            yield Event(f"{kind}:{plan['subscription']}:{window['id']}:{_instance(window, reopens)}", kind, facts)
            return


def _instance(window: dict[str, Any], reopens: str) -> str:
    """Which filling of the window it is. A sliding window has no end of its own: a day of it is one."""
    return reopens[:10] if window["kind"] == "sliding" else reopens


def _agreed(plan: dict[str, Any], now: int) -> Iterator[Event]:
    agreement, ends = plan["agreement"], plan["period_end"]
    if agreement is None:
        return
    facts = {"plan": plan["plan"], "at": ends, "payer": agreement["payer"]}
    if agreement["failed_charges"]:
        name = f"payment_failed:{plan['subscription']}:{ends}:{agreement['failed_charges']}"
        yield Event(name, "payment_failed", {**facts, "tries": agreement["failed_charges"]})
    if ends is None or not agreement["renews"]:
        return
    price = plan["price"] or {}
    if now < parse_instant(ends) <= now + COMING:
        charge = agreement.get("next_charge") or price
        told = {"amount": charge.get("amount"), "currency": charge.get("currency"), "state": "coming"}
        yield Event(f"renewal:{plan['subscription']}:{ends}", "renewal", {**facts, **told})
    if plan["period_start"] not in (None, plan["bought_at"]) and agreement["orders"]:
        told = {"amount": price.get("amount"), "currency": price.get("currency"), "state": "paid"}
        yield Event(f"paid:{plan['subscription']}:{plan['period_start']}", "renewal", {**facts, **told})
