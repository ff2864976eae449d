"""S3.5 and S3.6 · the arithmetic of the plan notes, and the comparison, as `faregate compare` says them."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.scenarios.comparing import by_id, compared, millions, month_of, run_compare

OLD_LITE, NEW_LITE = "glm/lite@2025-10", "glm/lite"
FEW = "kimi/andante,glm/lite,minimax-cn/starter"

# ---- S3.5: the arithmetic


@pytest.mark.parametrize(
    ("plan", "model", "tokens", "binding"),
    [
        # 30 × 24 / 5 × 40M
        (OLD_LITE, "z-ai/glm-4.7", 5760, "glm/lite:5h"),
        # 40M × 2/3 × 4 × 30/7, and a third of it at three times the draw
        (NEW_LITE, "z-ai/glm-4.7", 457, "glm/lite:week"),
        (NEW_LITE, "z-ai/glm-5", 152, "glm/lite:week"),
    ],
)
def test_s3_5_a_month_of_glm_lite(plan: str, model: str, tokens: int, binding: str) -> None:
    holds = month_of(plan, "--model", model)
    assert int(millions(holds["tokens"])) == tokens
    assert holds["bound_by"] == binding


def test_s3_5_a_month_of_the_old_cohort_is_exact() -> None:
    holds = month_of(OLD_LITE)
    assert (holds["tokens"], holds["prompts"]) == ("5760000000", "17280")


def test_s3_5_a_prompt_is_a_third_of_a_million_tokens_and_five_hours_are_27_million() -> None:
    prompts, tokens = (Fraction(month_of(NEW_LITE)[name]) for name in ("prompts", "tokens"))
    assert round(tokens / prompts / 1000) == 333
    assert round(80 * tokens / prompts / 10**6) == 27


def test_s3_5_the_mix_is_31k_tokens_a_request_with_the_printed_shares() -> None:
    usage = compared("--plans", NEW_LITE)["usage"]
    tokens = usage["tokens"]
    assert tokens["total"] == 31_000 * usage["requests"]
    assert Fraction(tokens["output"], tokens["total"]) == Fraction(5, 1000)
    assert Fraction(90, 100) <= Fraction(tokens["cached"], tokens["total"]) <= Fraction(95, 100)
    assert 5 < Fraction(usage["requests"], usage["prompts"]) < 15


def test_s3_5_kimis_week_is_about_48_million_tokens_where_91_and_two_thirds_percent_are_cached() -> None:
    tokens = Fraction(month_of("kimi/andante", "--cached", "275/3")["tokens"])
    assert round(tokens * 7 / 30 / 10**6) == 48
    # 90 to 95 points cached: the band in which the 50 million of before lie.
    weeks = [Fraction(month_of("kimi/andante", "--cached", share)["tokens"]) * 7 / 30 for share in ("90", "95")]
    assert [round(week / 10**6) for week in weeks] == [40, 80]


@pytest.mark.parametrize("family", ["ark", "bailian"])
def test_s3_5_two_full_weeks_make_the_month_of_ark_and_bailian(family: str) -> None:
    holds = month_of(f"{family}/lite")
    assert (holds["requests"], holds["bound_by"]) == ("18000", f"{family}/lite:month")


def test_s3_5_the_derivation_is_visible_in_both_languages() -> None:
    words = ("--mix", "standard", "--begins", "2026-03-02", "--plans", OLD_LITE, "--currency", "CNY", "--explain")
    english, chinese = run_compare(*words).stdout, run_compare(*words, language="zh").stdout
    assert "5h: 120 prompt × 144 in 30 days = 17,280 prompt" in english
    assert "= 5,760,000,000 tokens; 5h binds" in english
    assert "5h：120 prompt × 144（30 天）= 17,280 prompt" in chinese
    assert "= 5,760,000,000 token；受限于 5h" in chinese


# ---- S3.6: the comparison


def test_s3_6_permitted_combinations_of_88code_are_compared() -> None:
    plans = by_id(compared("--plans", "88code", "--model", "anthropic/claude-sonnet-4.5", "--prompts-a-day", "5"))
    assert {"88code/free+paygo", "88code/free+plus+paygo", "88code/free+max"} <= set(plans)
    assert not any("plus+pro" in id or "pro+max" in id for id in plans)
    assert len(plans) == 15


def test_s3_6_a_plan_and_the_wallet_that_comes_with_it_are_compared() -> None:
    plans = by_id(compared("--plans", "credits", "--model", "anthropic/claude-sonnet-4.5"))
    alone, beside = plans["credits/starter"], plans["credits/starter+pay2go"]
    assert alone["refused"] > 0 == beside["refused"]
    assert Fraction(beside["wallet_cost"]) > 0


def test_s3_6_the_best_plan_is_the_cheapest_way_to_get_everything_done_and_reasons_are_given() -> None:
    found = compared("--plans", FEW)
    plans = found["plans"]
    costs = [Fraction(plan["everything_cost"]) for plan in plans]
    assert costs == sorted(costs)
    assert found["verdict"]["best"] == plans[0]["id"]
    assert plans[0]["names"]["en"] in found["verdict"]["en"]
    assert plans[0]["names"]["zh"] in found["verdict"]["zh"]
    assert all(
        text.count(stop) >= 2 for text, stop in ((found["verdict"]["en"], "."), (found["verdict"]["zh"], "。"))
    )


def test_s3_6_what_is_refused_is_bought_at_the_price_of_the_api() -> None:
    plan = by_id(compared("--plans", "kimi/andante"))["kimi/andante"]
    assert plan["stand_ins"] == {"z-ai/glm-4.7": "moonshotai/kimi-k2.5"}
    assert (plan["refused"], plan["binds"]) == (1753, "kimi/andante:week")
    # A request of the mix: 28,675 tokens at 0.7, 2,170 at 4 and 155 at 21 CNY a million.
    each = (28_675 * Fraction(7, 10) + 2170 * 4 + 155 * 21) / 10**6
    assert Fraction(plan["overflow_cost"]) == plan["refused"] * each
    assert Fraction(plan["everything_cost"]) == 49 + Fraction(plan["overflow_cost"])


def test_s3_6_a_month_of_work_costs_a_month() -> None:
    for months, price in (("1", "49"), ("3", "147")):
        assert by_id(compared("--plans", "glm/lite", "--months", months))["glm/lite"]["price"] == price


def test_s3_6_csv_and_page_are_written(tmp_path: Path) -> None:
    table, page = tmp_path / "out.csv", tmp_path / "out.html"
    words = ("--mix", "standard", "--begins", "2026-03-02", "--plans", FEW, "--currency", "CNY")
    result = run_compare(*words, "--csv", str(table), "--html", str(page))
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert (rows[0]["id"], rows[0]["everything_cost"]) == ("minimax-cn/starter", "29")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_s3_6_usage_lines_of_a_file_are_compared(tmp_path: Path) -> None:
    usage = tmp_path / "usage.jsonl"
    lines = [
        {"at": f"2026-03-02T{hour:02}:00:00Z", "model": "z-ai/glm-4.7", "client": "claude-code", "prompt": True}
        | {"session": "s", "input": 1_000_000}
        for hour in range(4)
    ]
    usage.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{torn", encoding="utf-8")
    result = run_compare("--logs", str(usage), "--plans", "glm/lite", "--currency", "CNY", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["usage"]["requests"], found["usage"]["prompts"], found["usage"]["list_value"]) == (4, 4, "16")
    assert found["usage"]["broken_lines"] == 1
    assert found["usage"]["tools"] == {"usage-lines": 1}
    (plan,) = found["plans"]
    assert (plan["admitted"], plan["refused"]) == (4, 0)
    # A day of a monthly fee.
    assert Fraction(plan["price"]).limit_denominator(1000) == Fraction(49, 30)
