"""The market: rate cards, model aliases and the operator's dated multiplier changes, as one immutable value.

Owns look-up by model and instant. Passed into decisions as an argument; never read from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from faregate.core.ratecard import RateCard
from faregate.core.sale import Sold
from faregate.core.trade.terms import TradeTerms


@dataclass(frozen=True, slots=True)
class Market:
    """``own``: (family, version) -> list prices that this version of a family brings over ``cards``, for its plans
    alone. ``schedules``: (plan, multiplier name) -> dated values, oldest first, over those of the plan file.
    ``sold``: plan -> its versions, of which renewals take the one then sold; a later one goes before an earlier one.
    ``trade``: (plan, version) -> how it is sold.

    A change makes a new Market with a higher ``revision``; compiled routes of an older revision are dropped.
    """

    cards: Mapping[str, RateCard] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    schedules: Mapping[tuple[str, str], tuple[tuple[int, Fraction], ...]] = field(default_factory=dict)
    revision: int = 0
    own: Mapping[tuple[str, str], Mapping[str, RateCard]] = field(default_factory=dict)
    sold: Mapping[str, tuple[Sold, ...]] = field(default_factory=dict)
    trade: Mapping[tuple[str, str], TradeTerms] = field(default_factory=dict)

    def canonical(self, model: str) -> str:
        """The model id that cards and plans use for ``model``."""
        return self.aliases.get(model, model)

    def card(self, model: str, family: str = "", version: str = "") -> RateCard | None:
        """The card that prices ``model`` for the plans of ``family`` at ``version``."""
        canonical = self.aliases.get(model, model)
        own = self.own.get((family, version))
        return own[canonical] if own is not None and canonical in own else self.cards.get(canonical)

    def with_schedule(self, plan: str, name: str, at: int, value: Fraction) -> Market:
        """A market in which ``plan``'s schedule ``name`` is ``value`` from ``at`` on."""
        schedules = dict(self.schedules)
        dated = [*schedules.get((plan, name), ()), (at, value)]
        schedules[(plan, name)] = tuple(sorted(dated, key=lambda pair: pair[0]))
        return replace(self, schedules=schedules, revision=self.revision + 1)
