"""What the language says compiles to what the engine reads, also for plans that are not shipped yet."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from faregate.core.terms import ByModel, BySchedule, GraceRule, TimeBand
from faregate.core.usage import Usage
from faregate.planfile import (
    Catalogue,
    PlanFileError,
    UnknownPlan,
    VersionChanged,
    explain_in_words,
    load_family,
    shipped_catalogue,
)
from faregate.planfile.figures import facts_at
from tests.planfile import market_files
from tests.planfile.base_file import BASE


def test_numbers_stay_exact() -> None:
    text = BASE.replace("times: 39.6", "times: 0.1").replace("times: 1/2", "times: 1/3")
    terms = load_family(text).terms["demo/small"]
    assert terms.sources[0].meter.versions[0].cost == Fraction(1, 10)
    values = terms.sources[0].multipliers[0]
    assert getattr(values, "values", None) == (("insider", Fraction(1, 3)),)


def test_thousands_and_millions_may_be_abbreviated() -> None:
    kimi = load_family(market_files.KIMI).terms["kimi/andante"]
    assert kimi.window("five_hours").limit == 10_000_000 * 1000


def test_limits_of_one_plan_may_use_different_meters() -> None:
    kimi = load_family(market_files.KIMI).terms["kimi/andante"]
    usage = Usage(input=1, cached=10, cache_write_5m=100, cache_write_1h=1000, output=10_000)
    assert kimi.sources[0].meter.version_at(0).count(usage) == 11_111
    week = kimi.window("week").meter
    assert week is not None
    assert week.version_at(0).count(usage) == 11_101


def test_tools_draw_their_own_windows_and_vision_the_prompts() -> None:
    lite = load_family(market_files.GLM_OLD).terms["glm/lite"]
    assert [(s.id, s.meter.unit, s.windows, s.models[-1]) for s in lite.sources] == [
        ("prompts", "prompt", ("five_hours",), "z-ai/glm-4.5-air"),
        ("vision", "prompt", ("five_hours",), "tool/vision"),
        ("search", "call", ("search",), "tool/web-read"),
    ]
    assert lite.sources[0].clients[:2] == ("claude-code", "roo")
    assert lite.calls_per_prompt == 20


def test_multipliers_by_model_and_by_time_of_day() -> None:
    lite = load_family(market_files.GLM_NEW).terms["glm/lite"]
    night = TimeBand(23 * 60, 7 * 60, frozenset({5, 6}), Fraction(1, 2))
    assert lite.sources[0].multipliers == (
        ByModel("model", (("z-ai/glm-5", Fraction(3)),)),
        BySchedule("night", ((0, Fraction(1)),), "Asia/Shanghai", (night,)),
    )


def test_rates_of_a_family_have_tiers() -> None:
    card = load_family(market_files.GLM_OLD).rates["z-ai/glm-4.7"]
    [version] = card.versions
    short = Usage(input=1_000_000 // 100, output=100)
    assert version.list_value(short) == (10_000 * 2_000 + 100 * 8_000, 1)
    assert version.list_value(short._replace(output=200)) == (10_000 * 3_000 + 200 * 14_000, 1)
    assert version.list_value(short._replace(input=40_000)) == (40_000 * 4_000 + 100 * 16_000, 1)


def test_admission_and_holds_are_said_by_the_plan() -> None:
    ark = load_family(market_files.ARK).terms["ark/lite"]
    assert (ark.admission, ark.hold_seconds, ark.lost_hold) == ("fits", 600, "charge")


def test_a_plan_says_how_far_requests_go_on_while_the_books_are_away() -> None:
    rule = "    while_books_are_away: {grace: 2m, requests: 20, draw: 5 flows}\n    companions:"
    family = load_family(BASE.replace("    companions:", rule, 1))
    assert family.terms["demo/large"].grace is None
    assert family.terms["demo/small"].grace == GraceRule(120_000_000, 20, 5_000_000_000, "flow")
    english, chinese = (explain_in_words(family, family.plans["demo/small"], language) for language in ("en", "zh"))
    assert (
        "While the books are away requests go on for 2 minutes after they were last reached, at most 20 of them, "
        "drawing at most 5 Flow by each worker; then they wait."
    ) in english
    [told] = [sentence for sentence in chinese if sentence.startswith("账本")]
    assert "2 分钟内请求继续放行" in told
    assert "最多放行 20 次、最多消耗 5 Flow；" in told


def test_a_guard_counts_requests_and_is_named_by_no_source() -> None:
    kimi = load_family(market_files.KIMI).terms["kimi/andante"]
    guard = kimi.window("open")
    assert (guard.kind, guard.guard, guard.limit) == ("concurrency", True, 8000)
    assert "open" not in kimi.sources[0].windows


def test_templates_merge_mappings_and_replace_the_rest() -> None:
    text = BASE.replace(
        "plans:\n",
        "templates:\n"
        "  base: {about: {en: Base., zh: 基}, windows: {rpm: {length: 30s, lifted_by: wallet}}}\n"
        "  more: {like: base, support: {level: none, names: {en: none, zh: 无}}}\n"
        "plans:\n",
    ).replace("  small:\n    names: {en: Small, zh: 小}", "  small:\n    like: more\n    names: {en: S, zh: 小}")
    small = load_family(text).plans["demo/small"]
    assert small.names.en == "S"
    assert small.document.about is not None
    assert small.document.support is not None
    assert small.terms.window("rpm").length == 60_000_000


def test_null_takes_an_inherited_key_away() -> None:
    free = shipped_catalogue().plan("credits/free")
    assert free.document.switch is None
    assert shipped_catalogue().plan("credits/pro").document.switch is not None


def test_a_mistake_in_a_template_is_reported_once_where_it_stands() -> None:
    with pytest.raises(PlanFileError) as caught:
        load_family(market_files.KIMI.replace("length: 5h", "length: 5 hours"))
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(11, 45)]


def test_anchors_may_be_used() -> None:
    text = market_files.ARK.replace("{en: Lite, zh: Lite}", "&lite {en: Lite, zh: Lite}").replace(
        "    admission: fits", "    about: *lite\n    admission: fits"
    )
    about = load_family(text).plans["ark/lite"].document.about
    assert about is not None
    assert about.en == "Lite"


def test_the_content_hash_is_of_the_meaning() -> None:
    first = load_family(market_files.ARK).content_hash
    assert first.startswith("sha256:")
    assert load_family("# a comment\n" + market_files.ARK).content_hash == first
    folded = market_files.ARK.replace('"2026-02-16"\nnames', "'2026-02-16'   # same\nnames")
    assert load_family(folded).content_hash == first
    assert load_family(market_files.ARK.replace("1200", "1201")).content_hash != first


def test_templates_do_not_change_the_content_hash() -> None:
    written_out = market_files.ARK
    shared = written_out.replace("    admission: fits\n", "    like: strict\n").replace(
        "plans:\n", "templates: {strict: {admission: fits}}\nplans:\n"
    )
    assert load_family(shared).content_hash == load_family(written_out).content_hash


def test_a_catalogue_keeps_versions_apart_and_knows_the_current_one() -> None:
    old, new = load_family(market_files.GLM_OLD), load_family(market_files.GLM_NEW)
    catalogue = Catalogue([new, old])
    assert catalogue.plan("glm/lite").terms.version == "2026-02-12"
    assert catalogue.plan("glm/lite@2025-10").terms.version == "2025-10"
    assert {plan.id for plan in catalogue} == {"glm/lite", "glm/pro", "glm/api"}
    with pytest.raises(UnknownPlan, match=r"no plan 'glm/lit'. Did you mean 'glm/lite'\?"):
        catalogue.plan("glm/lit")
    with pytest.raises(UnknownPlan, match="glm/lite@2025-10"):
        catalogue.plan("glm/lite@2025-11")


def test_a_version_never_has_two_contents() -> None:
    first, again = load_family(market_files.ARK), load_family(market_files.ARK)
    assert len(list(Catalogue([first, again]))) == 1
    changed = load_family(market_files.ARK.replace("1200", "1300"))
    with pytest.raises(VersionChanged, match="ark@2026-02-16"):
        Catalogue([first, changed])


def test_figures_follow_the_rates_in_force() -> None:
    text = BASE.replace("of: windows.day, times: [7]}\n    c", "of: windows.day, times: [8], in: USD}\n    c")
    family = load_family(text.replace("    checks:\n      - {figure: facts.week, of: windows.day, times: [7]}\n", ""))
    document = family.plans["demo/small"].document
    [before] = facts_at(family.document, document, 0)
    [after] = facts_at(family.document, document, 2_000_000_000_000_000)
    assert (before.amount, before.unit) == (40 / Fraction("39.6"), "USD")
    assert after.amount == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_plan_is_said_in_words(language: str) -> None:
    catalogue = shipped_catalogue()
    for plan in catalogue:
        family, _ = catalogue.entry(plan.id)
        sentences = explain_in_words(family, plan, language)
        assert all(sentence.endswith((".", "。")) for sentence in sentences), sentences
        assert plan.id in sentences[0]


def test_words_name_the_figures() -> None:
    family, plan = shipped_catalogue().entry("88code/paygo")
    said = "\n".join(explain_in_words(family, plan))
    assert "Price: 98 CNY once, without an end." in said
    assert "×1 up to 20 USD, ×1.5 up to 50 USD, ×2 beyond." in said
    family, plan = shipped_catalogue().entry("agipower/ultra")
    said = "\n".join(explain_in_words(family, plan, "zh"))
    assert "等价 USD 价值：872.73 USD" in said
    assert "自首次请求起 5 小时内最多 800 Flow" in said.replace(" 内", "内")


@pytest.mark.parametrize("name", ["GLM_OLD", "GLM_NEW", "KIMI", "ARK"])
def test_the_market_is_said_in_words(name: str) -> None:
    family = load_family(getattr(market_files, name))
    for plan in family.plans.values():
        for language in ("en", "zh"):
            assert len(explain_in_words(family, plan, language)) > 4


def test_the_example_of_the_documentation_is_right() -> None:
    page = Path(__file__).parents[2].joinpath("docs/plan-language.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    family = load_family(example)
    assert list(family.plans) == ["studio/basic", "studio/plus", "studio/topup"]


def test_kinds_of_keys_and_extra_usage_are_terms_and_are_said_in_words() -> None:
    catalogue = shipped_catalogue()
    family, plan = catalogue.entry("agipower/pro")
    assert (plan.terms.key_kind, plan.terms.extra_usage) == ("agipower/subscription", "agipower/payg")
    wallet = catalogue.plan("agipower/payg")
    assert (wallet.terms.key_kind, wallet.terms.opt_in) == ("agipower/payg", False)
    assert [(each.id, each.by_key) for each in wallet.terms.windows] == [("rpm", True)]
    said = "\n".join(explain_in_words(family, plan, "en"))
    assert "Keys of the kind subscription key draw on it, no others." in said
    assert "While it is used up Pay As You Go pays, where its owner has switched Extra Usage on." in said
