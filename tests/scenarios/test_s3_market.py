"""S3 · AI Coding Plan notes: prices and windows as printed, and each sum of the notes, out of `plan show`."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

from faregate.cli.main import main


def run(*words: str) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


@cache
def shown(plan: str) -> Any:
    """The JSON of `plan show`."""
    return json.loads(run("plan", "show", plan, "--json"))


def limits(plan: str) -> dict[str, str]:
    """Limit of each window of a plan, as it stands in the file."""
    return {id: window["limit"] for id, window in shown(plan)["document"]["windows"].items()}


def figure(plan: str, id: str) -> dict[str, Any]:
    [found] = [figure for figure in shown(plan)["figures"] if figure["id"] == id]
    assert isinstance(found, dict)
    return found


def exact(plan: str, id: str) -> Fraction:
    """The exact amount of a figure."""
    return Fraction(figure(plan, id)["amount"])


def band(plan: str, id: str) -> tuple[Fraction, Fraction]:
    """Both ends of a figure."""
    found = figure(plan, id)
    return Fraction(found["low"]), Fraction(found["high"])


def steps(plan: str, id: str) -> list[str]:
    """The sum of a figure: sign and what stands there."""
    return [f"{step['sign']}{step['figure']}" for step in figure(plan, id)["steps"]]


M = 1_000_000
TABLE = [
    ("kimi/andante", "49 CNY", {"5h": f"{10 * M} token", "week": f"{4 * M} token"}),
    ("kimi/moderato", "99 CNY", {"5h": f"{40 * M} token", "week": f"{16 * M} token"}),
    ("kimi/allegretto", "199 CNY", {"5h": f"{200 * M} token", "week": f"{80 * M} token"}),
    ("kimi/allegro", "699 CNY", {"5h": f"{600 * M} token", "week": f"{240 * M} token"}),
    ("minimax-cn/starter", "29 CNY", {"5h": "40 prompt"}),
    ("minimax-cn/plus", "49 CNY", {"5h": "100 prompt"}),
    ("minimax-cn/max", "119 CNY", {"5h": "300 prompt"}),
    ("minimax-cn/plus-fast", "98 CNY", {"5h": "100 prompt"}),
    ("minimax-cn/max-fast", "199 CNY", {"5h": "300 prompt"}),
    ("minimax-cn/ultra-fast", "899 CNY", {"5h": "2000 prompt"}),
    ("minimax/starter", "10 USD", {"5h": "100 prompt"}),
    ("minimax/plus", "20 USD", {"5h": "300 prompt"}),
    ("minimax/max", "50 USD", {"5h": "1000 prompt"}),
    ("glm/lite", "49 CNY", {"5h": "80 prompt", "week": "320 prompt", "search": "100 call"}),
    ("glm/pro", "149 CNY", {"5h": "400 prompt", "week": "1600 prompt", "search": "1000 call"}),
    ("glm/max", "469 CNY", {"5h": "1600 prompt", "week": "6400 prompt", "search": "4000 call"}),
    ("glm/lite@2025-10", "40 CNY", {"5h": "120 prompt", "search": "100 call"}),
    ("glm/pro@2025-10", "200 CNY", {"5h": "600 prompt", "search": "1000 call"}),
    ("glm/max@2025-10", "400 CNY", {"5h": "2400 prompt", "search": "4000 call"}),
    ("ark/lite", "40 CNY", {"5h": "1200 request", "week": "9000 request", "month": "18000 request"}),
    ("ark/pro", "200 CNY", {"5h": "6000 request", "week": "45000 request", "month": "90000 request"}),
    ("bailian/lite", "40 CNY", {"5h": "1200 request", "week": "9000 request", "month": "18000 request"}),
    ("bailian/pro", "200 CNY", {"5h": "6000 request", "week": "45000 request", "month": "90000 request"}),
]


@pytest.mark.parametrize(("plan", "price", "windows"), TABLE, ids=[row[0] for row in TABLE])
def test_s3_1_prices_and_windows_as_printed(plan: str, price: str, windows: dict[str, str]) -> None:
    [written] = shown(plan)["document"]["prices"]
    assert (written["amount"], written["period"], written["renews"]) == (price, "month", True)
    assert limits(plan) == windows


@pytest.mark.parametrize(("plan", "price", "windows"), TABLE, ids=[row[0] for row in TABLE])
def test_s3_1_every_figure_has_its_source_and_date(plan: str, price: str, windows: dict[str, str]) -> None:
    document, sources = shown(plan)["document"], shown(plan)["sources"]
    sourced = [*document["prices"], *document["windows"].values()]
    sourced += [fact for fact in document["facts"] if fact["kind"] != "computed"]
    assert {figure.get("source") for figure in sourced} <= set(sources)
    assert all(reference["as_of"] for reference in sources.values())


def test_s3_1_what_was_measured_is_marked_and_what_is_multiplied_from_it_too() -> None:
    marks = [
        [window["known"] for window in shown(f"kimi/{tier}")["document"]["windows"].values()]
        for tier in ("andante", "moderato", "allegro")
    ]
    assert marks == [["measured"] * 2, ["estimated"] * 2, ["estimated"] * 2]
    assert {window["known"] for window in shown("glm/pro")["document"]["windows"].values()} == {"official"}


def test_s3_1_glm_5_draws_three_times() -> None:
    said = shown("glm/lite")["words"]
    assert "Rate of the model: z-ai/glm-5 ×3, other models ×1." in said["en"]


def test_s3_1_both_versions_of_glm_stand_side_by_side() -> None:
    assert shown("glm/lite")["version"] == "2026-02-12"
    assert "GLM Coding Plan (glm@2025-10)" in run("plan", "show", "glm@2025-10")


# ---- S3.5: the arithmetic


def test_s3_5_8k_to_33k_tokens_a_request_and_31k_measured() -> None:
    assert band("kimi/andante", "request") == (Fraction(10 * M, 1200), Fraction(10 * M, 300))
    assert steps("kimi/andante", "request") == ["windows.5h", "÷facts.requests_5h"]
    assert exact("kimi/andante", "request_measured") == 31_000


def test_s3_5_kimis_week_48_million_seen_against_50() -> None:
    assert exact("kimi/andante", "week_inferred") == 50 * M
    assert exact("kimi/andante", "week_seen") == 48 * M
    assert exact("kimi/andante", "seen_of_inferred") == Fraction(48, 50)
    # The week is 4M without cache hits: what was seen was cached to 91.7%, inside the 90 to 95% of the notes.
    assert 1 - exact("kimi/andante", "seen_uncached") == Fraction(11, 12)
    low, high = band("kimi/andante", "week_tokens")
    assert low <= 48 * M <= high


@pytest.mark.parametrize(
    ("plan", "ratio"), [("glm/lite", "4"), ("kimi/andante", "5"), ("ark/lite", "15/2"), ("bailian/pro", "15/2")]
)
def test_s3_5_full_five_hours_in_a_week(plan: str, ratio: str) -> None:
    assert exact(plan, "week_ratio") == Fraction(ratio)


@pytest.mark.parametrize("plan", ["ark/lite", "ark/pro", "bailian/lite", "bailian/pro"])
def test_s3_5_two_full_weeks_make_the_month(plan: str) -> None:
    assert exact(plan, "month_ratio") == 2


def test_s3_5_333k_tokens_a_prompt() -> None:
    assert exact("glm/lite@2025-10", "tokens_a_prompt") == Fraction(40 * M, 120)
    assert steps("glm/lite@2025-10", "tokens_a_prompt") == ["facts.lite_tokens", "÷facts.lite_prompts"]


def test_s3_5_27_million_in_five_hours_is_two_thirds_of_40() -> None:
    assert exact("glm/lite", "of_former") == Fraction(2, 3)
    assert exact("glm/lite", "tokens_5h") == Fraction(40 * M) * 2 / 3
    assert {exact(f"glm/{tier}", "of_former") for tier in ("lite", "pro", "max")} == {Fraction(2, 3)}


def test_s3_5_457_and_152_million_a_month_now_and_5760_before() -> None:
    assert round(exact("glm/lite", "month") / M) == 457
    assert steps("glm/lite", "month") == ["facts.tokens_5h", "×facts.week_ratio", "×number"]
    assert round(exact("glm/lite", "month_glm5") / M) == 152
    assert exact("glm/lite@2025-10", "month") == 5760 * M


def test_s3_5_what_the_vendor_claims_is_kept_as_claims() -> None:
    claims = {plan: figure(plan, "said") for plan in ("glm/lite", "glm/pro", "glm/lite@2025-10", "glm/max@2025-10")}
    assert {claim["kind"] for claim in claims.values()} == {"claim"}
    assert claims["glm/lite"]["text"]["zh"] == "相当于 Claude Pro 套餐用量的 3 倍"
    assert claims["glm/max@2025-10"]["text"]["en"] == "Three times Claude Max 20x"


def test_s3_5_13_to_23_times_its_price_and_the_price_of_a_token_it_supposes() -> None:
    assert band("glm/lite", "claimed") == (Fraction(13), Fraction(23))
    fee = Fraction(49 * 7, 30)
    assert band("glm/lite", "claimed_worth") == (fee * 13, fee * 23)
    low, high = (end * M for end in band("glm/lite", "claimed_rate"))
    # Between what GLM-4.7 costs with the cache of the mix, and without any.
    [mixed, uncached] = [band("glm/lite", "worth")[1] / exact("glm/lite", "month") * M, Fraction(4)]
    assert mixed < low < high < uncached


def test_s3_5_the_mix_is_995_input_90_to_95_of_it_cached_and_5_output() -> None:
    # K2.5: 0.7 cached, 4 uncached, 21 output a million.
    dear = Fraction(9, 10) * Fraction("0.7") + Fraction(95, 1000) * 4 + Fraction(5, 1000) * 21
    cheap = Fraction(95, 100) * Fraction("0.7") + Fraction(45, 1000) * 4 + Fraction(5, 1000) * 21
    low, high = band("kimi/andante", "month")
    assert band("kimi/andante", "worth") == (low * cheap / M, high * dear / M)


def test_s3_5_bailians_questions_a_month_by_its_bands_of_calls() -> None:
    assert band("bailian/lite", "simple") == (Fraction(1800), Fraction(3600))
    assert band("bailian/lite", "hard") == (Fraction(600), Fraction(1800))


def test_s3_5_the_derivation_is_printed() -> None:
    said = run("plan", "show", "glm/lite", "--explain")
    assert "Tokens a month with GLM-4.7: 457.14M tokens  [computed]" in said
    assert "  × 30/7\n    A month is 30 days." in said
    assert "Former Lite, tokens in 5 hours: 40M tokens  [measured; AI Coding Plan (notes)" in said
    chinese = run("--lang", "zh", "plan", "show", "glm/lite", "--explain")
    assert "每月 token（GLM-4.7）: 457.14M token  [计算值]" in chinese
