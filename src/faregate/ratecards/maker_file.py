"""A price file: whose models these are, where the figures come from, and the models with their facts.

Owns the top of the format. Does not know other files: clashes of names between makers are the book's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faregate.core.ratecard import RateCard
from faregate.ratecards.nodes import Reader
from faregate.ratecards.prices import DatedPrice, read_prices
from faregate.ratecards.problems import Place, choose_from
from faregate.ratecards.sources import Source, read_sources

if TYPE_CHECKING:
    from yaml import Node

CURRENCIES = frozenset({"CNY", "EUR", "USD"})

_TOP_KEYS = ("maker", "name", "currency", "sources", "models")
_MODEL_KEYS = ("name", "aliases", "context", "parameters", "currency", "note", "prices")
_PARAMETER_KEYS = ("total", "active")


@dataclass(frozen=True, slots=True)
class PricedModel:
    """A model with its card and facts.

    ``aliases`` are the other names as written in the file, each with its place. ``context`` is in tokens.
    ``parameters`` are counts as printed, such as total 744B and active 40B.
    ``prices`` are the card's versions, in the same order, each with its sources and note.
    """

    card: RateCard
    maker: str
    name: str
    place: Place
    aliases: tuple[tuple[str, Place], ...] = ()
    context: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    prices: tuple[DatedPrice, ...] = ()

    @property
    def id(self) -> str:
        """The canonical id, ``maker/model``."""
        return self.card.model


def read_maker_file(reader: Reader, text: str) -> list[PricedModel]:
    """The models of a maker file. Problems are left in ``reader``; what could be read is returned."""
    root = reader.document(text)
    if root is None:
        return []
    needed = ("currency", "models")
    fields = reader.fields(root, "a maker file", known=_TOP_KEYS, needed=needed)
    maker = _text(reader, fields, "maker")
    currency = _read_currency(reader, fields)
    if "name" in fields:
        reader.text(fields["name"], "'name'")
    sources = read_sources(reader, fields["sources"]) if "sources" in fields else {}
    if "models" not in fields:
        return []
    models = []
    for model, key_node, node in reader.pairs(fields["models"], "'models'"):
        named, _, bare = model.partition("/")
        if maker is not None and (named != maker or not bare):
            mend = f"name it {maker}/{model.rpartition('/')[2]}"
            reader.wrong(key_node, f"{model!r} is not a model of {maker!r}", mend)
        elif not named or not bare:
            reader.wrong(key_node, f"{model!r} does not say whose model it is", "name it maker/model")
        read = _read_model(reader, node, model, named, currency, sources)
        if read is not None:
            models.append(read)
    return models


def _read_model(
    reader: Reader,
    node: Node,
    model: str,
    maker: str,
    maker_currency: str,
    sources: Mapping[str, Source],
) -> PricedModel | None:
    fields = reader.fields(node, model, known=_MODEL_KEYS, needed=("name", "prices"))
    if "prices" not in fields:
        return None
    prices = read_prices(reader, fields["prices"], model, sources)
    currency = _read_currency(reader, fields) or maker_currency
    context = reader.count(fields["context"], "'context'") if "context" in fields else None
    if not prices:
        return None
    return PricedModel(
        RateCard(model, currency, tuple(price.version for price in prices)),
        maker,
        _text(reader, fields, "name") or model,
        reader.place(node),
        _read_aliases(reader, fields),
        context,
        _read_parameters(reader, fields),
        _text(reader, fields, "note") or "",
        prices,
    )


def _read_aliases(reader: Reader, fields: Mapping[str, Node]) -> tuple[tuple[str, Place], ...]:
    if "aliases" not in fields:
        return ()
    return tuple(
        (alias, reader.place(item))
        for item in reader.items(fields["aliases"], "'aliases'")
        if (alias := reader.text(item, "an alias")) is not None
    )


def _read_parameters(reader: Reader, fields: Mapping[str, Node]) -> dict[str, str]:
    if "parameters" not in fields:
        return {}
    counts = reader.fields(fields["parameters"], "'parameters'", known=_PARAMETER_KEYS)
    return {key: text for key, node in counts.items() if (text := reader.text(node, key))}


def _read_currency(reader: Reader, fields: Mapping[str, Node]) -> str:
    currency = _text(reader, fields, "currency")
    if currency is not None and currency not in CURRENCIES:
        mend = choose_from(currency, CURRENCIES)
        reader.wrong(fields["currency"], f"unknown currency {currency!r}", mend)
    return currency or ""


def _text(reader: Reader, fields: Mapping[str, Node], key: str) -> str | None:
    return reader.text(fields[key], f"{key!r}") if key in fields else None
