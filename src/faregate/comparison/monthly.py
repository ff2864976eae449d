"""What a month of an offer costs and holds, without a replay.

Owns the price of 30 days, what they hold of a usage's proportions at each end of the bands, what that is worth, and
how it is shown. The sum from limits to a share is month.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from faregate.app.shelf import Shelf
from faregate.comparison.columns import columns_of
from faregate.comparison.mix import DEFAULT_MODEL, Mix, one_cycle
from faregate.comparison.money import Money, nano, text
from faregate.comparison.month import Holding, month_holds
from faregate.comparison.offers import Offer, all_offers
from faregate.comparison.opening import Account, End, ends_of, is_pack, monthly
from faregate.comparison.profile import Profile
from faregate.comparison.result import Band, MonthHolds
from faregate.comparison.words import Line, month_line, rounded, worth_line
from faregate.comparison.workload import known_model
from faregate.core.instants import to_datetime

EXACT: Band = {"low": "1", "high": "1"}


@dataclass(frozen=True, slots=True)
class Month:
    """30 days of an offer. ``price`` counts each pack once; ``value`` is the list value that the month holds, both in
    whole units of the money's currency (None: no limit, or no price). ``low`` and ``high`` are the holding itself
    where limits are exact.
    """

    price: Fraction
    holding: Holding
    low: Holding
    high: Holding
    value: Fraction | None

    @property
    def leverage(self) -> str | None:
        """How many times its price a month is worth."""
        return rounded(self.value / self.price, 2) if self.value is not None and self.price else None


class Months:
    """Months that begin at ``at``, filled by the proportions of ``profile``."""

    def __init__(self, shelf: Shelf, profile: Profile, money: Money, at: int) -> None:
        self._shelf, self._profile, self._money, self._at = shelf, profile, money, at

    def of(self, offer: Offer, served: Mapping[str, str | None], accounts: Mapping[End, Account]) -> Month:
        """The month of ``offer`` where each model is ``served`` by the one named; ``accounts`` have it newly bought
        at each end of its bands. Raises NoRate."""
        found = {end: month_holds(account, self._profile, served, self._at) for end, account in accounts.items()}
        holding = found["as_printed"]
        low, high = found.get("low", holding), found.get("high", holding)
        return Month(self._price(offer), holding, low, high, self._value(offer, holding))

    def _price(self, offer: Offer) -> Fraction:
        total = Fraction(0)
        for plan in offer.plans:
            if plan.prices:
                price = plan.prices[0]
                amount = price.amount if is_pack(plan) else monthly(plan)
                total += self._money.printed(amount, price.currency, self._at)
        return total

    def _value(self, offer: Offer, holding: Holding) -> Fraction | None:
        if holding.share is None:
            return None
        total, version = Fraction(0), offer.family.version
        for model, by in holding.models.items():
            card = self._shelf.market.card(by, offer.family.id, version)
            if card is None:
                return None
            total += self._money.printed(self._profile.listed(model, card), card.currency, self._at)
        return total * holding.share / 10**9


def shown_month(month: Month, profile: Profile, currency: str, public: Callable[[str], str]) -> MonthHolds:
    """``month`` for people; ``public`` gives the public id of a limit by its key."""
    holding = month.holding
    lines = list(holding.lines)
    if holding.share is None:
        return {
            "prompts": None,
            "requests": None,
            "tokens": None,
            "list_value": None,
            "bound_by": None,
            "band": EXACT,
            "derivation": _by_language(lines),
        }
    prompts, requests, tokens = sums_of(profile, holding)
    share, binding = holding.share, holding.bound_by or ""
    if requests:
        bound = binding.rpartition(":")[2] or "–"
        lines.append(month_line(prompts * share, requests * share, tokens * share, bound))
    if month.value is not None and month.price:
        lines.append(worth_line(month.value, month.price, currency))
    return {
        "prompts": rounded(prompts * share),
        "requests": rounded(requests * share),
        "tokens": rounded(tokens * share, 0),
        "list_value": text(nano(month.value)) if month.value is not None else None,
        "bound_by": public(binding) if binding else None,
        "band": _band(month),
        "derivation": _by_language(lines),
    }


def sums_of(profile: Profile, holding: Holding) -> tuple[Fraction, Fraction, Fraction]:
    """(prompts, requests, tokens) of the profile that the plan serves."""
    usages = [profile.usage(model) for model in holding.models]
    return (
        Fraction(sum(usage.prompts for usage in usages)),
        Fraction(sum(usage.requests for usage in usages)),
        Fraction(sum(sum(usage[:5]) for usage in usages)),
    )


def _band(month: Month) -> Band:
    share = month.holding.share
    ends = [month.low.share, month.high.share]
    if not share or None in ends:
        return EXACT
    low, high = (rounded((end or Fraction(0)) / share, 6) for end in ends)
    return {"low": low, "high": high}


def _by_language(lines: list[Line]) -> dict[str, list[str]]:
    return {"en": [line.en for line in lines], "zh": [line.zh for line in lines]}


# ---- for a price list


def months_on_sale(shelf: Shelf, now: int) -> dict[str, dict[str, object]]:
    """What a month of every single plan on sale holds of the standard mix, by ``family/plan``.

    As ``MonthHolds``, with ``currency`` (that of the plan's price), ``leverage`` and the ``model`` it is worked out
    for. A plan that is missing pays for no model of the mix, or has no price.
    """
    mix = Mix(to_datetime(now).date(), model=known_model(DEFAULT_MODEL, shelf.prices))
    profile = Profile(columns_of(one_cycle(mix)))
    found: dict[str, dict[str, object]] = {}
    for offer in all_offers(shelf, now):
        plan = offer.plans[0]
        served = {mix.model: offer.served(mix.model)}
        if len(offer.plans) > 1 or not plan.prices or served[mix.model] is None:
            continue
        currency = plan.prices[0].currency
        accounts = {end: Account(offer, shelf, now, end) for end in ends_of(offer)}
        month = Months(shelf, profile, Money(shelf.prices, currency), now).of(offer, served, accounts)
        shown = shown_month(month, profile, currency, lambda key: key.rpartition(":")[2])
        found[plan.id] = {**shown, "currency": currency, "leverage": month.leverage, "model": served[mix.model]}
    return found
