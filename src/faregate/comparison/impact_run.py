"""One replay of an account's traffic: under the terms that it has, or under those of another version of its plans.

Owns carrying out requests and commands on a state of its own, and what it counts: refusals, what was paid, prices of
the periods that began. The rules are core's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from faregate.app.shelf import Shelf, UnknownPlan, price_of
from faregate.comparison.impact_traffic import Happened, Span
from faregate.core import commands
from faregate.core.account import AccountState, Subscription
from faregate.core.charge import charge
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand, UnknownSubject
from faregate.core.evolve import evolve
from faregate.core.explain import window_name
from faregate.core.extra_usage import set_extra_usage, set_key_limit
from faregate.core.market import Market
from faregate.core.renewal import renewal
from faregate.core.request import Refused, Request
from faregate.core.roll import roll
from faregate.core.settle import release
from faregate.core.terms import Terms


@dataclass(slots=True)
class Counts:
    """What a run came to. Money by currency; ``wallets`` by unit, ``list_value`` of what was admitted, both in
    smallest parts; ``refusals`` by (reason, what bound); ``skipped`` commands could not be carried out.
    """

    requests: int = 0
    refused: int = 0
    revenue: dict[str, Fraction] = field(default_factory=dict)
    wallets: Counter[str] = field(default_factory=Counter)
    list_value: Counter[str] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: int = 0

    def add(self, other: Counts) -> None:
        self.requests += other.requests
        self.refused += other.refused
        self.skipped += other.skipped
        for currency, amount in other.revenue.items():
            self.revenue[currency] = self.revenue.get(currency, Fraction(0)) + amount
        self.wallets.update(other.wallets)
        self.list_value.update(other.list_value)
        self.refusals.update(other.refusals)


class Run:
    """``version``: the version of ``family`` whose plans stand in the place of the account's own; None: its own."""

    def __init__(self, state: AccountState, shelf: Shelf, family: str, version: str | None, span: Span) -> None:
        self.state = state.copy()
        self.counts = Counts()
        self.plans: set[str] = set()
        self._shelf, self._family, self._version, self._span = shelf, family, version, span
        # Under another version nothing moves on to a third one.
        self._market: Market = shelf.market if version is None else replace(shelf.market, sold={})
        for request in list(self.state.holds):
            # What was open then belongs to the time before.
            self._apply(release(self.state, request, span.begins, "before"))
        for subscription in list(self.state.subscriptions.values()):
            self._begin(subscription)

    def _begin(self, subscription: Subscription) -> None:
        """The account's plans of the family with pools filled anew; the paid period goes on."""
        if subscription.terms.family != self._family:
            return
        period = {
            "anchor": subscription.anchor,
            "period_start": subscription.period_start,
            "period_end": subscription.period_end,
            "ends_at": subscription.ends_at,
        }
        terms = self._terms(subscription.terms)
        self._apply(renewal(self.state, subscription, self._span.begins, "begin", period, terms), priced=False)

    def _terms(self, terms: Terms) -> Terms:
        """The terms that stand for ``terms`` in this run: its own where the version lacks the plan."""
        if self._version is None or terms.family != self._family:
            return terms
        try:
            return self._shelf.terms(terms.plan, self._version)
        except UnknownPlan:
            return terms

    def reach(self, at: int) -> None:
        """Let time come to ``at``."""
        while (entry := roll(self.state, at, self._market)) is not None:
            self._apply(entry)

    def finish(self) -> None:
        """Let time come to the end of the span."""
        self.reach(self._span.ends - 1)

    def _apply(self, entry: Entry, *, priced: bool = True) -> None:
        evolve(self.state, entry, self._shelf.terms)
        if entry.kind not in ("subscribe", "renew"):
            return
        subscription = self.state.subscriptions[entry.data["subscription"]]
        terms = subscription.terms
        if terms.family != self._family:
            return
        if not terms.wallet:
            self.plans.add(terms.plan)
        if priced and self._span.holds(entry.at):
            price = price_of(self._shelf.plan(f"{terms.plan}@{terms.version}"), subscription)
            if price is not None and price.amount:
                revenue = self.counts.revenue
                revenue[price.currency] = revenue.get(price.currency, Fraction(0)) + price.amount

    def request(self, request: Request, at: int) -> Refused | None:
        """Charge a request, or refuse it."""
        self.reach(at)
        counts = self.counts
        counts.requests += 1
        charged = charge(self.state, request, at, self._market, self._shelf.terms, brief=True)
        if isinstance(charged, Refused):
            counts.refused += 1
            counts.refusals[charged.reason, window_name(charged.subject)] += 1
            return charged
        for piece in charged.slices:
            if piece.currency:
                counts.list_value[piece.currency] += piece.list_value
            payer = self.state.subscription(piece.payer.rpartition("/")[0])
            if payer is not None and payer.terms.wallet:
                counts.wallets[piece.unit] += piece.amount
        return None

    def command(self, happened: Happened) -> None:
        """Carry out what an operator or owner did, as far as it can be under these terms."""
        self.reach(happened.at)
        entry = happened.entry
        assert entry is not None
        try:
            for made in _ACTS[entry.kind](self, entry):
                self._apply(made)
        except (BadCommand, UnknownSubject, KeyError):
            self.counts.skipped += 1

    # ---- commands

    def _subscription(self, entry: Entry) -> Subscription:
        return self.state.subscriptions[entry.data["subscription"]]

    def subscribe(self, entry: Entry) -> list[Entry]:
        data = entry.data
        terms = self._terms(self._shelf.terms(data["plan"], data["version"]))
        once, period = data["ends_at"] is not None and terms.renews, data["period"]
        return commands.subscribe(self.state, terms, entry.at, entry.key, (), once, period, price=data.get("price"))

    def grant(self, entry: Entry) -> list[Entry]:
        subscription = self._subscription(entry)
        made = []
        for _, pool_key, _, expires_at, priority, size in entry.data["lots"]:
            pool = commands.find_pool(subscription, pool_key.rpartition(":")[2])
            made.append(
                commands.grant(self.state, subscription, pool, size, entry.at, entry.key, expires_at, priority)
            )
        return made[:1]

    def reset(self, entry: Entry) -> list[Entry]:
        subscription = self._subscription(entry)
        named = {key.rpartition(":")[2] for key, _, _ in entry.windows}
        own = [window.id for window in subscription.terms.windows if not window.guard]
        # All of them were reset, or one.
        window = next(iter(named)) if len(named) == 1 and named <= set(own) else None
        return [commands.reset_windows(self.state, subscription, window, entry.at, entry.key)]

    def restore(self, entry: Entry) -> list[Entry]:
        subscription = self._subscription(entry)
        pool = commands.find_pool(subscription, entry.data["lots"][0][1].rpartition(":")[2])
        return [commands.restore(self.state, subscription, pool, entry.at, entry.key)]

    def restore_mode(self, entry: Entry) -> list[Entry]:
        pool = self.state.find_pool(entry.data["pool"])
        if pool is None:
            raise KeyError(entry.data["pool"])
        automatic = entry.data["automatic"]
        return [commands.set_restore_mode(self.state, pool, automatic, entry.at, entry.key)]

    def renew(self, entry: Entry) -> list[Entry]:
        return [commands.renew(self.state, self._subscription(entry), entry.at, entry.key, self._market)]

    def cancel(self, entry: Entry) -> list[Entry]:
        at_once = entry.data["ends_at"] <= entry.at
        return [commands.cancel(self.state, self._subscription(entry), entry.at, entry.key, at_once)]

    def switch(self, entry: Entry) -> list[Entry]:
        return [commands.switch(self.state, self._subscription(entry), entry.data["on"], entry.at, entry.key)]

    def extra_usage(self, entry: Entry) -> list[Entry]:
        data = entry.data
        return [
            set_extra_usage(
                self.state, self._subscription(entry), data["on"], data["key"] or None, entry.at, entry.key
            )
        ]

    def key_limit(self, entry: Entry) -> list[Entry]:
        data = entry.data
        subscription = self._subscription(entry)
        return [
            set_key_limit(self.state, subscription, data["window"], data["key"], data["limit"], entry.at, entry.key)
        ]

    def segment(self, entry: Entry) -> list[Entry]:
        data = entry.data
        span = data["from"], data["until"], data["reason"]
        return [commands.set_segment(self.state, data["segment"], *span, entry.at, entry.key)]

    def change_terms(self, entry: Entry) -> list[Entry]:
        terms = self._terms(self._shelf.terms(entry.data["plan"], entry.data["version"]))
        return [commands.change_terms(self.state, self._subscription(entry), terms, entry.at, entry.key)]


_ACTS: dict[str, Callable[[Run, Entry], list[Entry]]] = {
    "subscribe": Run.subscribe,
    "grant": Run.grant,
    "reset": Run.reset,
    "restore": Run.restore,
    "restore_mode": Run.restore_mode,
    "renew": Run.renew,
    "cancel": Run.cancel,
    "switch": Run.switch,
    "extra_usage": Run.extra_usage,
    "key_limit": Run.key_limit,
    "segment": Run.segment,
    "terms": Run.change_terms,
}
