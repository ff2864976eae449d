"""The shipped cards hold what their makers print: spot checks against the printed lists, by model and day."""

from __future__ import annotations

import re
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import pytest

from faregate.core.instants import parse_instant, render_instant
from faregate.ratecards import PriceBook
from tests.ratecards.list_values import MILLION, list_value

BUILDER_PLAN_MODELS = Path(__file__).with_name("builder_plan_models.txt")
"""The models printed in the AGIPower Builder Plan: 94, and 2 for Max."""


def test_every_model_of_the_builder_plan_has_a_card(shipped: PriceBook) -> None:
    printed = BUILDER_PLAN_MODELS.read_text(encoding="utf-8").split()
    assert len(printed) == 96
    assert [model for model in printed if model not in shipped.models] == []


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("claude-sonnet-4-20250514", "anthropic/claude-sonnet-4"),
        ("anthropic/claude-sonnet-4-20250514", "anthropic/claude-sonnet-4"),
        ("claude-sonnet-4", "anthropic/claude-sonnet-4"),
        ("claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
        ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"),
        ("claude-3-5-haiku-20241022", "anthropic/claude-3.5-haiku"),
        ("gpt-5", "openai/gpt-5"),
        ("gpt-5-chat-latest", "openai/gpt-5-chat"),
        ("gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
        ("glm-4.7", "z-ai/glm-4.7"),
        ("MiniMax-M2.5", "minimax/minimax-m2.5"),
        ("gemini-2.0-flash-001", "google/gemini-2.0-flash"),
        ("grok-4-1-fast-reasoning", "x-ai/grok-4.1-fast"),
    ],
)
def test_dated_and_bare_names_mean_the_canonical_model(shipped: PriceBook, name: str, model: str) -> None:
    found = shipped.find(name)
    assert found is not None
    assert found.id == model


@pytest.mark.parametrize(
    ("model", "day", "usage", "value"),
    [
        ("anthropic/claude-sonnet-4", "2025-07-01", {"input": MILLION}, "3 USD"),
        ("anthropic/claude-sonnet-4", "2026-03-01", {"cached": 100_000}, "0.03 USD"),
        ("anthropic/claude-sonnet-4", "2026-03-01", {"cache_write_5m": 100_000}, "0.375 USD"),
        ("anthropic/claude-sonnet-4", "2026-03-01", {"cache_write_1h": 100_000}, "0.6 USD"),
        ("anthropic/claude-sonnet-4", "2026-03-01", {"output": MILLION}, "15 USD"),
        ("anthropic/claude-3.5-haiku", "2024-11-20", {"input": MILLION}, "1 USD"),
        ("anthropic/claude-3.5-haiku", "2025-01-01", {"input": MILLION}, "0.8 USD"),
        ("anthropic/claude-opus-4.5", "2026-01-01", {"output": MILLION}, "25 USD"),
        ("anthropic/claude-sonnet-5.5", "2026-10-01", {"cached": MILLION}, "0.2 USD"),
        ("anthropic/claude-sonnet-5.5", "2026-11-01", {"cached": MILLION}, "0.1 USD"),
        ("openai/gpt-5-codex", "2026-03-01", {"input": MILLION}, "1.25 USD"),
        ("openai/gpt-5-codex", "2026-03-01", {"cached": MILLION}, "0.125 USD"),
        ("openai/gpt-5-codex", "2026-03-01", {"cache_write_5m": MILLION}, "1.25 USD"),
        ("openai/gpt-5-pro", "2026-03-01", {"cached": MILLION}, "15 USD"),
        ("openai/gpt-4o", "2024-06-01", {"output": MILLION}, "15 USD"),
        ("openai/gpt-4o", "2026-03-01", {"output": MILLION}, "10 USD"),
        ("openai/gpt-5.6-terra", "2026-07-29T23:59:59Z", {"input": MILLION}, "5 USD"),
        ("openai/gpt-5.6-terra", "2026-07-30", {"input": 100_000}, "0.2 USD"),
        ("google/gemini-2.5-flash-image", "2026-03-01", {"images": 3}, "0.117 USD"),
        ("nanobanana/nanobanana-pro", "2026-03-01", {"images": 1}, "0.134 USD"),
        ("tencent/hunyuan-image3", "2026-03-20", {"images": 2, "input": 500}, "0.4 CNY"),
        ("google/gemma-3-12b-it", "2026-03-01", {"input": MILLION, "output": 1}, "0 USD"),
        ("deepseek/deepseek-chat", "2025-09-05T15:59:59Z", {"output": MILLION}, "8 CNY"),
        ("deepseek/deepseek-chat", "2025-09-05T16:00:00Z", {"output": MILLION}, "12 CNY"),
        ("deepseek/deepseek-chat", "2026-03-01", {"output": MILLION}, "3 CNY"),
    ],
)
def test_a_million_costs_what_the_maker_printed_that_day(
    shipped: PriceBook, model: str, day: str, usage: dict[str, int], value: str
) -> None:
    assert list_value(shipped, model, day, **usage) == value


