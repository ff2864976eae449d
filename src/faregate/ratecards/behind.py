"""Prices behind our own: models that no price file knows get the card that the package ``genai-prices`` has for them.

Owns which model stands for which name, and the cards made. Our own cards always go first: a name that the package
takes for a model with a card of ours is priced by that card. Without a name that is missing, nothing is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from faregate.core.instants import render_instant
from faregate.core.ratecard import CardVersion, RateCard
from faregate.ratecards.book import PriceBook
from faregate.ratecards.maker_file import PricedModel
from faregate.ratecards.price_package import CURRENCY, URL, PackageModel, PricePackage, installed_package
from faregate.ratecards.prices import DatedPrice
from faregate.ratecards.problems import Place
from faregate.ratecards.sources import Source


def priced_behind(
    book: PriceBook, names: Iterable[str], package: Callable[[], PricePackage] = installed_package
) -> PriceBook:
    """``book``, and a dated card for each of ``names`` that it does not know and the package does.

    Such a card names the package and its version as its source. What neither knows stays unknown.
    """
    missing = [name for name in dict.fromkeys(names) if name and book.find(name) is None]
    if not missing:
        return book
    prices = package()
    found: dict[str, PackageModel] = {}
    asked: dict[str, list[str]] = {}
    for name in missing:
        model = prices.find(name)
        if model is not None:
            found[model.id] = model
            asked.setdefault(model.id, []).append(name)
    cards = [_card(book, model, asked[id], prices.title) for id, model in found.items()]
    return book.extended(_merged(cards)) if cards else book


def prices_behind(book: PriceBook, models: Iterable[str]) -> dict[str, str]:
    """Those of ``models`` whose prices in ``book`` are the package's, with its name and version."""
    found = {}
    for name in models:
        model = book.find(name)
        if model is not None and any(price.sources == _sources(price.version.source) for price in model.prices):
            found[name] = model.card.versions[-1].source
    return found


def _card(book: PriceBook, model: PackageModel, names: Sequence[str], title: str) -> PricedModel:
    own = book.find(model.id) or book.find(model.bare)
    made = own if own is not None else model_of(model, title)
    known = {made.id, made.id.partition("/")[2], *(alias for alias, _ in made.aliases)}
    further = tuple((name, made.place) for name in names if name not in known and not _is_prefixed(name, made, known))
    return replace(made, aliases=(*made.aliases, *further))


def _is_prefixed(name: str, model: PricedModel, known: Iterable[str]) -> bool:
    """Whether ``name`` is a known name with the maker in front, which the book adds by itself."""
    maker, slash, bare = name.partition("/")
    return bool(slash) and maker == model.maker and bare in known


def _merged(cards: Iterable[PricedModel]) -> list[PricedModel]:
    """Two names of the package may mean one card of ours: their aliases stand on it together."""
    merged: dict[str, PricedModel] = {}
    for card in cards:
        earlier = merged[card.id].aliases if card.id in merged else ()
        merged[card.id] = replace(card, aliases=tuple(dict((*earlier, *card.aliases)).items()))
    return list(merged.values())


def _sources(title: str) -> tuple[Source, ...]:
    """Where prices of a card made here are from. No price file says so: there every source was read on some day."""
    return (Source("genai-prices", title, URL, ""),)


def model_of(model: PackageModel, title: str) -> PricedModel:
    """A model of the package as one of ours, with all its dated prices; the first one without a day is from 1970."""
    sold = f", as sold by {model.seller}" if model.seller else ""
    prices = []
    for price in model.prices:
        day = render_instant(price.since or 0)[:10]
        version = CardVersion(
            f"{model.id}@{title.replace(' ', '-')}@{day}", price.since or 0, price.tiers, title + sold
        )
        prices.append(DatedPrice(day, version, _sources(version.source), ""))
    card = RateCard(model.id, CURRENCY, tuple(price.version for price in prices))
    place = Place(title, 1, 1)
    return PricedModel(card, model.maker, model.name, place, (), model.context, {}, "", tuple(prices))
