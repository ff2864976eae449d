"""The arithmetic of facts: bands, units that go along, tokens at list prices, and what cannot be computed."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.core.market import Market
from faregate.core.ratecard import CardVersion, RateCard, RateTier, rates_per_unit
from faregate.planfile import Figure, PlanFileError, facts_at, load_family, span_text
from faregate.planfile.spans import Span, exactly
from tests.planfile.base_file import BASE

MIX = "mixes:\n  coding: {names: {en: mix, zh: 构成}, request: 1000 tokens, output: 1%, cached: [80%, 90%]}\nplans:\n"
WEEK = "      - {id: week, kind: computed, names: {en: Week, zh: 每周}, of: windows.day, times: [7]}\n"
CALLS = "{id: calls, kind: claim, names: {en: c, zh: 次}, between: [15 requests/prompt, 20 requests/prompt]}"
NAMES = "names: {en: f, zh: 数}"


def card(currency: str = "CNY") -> RateCard:
    """1 a million of uncached input, 0.1 cached, 5 output; twice that from 2,000 tokens of input on."""
    tiers = [
        RateTier(
            bound,
            0,
            rates_per_unit(
                input=Fraction(times, 10**6),
                cached=Fraction(times, 10**7),
                cache_write_5m=Fraction(times, 10**6),
                cache_write_1h=Fraction(times, 10**6),
                output=Fraction(5 * times, 10**6),
            ),
        )
        for bound, times in ((0, 1), (2000, 2))
    ]
    return RateCard("openai/gpt-5", currency, (CardVersion("v", 0, tuple(tiers)),))


def text_with(*facts: str) -> str:
    lines = "".join(f"      - {fact}\n" for fact in facts)
    return BASE.replace("plans:\n  small", MIX + "  small").replace(WEEK, WEEK + lines)


def figures(*facts: str, market: Market | None = None) -> dict[str, Figure]:
    family = load_family(text_with(*facts))
    plan = family.plans["demo/small"].document
    return {figure.id: figure for figure in facts_at(family.document, plan, 0, market)}


def said(*facts: str) -> list[str]:
    with pytest.raises(PlanFileError) as caught:
        load_family(text_with(*facts), file="f")
    return [str(problem).partition(": ")[2] for problem in caught.value.problems]


def test_what_is_computed_from_a_band_is_a_band() -> None:
    found = figures(CALLS, f"{{id: all, kind: computed, {NAMES}, of: facts.calls, times: [2]}}")
    assert (found["all"].low, found["all"].high, found["all"].amount) == (Fraction(30), Fraction(40), None)
    assert found["all"].unit == "request/prompt"


def test_the_low_end_is_over_the_high_end() -> None:
    tokens = f"{{id: tokens, kind: measured, {NAMES}, value: 300K tokens/prompt}}"
    found = figures(CALLS, tokens, f"{{id: call, kind: computed, {NAMES}, of: facts.tokens, over: facts.calls}}")
    assert (found["call"].low, found["call"].high, found["call"].unit) == (
        Fraction(15_000),
        Fraction(20_000),
        "token/request",
    )


def test_units_go_along_and_cancel() -> None:
    prompts = f"{{id: prompts, kind: claim, {NAMES}, value: 40 prompts}}"
    found = figures(
        CALLS,
        prompts,
        f"{{id: requests, kind: computed, {NAMES}, of: facts.prompts, times: [facts.calls]}}",
        f"{{id: tokens, kind: computed, {NAMES}, of: facts.requests, times: [mixes.coding]}}",
        f"{{id: t, kind: computed, {NAMES}, of: facts.tokens, times: [mixes.coding.uncached], over: facts.tokens}}",
    )
    assert [found[id].unit for id in ("requests", "tokens", "t")] == ["request", "token", None]
    assert (found["tokens"].low, found["tokens"].high) == (Fraction(600_000), Fraction(800_000))


def test_tokens_and_requests_are_worth_their_list_price() -> None:
    facts = (
        f"{{id: tokens, kind: claim, {NAMES}, value: 1M tokens}}",
        f"{{id: worth, kind: computed, {NAMES}, of: facts.tokens, priced: {{model: openai/gpt-5, mix: coding}}}}",
        f"{{id: leverage, kind: computed, {NAMES}, of: facts.worth, over: price}}",
    )
    found = figures(*facts, market=Market({"openai/gpt-5": card()}))
    # 80% cached: 0.08 + 0.19 + 0.05; 90%: 0.09 + 0.09 + 0.05.
    assert (found["worth"].low, found["worth"].high) == (Fraction("0.23"), Fraction("0.32"))
    assert (found["worth"].unit, found["worth"].amount) == ("CNY", Fraction("0.275"))
    # A price of 10 USD is 70 CNY.
    assert found["leverage"].high == Fraction("0.32") / 70
    assert [step.origin for step in found["leverage"].steps] == ["facts.worth", "exchange", "price"]


def test_the_size_of_the_request_decides_the_tier() -> None:
    fact = f"{{id: worth, kind: computed, {NAMES}, of: facts.r, priced: {{model: openai/gpt-5, mix: coding}}}}"
    text = text_with(f"{{id: r, kind: claim, {NAMES}, value: 1000 requests}}", fact)
    worth = []
    for size in ("1000 tokens", "4000 tokens"):
        family = load_family(text.replace("1000 tokens", size))
        document = family.plans["demo/small"].document
        worth.append(facts_at(family.document, document, 0, Market({"openai/gpt-5": card()}))[-1].high)
    assert worth == [Fraction("0.32"), Fraction("0.32") * 4 * 2]


def test_without_prices_those_facts_and_what_follows_from_them_are_left_out() -> None:
    facts = (
        f"{{id: tokens, kind: claim, {NAMES}, value: 1M tokens}}",
        f"{{id: worth, kind: computed, {NAMES}, of: facts.tokens, priced: {{model: openai/gpt-5, mix: coding}}}}",
        f"{{id: leverage, kind: computed, {NAMES}, of: facts.worth, over: price}}",
    )
    assert list(figures(*facts)) == ["week", "tokens"]
    assert list(figures(*facts, market=Market())) == ["week", "tokens"]


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (
            f"{{id: f, kind: computed, {NAMES}, of: windows.day, times: [facts.later]}}",
            "There is no figure 'facts.later'. Did you mean 'facts.week'?",
        ),
        (
            f"{{id: f, kind: computed, {NAMES}, of: windows.day, times: [windows.rpm]}}",
            "A fact fails: 'f' comes out in flow·request. Add the meter or exchange rate, or change the fact.",
        ),
        (
            f"{{id: f, kind: computed, {NAMES}, of: windows.day, priced: {{model: openai/gpt-5, mix: codin}}}}",
            "There is no mix 'codin'. Did you mean 'coding'?",
        ),
        (f"{{id: f, kind: claim, {NAMES}}}", "A claim fact needs 'value'. Add `value:`."),
        (
            f"{{id: f, kind: computed, {NAMES}, of: windows.day, ratio: [3]}}",
            "A computed fact has no 'ratio'. Remove it.",
        ),
        (
            f"{{id: f, kind: claim, {NAMES}, value: 5 requests/flaw}}",
            "There is no unit 'request/flaw'. Did you mean 'request'?",
        ),
    ],
)
def test_what_cannot_be_computed_is_said(fact: str, message: str) -> None:
    assert message in said(fact)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[80%, 90%]", "[90%, 80%]", "The shares of cache hits fall. Write the lowest first."),
        (
            "[80%, 90%]",
            "[99.5%]",
            "The shares are more than the whole. Let output and cached be at most 100% together.",
        ),
        ("1000 tokens", "1000 requests", "A request is not 1000 request long. Write whole tokens: 31K tokens."),
    ],
)
def test_a_mix_that_cannot_be_is_said(old: str, new: str, message: str) -> None:
    with pytest.raises(PlanFileError) as caught:
        load_family(text_with().replace(old, new), file="f")
    assert [str(problem).partition(": ")[2] for problem in caught.value.problems] == [message]


NUMBERS = st.fractions(min_value=Fraction(1, 1000), max_value=10**6)
SPANS = st.tuples(NUMBERS, NUMBERS).map(lambda ends: Span(min(ends), max(ends), None, None))


@given(SPANS, SPANS, st.fractions(0, 1), st.fractions(0, 1))
def test_whatever_lies_in_two_bands_comes_out_inside_the_band(
    a: Span, b: Span, left: Fraction, right: Fraction
) -> None:
    x, y = a.low + (a.high - a.low) * left, b.low + (b.high - b.low) * right
    product, quotient = a.times(b), a.over(b)
    assert product.low <= x * y <= product.high
    assert quotient.low <= x / y <= quotient.high


@pytest.mark.parametrize(
    ("span", "english", "chinese"),
    [
        (exactly(Fraction(457_142_857), "token"), "457.14M tokens", "457.14M token"),
        (exactly(Fraction(5_760_000_000), "token"), "5,760M tokens", "5,760M token"),
        (
            Span(Fraction(25000, 3), Fraction(100000, 3), None, "token/request"),
            "8.33K–33.33K tokens a request",
            "每次请求 8.33K–33.33K token",
        ),
        (exactly(Fraction(55, 10**8), "CNY/token"), "0.55 CNY a million tokens", "每百万 token 0.55 CNY"),
        (exactly(Fraction(15, 2)), "7.5x", "7.5x"),
        (exactly(Fraction(1, 5)), "20%", "20%"),
        (exactly(Fraction(1), "prompt"), "1 prompt", "1 次 prompt"),
        (exactly(Fraction(1, 3000), "CNY/request"), "0.00033 CNY a request", "每次请求 0.00033 CNY"),
    ],
)
def test_figures_are_written_for_reading(span: Span, english: str, chinese: str) -> None:
    document = load_family(BASE).document
    assert (span_text(document, span, "en"), span_text(document, span, "zh")) == (english, chinese)
