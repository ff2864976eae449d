"""S2 · AGIPower Builder Plan: Flows, two first-use windows, segments, Extra Usage."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner

from faregate.cli.main import main
from faregate.core.amounts import NANO, decimal_text, fraction, render
from tests.scenarios.replaying import FREE_MODEL, OPUS, Paid, Refused, event, replay, run_simulate, spend

PRO, PAYG = "agipower/pro", "agipower/payg"
FIVE_HOURS, WEEK, RPM = "agipower/pro:5h", "agipower/pro:week", "agipower/pro:rpm"
TEN = "2026-03-02T10:00:00Z"
LATER = "2026-03-02T10:00:01Z"
THREE = "2026-03-02T15:00:00Z"


def flows(amount: str, list_value: str, multiplier: str = "1", plan: str = PRO) -> list[Paid]:
    return [Paid(plan, None, f"{amount} flow", multiplier, list_value)]


# ---- S2.1: the Flow


def test_s2_1_a_request_costs_its_list_value_times_39_6_and_two_hundredths() -> None:
    line = {"at": TEN, "model": "anthropic/claude-sonnet-4", "client": "claude-code", "prompt": True}
    line |= {"input": 1200, "cached": 90000, "cache_write_5m": 0, "cache_write_1h": 0, "output": 450}
    seen = replay(PRO, line, spend(LATER, 0), spend(LATER, "0.000025"))
    # 1,200 × 3 + 90,000 × 0.3 + 450 × 15 = 37,350 millionths of a dollar.
    assert seen.paid(0) == flows("1.49906", "0.03735")
    assert seen.paid(1) == flows("0.02", "0")
    assert seen.paid(2) == flows("0.02099", "0.000025")
    assert seen.window(2, FIVE_HOURS) == ("0.02099", "1.54005", "50", THREE)


@pytest.mark.parametrize(
    ("plan", "five_hours", "week", "month", "worth", "leverage"),
    [
        ("free", "5", "50.4", "216", None, None),
        ("pro", "50", "504", "2160", "54.55", "2.73"),
        ("max", "300", "3024", "12960", "327.27", "3.27"),
        ("ultra", "800", "8064", "34560", "872.73", "4.36"),
    ],
)
def test_s2_1_the_pricing_page_is_computed(
    plan: str, five_hours: str, week: str, month: str, worth: str | None, leverage: str | None
) -> None:
    result = CliRunner().invoke(main, ["plan", "show", f"agipower/{plan}", "--json"])
    data: Any = json.loads(result.stdout)
    windows = data["document"]["windows"]
    assert windows["5h"]["limit"] == f"{five_hours} flow"
    assert windows["week"]["limit"] == f"{week} flow"
    rounded = {figure["id"]: figure["rounded"] for figure in data["figures"]}
    assert rounded["month"] == month
    assert rounded.get("list_value") == worth
    assert rounded.get("leverage") == leverage


def test_s2_1_the_rate_is_exactly_one_39_6th_of_a_dollar() -> None:
    result = CliRunner().invoke(main, ["plan", "show", "agipower/pro", "--json"])
    figures = {figure["id"]: figure["amount"] for figure in json.loads(result.stdout)["figures"]}
    assert (figures["month"], figures["list_value"], figures["leverage"]) == ("2160", "600/11", "30/11")


# ---- S2.2: segments


def test_s2_2_an_insiders_flow_is_worth_more_and_an_abusers_less() -> None:
    seen = replay(
        PRO,
        spend(TEN, "0.1"),
        event(TEN, "segment", segment="insider", reason="early and active"),
        spend(TEN, "0.1"),
        event(LATER, "segment", segment="abuse", until="2026-03-02T11:00:00Z", reason="resale"),
        spend(LATER, "0.1"),
        spend("2026-03-02T10:59:59.999999Z", "0.1"),
        spend("2026-03-02T11:00:00Z", "0.1"),
    )
    assert seen.paid(0) == flows("3.98", "0.1")
    better = seen.paid(1)[0]
    assert fraction(better.multiplier) < 1
    assert better.amount == _flows_at(better.multiplier)
    assert seen.paid(2) == flows("7.96", "0.1", "2")
    assert seen.paid(3) == flows("7.96", "0.1", "2")
    assert seen.paid(4) == [better]


def _flows_at(multiplier: str) -> str:
    """3.98 Flows at an exact multiplier, rounded half-even to 10⁻⁹."""
    exact = Fraction("3.98") * fraction(multiplier)
    return f"{render(round(exact * NANO), 'flow')} flow"


def test_s2_2_the_loss_of_continuity_ends_insider() -> None:
    seen = replay(
        PRO,
        event(TEN, "segment", segment="insider", reason="early"),
        spend(TEN, "0.1"),
        event(LATER, "cancel"),
        event("2026-04-02T10:00:00Z", "subscribe", plan=PRO),
        spend("2026-04-02T10:00:01Z", "0.1"),
    )
    assert seen.paid(0)[0].multiplier != "1"
    assert seen.paid(1) == flows("3.98", "0.1")


def test_s2_2_a_renewed_insider_stays_one() -> None:
    seen = replay(
        PRO,
        event(TEN, "segment", segment="insider", reason="early"),
        spend(TEN, "0.1"),
        spend("2026-04-02T10:00:00Z", "0.1"),
    )
    assert seen.paid(1) == seen.paid(0)


# ---- S2.3: windows and RPM


@pytest.mark.parametrize(("plan", "dollars"), [("pro", 2), ("max", 8), ("ultra", 21)])
def test_s2_3_five_hours_open_at_the_first_request_and_close_to_the_microsecond(plan: str, dollars: int) -> None:
    name = f"agipower/{plan}"
    seen = replay(
        name,
        spend("2026-03-02T10:00:00.5Z", dollars),
        spend("2026-03-02T15:00:00.499999Z", 1),
        spend("2026-03-02T15:00:00.5Z", "0.1"),
        spend("2026-03-02T15:00:01Z", "0.1"),
    )
    used = decimal_text(dollars * Fraction("39.6") + Fraction("0.02"))
    closes = "2026-03-02T15:00:00.500000Z"
    assert seen.window(0, f"{name}:5h")[1] == used
    assert seen.refused(1) == Refused("window_full", f"{name}:5h", closes)
    assert seen.window(2, f"{name}:5h")[1:] == ("3.98", _limit(plan), "2026-03-02T20:00:00.500000Z")
    assert seen.window(3, f"{name}:5h")[1] == "7.96"


def _limit(plan: str) -> str:
    return {"free": "5", "pro": "50", "max": "300", "ultra": "800"}[plan]


def test_s2_3_a_window_not_full_still_closes_five_hours_after_its_first_request() -> None:
    seen = replay(PRO, spend(TEN, 1), spend("2026-03-02T14:59:59Z", "0.2"), spend(THREE, 1))
    assert seen.window(1, FIVE_HOURS) == ("7.94", "47.56", "50", THREE)
    assert seen.window(2, FIVE_HOURS) == ("39.62", "39.62", "50", "2026-03-02T20:00:00Z")


def test_s2_3_the_week_opens_at_the_first_request_and_binds_across_five_hour_windows() -> None:
    fills = [f"2026-03-0{2 + hour // 24}T{hour % 24:02d}:00:00Z" for hour in range(0, 60, 5)]
    seen = replay(
        PRO,
        *(spend(at, "1.2") for at in fills[:10]),
        spend(fills[10], 1),
        spend(fills[11], 1),
        spend("2026-03-08T23:59:59.999999Z", "0.1"),
        spend("2026-03-09T00:00:00Z", "0.1"),
    )
    # Ten times 47.54 and 39.62 are 515.02 Flows: past 504, the request that crosses it was admitted.
    assert seen.window(10, WEEK) == ("39.62", "515.02", "504", "2026-03-09T00:00:00Z")
    assert seen.refused(11) == Refused("window_full", WEEK, "2026-03-09T00:00:00Z")
    assert seen.refused(12) == seen.refused(11)
    assert seen.window(13, WEEK) == ("3.98", "3.98", "504", "2026-03-16T00:00:00Z")


def test_s2_3_both_windows_full_name_the_one_that_closes_later() -> None:
    seen = replay(PRO, spend(TEN, 13), spend(LATER, 1))
    assert seen.refused(1) == Refused("window_full", WEEK, "2026-03-09T10:00:00Z")


def test_s2_3_a_refused_request_opens_no_window() -> None:
    seen = replay(PRO, spend(TEN, 1, "openai/gpt-5-pro"), spend(THREE, 1))
    assert seen.refused(0).reason == "model_not_in_plan"
    assert seen.window(0, FIVE_HOURS) == ("0", "0", "50", None)
    assert seen.window(1, FIVE_HOURS)[3] == "2026-03-02T20:00:00Z"


@pytest.mark.parametrize(("plan", "model", "rpm"), [("free", FREE_MODEL, 10), ("pro", OPUS, 15), ("max", OPUS, 15)])
def test_s2_3_requests_a_minute_are_a_sliding_guard(plan: str, model: str, rpm: int) -> None:
    name = f"agipower/{plan}"
    burst = [f"2026-03-02T10:00:{2 * index:02d}Z" for index in range(rpm + 1)]
    seen = replay(
        name,
        *(spend(at, 0, model) for at in burst),
        spend("2026-03-02T10:01:00Z", 0, model),
        spend("2026-03-02T10:01:01Z", 0, model),
    )
    assert seen.admitted() == [True] * rpm + [False, True, False]
    assert seen.refused(rpm) == Refused("rate_limited", f"{name}:rpm", "2026-03-02T10:01:00Z")
    assert seen.refused(rpm + 2) == Refused("rate_limited", f"{name}:rpm", "2026-03-02T10:01:02Z")
    assert seen.window(rpm, f"{name}:5h")[0] == "0"


def test_s2_3_the_month_is_not_enforced() -> None:
    weeks = [f"2026-03-{day:02d}T00:00:00Z" for day in (1, 8, 15, 22, 29)]
    seen = replay(PRO, *(spend(at, "12.72") for at in weeks))
    assert seen.totals["admitted"] == 5
    assert float(seen.totals["drawn"][PRO]["flow"]) > 2160


def test_s2_3_a_manual_reset_empties_a_window_and_leaves_its_anchor() -> None:
    seen = replay(
        PRO,
        spend(TEN, 2),
        event("2026-03-02T11:00:00Z", "reset", window="5h"),
        spend("2026-03-02T11:00:00Z", "0.1"),
    )
    assert seen.window(1, FIVE_HOURS) == ("3.98", "3.98", "50", THREE)
    assert seen.window(1, WEEK)[1] == "83.2"


def test_s2_3_a_change_of_terms_keeps_what_was_used_and_the_anchors() -> None:
    seen = replay(
        PRO,
        spend(TEN, 2),
        event("2026-03-02T11:00:00Z", "terms", to="agipower/max"),
        spend("2026-03-02T11:00:00Z", "0.1"),
    )
    assert seen.paid(1) == flows("3.98", "0.1", plan="agipower/max")
    assert seen.window(1, "agipower/max:5h") == ("3.98", "83.2", "300", THREE)


# ---- S2.4


def test_s2_4_one_active_subscription_an_account() -> None:
    result = run_simulate(f"{PRO},agipower/max", [spend(TEN, 1)])
    assert result.exit_code == 2
    assert "plans_clash" in result.stderr


@pytest.mark.parametrize(
    ("plan", "model", "covered"),
    [
        ("free", "z-ai/glm-4.7", True),
        ("free", OPUS, False),
        ("pro", "openai/gpt-5-pro", False),
        ("max", "openai/gpt-5-pro", True),
        ("max", "openai/gpt-image-1.5", False),
    ],
)
def test_s2_4_each_plan_has_its_own_models(plan: str, model: str, covered: bool) -> None:
    seen = replay(f"agipower/{plan}", {"at": TEN, "model": model})
    assert seen.requests[0]["admitted"] is covered


# ---- S2.5 and S2.6: kinds of keys, Extra Usage


def test_s2_5_a_pay_as_you_go_key_draws_the_balance_alone_and_a_subscription_key_the_plan_alone() -> None:
    topped_up = event(TEN, "grant", plan=PAYG, amount="10 USD")
    seen = replay(
        PRO,
        topped_up,
        with_key(spend(TEN, 1), "payg"),
        with_key(spend(TEN, 1), "subscription"),
        with_key(spend(LATER, 3, "openai/gpt-5-pro"), "payg"),
        with_key(spend(LATER, 1, "openai/gpt-5-pro"), "subscription"),
    )
    assert seen.paid(0) == [Paid(PAYG, "wallet", "1 USD", "1", "1")]
    assert seen.window(0, FIVE_HOURS)[1] == "0"
    assert seen.paid(1) == flows("39.62", "1")
    assert seen.paid(2)[0].source == PAYG
    assert seen.refused(3).reason == "model_not_in_plan"


def test_s2_5_a_pay_as_you_go_key_without_a_balance_is_refused_though_the_plan_has_room() -> None:
    seen = replay(PRO, with_key(spend(TEN, 1), "payg"))
    assert seen.refused(0) == Refused("pool_empty", "agipower/payg:wallet", None)
    assert seen.blocks(0) == [(PAYG, "pool_empty", "agipower/payg:wallet")]


def test_s2_5_a_key_of_a_kind_that_no_plan_is_for_draws_nothing() -> None:
    seen = replay(PRO, spend(TEN, 1) | {"key_kind": "other/kind"})
    assert seen.refused(0) == Refused("key_not_for_plan", None, None)


def test_s2_5_requests_a_minute_are_counted_by_pay_as_you_go_key_and_the_plans_own_are_not_touched() -> None:
    topped_up = event(TEN, "grant", plan=PAYG, amount="10 USD")
    burst = [with_key(spend(TEN, 0), "payg", key="one") for _ in range(61)]
    seen = replay(
        PRO,
        topped_up,
        *burst,
        with_key(spend(TEN, 0), "payg", key="two"),
        *(with_key(spend(TEN, 0), "subscription") for _ in range(15)),
        with_key(spend("2026-03-02T10:01:00Z", 0), "payg", key="one"),
    )
    assert seen.admitted() == [True] * 60 + [False] + [True] * 17
    assert seen.refused(60) == Refused("rate_limited", "agipower/payg:rpm@one", "2026-03-02T10:01:00Z")


def with_key(line: dict[str, Any], kind: str, key: str = "k") -> dict[str, Any]:
    return line | {"key": key, "key_kind": f"agipower/{kind}"}


KINDS = pytest.mark.parametrize("kind", [{}, {"key_kind": "agipower/subscription"}], ids=["none", "subscription"])
"""A key of no kind behaves as a subscription key where plan and balance are concerned."""


@KINDS
def test_s2_6_extra_usage_off_names_the_window_and_when_it_reopens(kind: dict[str, str]) -> None:
    topped_up = event(TEN, "grant", plan=PAYG, amount="10 USD")
    seen = replay(PRO, topped_up, spend(TEN, 2) | kind, spend(LATER, 1) | kind)
    assert seen.refused(1) == Refused("window_full", FIVE_HOURS, THREE)
    assert seen.blocks(1) == [(PRO, "window_full", FIVE_HOURS), (PAYG, "switched_off", None)]


@KINDS
def test_s2_6_extra_usage_with_an_empty_balance_is_refused_with_both_reasons(kind: dict[str, str]) -> None:
    on = event(TEN, "extra_usage", on=True)
    seen = replay(PRO, on, spend(TEN, 2) | kind, spend(LATER, 1) | kind)
    assert seen.refused(1) == Refused("window_full", FIVE_HOURS, THREE)
    assert seen.blocks(1) == [(PRO, "window_full", FIVE_HOURS), (PAYG, "pool_empty", "agipower/payg:wallet")]


@KINDS
def test_s2_6_extra_usage_pays_while_the_window_is_full_and_goes_back_when_it_reopens(kind: dict[str, str]) -> None:
    lines = (spend(TEN, 1), spend(LATER, 1), spend(LATER, 1), spend(THREE, 1))
    seen = replay(
        PRO,
        event(TEN, "grant", plan=PAYG, amount="3 USD"),
        event(TEN, "extra_usage", on=True),
        *(line | kind for line in lines),
    )
    # 10.38 of 39.62 Flows were left: that share of the request, the rest in dollars.
    assert [piece.source for piece in seen.paid(1)] == [PRO, PAYG]
    assert seen.paid(1)[0].amount == "10.38 flow"
    assert seen.paid(2) == [Paid(PAYG, "wallet", "1 USD", "1", "1")]
    assert seen.paid(3) == flows("39.62", "1")


def test_s2_6_the_weeks_quota_counts_as_well() -> None:
    fills = [f"2026-03-0{2 + hour // 24}T{hour % 24:02d}:00:00Z" for hour in range(0, 60, 5)]
    seen = replay(
        PRO,
        *(spend(at, "1.2") for at in fills[:10]),
        spend(fills[10], 1),
        event(fills[11], "grant", plan=PAYG, amount="3 USD"),
        event(fills[11], "extra_usage", on=True),
        spend(fills[11], 1),
        spend("2026-03-09T00:00:00Z", "0.1"),
    )
    assert seen.paid(11) == [Paid(PAYG, "wallet", "1 USD", "1", "1")]
    assert seen.paid(12) == flows("3.98", "0.1")


def test_s2_6_extra_usage_is_switched_in_the_middle_of_a_window_and_back() -> None:
    seen = replay(
        PRO,
        event(TEN, "grant", plan=PAYG, amount="3 USD"),
        spend(TEN, 2),
        spend(LATER, 1),
        event(LATER, "extra_usage", on=True),
        spend(LATER, 1),
        event(LATER, "extra_usage", on=False),
        spend(LATER, 1),
    )
    assert seen.admitted() == [True, False, True, False]
    assert seen.paid(2)[0].source == PAYG


def test_s2_6_extra_usage_pays_for_models_of_the_plan_alone() -> None:
    seen = replay(
        PRO,
        event(TEN, "grant", plan=PAYG, amount="9 USD"),
        event(TEN, "extra_usage", on=True),
        spend(TEN, 2),
        spend(LATER, 3, "openai/gpt-5-pro"),
    )
    assert seen.refused(1).reason == "model_not_in_plan"


def test_s2_6_too_many_requests_a_minute_never_spill_into_money() -> None:
    seen = replay(
        PRO,
        event(TEN, "grant", plan=PAYG, amount="9 USD"),
        event(TEN, "extra_usage", on=True),
        *(spend(TEN, 0) for _ in range(16)),
    )
    assert seen.refused(15) == Refused("rate_limited", RPM, "2026-03-02T10:01:00Z")


def test_s2_6_what_extra_usage_cannot_be_done_to_is_said() -> None:
    result = run_simulate("88code/plus", [event(TEN, "extra_usage", on=True)])
    assert result.exit_code == 2
    assert "nothing_to_do_it_to" in result.stderr
