"""Preview: what publishing a version would do to the subscriptions that run now.

Owns the look ahead through coming renewals. Writes nothing: accounts are read from the store and thrown away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from faregate.app.shelf import Shelf, price_of
from faregate.app.store_port import Store
from faregate.app.warm_accounts import load_state
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import decimal_text
from faregate.core.filling import period_after
from faregate.core.instants import render_instant
from faregate.core.roll import EVERY_REQUEST, roll_all
from faregate.core.sale import Versions, sold_at, terms_at_renewal
from faregate.planfile import Family, Price

RENEWALS_AHEAD = 240
"""How many renewals are looked ahead: what comes later is called never."""


class Fate(NamedTuple):
    """What becomes of a subscription: ``moves`` to the version at the renewal ``at``, ``keeps`` its own, ``ends``
    at ``at``, or ``has`` the version already. ``why`` is a stable word.
    """

    outcome: str
    why: str
    at: int | None = None


def state_at(store: Store, account: str, now: int, shelf: Shelf) -> AccountState:
    """The account as it stands at ``now``, its own copy; holds stay open."""
    state = load_state(store, account, shelf.terms)
    roll_all(state, now, shelf.market, shelf.terms, EVERY_REQUEST)
    return state


def preview(
    store: Store, current: Shelf, proposed: Shelf, family: Family, now: int, seen: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """What publishing ``family`` does to the subscriptions that run at ``now``, JSON-able.

    ``current`` is what is published, ``proposed`` the same with ``family`` on it. ``seen`` is told the number of
    accounts, now and then.
    """
    rows: list[dict[str, Any]] = []
    for number, head in enumerate(store.heads(), 1):
        state = state_at(store, head.account, now, current)
        rows += _rows(store, state, proposed, family, now)
        if seen is not None and number % 100 == 0:
            seen(number)
    sale = family.document.sale
    return {
        "family": family.id,
        "version": family.version,
        "hash": family.content_hash,
        "at": render_instant(now),
        "sold": {
            "since": _instant(sale.since) if sale is not None else None,
            "until": _instant(sale.until) if sale is not None else None,
        },
        "publishes": _publishes(current, family),
        "plans": _counts(rows),
        "subscriptions": sorted(rows, key=lambda row: (row["at"] is None, row["at"] or "", row["account"])),
    }


def _publishes(current: Shelf, family: Family) -> list[str]:
    """The versions of plans that are not there yet."""
    return [
        f"{plan}@{family.version}"
        for plan in family.plans
        if all(row.terms.version != family.version for row in current.versions(plan))
    ]


def _rows(store: Store, state: AccountState, shelf: Shelf, family: Family, now: int) -> Iterator[dict[str, Any]]:
    running = [each for each in state.burn_order() if each.terms.family == family.id]
    if not running:
        return
    account = store.account(state.account)
    for subscription in running:
        fate = fate_of(subscription, shelf.versions(subscription.terms.plan), family.version)
        terms = subscription.terms
        before = _price(shelf, subscription, terms.version)
        after = _price(shelf, subscription, family.version) if fate.outcome == "moves" else before
        yield {
            "account": state.account,
            "name": account.name if account is not None else state.account,
            "subscription": subscription.key,
            "plan": terms.plan,
            "version": terms.version,
            "bought_at": render_instant(subscription.bought_at),
            "outcome": fate.outcome,
            "why": fate.why,
            "at": _instant(fate.at),
            "price": before,
            "price_after": after,
        }


def fate_of(subscription: Subscription, versions: Versions, version: str) -> Fate:
    """What becomes of ``subscription`` once ``version`` is among the ``versions`` of its plan."""
    terms, at = subscription.terms, subscription.period_end
    if terms.version == version:
        return Fate("has", "under_it")
    if subscription.ends_at is not None:
        return Fate("ends", "ends", subscription.ends_at)
    if all(row.terms.version != version for row in versions):
        return Fate("keeps", "not_in_version")
    for _ in range(RENEWALS_AHEAD):
        if at is None:
            return Fate("keeps", "never_renews")
        later = terms_at_renewal(versions, terms, subscription.bought_at, at)
        if later.version == version:
            return Fate("moves", "rule", at)
        sold = sold_at(versions, at)
        if later is terms and sold is not None and sold.terms.version == version:
            own = next(row for row in versions if row.terms.version == terms.version)
            return Fate("keeps", "cohort" if own.cohort or sold.former else "nothing_said")
        terms = later
        at = period_after(at, subscription.period, terms.zone, subscription.anchor)
    return Fate("keeps", "not_sold")


def _price(shelf: Shelf, subscription: Subscription, version: str) -> dict[str, str | None] | None:
    return price_view(price_of(shelf.plan(f"{subscription.terms.plan}@{version}"), subscription))


def price_view(price: Price | None) -> dict[str, str | None] | None:
    """A price as data."""
    if price is None:
        return None
    return {
        "id": price.id,
        "amount": decimal_text(price.amount),
        "currency": price.currency,
        "period": price.period,
    }


def _counts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By plan and version now: how many there are and what becomes of them."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        counted = counts.setdefault((row["plan"], row["version"]), Counter())
        counted["subscriptions"] += 1
        counted[row["outcome"]] += 1
    names = ("subscriptions", "moves", "keeps", "ends", "has")
    return [
        {"plan": plan, "version": version, **{name: counted[name] for name in names}}
        for (plan, version), counted in sorted(counts.items())
    ]


def _instant(at: int | None) -> str | None:
    return render_instant(at) if at is not None else None
