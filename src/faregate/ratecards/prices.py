"""The dated prices of one model: the two shapes of a price, tiers on length, and their order in time.

Owns how figures become core rates. Does not know model names, files or aliases.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from faregate.core.amounts import NANO
from faregate.core.ratecard import CardVersion, Rates, RateTier, rates_per_unit
from faregate.ratecards.nodes import Reader
from faregate.ratecards.sources import Source, read_source_names

if TYPE_CHECKING:
    from yaml import Node

ANTHROPIC_SHAPE = ("base", "write_5m", "write_1h", "hit", "output")
"""All five needed: base input, 5 minute write, 1 hour write, hit, output."""
OPENAI_SHAPE = ("input", "cached_input", "cache_write", "cache_write_1h", "output")
"""``input`` and ``output`` needed. Without its own price cached input costs as input, a write as input,
a 1 hour write as a write."""
UNIT_PRICES = ("per_image", "per_tool_call", "per_request")
BOUNDS = ("input_above", "input_from", "output_above", "output_from")

_PRICE_KEYS = ("from", "source", "note", "per_million", *UNIT_PRICES, "tiers")
_TIER_KEYS = (*BOUNDS, "per_million", *UNIT_PRICES)
_MILLION = 1_000_000

Figures = dict[str, Fraction]


class DatedPrice(NamedTuple):
    """One dated entry of a model: the core's ``version``, and what a person wants to know beside it.

    ``day`` is the ``from`` as written: a day or an instant.
    """

    day: str
    version: CardVersion
    sources: tuple[Source, ...]
    note: str


class _Entry(NamedTuple):
    """One dated entry as read, before it is known to be in order."""

    node: Node
    price: DatedPrice


def read_prices(reader: Reader, node: Node, model: str, sources: Mapping[str, Source]) -> tuple[DatedPrice, ...]:
    """The dated prices of ``model`` from its ``prices`` list, oldest first."""
    entries = [
        entry
        for item in reader.items(node, f"the prices of {model}")
        if (entry := _read_entry(reader, item, model, sources)) is not None
    ]
    if not entries and not reader.problems:
        reader.wrong(node, f"{model} has no prices", "add one with 'from' and 'per_million'")
    for earlier, later in pairwise(entries):
        if later.price.version.effective_from <= earlier.price.version.effective_from:
            wrong = f"{later.price.day} does not come after {earlier.price.day}"
            reader.wrong(later.node, wrong, "order prices from old to new, one a day")
    return tuple(entry.price for entry in entries)


def _read_entry(reader: Reader, node: Node, model: str, sources: Mapping[str, Source]) -> _Entry | None:
    what = f"a price of {model}"
    fields = reader.fields(node, what, known=_PRICE_KEYS, needed=("from", "source"))
    if "from" not in fields:
        return None
    effective_from = reader.instant(fields["from"], "'from'")
    named = read_source_names(reader, fields["source"], sources) if "source" in fields else ()
    note = reader.text(fields["note"], "'note'") if "note" in fields else None
    base = _read_figures(reader, fields, what)
    if not any(key in fields for key in ("per_million", *UNIT_PRICES)):
        mend = "add per_million, per_image, per_tool_call or per_request"
        reader.wrong(node, f"{what} has no figure", mend)
    if "per_million" in fields:
        _check_shape(reader, fields["per_million"], base, what)
    if effective_from is None:
        return None
    day = str(fields["from"].value)
    tiers = _read_tiers(reader, fields["tiers"], base) if "tiers" in fields else []
    first = RateTier(0, 0, rates_of(base))
    source = "; ".join(map(str, named))
    version = CardVersion(f"{model}@{day}", effective_from, (first, *tiers), source)
    return _Entry(fields["from"], DatedPrice(day, version, named, note or ""))


def _read_figures(reader: Reader, fields: Mapping[str, Node], what: str) -> Figures:
    """The figures that stand in a price or tier, as printed."""
    figures: Figures = {}
    if "per_million" in fields:
        figures.update(_read_per_million(reader, fields["per_million"], what))
    for key in UNIT_PRICES:
        if key in fields and (value := reader.decimal(fields[key], f"{key!r}")) is not None:
            figures[key] = value
    return figures


def _read_per_million(reader: Reader, node: Node, what: str) -> Figures:
    known = (*ANTHROPIC_SHAPE, *(key for key in OPENAI_SHAPE if key != "output"))
    figures: Figures = {}
    for key, value_node in reader.fields(node, f"per_million of {what}", known=known).items():
        value = reader.decimal(value_node, f"{key!r}")
        if value is not None:
            figures[key] = value
    own = [key for key in figures if key in ANTHROPIC_SHAPE and key != "output"]
    other = [key for key in figures if key in OPENAI_SHAPE and key != "output"]
    if own and other:
        wrong = f"{what} mixes two shapes of price: {own[0]!r} and {other[0]!r}"
        mend = f"use either {', '.join(ANTHROPIC_SHAPE)} or {', '.join(OPENAI_SHAPE)}"
        reader.wrong(node, wrong, mend)
    return figures


def _check_shape(reader: Reader, node: Node, figures: Figures, what: str) -> None:
    """A price needs every figure of its shape; a tier may leave some to the price that it refines."""
    needed = ANTHROPIC_SHAPE if _shape(figures) == "anthropic" else ("input", "output")
    written = {key.value for key, _ in node.value} if isinstance(node.value, list) else set()
    missing = [key for key in needed if key not in written]
    if missing:
        mend = f"add {missing[0]!r}; else leave the price out"
        reader.wrong(node, f"{what} has no {', '.join(map(repr, missing))}", mend)


def _read_tiers(reader: Reader, node: Node, base: Figures) -> list[RateTier]:
    tiers: list[RateTier] = []
    previous = (0, 0)
    for item in reader.items(node, "'tiers'"):
        fields = reader.fields(item, "a tier", known=_TIER_KEYS)
        over = _read_figures(reader, fields, "a tier")
        bounds = (
            _read_bound(reader, fields, "input", item),
            _read_bound(reader, fields, "output", item),
        )
        if not any(key in fields for key in BOUNDS):
            mend = "add input_above, input_from, output_above or output_from"
            reader.wrong(item, "a tier without a bound", mend)
        elif bounds <= previous:
            wrong = "a tier that does not lie above the one before it"
            reader.wrong(item, wrong, "order tiers by input, then output: the last one reached wins")
        if not over:
            reader.wrong(item, "a tier without a figure", "say what differs under per_million")
        if _shape(over) not in (None, _shape(base)):
            reader.wrong(item, "a tier in another shape than its price", "use the price's own keys")
        tiers.append(RateTier(*bounds, rates_of({**base, **over})))
        previous = bounds
    return tiers


def _read_bound(reader: Reader, fields: Mapping[str, Node], side: str, tier: Node) -> int:
    """The first token count of ``side`` that is in the tier; 0 where it does not say."""
    above, start = fields.get(f"{side}_above"), fields.get(f"{side}_from")
    if above is not None and start is not None:
        wrong = f"a tier with both {side}_above and {side}_from"
        reader.wrong(tier, wrong, f"keep one: {side}_above 200000 is {side}_from 200001")
    if above is not None:
        count = reader.count(above, f"'{side}_above'")
        return count + 1 if count is not None else 0
    if start is not None:
        return reader.count(start, f"'{side}_from'") or 0
    return 0


def _shape(figures: Figures) -> str | None:
    if any(key in figures for key in ANTHROPIC_SHAPE if key != "output"):
        return "anthropic"
    if any(key in figures for key in OPENAI_SHAPE if key != "output"):
        return "openai"
    return None


def rates_of(figures: Mapping[str, Fraction]) -> Rates:
    """Core rates from figures as printed: per million tokens, and per image, call and request."""
    nothing = Fraction(0)
    entry = figures.get("base", figures.get("input", nothing))
    write = figures.get("write_5m", figures.get("cache_write", entry))
    long_write = figures.get("write_1h", figures.get("cache_write_1h", write))
    cached = figures.get("hit", figures.get("cached_input", entry))
    return rates_per_unit(
        input=entry / _MILLION,
        cached=cached / _MILLION,
        cache_write_5m=write / _MILLION,
        cache_write_1h=long_write / _MILLION,
        output=figures.get("output", nothing) / _MILLION,
        image=figures.get("per_image", nothing),
        tool_call=figures.get("per_tool_call", nothing),
        request=figures.get("per_request", nothing),
    )


def figures_of(rates: Rates) -> Figures:
    """The inverse of ``rates_of``: every class per million tokens, and images, calls and requests where they cost."""
    scale = Fraction(_MILLION, NANO * rates.denominator)
    figures = {
        "input": rates.input * scale,
        "cached_input": rates.cached * scale,
        "cache_write": rates.cache_write_5m * scale,
        "cache_write_1h": rates.cache_write_1h * scale,
        "output": rates.output * scale,
    }
    for key, amount in zip(UNIT_PRICES, (rates.image, rates.tool_call, rates.request), strict=True):
        if amount:
            figures[key] = Fraction(amount, NANO * rates.denominator)
    return figures
