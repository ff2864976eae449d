"""Views: what accounts look like now and what they used, as plain data for people and programs.

Owns the reading side: account overview, usage pages and sums, explanations. Writes nothing. Amounts are exact decimal
strings, instants RFC 3339 in UTC.
"""

from __future__ import annotations

from operator import add
from typing import Any

from faregate.app.catalogue_port import ApiKey
from faregate.app.extra_view import extra_view, key_limits_view
from faregate.app.flag_review import flags_view
from faregate.app.ids import account_of, made_at
from faregate.app.ledger import Ledger
from faregate.app.office_errors import NotFound
from faregate.app.previewing import price_view
from faregate.app.shelf import price_of
from faregate.app.trade_views import agreement_view
from faregate.app.upstream_costs import cost_of, cost_view, costs_view, without_upstreams
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Rollup, UsageRow
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import render
from faregate.core.entry import Entry
from faregate.core.explain import explain, window_name, window_row, window_units
from faregate.core.instants import DAY, render_instant
from faregate.core.pool import Pool
from faregate.core.renewal import terms_renewed
from faregate.core.terms import Terms
from faregate.core.usage import USAGE_CLASSES, Usage


class Views:
    """Reading over one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._store = ledger.store

    def account(self, account: str, now: int) -> dict[str, Any]:
        """Everything on the account as of ``now``. Raises NotFound."""
        found = self._store.account(account)
        if found is None:
            raise NotFound("account", account)
        state = self._ledger.current(account, now)
        return {
            "id": found.id,
            "name": found.name,
            "created_at": render_instant(found.created_at),
            "entries": state.seq,
            "subscriptions": [self._subscription(state, each, now) for each in state.burn_order()],
            "segments": _segments(state, now),
            "flags": flags_view(state),
            "open_holds": [
                {
                    "request": hold.request,
                    "model": hold.data["model"],
                    "since": render_instant(hold.at),
                    "expires_at": render_instant(hold.expires_at),
                }
                for hold in state.holds.values()
            ],
            "keys": [key_view(key) for key in self._store.keys_of(account)],
        }

    def usage(
        self,
        account: str,
        now: int,
        days: int = 30,
        before: str | None = None,
        limit: int = 50,
        *,
        for_operator: bool = False,
    ) -> dict[str, Any]:
        """What the account used: sums by day and model over ``days``, and a page of requests, newest first.

        ``before`` is the id of the last request of the page before; ``for_operator`` adds what upstreams were paid.
        Raises NotFound for the request or for the account.
        """
        if self._store.account(account) is None:
            raise NotFound("account", account)
        if before is not None:
            row = self._store.usage_row(before)
            if row is None or row.account != account:
                raise NotFound("request", before)
        last = now // HOUR_MICROSECONDS
        first = (now - days * DAY) // HOUR_MICROSECONDS
        rows = self._store.usage_page(account, before, limit)
        total = Rollup()
        by_day: dict[tuple[str, str], Rollup] = {}
        for key, rollup in self._store.rollups_of(account, first, last):
            day = render_instant(key.hour * HOUR_MICROSECONDS)[:10]
            fold(by_day.setdefault((day, key.model), Rollup()), rollup)
            fold(total, rollup)
        return {
            "account": account,
            "days": days,
            "total": rollup_view(total, for_operator),
            "by_day": [
                {"day": day, "model": model, **rollup_view(rollup, for_operator)}
                for (day, model), rollup in sorted(by_day.items(), reverse=True)
            ],
            "requests": [usage_view(row, for_operator) for row in rows],
            "next": rows[-1].request if len(rows) == limit else None,
        }

    def explain(self, request: str, *, for_operator: bool = False) -> dict[str, Any]:
        """The story of one request, open or closed; ``for_operator`` with its upstreams and their cost.

        Raises NotFound.
        """
        account = account_of(request)
        hold, close = self._entries_of(account, request) if account is not None else (None, None)
        if account is None or hold is None:
            raise NotFound("request", request)
        under = self._terms_at(account, hold.seq)
        units = {id: unit for key, terms in under.items() for id, unit in window_units(terms, key).items()}
        told = explain(hold, close, units)
        if for_operator and close is not None:
            told["upstreams"] = _way(close)
        for part in ("hold", "settlement"):
            for piece in told.get(part, {}).get("slices", ()):
                terms = under.get(piece["payer"].rpartition("/")[0])
                piece["version"] = terms.version if terms is not None else None
        return told

    def _terms_at(self, account: str, seq: int) -> dict[str, Terms]:
        """The terms that each subscription of the account was under when entry ``seq`` was made, by its key."""
        state = self._ledger.current(account, 0)
        under: dict[str, Terms] = {}
        if state.next_subscription - 1 > len(state.subscriptions):
            # Some are over: what they were under stands in the journal.
            for entry in self._store.entries(account):
                if entry.seq > seq:
                    break
                if entry.kind in ("subscribe", "terms", "renew") and "version" in entry.data:
                    key = entry.data["subscription"]
                    plan = entry.data["plan"] if "plan" in entry.data else under[key].plan
                    under[key] = self._ledger.shelf.terms(plan, entry.data["version"])
        for subscription in state.subscriptions.values():
            under[subscription.key] = subscription.terms_of(seq)
        return under

    def _subscription(self, state: AccountState, subscription: Subscription, now: int) -> dict[str, Any]:
        """A subscription with its price, and the version it will be under after its next renewal."""
        shelf, terms, at = self._ledger.shelf, subscription.terms, subscription.period_end
        renews = at is not None and subscription.ends_at is None
        later = terms_renewed(subscription, at, shelf.market).version if renews and at is not None else None
        agreement = agreement_view(state, subscription, shelf.market)
        if agreement is not None and agreement["next_charge"] is not None:
            later = agreement["next_charge"]["version"]
        return {
            **_subscription(subscription, now),
            "price": price_view(price_of(shelf.plan(f"{terms.plan}@{terms.version}"), subscription)),
            "version_after_renewal": later,
            "agreement": agreement,
            "extra_usage": extra_view(state, subscription, now),
            "key_limits": key_limits_view(subscription),
        }

    def _entries_of(self, account: str, request: str) -> tuple[Entry | None, Entry | None]:
        row = self._store.usage_row(request)
        if row is not None:
            return self._store.entry(account, row.hold_seq), self._store.entry(account, row.settle_seq)
        # Released or still open: look back from the newest entry to when the request was made.
        made, close = made_at(request) or 0, None
        for entry in self._store.entries_back(account):
            if entry.data.get("request") == request:
                if entry.kind == "hold":
                    return entry, close
                close = entry
            if entry.kind == "hold" and entry.at < made - DAY:
                break
        return None, None


def _subscription(subscription: Subscription, now: int) -> dict[str, Any]:
    terms = subscription.terms
    shown = {window.id for window in terms.windows}
    return {
        "subscription": subscription.key,
        "plan": terms.plan,
        "version": terms.version,
        "wallet": terms.wallet,
        "switched_on": subscription.switched_on,
        "bought_at": render_instant(subscription.bought_at),
        "period_start": render_instant(subscription.period_start),
        "period_end": _instant(subscription.period_end),
        "ends_at": _instant(subscription.ends_at),
        "pools": [_pool(pool, now) for pool in subscription.pools.values()],
        "windows": [window_row(window, now) for window in subscription.windows.values() if window.terms.id in shown],
    }


def _pool(pool: Pool, now: int) -> dict[str, Any]:
    unit = pool.terms.unit
    view: dict[str, Any] = {
        "id": window_name(pool.key),
        "unit": unit,
        "available": render(pool.available, unit),
        "held": render(pool.held, unit),
        "owed": render(pool.owed, unit),
        "next_refill": _instant(pool.next_refill),
        "lots": [
            {
                "lot": lot.ledger,
                "cause": lot.cause,
                "size": render(lot.size, unit),
                "balance": render(lot.balance, unit),
                "expires_at": _instant(lot.expires_at),
            }
            for lot in pool.lots
        ],
    }
    refill = pool.terms.refill
    if refill is not None and refill.kind == "restore":
        view["restores_left"] = pool.restores_left(now)
        view["restore_mode"] = "automatic" if pool.automatic else "manual"
    return view


def _segments(state: AccountState, now: int) -> list[dict[str, Any]]:
    return [
        {
            "segment": name,
            "from": render_instant(begins),
            "until": _instant(until),
            "reason": reason,
            "in_force": state.in_segment(name, now),
        }
        for name, (begins, until, reason) in state.segments.items()
    ]


def _instant(at: int | None) -> str | None:
    return render_instant(at) if at is not None else None


def key_view(key: ApiKey) -> dict[str, Any]:
    """A key as it may be shown: never its secret."""
    return {
        "id": key.id,
        "account": key.account,
        "name": key.name,
        "prefix": key.prefix,
        "created_at": render_instant(key.created_at),
        "last_used_at": _instant(key.last_used_at),
        "revoked_at": _instant(key.revoked_at),
        "rotated_from": key.rotated_from,
        "kind": key.kind or None,
    }


def _way(close: Entry) -> dict[str, Any]:
    """The way of a request through the upstreams, as its last entry tells it."""
    data = close.data
    listed = [(piece[6], piece[7]) for piece in data.get("slices", ())]
    cost = cost_of(data)
    currency = next((each for _, each in listed if each), "")
    value = sum(amount for amount, _ in listed)
    return {
        "upstream": data.get("upstream"),
        "key": data.get("upstream_key"),
        "tried": [{"upstream": name, "key": key, "fault": code} for name, key, code in data.get("tried", ())],
        "cost": None if cost is None else cost_view(data.get("upstream", ""), cost, value, currency),
    }


def usage_view(row: UsageRow, for_operator: bool = False) -> dict[str, Any]:
    """One settled request."""
    cost = row.cost
    paid = None if cost is None else cost_view(row.upstream, cost, row.list_value, row.currency)
    return {
        **({"cost": paid} if for_operator else {}),
        "request": row.request,
        "at": render_instant(row.at),
        "key": row.key,
        "model": row.model,
        "client": row.client,
        "upstream": row.upstream,
        "usage": dict(zip(USAGE_CLASSES, row.usage, strict=True)),
        "list_value": render(row.list_value, row.currency),
        "currency": row.currency or None,
        "drawn": [
            {
                "source": drawn.source,
                "pool": drawn.pool,
                "amount": render(drawn.amount, drawn.unit),
                "unit": drawn.unit,
            }
            for drawn in row.drawn
        ],
        "outcome": row.outcome,
        "estimated": row.estimated,
    }


def fold(into: Rollup, rollup: Rollup) -> None:
    """Add ``rollup`` into ``into``."""
    into.usage = Usage._make(map(add, into.usage, rollup.usage))
    into.estimated += rollup.estimated
    for currency, value in rollup.list_values.items():
        into.list_values[currency] = into.list_values.get(currency, 0) + value
    for source, amount in rollup.drawn.items():
        into.drawn[source] = into.drawn.get(source, 0) + amount


def rollup_view(rollup: Rollup, for_operator: bool = False) -> dict[str, Any]:
    """Sums as they are shown."""
    return {
        **({"costs": costs_view(rollup.drawn)} if for_operator else {}),
        **dict(zip(USAGE_CLASSES, rollup.usage, strict=True)),
        "estimated": rollup.estimated,
        "list_value": {currency: render(value, currency) for currency, value in sorted(rollup.list_values.items())},
        "drawn": [
            {"source": source, "unit": unit, "amount": render(amount, unit)}
            for (source, unit), amount in sorted(without_upstreams(rollup.drawn.items()))
        ],
    }
