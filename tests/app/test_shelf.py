"""The shelf: list prices that a family brings are for its own plans, of the version that brings them."""

from __future__ import annotations

from fractions import Fraction

from faregate.app.shelf import Shelf
from faregate.core.market import Market
from faregate.planfile import Family, load_family
from faregate.ratecards import load_shipped

MODEL = "anthropic/claude-sonnet-4"

PLAN = """\
family: {family}
version: "{version}"
names: {{en: Own, zh: 自有}}
source: {{document: none, as_of: "2026-01-01"}}
order: [only]
{rates}
plans:
  only:
    names: {{en: Only, zh: 唯一}}
    prices: [{{id: free, amount: 0 USD, period: month}}]
    models: [anthropic/*]
    windows:
      day: {{kind: calendar, every: day, limit: 5 USD}}
    sources:
      - {{id: money, meter: cost, windows: [day]}}
"""
RATES = "rates: [{{model: anthropic/claude-sonnet-4, currency: USD, prices: {{input: {input}, output: 99}}}}]"


def _family(name: str, version: str, input: int | None) -> Family:
    rates = RATES.format(input=input) if input is not None else ""
    return load_family(PLAN.format(family=name, version=version, rates=rates))


def _shelf() -> Shelf:
    families = (_family("plain", "1", None), _family("dear", "1", 50), _family("dear", "2", 70))
    return Shelf(families, load_shipped())


def _input_price(market: Market, family: str, version: str) -> int:
    card = market.card(MODEL, family, version)
    assert card is not None
    rates = card.versions[-1].tiers[0].rates
    return rates.input * 1_000_000 // rates.denominator // 1_000_000_000


def test_prices_of_one_family_leave_every_other_family_alone() -> None:
    market = _shelf().market
    assert _input_price(market, "dear", "2") == 70
    assert _input_price(market, "plain", "1") == _input_price(market, "88code", "any") == 3


def test_a_version_keeps_the_prices_it_was_published_with() -> None:
    market = _shelf().market.with_schedule("x/y", "z", 0, Fraction(1))
    assert _input_price(market, "dear", "1") == 50
