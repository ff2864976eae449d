"""A refresh: what the package ``genai-prices`` would change in a price file of its own, before anything is changed.

Owns the rules: our own cards stay as they are, with their tiers and their currency; a model that only the package
knows gets a card; a price that has changed becomes a new version from the refresh on. The past is never touched.
Does not write files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from faregate.core.instants import SECOND, render_instant
from faregate.core.ratecard import CardVersion, RateCard, RateTier
from faregate.ratecards.book import PriceBook
from faregate.ratecards.maker_file import PricedModel
from faregate.ratecards.price_package import CURRENCY, MAKERS, URL, PackageModel, PricePackage
from faregate.ratecards.prices import DatedPrice
from faregate.ratecards.problems import Place
from faregate.ratecards.sources import Source

Why = Literal["", "own_currency", "own_tiers", "own_card", "name_taken"]


class Difference(NamedTuple):
    """One model on which the package and what is held differ. ``before`` is empty for a new one.

    ``kind`` kept: the card stays, ``why`` says for what reason. ``currency`` is that of ``before``; the package's is
    always USD.
    """

    kind: Literal["new", "changed", "kept"]
    model: str
    currency: str
    before: tuple[RateTier, ...]
    after: tuple[RateTier, ...]
    why: Why = ""


class Refresh(NamedTuple):
    """What a refresh from ``source`` comes to. ``models`` are all that the file holds afterwards.

    ``same`` counts cards that say what the package says.
    """

    source: str
    differences: tuple[Difference, ...]
    same: int
    models: tuple[PricedModel, ...]

    def of_kind(self, kind: str) -> list[Difference]:
        return [each for each in self.differences if each.kind == kind]

    @property
    def writes(self) -> bool:
        """Whether the file would be another one afterwards."""
        return any(each.kind != "kept" for each in self.differences)


def plan_refresh(
    own: PriceBook, held: Iterable[PricedModel], package: PricePackage, at: int, makers: Iterable[str] = ()
) -> Refresh:
    """What the package would change at ``at`` (microseconds UTC, cut to the second).

    ``own`` is every other price file, ``held`` the models of the file that refreshes are written to; only ``makers``
    are looked at where some are given.
    """
    planning = _Planning(own, {model.id: model for model in held}, package, at - at % SECOND)
    for model in package.makers_models(makers):
        planning.take(model)
    return Refresh(package.title, tuple(planning.differences), planning.same, tuple(planning.models.values()))


class _Planning:
    """A refresh in the making."""

    def __init__(self, own: PriceBook, held: Mapping[str, PricedModel], package: PricePackage, at: int) -> None:
        self.own, self.held, self.package, self.at = own, held, package, at
        self.models = dict(held)
        self.differences: list[Difference] = []
        self.same = 0
        day = render_instant(at)[:10]
        self.source = Source(f"genai-prices-{package.version}-{day}", package.title, URL, day)
        self.covered = dict(_covered(own, package))
        self.names = {name for model in held.values() for name in _bare_names(model)}

    def take(self, model: PackageModel) -> None:
        ours = self.own.find(model.id) or self.own.find(model.bare) or self.own.find(self.covered.get(model.id, ""))
        after = model.price_at(self.at).tiers
        if ours is not None:
            self._keep(model, ours, after)
        elif model.id in self.held:
            self._follow(model, self.held[model.id], after)
        elif model.bare in self.names:
            self.differences.append(Difference("kept", model.id, CURRENCY, (), after, "name_taken"))
        else:
            aliases = [name for name in model.aliases if name not in self.names and self.own.find(name) is None]
            self.names |= {model.bare, *aliases}
            place = Place(self.package.title, 1, 1)
            named = tuple((alias, place) for alias in aliases)
            prices = [self._price(model, self.at, after), *self._planned(model)]
            card = PricedModel(_card(model.id, prices), model.maker, model.name, place, named, model.context)
            self.models[model.id] = replace(card, prices=tuple(prices))
            self.differences.append(Difference("new", model.id, CURRENCY, (), after))

    def _keep(self, model: PackageModel, ours: PricedModel, after: tuple[RateTier, ...]) -> None:
        before = ours.card.version_at(self.at).tiers
        why: Why = "own_card"
        if ours.card.currency != CURRENCY:
            why = "own_currency"
        elif before == after:
            self.same += 1
            return
        elif len(before) > 1:
            why = "own_tiers"
        self.differences.append(Difference("kept", ours.id, ours.card.currency, before, after, why))

    def _follow(self, model: PackageModel, held: PricedModel, after: tuple[RateTier, ...]) -> None:
        """A model of the file: its past stays, what begins later is what the package says today."""
        past = [price for price in held.prices if price.version.effective_from <= self.at]
        planned = [price for price in held.prices if price.version.effective_from > self.at]
        before = held.card.version_at(self.at).tiers
        if not past or before != after:
            # Two refreshes in one second: the second one begins after the first.
            since = max(self.at, past[-1].version.effective_from + SECOND) if past else self.at
            past.append(self._price(model, since, after))
        coming = self._planned(model)
        if len(past) == len(held.prices) - len(planned) and _dated(coming) == _dated(planned):
            self.same += 1
            return
        prices = [*past, *coming]
        self.models[model.id] = replace(held, card=_card(model.id, prices), prices=tuple(prices))
        self.differences.append(Difference("changed", model.id, CURRENCY, before, after))

    def _planned(self, model: PackageModel) -> list[DatedPrice]:
        return [self._price(model, each.since, each.tiers) for each in model.prices if (each.since or 0) > self.at]

    def _price(self, model: PackageModel, since: int | None, tiers: tuple[RateTier, ...]) -> DatedPrice:
        begins = since or 0
        day = render_instant(begins)
        version = CardVersion(f"{model.id}@{day}", begins, tiers, str(self.source))
        return DatedPrice(day, version, (self.source,), "")


def _covered(own: PriceBook, package: PricePackage) -> Iterator[tuple[str, str]]:
    """Ids of the package -> our model that it takes for the same one, though it calls it otherwise."""
    makers = set(MAKERS.values())
    for model in own.models.values():
        if model.maker in makers:
            for name in _bare_names(model):
                found = package.find(f"{model.maker}/{name}")
                if found is not None and not found.seller:
                    yield found.id, model.id


def _bare_names(model: PricedModel) -> Iterator[str]:
    yield model.id.partition("/")[2]
    yield from (alias for alias, _ in model.aliases if "/" not in alias)


def _card(model: str, prices: Iterable[DatedPrice]) -> RateCard:
    return RateCard(model, CURRENCY, tuple(price.version for price in prices))


def _dated(prices: Iterable[DatedPrice]) -> list[tuple[int, tuple[RateTier, ...]]]:
    return [(price.version.effective_from, price.version.tiers) for price in prices]
