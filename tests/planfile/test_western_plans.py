"""Plans of Western sellers: the figures that are printed or measured, each with its mark, source and date."""

from __future__ import annotations

import re

import pytest

from faregate.core.amounts import decimal_text, render
from faregate.planfile import Plan, shipped_catalogue
from faregate.planfile.figures import facts_at

FAMILIES = ("chatgpt", "claude", "copilot", "copilot-requests", "cursor", "gemini", "opencode-go")
CATALOGUE = shipped_catalogue()
PLANS = [each for each in CATALOGUE if each.id.partition("/")[0] in FAMILIES]
BOUGHT = [each for each in PLANS if not each.terms.wallet]


def named(plan: Plan) -> str:
    return plan.id


def shown(name: str) -> tuple[str, ...]:
    """The usual price, and each limit in the order of the file with the ends of its band."""
    plan = CATALOGUE.plan(name)
    price = plan.prices[0]
    limits = []
    for id, window in plan.document.windows.items():
        terms = plan.terms.window(id)
        band = "" if window.between is None else f" {'..'.join(decimal_text(end.amount) for end in window.between)}"
        limits.append(f"{id} {render(terms.limit, terms.unit)} {terms.unit}{band}")
    return f"{decimal_text(price.amount)} {price.currency}", *limits


@pytest.mark.parametrize(
    ("name", "price", "limits"),
    [
        ("claude/pro", "20 USD", ("five_hours 1100000 point 550000..1100000", "week 5000000 point")),
        ("claude/max5x", "100 USD", ("five_hours 6600000 point 3300000..6600000", "week 41666700 point")),
        ("claude/max20x", "200 USD", ("five_hours 22000000 point 11000000..22000000", "week 83333300 point")),
        ("chatgpt/plus", "20 USD", ("five_hours 47 prompt 15..80", "week 282 prompt 30..520")),
        ("chatgpt/pro5x", "100 USD", ("five_hours 240 prompt 80..400", "week 1440 prompt 160..2600")),
        ("chatgpt/pro20x", "200 USD", ("five_hours 950 prompt 300..1600", "week 5700 prompt 600..10400")),
        ("copilot/pro", "10 USD", ("month 1500 credit",)),
        ("copilot/pro-plus", "39 USD", ("month 7000 credit",)),
        ("copilot/max", "100 USD", ("month 20000 credit",)),
        ("copilot-requests/free", "0 USD", ("month 50 prompt",)),
        ("copilot-requests/pro", "10 USD", ("month 300 prompt",)),
        ("copilot-requests/pro-plus", "39 USD", ("month 1500 prompt",)),
        ("cursor/pro", "20 USD", ("month 20 USD",)),
        ("cursor/pro-plus", "60 USD", ("month 70 USD",)),
        ("cursor/ultra", "200 USD", ("month 400 USD",)),
        ("gemini/free", "0 USD", ("day 1000 request",)),
        ("gemini/ai-pro", "19.99 USD", ("day 1500 request",)),
        ("gemini/ai-ultra", "249.99 USD", ("day 2000 request",)),
        ("opencode-go/go", "10 USD", ("five_hours 12 USD", "week 30 USD", "month 60 USD")),
    ],
)
def test_prices_limits_and_bands(name: str, price: str, limits: tuple[str, ...]) -> None:
    assert shown(name) == (price, *limits)


@pytest.mark.parametrize(
    ("family", "marks"),
    [
        ("claude", {"five_hours": "estimated", "week": "measured"}),
        ("chatgpt", {"five_hours": "estimated", "week": "estimated"}),
        ("copilot", {"month": "official"}),
        ("copilot-requests", {"month": "official"}),
        ("cursor", {"month": "official"}),
        ("gemini", {"day": "official"}),
        ("opencode-go", {"five_hours": "official", "week": "official", "month": "official"}),
    ],
)
def test_each_limit_says_how_it_is_known(family: str, marks: dict[str, str]) -> None:
    for plan in BOUGHT:
        if plan.id.startswith(f"{family}/"):
            assert {id: window.known for id, window in plan.document.windows.items()} == marks
            assert {id: plan.known(id) for id in marks} == marks


@pytest.mark.parametrize("plan", BOUGHT, ids=named)
def test_every_limit_and_every_price_that_is_paid_names_a_source_with_a_date(plan: Plan) -> None:
    sources = CATALOGUE.entry(plan.id)[0].document.sources
    named_by = [window.source for window in plan.document.windows.values()]
    named_by += [price.source for price in plan.document.prices if price.amount.amount]
    for key in named_by:
        assert key is not None
        assert sources[key].url is not None
        assert sources[key].as_of == "undated" or re.fullmatch(r"202[56]-\d\d-\d\d", sources[key].as_of)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_says_in_both_languages_what_was_chosen(family: str) -> None:
    document = next(each.document for each in CATALOGUE.families if each.id == family)
    assert document.source.choices
    for choice in document.source.choices:
        assert choice.text("en").endswith(".")
        assert re.search("[一-鿿]", choice.text("zh"))


def test_only_estimates_have_bands_and_those_change_the_terms() -> None:
    for plan in PLANS:
        banded = [id for id, window in plan.document.windows.items() if window.between is not None]
        assert all(plan.document.windows[id].known == "estimated" for id in banded)
        assert (plan.low_terms is not None) == (plan.high_terms is not None) == bool(banded)
    pro = CATALOGUE.plan("claude/pro")
    assert pro.low_terms is not None
    assert pro.high_terms is not None
    ends = [terms.window("five_hours").limit for terms in (pro.low_terms, pro.terms, pro.high_terms)]
    assert ends[0] * 2 == ends[1] == ends[2]


@pytest.mark.parametrize(
    ("name", "stand_in"),
    [
        ("claude/pro", "anthropic/claude-sonnet-4.6"),
        ("chatgpt/plus", "openai/gpt-5.5"),
        ("copilot-requests/free", "anthropic/claude-haiku-4.5"),
        ("copilot-requests/pro", "anthropic/claude-sonnet-4.5"),
        ("gemini/free", "google/gemini-2.5-pro"),
        ("opencode-go/go", "z-ai/glm-5"),
    ],
)
def test_a_model_stands_in_for_those_that_are_not_offered(name: str, stand_in: str) -> None:
    assert CATALOGUE.plan(name).stand_in == stand_in


@pytest.mark.parametrize(
    ("name", "leverage"),
    [
        ("copilot/pro", "1.5"),
        ("copilot/pro-plus", "1.79"),
        ("copilot/max", "2"),
        ("cursor/pro", "1"),
        ("cursor/pro-plus", "1.17"),
        ("cursor/ultra", "2"),
        ("opencode-go/go", "6"),
    ],
)
def test_leverage_is_computed(name: str, leverage: str) -> None:
    family, plan = CATALOGUE.entry(name)
    figures = {figure.id: figure.rounded() for figure in facts_at(family.document, plan.document, 0)}
    assert figures["leverage"] == leverage
