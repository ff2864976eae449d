"""A price file as text: models with dated prices, written so that it reads back as the same cards.

Owns the layout. What is written is decided in refresh.py; reading is maker_file.py's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from faregate.core.amounts import decimal_text
from faregate.core.ratecard import RateTier
from faregate.ratecards.maker_file import PricedModel
from faregate.ratecards.prices import UNIT_PRICES, DatedPrice, Figures, figures_of

MARK = "# Written by `faregate prices refresh`"
"""How the first line of such a file begins. A file without it is somebody's own, and is never written over."""

_HEAD = f"""{MARK}: models that no other price file knows, as the package genai-prices
# has them. Run the command again to bring it up to date; what stands here for the past is not changed by it.
"""


def price_text(models: Iterable[PricedModel], currency: str) -> str:
    """The text of a file that holds ``models``, all of them in ``currency``, in the order of their ids."""
    ordered = sorted(models, key=lambda model: model.id)
    sources = {source.key: source for model in ordered for price in model.prices for source in price.sources}
    lines = [f"currency: {currency}", "sources:"]
    for source in sorted(sources.values()):
        url = f", url: {_quoted(source.url)}" if source.url else ""
        lines.append(f"  {source.key}: {{title: {_quoted(source.title)}{url}, read: {source.read}}}")
    lines.append("models:")
    for model in ordered:
        lines += _model_lines(model)
    return _HEAD + "\n".join(lines) + "\n"


def _model_lines(model: PricedModel) -> Iterator[str]:
    yield f"  {model.id}:"
    yield f"    name: {_quoted(model.name)}"
    if model.aliases:
        yield f"    aliases: [{', '.join(_quoted(alias) for alias, _ in model.aliases)}]"
    if model.context:
        yield f"    context: {model.context}"
    yield "    prices:"
    for price in model.prices:
        yield from _price_lines(price)


def _price_lines(price: DatedPrice) -> Iterator[str]:
    first, *further = price.version.tiers
    base = figures_of(first.rates)
    yield f"      - from: {price.day}"
    yield f"        source: [{', '.join(source.key for source in price.sources)}]"
    yield f"        per_million: {_tokens(base, {})}"
    for key in UNIT_PRICES:
        if key in base:
            yield f"        {key}: {decimal_text(base[key])}"
    if further:
        yield "        tiers:"
    for tier in further:
        yield f"          - {{{_bounds(tier)}per_million: {_tokens(figures_of(tier.rates), base)}}}"


def _bounds(tier: RateTier) -> str:
    bounds = {"input_from": tier.min_input, "output_from": tier.min_output}
    return "".join(f"{name}: {bound}, " for name, bound in bounds.items() if bound)


def _tokens(figures: Figures, base: Figures) -> str:
    """The figures per million tokens; of a tier, all of them, so that none is taken from ``base`` unawares."""
    told = {key: value for key, value in figures.items() if key not in UNIT_PRICES}
    if not base:
        if told["cache_write_1h"] == told["cache_write"]:
            del told["cache_write_1h"]
        for key in ("cache_write", "cached_input"):
            if told[key] == told["input"] and not (key == "cache_write" and "cache_write_1h" in told):
                del told[key]
    return "{" + ", ".join(f"{key}: {decimal_text(value)}" for key, value in told.items()) + "}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
