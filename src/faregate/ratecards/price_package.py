"""Prices out of the installed package ``genai-prices``: what it says of a model, in the form of our own cards.

Owns how its data is read: which of its lists are a maker's own, how its matching of names is used, what of a price we
keep (text tokens and requests; audio, images, searches and batch are left out, as in our own files). The package is
imported when first asked, never before: it takes most of a second. Its figures are Decimals and stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from faregate.core.instants import from_datetime
from faregate.core.ratecard import RateTier
from faregate.ratecards.prices import Figures, rates_of

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

MAKERS = {
    "anthropic": "anthropic",
    "arcee": "arcee-ai",
    "cohere": "cohere",
    "cursor": "cursor",
    "deepseek": "deepseek",
    "google": "google",
    "meta": "meta",
    "minimax": "minimax",
    "mistral": "mistralai",
    "moonshotai": "moonshotai",
    "openai": "openai",
    "perplexity": "perplexity",
    "x-ai": "x-ai",
    "zai": "z-ai",
}
"""Lists of the package that hold a maker's own prices in dollars -> the maker as our files call it."""

_ALSO = {"zhipuai": "z-ai"}
"""A maker's second list, converted to dollars: its rules tell whose a model is, its prices are not used."""

RESELLER = "openrouter"
"""The list that models of other makers are looked up in; its ids are maker/model, as ours are."""

CURRENCY = "USD"
URL = "https://github.com/pydantic/genai-prices"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]")
_FIGURES = {
    "input_mtok": "input",
    "cache_read_mtok": "cached_input",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
}


class PackagePrice(NamedTuple):
    """A price and since when, in microseconds UTC; None: since before anything the package knows."""

    since: int | None
    tiers: tuple[RateTier, ...]


class PackageModel(NamedTuple):
    """A model as the package has it. ``prices`` are in USD, oldest first; ``seller`` is empty for the maker.

    ``aliases`` are the further names that it knows letter by letter.
    """

    maker: str
    bare: str
    name: str
    context: int | None
    prices: tuple[PackagePrice, ...]
    seller: str
    aliases: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.maker}/{self.bare}"

    def price_at(self, at: int) -> PackagePrice:
        """The price in force at ``at``; before the first, the first."""
        started = [price for price in self.prices if price.since is None or price.since <= at]
        return started[-1] if started else self.prices[0]


@dataclass(frozen=True)
class PricePackage:
    """The data of one ``version`` of the package."""

    version: str
    lists: Sequence[Provider]
    _resold: dict[str, ModelInfo] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def title(self) -> str:
        """What a card made from it names as its source."""
        return f"genai-prices {self.version}"

    def makers_models(self, makers: Iterable[str] = ()) -> Iterator[PackageModel]:
        """Every model that a maker's own list prices in text tokens; only of ``makers`` where some are given.

        What a maker sells of others is left out.
        """
        wanted = set(makers)
        for each in self.lists:
            maker = MAKERS.get(each.id)
            if maker is None or (wanted and maker not in wanted):
                continue
            for info in each.models:
                model = _read_model(info, maker, info.id.lower(), "")
                if model is not None and _NAME.fullmatch(info.id) and self._maker_of(model.bare) in (maker, None):
                    yield model

    def _maker_of(self, bare: str) -> str | None:
        """Whose model the package takes a bare name for, where it has an opinion."""
        found = (each.id for each in self.lists if each.model_match is not None and each.model_match.is_match(bare))
        return next((_ALSO.get(id) or MAKERS.get(id, id) for id in found), None)

    def find(self, name: str) -> PackageModel | None:
        """The model that the package takes ``name`` for: in its maker's own list, else at the reseller."""
        wanted = name.lower()
        maker, slash, bare = wanted.rpartition("/")
        for each in self.lists:
            own = MAKERS.get(each.id)
            asked = maker in (own, each.id) if slash else bool(each.model_match and each.model_match.is_match(wanted))
            info = each.find_model(bare) if own is not None and asked else None
            model = _read_model(info, own, info.id.lower(), "") if info is not None and own is not None else None
            if model is not None:
                return model
        return self._find_resold(wanted)

    def _find_resold(self, wanted: str) -> PackageModel | None:
        if not self._resold:
            for each in self.lists:
                if each.id == RESELLER:
                    for sold in each.models:
                        self._resold.setdefault(sold.id.partition("/")[2].lower(), sold)
                    self._resold.update({sold.id.lower(): sold for sold in each.models})
        info = self._resold.get(wanted)
        if info is None:
            return None
        maker, _, bare = info.id.lower().partition("/")
        return _read_model(info, maker, bare, RESELLER) if bare else None


def installed_package() -> PricePackage:
    """The package as it is installed; its data is inside it, nothing is fetched."""
    from importlib.metadata import version

    from genai_prices.data import providers

    return PricePackage(version("genai-prices"), providers)


def _read_model(info: ModelInfo, maker: str, bare: str, seller: str) -> PackageModel | None:
    prices = tuple(_read_prices(info))
    if not prices:
        return None
    names = {name.lower() for name in _exact_names(info.match) if _NAME.fullmatch(name)} - {bare}
    return PackageModel(maker, bare, info.name or bare, info.context_window, prices, seller, tuple(sorted(names)))


def _exact_names(match: Any) -> Iterator[str]:
    """The whole names among the alternatives of a rule; beginnings and parts of names are left out."""
    for clause in getattr(match, "or_", [match]):
        name = getattr(clause, "equals", None)
        if name is not None:
            yield name


def _read_prices(info: ModelInfo) -> Iterator[PackagePrice]:
    """Dated prices in order. A price for a time of day is left out: the one that holds at all hours stands."""
    dated: dict[int | None, tuple[RateTier, ...]] = {}
    conditional: list[Any] = info.prices if isinstance(info.prices, list) else []
    entries = [(each.constraint, each.prices) for each in conditional] or [(None, info.prices)]
    for constraint, price in entries:
        day = getattr(constraint, "start_date", None)
        tiers = _read_tiers(price)
        if tiers and (constraint is None or day is not None):
            since = None if day is None else from_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC))
            dated[since] = tiers
    for since in sorted(dated, key=lambda at: -1 if at is None else at):
        yield PackagePrice(since, dated[since])


def _read_tiers(price: ModelPrice | Any) -> tuple[RateTier, ...]:
    """The tiers of a price, the first without bounds; empty where it prices no input or no output of text."""
    base: Figures = {}
    above: dict[int, Figures] = {}
    for key, ours in _FIGURES.items():
        value = getattr(price, key)
        if value is None:
            continue
        base[ours] = Fraction(getattr(value, "base", value))
        for tier in getattr(value, "tiers", ()):
            above.setdefault(tier.start, {})[ours] = Fraction(tier.price)
    if "input" not in base or "output" not in base:
        return ()
    if price.requests_kcount is not None and not hasattr(price.requests_kcount, "tiers"):
        base["per_request"] = Fraction(price.requests_kcount) / 1000
    tiers = [RateTier(0, 0, rates_of(base))]
    reached = dict(base)
    for start in sorted(above):
        reached |= above[start]
        tiers.append(RateTier(start + 1, 0, rates_of(reached)))
    return tuple(tiers)
