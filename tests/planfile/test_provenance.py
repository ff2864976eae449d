"""How surely figures are known: marks, sources by key, bands that become low and high terms, and the stand-in."""

from __future__ import annotations

import pytest

from faregate.planfile import PlanFileError, explain_in_words, load_family
from tests.planfile.base_file import BASE

REFERENCE = 'page: {title: Price page, url: "https://example.com/prices", as_of: "2026-01-02"}'
SOURCES = f"sources:\n  {REFERENCE}\nzone: Asia/Shanghai"
SOURCED = BASE.replace("zone: Asia/Shanghai", SOURCES)
WINDOW = "limit: 5 flows}"
STAND_IN = "    models: [coding]\n    companions"


def estimated(band: str) -> str:
    return SOURCED.replace(WINDOW, f"limit: 5 flows, known: estimated, source: page, between: {band}}}")


def problems(text: str) -> list[str]:
    with pytest.raises(PlanFileError) as caught:
        load_family(text, file="f")
    return [str(problem).partition(": ")[2] for problem in caught.value.problems]


def test_a_figure_is_official_where_nothing_else_is_said() -> None:
    plan = load_family(BASE).plans["demo/small"]
    assert (plan.known("day"), plan.low_terms, plan.high_terms, plan.stand_in) == ("official", None, None, None)
    assert plan.prices[0].known == "official"
    with pytest.raises(KeyError):
        plan.known("month")


def test_a_band_gives_terms_at_both_its_ends() -> None:
    plan = load_family(estimated("[2 flows, 8 flows]")).plans["demo/small"]
    assert plan.known("day") == "estimated"
    assert plan.low_terms is not None
    assert plan.high_terms is not None
    limits = [terms.window("day").limit for terms in (plan.low_terms, plan.terms, plan.high_terms)]
    assert [limit * 5 // limits[1] for limit in limits] == [2, 5, 8]
    assert plan.low_terms.window("rpm") == plan.terms.window("rpm")


def test_a_pool_may_have_a_band_too() -> None:
    text = SOURCED.replace("bonus: 20%}", "bonus: 20%}, known: measured, between: [80 USD, 120 USD]")
    plan = load_family(text).plans["demo/large"]
    assert plan.known("main") == "measured"
    assert plan.low_terms is not None
    refill = plan.low_terms.pool("main").refill
    assert refill is not None
    assert (refill.amount, refill.full) == (80 * 10**9, 96 * 10**9)


def test_sources_are_at_hand_by_their_keys() -> None:
    plan = load_family(estimated("[2 flows, 8 flows]")).plans["demo/small"]
    assert plan.sources["page"].url == "https://example.com/prices"
    assert plan.document.windows["day"].source == "page"


def test_the_stand_in_of_a_family_holds_in_the_plans_that_offer_it() -> None:
    family = load_family(BASE.replace("models:\n  coding", "stand_in: z-ai/glm-5\nmodels:\n  coding"))
    assert [family.plans[f"demo/{name}"].stand_in for name in ("small", "large", "wallet")] == [
        None,
        "z-ai/glm-5",
        "z-ai/glm-5",
    ]


def test_the_stand_in_of_a_plan_goes_before_that_of_its_family() -> None:
    text = BASE.replace("models:\n  coding", "stand_in: z-ai/glm-5\nmodels:\n  coding")
    text = text.replace(STAND_IN, f"    stand_in: openai/gpt-5\n{STAND_IN}")
    assert load_family(text).plans["demo/small"].stand_in == "openai/gpt-5"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            estimated("[2 flows, 8 flows]").replace("source: page", "source: pag"),
            "There is no source 'pag'. Did you mean 'page'?",
        ),
        (
            estimated("[6 flows, 8 flows]"),
            "The band from 6 flow to 8 flow does not contain 5 flow. Widen the band, or mend the figure.",
        ),
        (
            estimated("[8 flows, 2 flows]"),
            "The band begins at 8 flow, above its end 2 flow. Write the lowest first.",
        ),
        (estimated("[2 flows, 8 tokens]"), "The band is in token, its figure in flow. Write it in flow."),
        (estimated("[0 flows, 8 flows]"), "A cap of 0 lets nothing through. Begin the band above 0."),
        (
            estimated("[2 flows]"),
            "`plans.small.windows.day.between` holds too little. Write at least 2.",
        ),
        (
            SOURCED.replace("https:", "ftp:"),
            "'ftp://example.com/prices' is not a web address. Write it with https://.",
        ),
        (
            BASE.replace(STAND_IN, f"    stand_in: openai/gpt-6\n{STAND_IN}"),
            "The plan does not offer 'openai/gpt-6'. Did you mean 'openai/gpt-5'?",
        ),
        (
            BASE.replace('wallet: true\n    models: ["*"]', "wallet: true\n    models: [coding]").replace(
                "models:\n  coding", "stand_in: meta/llama\nmodels:\n  coding"
            ),
            "No plan offers 'meta/llama'. Known: anthropic/claude-opus-4, openai/gpt-5, z-ai/*.",
        ),
        (
            BASE.replace("models:\n  coding", 'stand_in: "z-ai/*"\nmodels:\n  coding'),
            "'z-ai/*' is a pattern, not one model. Name one model.",
        ),
    ],
)
def test_what_cannot_be_is_said(text: str, said: str) -> None:
    assert problems(text) == [said]


def test_the_words_of_a_plan_say_what_is_estimated_and_between_what() -> None:
    family = load_family(estimated("[2 flows, 8 flows]"))
    said = " ".join(explain_in_words(family, family.plans["demo/small"], "en"))
    assert "estimated, somewhere between 2 Flow and 8 Flow" in said
