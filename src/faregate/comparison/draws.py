"""Draws: what every request of a usage draws of a limit, for all requests at once, and what it is
worth at list price.

Owns the arrays and which plans share them: by rate card, gauge and multiplier, whatever the plan
is called. Figures are those of core's gauges and rate cards, request by request. Does not know
accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple, TypeVar

import numpy as np

from faregate.comparison.columns import Columns
from faregate.comparison.exact_arrays import Exact, Integers, Mask, plus, rounded, running, times, weighed
from faregate.comparison.money import Money
from faregate.core.instants import DAY
from faregate.core.ratecard import CardVersion, RateCard
from faregate.core.tariff import Gauge

_KEPT_BYTES = 128 << 20
_LEAST_KEPT = 24
"""As many arrays are kept for other plans as fit into so many bytes, but not fewer; the oldest
makes way."""

_T = TypeVar("_T")


class Drawn(NamedTuple):
    """What each request draws, in whole smallest parts. ``even``: no rounding was needed.
    ``some``: where it draws anything, also where that rounds to nothing; None where every request
    does."""

    amounts: Exact
    even: bool
    some: Mask | None
    key: Hashable


class Draws:
    """Arrays of one usage, in ``money``'s currency. ``prompts``: who counts prompts by a rule of
    its own names it, and what ``counted`` gives for the name stands in the place of the
    usage's."""

    def __init__(self, columns: Columns, money: Money) -> None:
        self.columns, self.money = columns, money
        self._kept: dict[Hashable, Any] = {}
        self._named: dict[int, Any] = {}
        self.counted: dict[Hashable, Integers] = {}
        self._most_kept = max(_KEPT_BYTES // (8 * len(columns) + 1), _LEAST_KEPT)

    def keep(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What was made for ``key`` before, else made now."""
        found: _T | None = self._kept.get(key)
        if found is None:
            if len(self._kept) >= self._most_kept:
                del self._kept[next(iter(self._kept))]
            found = self._kept[key] = make()
        return found

    def of(
        self, gauge: Gauge, version: CardVersion | None, value: Fraction = Fraction(1), prompts: Hashable = None
    ) -> Drawn:
        """What ``gauge`` counts of each request at the list prices of ``version``, times
        ``value``."""
        card = self._name(version) if gauge.cost else None
        counting = prompts if gauge.weights is not None and gauge.weights[8] else None
        key = ("drawn", gauge, card, value, counting)
        return self.keep(key, lambda: self._drawn(gauge, version, value, counting, key))

    def totals(self, key: Hashable, parts: list[tuple[Mask | None, Drawn]]) -> Integers:
        """Running totals of the parts together, each of the requests its mask marks (None: all)."""
        return self.keep(("totals", key), lambda: _totals(parts, len(self.columns)))

    def values(self, card: RateCard) -> Exact:
        """List value of each request by ``card``, in 10⁻⁹ of the comparison's currency, rounded
        one by one."""
        return self.keep(("values", self._name(card)), lambda: self._values(card))

    def in_money(self, amounts: Exact, unit: str, denominator: int, span: tuple[int, int]) -> Exact:
        """Amounts of the requests of ``span`` over ``denominator`` in the comparison's currency,
        at each day's rate."""
        if unit == self.money.currency:
            return rounded(amounts, denominator)
        parts = []
        instants = self.columns.instants[span[0] : span[1]]
        for first, last in days_of(instants):
            rate = self.money.known_rate(unit, int(instants[first]))
            part = Exact(amounts.numbers[first:last], amounts.most)
            parts.append(rounded(times(part, rate.numerator), denominator * rate.denominator))
        if not parts:
            return amounts
        return Exact(np.concatenate([part.numbers for part in parts]), max(part.most for part in parts))

    def listed(self, version: CardVersion) -> tuple[Exact, int]:
        """List value of each request by one version of a card, as numerators over one
        denominator."""
        return self.keep(("listed", self._name(version)), lambda: listed_by(self.columns, version))

    def remember_rates(self, currency: str, mask: Mask) -> None:
        """The exchange rates of the days of these requests are used in the result."""
        if currency != self.money.currency:
            instants = self.columns.instants[mask]
            for first, _ in days_of(instants):
                self.money.rate(currency, int(instants[first]))

    def _name(self, part: Any) -> int:
        """A name of something that is kept from now on, so that no other ever has it."""
        self._named.setdefault(id(part), part)
        return id(part)

    def _drawn(
        self, gauge: Gauge, version: CardVersion | None, value: Fraction, prompts: Hashable, key: Hashable
    ) -> Drawn:
        numerators, denominator = self._quantity(gauge, version, prompts)
        numerators, denominator = times(numerators, value.numerator), denominator * value.denominator
        some: Mask = numerators.numbers > 0
        amounts = rounded(numerators, denominator)
        return Drawn(amounts, denominator == 1, None if some.all() else some, key)

    def _quantity(self, gauge: Gauge, version: CardVersion | None, prompts: Hashable) -> tuple[Exact, int]:
        """As Gauge.quantity does it."""
        columns = self.columns
        parts = Exact(np.zeros(len(columns), dtype=np.int64), 0)
        denominator = gauge.denominator
        if gauge.weights is not None:
            parts = weighed(columns.usage, columns.largest, gauge.weights)
            if prompts is not None:
                counted = self.counted[prompts]
                other = Exact(counted - columns.usage[:, 8], max(int(counted.max(initial=0)), columns.largest[8]))
                parts = plus(parts, times(other, gauge.weights[8]))
        if gauge.cost and version is not None:
            listed, below = self.listed(version)
            parts = plus(times(listed, gauge.cost), times(parts, below))
            denominator *= below
        return parts, denominator

    def _values(self, card: RateCard) -> Exact:
        found = []
        for version, first, last in versions_of(card, self.columns.instants):
            listed, denominator = self.listed(version)
            part = Exact(listed.numbers[first:last], listed.most)
            found.append(self.in_money(part, card.currency, denominator, (first, last)))
        if not found:
            return Exact(np.zeros(len(self.columns), dtype=np.int64), 0)
        return Exact(np.concatenate([part.numbers for part in found]), max(part.most for part in found))


def _totals(parts: list[tuple[Mask | None, Drawn]], count: int) -> Integers:
    summed = Exact(np.zeros(count, dtype=np.int64), 0)
    for mask, drawn in parts:
        amounts = drawn.amounts
        summed = plus(summed, amounts if mask is None else Exact(amounts.numbers * mask, amounts.most))
    return running(summed)


def listed_by(columns: Columns, version: CardVersion) -> tuple[Exact, int]:
    """As CardVersion.list_value does it, for every request."""
    tiers = version.tiers
    denominator = lcm(*(tier.rates.denominator for tier in tiers))
    usage, largest = columns.usage, columns.largest

    def by(rates: tuple[int, ...]) -> Exact:
        return times(weighed(usage, largest, rates[:8]), denominator // rates[8])

    found = by(tiers[0].rates)
    if len(tiers) == 1:
        return found, denominator
    total_input = usage[:, 0] + usage[:, 1] + usage[:, 2] + usage[:, 3]
    for tier in tiers:
        reached = (total_input >= tier.min_input) & (usage[:, 4] >= tier.min_output)
        dearer = by(tier.rates)
        numbers = np.where(reached, dearer.numbers, found.numbers)
        found = Exact(numbers, max(found.most, dearer.most))
    return found, denominator


def versions_of(card: RateCard, instants: Integers) -> list[tuple[CardVersion, int, int]]:
    """(version, first, last): which version of ``card`` prices requests [first, last)."""
    starts = [int(np.searchsorted(instants, version.effective_from)) for version in card.versions]
    starts[0] = 0
    found = zip(card.versions, starts, [*starts[1:], len(instants)], strict=True)
    return [(version, first, last) for version, first, last in found if first < last]


def days_of(instants: Integers) -> list[tuple[int, int]]:
    """[first, last) of the requests of each day."""
    if not len(instants):
        return []
    days = instants // DAY
    edges = (np.flatnonzero(days[1:] != days[:-1]) + 1).tolist()
    return list(zip([0, *edges], [*edges, len(instants)], strict=True))
