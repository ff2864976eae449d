"""The price book: every priced model under all of its names, and the dated exchange rates.

Owns names: each name means one model, whatever file it stands in. Does not read files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from faregate.core.market import Market
from faregate.core.ratecard import RateCard
from faregate.ratecards.exchange import Conversion, ExchangeRates, find_conversion
from faregate.ratecards.maker_file import PricedModel
from faregate.ratecards.problems import Place, PriceFileError, Problem


@dataclass(frozen=True, slots=True)
class PriceBook:
    """``models`` by canonical id; ``aliases`` from every other name to a canonical id.

    A model is known by its id (``anthropic/claude-sonnet-4``), by the bare part of it, and by each alias of
    its file, bare and with the maker in front.
    """

    models: Mapping[str, PricedModel] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    exchange: ExchangeRates = ()

    def canonical(self, name: str) -> str:
        """The id that plans and cards use for ``name``; ``name`` itself where it is not known."""
        return self.aliases.get(name, name)

    def find(self, name: str) -> PricedModel | None:
        """The model known as ``name``."""
        return self.models.get(self.canonical(name))

    def card(self, name: str) -> RateCard | None:
        """The rate card of the model known as ``name``."""
        model = self.find(name)
        return model.card if model is not None else None

    def market(self) -> Market:
        """The cards and names as the market that decisions are made in."""
        cards = {model: priced.card for model, priced in self.models.items()}
        return Market(cards=cards, aliases=self.aliases)

    def conversion(self, base: str, quote: str, at: int) -> Conversion:
        """How money of ``base`` becomes money of ``quote`` at ``at`` (microseconds UTC), with the dated rates used.

        Raises NoRate.
        """
        return find_conversion(self.exchange, base, quote, at)

    def extended(self, models: Iterable[PricedModel], exchange: ExchangeRates = ()) -> PriceBook:
        """This book with ``models`` added, or put in the place of those with the same id.

        ``exchange`` replaces the rates of the pairs that it holds. Raises PriceFileError where a name
        would mean two models.
        """
        own = list(models)
        problems = list(_given_twice(own))
        merged = {**self.models, **{model.id: model for model in own}}
        aliases = _join_names(merged, problems)
        if problems:
            raise PriceFileError(problems)
        pairs = {frozenset(pair[:2]): pair for pair in (*self.exchange, *exchange)}
        return PriceBook(merged, aliases, tuple(pairs.values()))

    def filled(self, models: Iterable[PricedModel]) -> PriceBook:
        """This book with those of ``models`` that it does not know under any of their names; a name that is taken
        stays what it means here.
        """
        added: list[PricedModel] = []
        for model in models:
            own = (model.id, model.id.partition("/")[2])
            if all(self.find(name) is None for name in own):
                free = tuple(alias for alias in model.aliases if self.find(alias[0]) is None)
                added.append(replace(model, aliases=free))
        return self.extended(added) if added else self


def _given_twice(models: Iterable[PricedModel]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for model in models:
        if model.id in first:
            wrong = f"{model.id} is priced twice"
            yield Problem(model.place, wrong, f"keep one (the other: {first[model.id]})")
        first.setdefault(model.id, model.place)


def _join_names(models: Mapping[str, PricedModel], problems: list[Problem]) -> dict[str, str]:
    """Every name but the ids themselves, to its id; clashes go to ``problems``."""
    places: dict[str, Place] = {}
    aliases: dict[str, str] = {}
    for model in models.values():
        for name, place in _names(model):
            if name in models:
                wrong, other = f"{name!r} is the id of a model", models[name].place
            elif name in aliases:
                wrong, other = f"{name!r} already names {aliases[name]}", places[name]
            else:
                aliases[name], places[name] = model.id, place
                continue
            problems.append(Problem(place, wrong, f"remove one of the two (the other: {other})"))
    return aliases


def _names(model: PricedModel) -> Iterator[tuple[str, Place]]:
    yield model.id.partition("/")[2], model.place
    for alias, place in model.aliases:
        yield alias, place
        if "/" not in alias:
            yield f"{model.maker}/{alias}", place
