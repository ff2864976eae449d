"""An account with the plans of an offer on it, as a comparison opens one.

Owns what is bought, and when: all plans at one instant, renewed for ever, wallets full and switched on, packs bought
again when they are empty. Does not replay.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Literal

from faregate.app.shelf import Shelf
from faregate.comparison.offers import Offer
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import scale
from faregate.core.charge import charge
from faregate.core.commands import grant, subscribe
from faregate.core.entry import Entry
from faregate.core.evolve import evolve
from faregate.core.extra_usage import set_extra_usage
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.request import Asker, Refused, Request
from faregate.core.roll import roll
from faregate.core.route import route_for
from faregate.core.terms import Terms
from faregate.core.usage import Usage
from faregate.planfile import Plan

End = Literal["as_printed", "low", "high"]
"""Which end of the bands of limits that are estimates an account is opened at."""

FULL_WALLET = 1_000_000_000
"""Whole units of money that a wallet is filled with: more than any replay spends."""


def is_pack(plan: Plan) -> bool:
    """Whether the plan is a one-time purchase of an amount that does not come back."""
    granted = any(pool.granted for pool in plan.terms.pools)
    priced = bool(plan.prices) and plan.prices[0].amount > 0
    return not plan.terms.wallet and plan.terms.period is None and priced and granted


_FILLINGS = frozenset(("grant", "refill", "lapse"))
_FOR_OTHERS = frozenset(("client_not_in_plan", "model_not_in_plan"))
"""Reasons that no time changes, as it may bring a price."""


class Account:
    """One account of a comparison. ``bought`` are its terms in burn order and ``keys`` their subscriptions; ``packs``
    counts what was bought again, by plan."""

    def __init__(self, offer: Offer, shelf: Shelf, at: int, end: End = "as_printed") -> None:
        self.offer = offer
        # What is sold now is kept: a comparison asks what it is worth, not what it would become.
        self.market: Market = replace(shelf.market, sold={})
        self.state = AccountState("compared")
        self.packs: dict[str, int] = {}
        self._at = at
        self.bought = bought = [terms_at(plan, end) for plan in offer.plans]
        named = {terms.plan for terms in bought}
        companions = [wallet for terms in bought for wallet in shelf.companions(terms)]
        self._terms = {(terms.plan, terms.version): terms for terms in (*companions, *bought)}
        for number, terms in enumerate(bought):
            beside = [wallet for wallet in shelf.companions(terms) if wallet.plan not in named]
            for entry in subscribe(self.state, terms, at, f"begin:{number}", beside):
                evolve(self.state, entry, self.terms)
        self.keys = [self.subscription(terms.plan).key for terms in bought]
        for plan in offer.wallets:
            self._fill(plan.id, at)
        self._let_wallets_pay({plan.id for plan in offer.wallets}, at)
        self._packs = [(plan, self._pool_of(plan)) for plan in offer.plans if is_pack(plan)]

    def terms(self, plan: str, version: str) -> Terms:
        """The terms of one version of a plan on this account."""
        return self._terms[(plan, version)]

    def subscription(self, plan: str) -> Subscription:
        found = self.state.of_plan(plan)
        assert found is not None
        return found

    def reach(self, at: int) -> None:
        """Let time do all that is due at ``at``."""
        while (entry := roll(self.state, at, self.market)) is not None:
            self._apply(entry)

    def turns_away(self, model: str, client: str, at: int, last: int) -> bool:
        """Whether none of the plans is for such requests, from ``at`` to ``last``, full or empty: another model or
        client than theirs."""
        route = route_for(self.state, model, Asker(client), self.market, at)
        if route.valid_until <= last or any(payer.subscription.switched_on for payer in route.payers):
            return False
        # Nobody pays, so nothing is drawn by asking.
        request = Request("request", model, Usage(requests=1), client)
        told = charge(self.state, request, at, self.market, self.terms, valued=False)
        return isinstance(told, Refused) and told.reason in _FOR_OTHERS

    def needs_packs(self) -> bool:
        """Whether a pack is empty, so that ``buy_packs`` would buy it."""
        return any(pool.available <= 0 for _, pool in self._packs)

    def only_pack(self) -> Pool | None:
        """What the one pack of the offer holds; None where there is none, or several."""
        return self._packs[0][1] if len(self._packs) == 1 else None

    def buy_packs(self, at: int) -> bool:
        """Buy again every pack that is empty; whether there was one."""
        bought = False
        for plan, pool in self._packs:
            if pool.available <= 0:
                number = self.packs[plan.id] = self.packs.get(plan.id, 0) + 1
                self._grant(plan.id, pool, pool.terms.granted, at, f"pack:{plan.id}:{number}")
                bought = True
        return bought

    def _pool_of(self, plan: Plan) -> Pool:
        pools = self.subscription(plan.id).pools
        return next(pool for pool in pools.values() if pool.terms.granted)

    def _fill(self, wallet: str, at: int) -> None:
        pool = next(iter(self.subscription(wallet).pools.values()))
        self._grant(wallet, pool, FULL_WALLET * scale(pool.terms.unit), at, f"fill:{wallet}")

    def _let_wallets_pay(self, wallets: set[str], at: int) -> None:
        """Extra Usage of the plans that have it into a wallet of the offer, billed to the one key there is."""
        for key in self.keys:
            host = self.state.subscriptions[key]
            if host.terms.extra_usage in wallets:
                entry = set_extra_usage(self.state, host, True, "compared", at, f"extra:{key}")
                self._apply(entry)

    def _grant(self, plan: str, pool: Pool, amount: int, at: int, key: str) -> None:
        subscription = self.subscription(plan)
        self._apply(grant(self.state, subscription, pool, amount, at, key, None, 0, ""))

    def _apply(self, entry: Entry) -> None:
        """Routes outlive what only fills pools: they refer to these, and to terms and prices, which stay."""
        routes = self.state.routes
        evolve(self.state, entry, self.terms)
        if entry.kind in _FILLINGS:
            self.state.routes = routes


def terms_at(plan: Plan, end: End) -> Terms:
    """The plan's terms at one end of its bands, renewed for ever."""
    found = {"low": plan.low_terms, "high": plan.high_terms}.get(end) if end != "as_printed" else None
    terms = found or plan.terms
    return terms if terms.period is None or terms.renews else replace(terms, renews=True)


def ends_of(offer: Offer) -> tuple[End, ...]:
    """The ends of its bands that differ, the low one first."""
    banded = any(plan.low_terms is not None for plan in offer.plans)
    return ("low", "as_printed", "high") if banded else ("as_printed",)


def monthly(plan: Plan) -> Fraction:
    """What 30 days of the plan cost by its usual price, in that price's currency; 0 for what is bought once."""
    if not plan.prices:
        return Fraction(0)
    price = plan.prices[0]
    if price.period is None:
        return Fraction(0)
    if price.period in ("month", "year"):
        return price.amount / (12 if price.period == "year" else 1)
    return price.amount * 30 / int(price.period.removesuffix("d"))
