"""An account driven by hand in tests: every entry checked for balance, applied, and kept.

Owns the few plans' parts and the one price list that the tables of this folder use: a model that costs one USD a
token of output, so that amounts are read at a glance.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import parse, render
from faregate.core.commands import grant, subscribe
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.evolve import evolve, rebuild
from faregate.core.instants import parse_instant
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.ratecard import CardVersion, RateCard, RateTier, rates_per_unit
from faregate.core.request import Admitted, Refused, Request, Slice
from faregate.core.roll import roll
from faregate.core.settle import release, settle
from faregate.core.snapshot import to_data
from faregate.core.terms import PoolTerms, Refill, SourceTerms, Terms, WindowTerms, unit_meter
from faregate.core.usage import Usage
from faregate.core.window import Window
from tests.core.laws import postings_sum_to_zero

NOON = parse_instant("2026-03-04T12:00:00Z")
USD = unit_meter("USD")
NOTHING = Fraction(0)


def card(model: str, output: Fraction = Fraction(1), currency: str = "USD") -> RateCard:
    """A card on which only output costs, ``output`` whole units a token."""
    rates = rates_per_unit(
        input=NOTHING, cached=NOTHING, cache_write_5m=NOTHING, cache_write_1h=NOTHING, output=output
    )
    return RateCard(model, currency, (CardVersion(model + "@1", 0, (RateTier(0, 0, rates),)),))


MARKET = Market({"m/one": card("m/one"), "m/third": card("m/third", Fraction(1, 3))})


def usd(amount: str) -> int:
    return parse(amount, "USD")


def output(tokens: int, prompts: int = 0) -> Usage:
    return Usage(output=tokens, prompts=prompts)


def pool(id: str = "p", granted: str = "0", refill: Refill | None = None, **more: Any) -> PoolTerms:
    return PoolTerms(id, "USD", usd(granted), refill, **more)


def window(id: str, kind: Any, limit: str, unit: str = "USD", **more: Any) -> WindowTerms:
    return WindowTerms(id, kind, parse(limit, unit), unit, **more)


def plan(name: str = "f/plan", **more: Any) -> Terms:
    """A plan; without ``sources`` one that pays in USD out of pool ``p`` (if it has pools) under all its windows."""
    if "sources" not in more:
        funding = tuple(each.id for each in more.get("windows", ()) if not each.guard)
        more["sources"] = (SourceTerms("s", USD, "p" if more.get("pools") else None, funding),)
    more.setdefault("hold_seconds", 10**7)  # holds outlive the tests' jumps where a test does not say otherwise
    return Terms(name, more.pop("version", "1"), **more)


class DrivenAccount:
    """Subscribed to ``plans`` at ``now``; ``now`` moves only by the tests' doing."""

    def __init__(self, *plans: Terms, now: int = NOON, market: Market = MARKET) -> None:
        self.now, self.market = now, market
        self.state = AccountState("a")
        self.journal: list[Entry] = []
        self.known = {(terms.plan, terms.version): terms for terms in plans}
        for terms in plans:
            for entry in subscribe(self.state, terms, now, terms.plan):
                self.apply(entry)

    def plans(self, plan: str, version: str) -> Terms:
        return self.known[plan, version]

    def apply(self, entry: Entry) -> Entry:
        postings_sum_to_zero(entry)
        self.journal.append(entry)
        evolve(self.state, entry, self.plans)
        return entry

    def at(self, now: int) -> DrivenAccount:
        """Time goes on to ``now``; what is due happens."""
        self.now = now
        while (entry := roll(self.state, now, self.market)) is not None:
            self.apply(entry)
        return self

    def decide(self, usage: Usage, model: str = "m/one", id: str = "r", **more: Any) -> Admitted | Refused:
        before = json.dumps(to_data(self.state))
        found = decide(self.state, Request(id, model, usage, **more), self.now, self.market)
        assert json.dumps(to_data(self.state)) == before
        return found

    def hold(self, usage: Usage, model: str = "m/one", id: str = "r", **more: Any) -> list[Slice]:
        """The slices of an admission that must succeed."""
        found = self.decide(usage, model, id, **more)
        assert isinstance(found, Admitted), found
        return list(self.apply(found.entry).data["slices"])

    def refused(self, usage: Usage, model: str = "m/one", **more: Any) -> Refused:
        found = self.decide(usage, model, **more)
        assert isinstance(found, Refused), found
        return found

    def settle(self, usage: Usage, id: str = "r") -> list[Slice]:
        return list(self.apply(settle(self.state, id, usage, self.now, self.market)).data["slices"])

    def release(self, id: str = "r") -> Entry:
        return self.apply(release(self.state, id, self.now, "failed"))

    def pay(self, usage: Usage, model: str = "m/one", id: str = "r", **more: Any) -> list[Slice]:
        """Admit and settle at the estimate."""
        self.hold(usage, model, id, **more)
        return self.settle(usage, id)

    def grant(self, amount: str, name: str = "p", **more: Any) -> None:
        mine = self.subscription()
        self.apply(grant(self.state, mine, mine.pools[name], usd(amount), self.now, "g", **more))

    def subscription(self, plan: str | None = None) -> Subscription:
        found = self.state.of_plan(plan) if plan else next(iter(self.state.subscriptions.values()))
        assert found is not None
        return found

    def pool(self, name: str = "p", plan: str | None = None) -> Pool:
        return self.subscription(plan).pools[name]

    def window(self, name: str, plan: str | None = None) -> Window:
        return self.subscription(plan).windows[name]

    def left(self, name: str = "p", plan: str | None = None) -> str:
        return render(self.pool(name, plan).available, "USD")

    def used(self, name: str, plan: str | None = None) -> str:
        found = self.window(name, plan)
        return render(found.used_at(self.now), found.terms.unit)

    def same_when_rebuilt(self) -> bool:
        return to_data(rebuild("a", self.journal, self.plans)) == to_data(self.state)

    def passes_exactly_at(self, retry_at: int | None, usage: Usage, model: str = "m/one") -> bool:
        """Still refused a microsecond before, admitted then."""
        assert retry_at is not None
        before = isinstance(self.at(retry_at - 1).decide(usage, model), Refused)
        return before and isinstance(self.at(retry_at).decide(usage, model), Admitted)


def paid(slices: Sequence[Slice]) -> list[tuple[str, str, str]]:
    """(plan, amount, multiplier) of each slice, for tables."""
    return [(each.plan, render(each.amount, each.unit), each.multiplier) for each in slices]
