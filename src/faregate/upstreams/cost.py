"""What an upstream costs its operator, beside what customers are charged.

Owns the terms of an upstream (a share of list prices, or prices of its own) and the cost of one usage under them.
Exact: integers and fractions, rounded half-even once. Touches no customer's charge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from faregate.core.amounts import fraction, round_half_even
from faregate.core.errors import BadAmount
from faregate.core.ratecard import RateCard
from faregate.core.usage import Usage
from faregate.ratecards import PriceBook, PriceFileError, load_files
from faregate.upstreams.settings_error import UpstreamSettingsError

LARGEST_COST = 2**53
"""Of one request, in 10⁻⁹: what is more cannot be meant."""

CardOf = Callable[[str], RateCard | None]
"""The list prices of a model by its canonical name."""


class Cost(NamedTuple):
    """``amount`` in 10⁻⁹ of ``currency``; ``card`` is the dated card behind it, ``share`` of that is paid."""

    amount: int
    currency: str
    card: str
    share: str


@dataclass(frozen=True, slots=True)
class CostTerms:
    """``share`` of list prices; ``own`` prices by canonical model go before the list's."""

    share: Fraction = Fraction(1)
    own: Mapping[str, RateCard] = field(default_factory=dict)

    def of(self, usage: Usage, card: RateCard, at: int) -> Cost | None:
        """What ``usage`` costs at ``at`` by ``card``; None when it is beyond all measure."""
        version = card.version_at(at)
        numerator, denominator = version.list_value(usage)
        share = self.share
        amount = round_half_even(numerator * share.numerator, denominator * share.denominator)
        return Cost(amount, card.currency, version.version, str(share)) if amount <= LARGEST_COST else None

    def card(self, model: str, listed: CardOf) -> RateCard | None:
        """The card that prices ``model`` here; None when nobody knows."""
        return self.own.get(model) or listed(model)


def read_cost(cost: float | str | None, prices: str | None, folder: Path, where: str) -> CostTerms | None:
    """The terms that ``cost`` and ``cost_prices`` say; None when neither does. Raises UpstreamSettingsError."""
    if cost is None and prices is None:
        return None
    try:
        share = Fraction(1) if cost is None else fraction(str(cost))
    except BadAmount:
        raise UpstreamSettingsError(where, "cost", f"{cost!r} is no exact number such as 0.7") from None
    if not 0 <= share <= 1000:
        raise UpstreamSettingsError(where, "cost", "must be from 0 to 1000")
    return CostTerms(share, {} if prices is None else _own_prices(folder / prices, where))


def _own_prices(path: Path, where: str) -> dict[str, RateCard]:
    """The cards of the file; models it leaves alone stay at the list's."""
    try:
        book = load_files([path], PriceBook())
    except PriceFileError as problem:
        raise UpstreamSettingsError(where, "cost_prices", str(problem)) from None
    return {model: priced.card for model, priced in book.models.items()}
