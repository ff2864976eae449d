"""Lists over all of the books: coupons, gift codes, documents of every account, rate cards and schedules.

Owns these views. Writes nothing. Amounts are exact decimal strings, instants RFC 3339 in UTC. What reads every
account does so on its own copy of it: for a thread of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from faregate.app.coupon import COUPON_BOOKS, coupon_view
from faregate.app.paperwork import Paperwork
from faregate.app.previewing import state_at
from faregate.app.promotions import GIFT_BOOKS, gift_view
from faregate.app.shelf import Shelf
from faregate.app.store_port import Store
from faregate.core.account import AccountState
from faregate.core.amounts import decimal_text
from faregate.core.instants import render_instant
from faregate.core.ratecard import CardVersion, RateCard, Rates
from faregate.core.tariff import scheduled_value
from faregate.core.terms import BySchedule
from faregate.core.trade.ordering import book_of
from faregate.ratecards import PricedModel

_PER_MILLION = ("input", "cached", "cache_write_5m", "cache_write_1h", "output")
_PER_ONE = ("image", "tool_call", "request")
_NANO = 10**9
MOST_ROWS = 1000


def _books(store: Store, shelf: Shelf, now: int, prefix: str) -> Iterator[AccountState]:
    for head in store.heads():
        if head.account.startswith(prefix):
            yield state_at(store, head.account, now, shelf)


def coupons_view(store: Store, shelf: Shelf, now: int) -> list[dict[str, Any]]:
    """Every coupon with how often it was used and by whom, the one made last first."""

    def is_open(account: str, order: str) -> bool:
        found = book_of(state_at(store, account, now, shelf)).order(order)
        return found is not None and found.done_at is None

    rows = [coupon_view(state, now, is_open) for state in _books(store, shelf, now, COUPON_BOOKS)]
    return sorted(rows, key=lambda row: (row["begins"] or "", row["code"]), reverse=True)


def gift_codes_view(store: Store, shelf: Shelf, now: int) -> list[dict[str, Any]]:
    """Every gift code, the newest first: what it is worth and who had it. None is told: only hashes are kept."""
    rows = [gift_view(state, now) for state in _books(store, shelf, now, GIFT_BOOKS)]
    return sorted(rows, key=lambda row: str(row["made_at"]), reverse=True)


def documents_view(
    store: Store, paperwork: Paperwork, shelf: Shelf, now: int, since: int, until: int
) -> list[dict[str, Any]]:
    """Invoices and credit notes of all accounts issued from ``since`` up to ``until``, newest first, briefly."""
    first, last = render_instant(since), render_instant(until)
    rows: list[dict[str, Any]] = []
    for head in store.heads():
        account = store.account(head.account)
        if account is None:
            continue
        state = state_at(store, head.account, now, shelf)
        rows += [
            {"account": account.id, "name": account.name, **row}
            for row in paperwork.documents_of(state)
            if first <= row["issued_at"] < last
        ]
    return sorted(rows, key=lambda row: (row["issued_at"], row["number"]), reverse=True)


def subscriptions_view(store: Store, shelf: Shelf, now: int, plan: str | None) -> dict[str, Any]:
    """How many run each version of each plan; the running ones of ``plan`` too, the last bought first."""
    counts: Counter[tuple[str, str]] = Counter()
    rows: list[dict[str, Any]] = []
    for head in store.heads():
        account = store.account(head.account)
        if account is None:
            continue
        for each in state_at(store, head.account, now, shelf).burn_order():
            counts[each.terms.plan, each.terms.version] += 1
            if each.terms.plan == plan:
                rows.append(
                    {
                        "account": account.id,
                        "name": account.name,
                        "version": each.terms.version,
                        "price": each.price,
                        "bought_at": render_instant(each.bought_at),
                        "period_end": render_instant(each.period_end) if each.period_end is not None else None,
                        "ends_at": render_instant(each.ends_at) if each.ends_at is not None else None,
                    }
                )
    return {
        "counts": [
            {"plan": plan, "version": version, "subscriptions": count}
            for (plan, version), count in sorted(counts.items())
        ],
        "subscriptions": sorted(rows, key=lambda row: str(row["bought_at"]), reverse=True)[:MOST_ROWS],
    }


def rates_view(shelf: Shelf, now: int) -> dict[str, Any]:
    """``models`` with what they cost and since when, and the multiplier ``schedules`` of plans by plan."""
    models = sorted(shelf.prices.models.values(), key=lambda model: model.id)
    return {"models": [_model(model, now) for model in models], "schedules": _schedules(shelf, now)}


def _model(model: PricedModel, now: int) -> dict[str, Any]:
    card = model.card
    live = card.version_at(now)
    return {
        "model": card.model,
        "maker": model.maker,
        "name": model.name,
        "currency": card.currency,
        "context": model.context,
        "versions": [{**_version(card, version), "live": version is live} for version in reversed(card.versions)],
    }


def _version(card: RateCard, version: CardVersion) -> dict[str, Any]:
    first = version is card.versions[0]
    return {
        "version": version.version,
        "from": None if first and version.effective_from <= 0 else render_instant(version.effective_from),
        "source": version.source,
        "tiers": [
            {"min_input": tier.min_input, "min_output": tier.min_output, "prices": _prices(tier.rates)}
            for tier in version.tiers
        ],
    }


def _prices(rates: Rates) -> dict[str, str]:
    """For a million tokens, or for one image, tool call or request."""
    per = dict.fromkeys(_PER_MILLION, 10**6) | dict.fromkeys(_PER_ONE, 1)
    return {
        name: decimal_text(Fraction(getattr(rates, name) * units, rates.denominator * _NANO))
        for name, units in per.items()
    }


def _schedules(shelf: Shelf, now: int) -> list[dict[str, Any]]:
    rows = []
    for plan in sorted(shelf.catalogue, key=lambda plan: plan.id):
        written = {
            rule.name: rule
            for source in plan.terms.sources
            for rule in source.multipliers
            if isinstance(rule, BySchedule)
        }
        for name, rule in written.items():
            changes = shelf.market.schedules.get((plan.id, name), ())
            value, _ = scheduled_value(rule, changes, now)
            told = [(at, value, "file") for at, value in rule.values] + [
                (at, value, "changed") for at, value in changes
            ]
            rows.append(
                {
                    "plan": plan.id,
                    "name": name,
                    "names": {"en": plan.names.en, "zh": plan.names.zh},
                    "now": decimal_text(value),
                    "zone": rule.zone,
                    "bands": len(rule.bands),
                    "values": [
                        {
                            "from": render_instant(at) if at > 0 else None,
                            "value": decimal_text(value),
                            "by": by,
                            "begun": at <= now,
                        }
                        for at, value, by in sorted(told, key=lambda row: row[0])
                    ],
                }
            )
    return rows
