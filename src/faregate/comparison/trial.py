"""Offers tried out one by one: each replayed, its month worked out, its costs added up.

Owns what is run for an offer, also at the ends of its bands, and never runs what cannot differ. Does not choose or
order offers, nor shape what is shown.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from faregate.app.shelf import Shelf
from faregate.comparison.course import Course
from faregate.comparison.draws import Draws
from faregate.comparison.fullness import Fullness
from faregate.comparison.kinship import carried_over, enough, same_course
from faregate.comparison.lanes import Lanes
from faregate.comparison.leaps import Unsuited
from faregate.comparison.money import Money, nano
from faregate.comparison.monthly import Month, Months
from faregate.comparison.offers import Offer
from faregate.comparison.opening import Account, End, ends_of, monthly
from faregate.comparison.profile import Profile
from faregate.comparison.tally import Counts, Tally
from faregate.comparison.workload import Workload


@dataclass(frozen=True, slots=True)
class Run:
    """One replay at one end of the bands. Money in 10⁻⁹ of the comparison's currency."""

    account: Account
    counts: Counts
    fullness: Fullness
    price: int

    @property
    def cost(self) -> int:
        """What it costs to get everything done."""
        return self.price + self.counts.wallet + self.counts.overflow


@dataclass(frozen=True, slots=True)
class Tried:
    """An offer after its trial. ``low`` and ``high`` are the run itself where its limits are exact."""

    offer: Offer
    served: dict[str, str | None]
    run: Run
    low: Run
    high: Run
    month: Month


class Bench:
    """What trials share: the usage, its proportions, the market and the money."""

    def __init__(self, shelf: Shelf, workload: Workload, currency: str) -> None:
        self.shelf, self.workload = shelf, workload
        self.money = Money(shelf.prices, currency)
        self.profile = Profile(workload.profile)
        self.models = workload.models
        self._months = Months(shelf, self.profile, self.money, workload.begins)
        # Replays of offers tried before that were enough for everything, for those that cannot go another way.
        self._enough: list[tuple[Run, dict[str, str | None]]] = []
        self.draws = Draws(workload.columns, self.money)
        self.leaping = True
        # By what serves each model, and whom the plans are not for: offers of a family mostly agree.
        self._lanes: dict[Hashable, Lanes] = {}
        columns = workload.columns
        self._asked = [(columns.models[model], columns.clients[client]) for model, client in columns.pairs()]

    def attempt(self, offer: Offer) -> Tried:
        """Try ``offer`` out."""
        served = {model: offer.served(model) for model in self.models}
        accounts = {end: self._account(offer, end) for end in ends_of(offer)}
        # Before anything is drawn of them.
        month = self._months.of(offer, served, accounts)
        # The low end first: where it is enough for everything, the others need not be run.
        runs = {end: self._run(account, served, end) for end, account in accounts.items()}
        run = runs["as_printed"]
        return Tried(offer, served, run, runs.get("low", run), runs.get("high", run), month)

    def _account(self, offer: Offer, end: End) -> Account:
        return Account(offer, self.shelf, self.workload.begins, end)

    def _run(self, account: Account, served: dict[str, str | None], end: End) -> Run:
        offer = account.offer
        price = self._price(offer, account.packs)
        for known, known_served in self._enough:
            if same_course(known.account, known.counts, known_served, account, served):
                span = (self.workload.begins, self.workload.ends)
                return Run(account, *carried_over(known.counts, known.fullness, known.account, account, span), price)
        course = self._replayed(account, served) if self.leaping else None
        if course is None:
            # An account that leaps were begun on is not as it was.
            course = self._course(self._account(offer, end), served)
            course.run()
        counts, packs = course.tally.counts, course.account.packs
        run = Run(course.account, counts, course.fullness, self._price(offer, packs))
        if enough(counts, course.fullness) and not packs:
            self._enough.append((run, served))
        return run

    def _replayed(self, account: Account, served: dict[str, str | None]) -> Course | None:
        """The replay by leaps; None where they cannot be made."""
        course = self._course(account, served)
        try:
            course.run(self.draws)
        except Unsuited:
            return None
        return course

    def _course(self, account: Account, served: dict[str, str | None]) -> Course:
        lanes, offer = self._lanes_of(served, account), account.offer
        family, market = offer.family, self.shelf.market
        wallets = {plan.id for plan in offer.wallets}
        card = partial(market.card, family=family.id, version=family.version)
        tally = Tally(self.workload, lanes, self.draws, wallets, card)
        return Course(self.workload, account, lanes, tally)

    def _lanes_of(self, served: dict[str, str | None], account: Account) -> Lanes:
        columns = self.workload.columns
        names = {(by, client) for model, client in self._asked if (by := served[model]) is not None}
        away = frozenset(name for name in names if account.turns_away(*name, columns.at[0], columns.at[-1]))
        key = tuple(served.get(model) for model in columns.models), away
        known = self._lanes.get(key)
        if known is None:
            self._lanes.clear()
            known = self._lanes[key] = Lanes(columns, served, away)
        return known

    def _price(self, offer: Offer, packs: dict[str, int]) -> int:
        """Periods by their share of the time, packs whole."""
        total = Fraction(0)
        for plan in offer.plans:
            if plan.prices:
                price = plan.prices[0]
                once = price.amount * (1 + packs.get(plan.id, 0)) if price.period is None else Fraction(0)
                amount = monthly(plan) * self.workload.months + once
                total += self.money.printed(amount, price.currency, self.workload.begins)
        return nano(total)
