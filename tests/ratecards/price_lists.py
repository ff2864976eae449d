"""Lists in the form of the package genai-prices, made up: tests do not follow what the real ones say this month."""

from __future__ import annotations

from datetime import UTC, date, time
from decimal import Decimal

from genai_prices.types import (
    ClauseContains,
    ClauseEquals,
    ClauseStartsWith,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

from faregate.ratecards.price_package import PricePackage


def price(input: str, output: str, **others: str) -> ModelPrice:
    """USD per million tokens; ``others`` by the package's own names."""
    figures = {"input_mtok": input, "output_mtok": output, **others}
    return ModelPrice(**{name: Decimal(text) for name, text in figures.items()})


def dated(start: str, then: ModelPrice) -> ConditionalPrice:
    return ConditionalPrice(StartDateConstraint(date.fromisoformat(start)), prices=then)


def model(id: str, *prices: ModelPrice | ConditionalPrice, starts: bool = False) -> ModelInfo:
    conditional = [each if isinstance(each, ConditionalPrice) else ConditionalPrice(prices=each) for each in prices]
    match = ClauseStartsWith(id) if starts else ClauseEquals(id)
    return ModelInfo(id=id, match=match, name=id.title(), context_window=64000, prices=conditional)


def package(*models: ModelInfo, version: str = "9.9", list_id: str = "openai") -> PricePackage:
    """A package whose list of OpenAI holds ``models``, and whose reseller sells acme/bolt and openai/gpt-zero."""
    makers = Provider(list_id, "Maker", "https://x", model_match=ClauseContains("gpt"), models=list(models))
    sold = [model("acme/bolt", price("0.5", "2")), model("openai/gpt-zero", price("1", "4"))]
    return PricePackage(version, [makers, Provider("openrouter", "OpenRouter", "https://y", models=sold)])


def by_hour(then: ModelPrice) -> ConditionalPrice:
    hours = TimeOfDateConstraint(time(1, tzinfo=UTC), time(4, tzinfo=UTC))
    return ConditionalPrice(hours, prices=then)


def tiered(base: str, above: int, then: str) -> TieredPrices:
    return TieredPrices(base=Decimal(base), tiers=[Tier(start=above, price=Decimal(then))])
