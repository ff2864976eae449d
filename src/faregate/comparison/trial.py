"""Offers tried out one by one: each replayed, its month worked out, its costs added up.

Owns what is run for an offer, also at the ends of its bands, and never runs what cannot differ. Does not choose or
order offers, nor shape what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from faregate.app.shelf import Shelf
from faregate.comparison.course import Counts, Course
from faregate.comparison.fullness import Fullness
from faregate.comparison.kinship import carried_over, enough, same_course
from faregate.comparison.money import Money, nano
from faregate.comparison.month import Holding, month_holds
from faregate.comparison.offers import Offer
from faregate.comparison.opening import Account, End, has_bands, is_pack, monthly
from faregate.comparison.profile import Profile
from faregate.comparison.workload import Workload
from faregate.core.ratecard import RateCard


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
    """An offer after its trial. ``low`` and ``high`` are the run itself where its limits are exact.

    ``month_price`` is for 30 days, with each pack once; ``holding_value`` the list value that a month holds, in whole
    units (None: no limit, or no price).
    """

    offer: Offer
    served: dict[str, str | None]
    run: Run
    low: Run
    high: Run
    month_price: Fraction
    holding: Holding
    holding_low: Holding
    holding_high: Holding
    holding_value: Fraction | None


class Bench:
    """What trials share: the usage, its proportions, the market and the money."""

    def __init__(self, shelf: Shelf, workload: Workload, currency: str) -> None:
        self.shelf, self.workload = shelf, workload
        self.money = Money(shelf.prices, currency)
        self.profile = Profile(workload.profile)
        self.models = workload.models
        # Replays of offers tried before that were enough for everything, for those that cannot go another way.
        self._enough: list[tuple[Run, dict[str, str | None]]] = []
        # By rate card and request: its list value. Plans that refuse the same request ask for the same figure.
        self._values: dict[int, dict[int, int]] = {}

    def attempt(self, offer: Offer) -> Tried:
        """Try ``offer`` out."""
        served = {model: offer.served(model) for model in self.models}
        # The low end first: where it is enough for everything, the others need not be run.
        low = self._run(offer, served, "low") if has_bands(offer) else None
        run = self._run(offer, served, "as_printed")
        holding = self._holding(offer, served, "as_printed")
        holding_low = holding_high = holding
        if has_bands(offer):
            holding_low, holding_high = (self._holding(offer, served, end) for end in _ENDS)
        high = self._run(offer, served, "high") if low is not None else run
        value = self._holding_value(offer, holding)
        return Tried(
            offer,
            served,
            run,
            low or run,
            high,
            self._month_price(offer),
            holding,
            holding_low,
            holding_high,
            value,
        )

    def _run(self, offer: Offer, served: dict[str, str | None], end: End) -> Run:
        account = Account(offer, self.shelf, self.workload.begins, end)
        price = self._price(offer, account.packs)
        for known, known_served in self._enough:
            if same_course(known.account, known.counts, known_served, account, served):
                span = (self.workload.begins, self.workload.ends)
                return Run(account, *carried_over(known.counts, known.fullness, known.account, account, span), price)
        value = _Values(self, offer)
        course = Course(self.workload, account, served, value.of, self._wallet_cost)
        counts = course.run()
        run = Run(account, counts, course.fullness, self._price(offer, account.packs))
        if enough(counts, course.fullness) and not account.packs:
            self._enough.append((run, served))
        return run

    def _holding(self, offer: Offer, served: dict[str, str | None], end: End) -> Holding:
        begins = self.workload.begins
        return month_holds(Account(offer, self.shelf, begins, end), self.profile, served, begins)

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

    def _month_price(self, offer: Offer) -> Fraction:
        total = Fraction(0)
        for plan in offer.plans:
            if plan.prices:
                price = plan.prices[0]
                amount = price.amount if is_pack(plan) else monthly(plan)
                total += self.money.printed(amount, price.currency, self.workload.begins)
        return total

    def _holding_value(self, offer: Offer, holding: Holding) -> Fraction | None:
        if holding.share is None:
            return None
        total, version = Fraction(0), offer.family.version
        for model, by in holding.models.items():
            card = self.shelf.market.card(by, offer.family.id, version)
            if card is None:
                return None
            listed = self.profile.listed(model, card)
            total += self.money.printed(listed, card.currency, self.workload.begins)
        return total * holding.share / 10**9

    def _wallet_cost(self, amount: int, unit: str, at: int) -> int:
        return self.money.convert(amount, 1, unit, at)

    def value_by(self, card: RateCard, index: int) -> int:
        """List value by ``card`` of the request with that index, in 10⁻⁹ of the comparison's currency."""
        known = self._values.setdefault(id(card), {})
        value = known.get(index)
        if value is None:
            request = self.workload.requests[index]
            numerator, denominator = card.version_at(request.at).list_value(request.usage)
            value = known[index] = self.money.convert(numerator, denominator, card.currency, request.at)
        return value


_ENDS: tuple[End, End] = ("low", "high")


class _Values:
    """List values of requests as the family of one offer prices them."""

    def __init__(self, bench: Bench, offer: Offer) -> None:
        self._bench, self._offer = bench, offer
        self._cards: dict[str, RateCard | None] = {}

    def of(self, index: int, model: str) -> int | None:
        if model not in self._cards:
            family = self._offer.family
            self._cards[model] = self._bench.shelf.market.card(model, family.id, family.version)
        card = self._cards[model]
        return self._bench.value_by(card, index) if card is not None else None