@pytest.mark.parametrize(
    ("model", "usage", "value"),
    [
        # at the bound, the lower tier; above it the whole request is dearer, output too
        ("anthropic/claude-sonnet-4.5", {"input": 200_000}, "0.6 USD"),
        ("anthropic/claude-sonnet-4.5", {"input": 200_001}, "1.200006 USD"),
        ("anthropic/claude-sonnet-4.5", {"input": 1, "cached": 200_000}, "0.120006 USD"),
        ("anthropic/claude-sonnet-4.5", {"input": 200_001, "output": 1000}, "1.222506 USD"),
        ("google/gemini-2.5-pro", {"input": 200_000, "output": 1000}, "0.26 USD"),
        ("google/gemini-2.5-pro", {"input": 200_001, "output": 1000}, "0.5150025 USD"),
        ("qwen/qwen3-coder-plus", {"input": 32_000}, "0.128 CNY"),
        ("qwen/qwen3-coder-plus", {"input": 32_001}, "0.192006 CNY"),
        ("qwen/qwen3-coder-plus", {"input": 300_000, "output": 1000}, "6.2 CNY"),
        ("volcengine/doubao-seed-1.8", {"input": 1000, "output": 200}, "0.0012 CNY"),
        ("volcengine/doubao-seed-1.8", {"input": 1000, "output": 201}, "0.002408 CNY"),
        ("volcengine/doubao-seed-1.8", {"input": 40_000, "output": 100}, "0.0496 CNY"),
    ],
)
def test_the_last_tier_reached_prices_the_whole_request(
    shipped: PriceBook, model: str, usage: dict[str, int], value: str
) -> None:
    assert list_value(shipped, model, "2026-03-01", **usage) == value


@pytest.mark.parametrize(
    ("model", "usage", "value"),
    [
        ("moonshotai/kimi-k2.5", {"input": MILLION, "cached": MILLION, "output": MILLION}, "25.7 CNY"),
        ("minimax/minimax-m2.5", {"input": MILLION, "cached": MILLION}, "2.31 CNY"),
        ("minimax/minimax-m2.5", {"cache_write_5m": MILLION, "output": MILLION}, "11.025 CNY"),
        ("z-ai/glm-5", {"input": 20_000, "cached": 11_999, "output": 1000}, "0.109999 CNY"),
        ("z-ai/glm-5", {"input": 20_000, "cached": 12_000, "output": 1000}, "0.16 CNY"),
        ("z-ai/glm-4.7", {"input": 31_999, "output": 199}, "0.06559 CNY"),
        ("z-ai/glm-4.7", {"input": 31_999, "output": 200}, "0.098797 CNY"),
        ("z-ai/glm-4.7", {"input": 32_000, "output": 199}, "0.131184 CNY"),
        ("z-ai/glm-4.7", {"cached": 32_000, "output": 5000}, "0.1056 CNY"),
    ],
)
def test_s3_4_prices_stand_as_printed_with_their_tiers(
    shipped: PriceBook, model: str, usage: dict[str, int], value: str
) -> None:
    assert list_value(shipped, model, "2026-02-20", **usage) == value


def test_s3_4_cache_ratios_of_the_anthropic_mode_hold_for_every_model_of_its_time(shipped: PriceBook) -> None:
    for model in shipped.models.values():
        first = model.card.versions[0]
        if model.maker != "anthropic" or render_instant(first.effective_from) > "2026-08":
            continue
        if "claude-3-haiku" in model.id:  # rounded by the maker: 0.30 and 0.03
            continue
        rates = first.tiers[0].rates
        ratios = (
            Fraction(rates.cache_write_5m, rates.input),
            Fraction(rates.cache_write_1h, rates.input),
            Fraction(rates.cached, rates.input),
        )
        assert ratios == (Fraction(5, 4), Fraction(2), Fraction(1, 10)), model.id


def test_s3_4_parameter_counts_and_context_are_model_data(shipped: PriceBook) -> None:
    facts = {
        name: (model.parameters.get("total"), model.parameters.get("active"), model.context)
        for name in ("kimi-k2.5", "glm-5", "glm-4.7", "minimax-m2.5")
        if (model := shipped.find(name)) is not None
    }
    assert facts == {
        "kimi-k2.5": ("1T", "32B", 262_144),
        "glm-5": ("744B", "40B", 200_000),
        "glm-4.7": ("355B", "32B", 200_000),
        "minimax-m2.5": ("230B", "10B", 200_000),
    }


def test_every_price_names_a_source_with_the_day_it_was_read(shipped: PriceBook) -> None:
    bare = [
        version.version
        for model in shipped.models.values()
        for version in model.card.versions
        if not re.search(r", read \d{4}-\d{2}-\d{2}", version.source)
    ]
    assert bare == []


def test_a_version_is_named_by_model_and_day(shipped: PriceBook) -> None:
    card = shipped.card("claude-opus-4.6")
    assert card is not None
    assert [version.version for version in card.versions] == [
        "anthropic/claude-opus-4.6@2026-02-05",
        "anthropic/claude-opus-4.6@2026-03-13",
    ]


def test_cached_input_never_costs_more_than_input(shipped: PriceBook) -> None:
    dearer = [
        version.version
        for model in shipped.models.values()
        for version in model.card.versions
        for tier in version.tiers
        if tier.rates.cached > tier.rates.input
    ]
    assert dearer == []


def test_shipped_files_are_one_a_maker_and_named_after_it(shipped: PriceBook) -> None:
    names = {file.name for file in files("faregate").joinpath("prices").iterdir()}
    makers = {f"{model.maker}.yaml" for model in shipped.models.values()}
    assert {name for name in names if name.endswith(".yaml")} == makers | {"exchange.yaml"}


def test_the_dollar_in_yuan_is_dated_by_month(shipped: PriceBook) -> None:
    rates = {(pair.base, pair.quote): dict(pair.dated) for pair in shipped.exchange}
    assert rates["USD", "CNY"][parse_instant("2026-03-01T00:00:00Z")] == Fraction("6.8921")
