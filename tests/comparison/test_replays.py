"""Replays against plans small enough to reckon by hand."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.comparison import course
from faregate.comparison.compare import compare
from faregate.comparison.course import Course
from faregate.comparison.offers import chosen_offers
from faregate.comparison.workload import EmptyUsage
from faregate.core.account import AccountState
from faregate.core.charge import charge
from faregate.core.request import Request
from tests.comparison.small_plans import FAMILY, MODEL, NOW, OTHER, ask, comparison, outcome, shelf_of, workload


def test_what_is_refused_blocks_until_the_window_opens_and_is_bought_at_list_price() -> None:
    # Three requests in five hours; those of hours 3 and 4 are refused, the window opens again at hour 5.
    seen = outcome([ask(hour) for hour in (0, 1, 2, 3, 4, 5)], "small/five")
    assert (seen["admitted"], seen["refused"], seen["not_offered"]) == (4, 2, 0)
    assert (seen["blocks"], seen["blocked_hours"], seen["binds"]) == (1, "2", "small/five:5h")
    assert seen["worst_blocks"] == [
        {
            "begins": "2026-03-02T03:00:00Z",
            "ends": "2026-03-02T05:00:00Z",
            "hours": "2",
            "window": "small/five:5h",
            "requests": 2,
        }
    ]
    assert (seen["price"], seen["overflow_cost"], seen["everything_cost"]) == ("1", "8", "9")
    assert [sum(day) for day in seen["blocked_by_hour"]] == [2, 0, 0, 0, 0, 0, 0]
    assert seen["blocked_by_hour"][0][3:5] == [1, 1]


def test_windows_say_what_they_refused_how_full_they_were_and_what_was_never_used() -> None:
    (window,) = outcome([ask(hour) for hour in (0, 1, 2, 3, 4, 5)], "small/five")["windows"]
    assert window["refusals"] == 2
    assert (window["binding"], window["fullest"]) == ("1", "1")
    # 4 of the 3 × 4.8 requests that a day of it lets through.
    assert window["wasted"] == "0.722222"
    assert (window["names"], window["limit"], window["unit"]) == ({"en": "5 hours", "zh": "5 小时"}, "3", "request")


def test_two_windows_each_name_their_own_refusals() -> None:
    seen = outcome([ask(hour) for hour in (0, 1, 2, 3, 4, 4.5, 4.6, 6, 7, 8, 9)], "small/both")
    assert {window["id"]: window["refusals"] for window in seen["windows"]} == {
        "small/both:5h": 1,
        "small/both:week": 2,
    }
    assert seen["admitted"] == 8
    assert seen["binds"] == "small/both:week"


def test_a_turn_that_was_refused_is_asked_for_by_its_next_request() -> None:
    turns = [ask(0), ask(0.1, session="two"), ask(1, session="three")]
    calls = [ask(1.1 + call / 10, opens=False, session="three") for call in range(3)]
    after = [ask(5.5, opens=False, session="three"), ask(5.6, opens=False, session="three")]
    seen = outcome([*turns, *calls, *after], "small/counted")
    # Without it the three calls of a turn that never began would have passed for nothing.
    assert (seen["admitted"], seen["refused"]) == (4, 4)
    (window,) = seen["windows"]
    assert window["binding"] == "1"


def test_calls_of_a_turn_that_passed_draw_nothing_until_they_count_again() -> None:
    calls = [ask(hour / 10, opens=hour == 0) for hour in range(8)]
    # Calls 1–3 are the first prompt, 4–6 the second, and the seventh would be a third.
    seen = outcome(calls, "small/counted")
    assert (seen["admitted"], seen["refused"]) == (6, 2)


def test_a_pack_is_bought_again_when_it_is_empty() -> None:
    seen = outcome([ask(hour) for hour in range(9)], "small/pack")
    assert (seen["admitted"], seen["price"], seen["everything_cost"]) == (9, "30", "30")
    assert seen["price_per_month"] == "10"
    assert seen["wasted"] is None


def test_a_combination_pays_in_burn_order_and_costs_the_sum() -> None:
    requests = [ask(hour) for hour in (0, 1, 2, 3, 4)]
    seen = outcome(requests, "small/free+five")
    assert (seen["admitted"], seen["price"], seen["printed_price"]) == (5, "1", "0 CNY + 30 CNY/month")
    used = {window["id"]: window["fullest"] for window in seen["windows"]}
    assert used == {"small/free:day": "1", "small/five:5h": "1"}


def test_a_wallet_that_is_chosen_pays_what_the_plan_does_not() -> None:
    requests = [ask(hour) for hour in (0, 1, 2, 3, 4)]
    without, beside = outcome(requests, "small/five"), outcome(requests, "small/five+api")
    assert (without["refused"], without["wallet_cost"], without["overflow_cost"]) == (2, "0", "8")
    assert (beside["refused"], beside["wallet_cost"], beside["overflow_cost"]) == (0, "8", "0")
    assert without["everything_cost"] == beside["everything_cost"] == "9"


def test_a_model_that_is_not_offered_is_mapped_or_stood_in_for_and_said_so() -> None:
    opus = "anthropic/claude-opus-4.5"
    seen = outcome([ask(0, OTHER), ask(1, opus), ask(2, MODEL)], "small/five")
    assert seen["stand_ins"] == {OTHER: MODEL, opus: "z-ai/glm-4.6"}
    assert seen["not_offered"] == 0


def test_what_is_refused_costs_the_list_price_of_the_model_that_would_have_served_it() -> None:
    seen = outcome([ask(hour / 10, OTHER) for hour in range(4)], "small/five")
    assert (seen["refused"], seen["overflow_cost"]) == (1, "4")


def test_a_plan_without_any_fitting_model_has_a_problem_and_comes_last() -> None:
    bare = shelf_of(FAMILY.replace("stand_in: z-ai/glm-4.7\n", ""))
    offers = chosen_offers(bare, ["small/five", "small/five+api", "small/free"], NOW)
    seen = compare(bare, workload([ask(0, OTHER)]), offers, "USD", NOW, 1)
    by_id = {plan["id"]: plan for plan in seen["plans"]}
    five = by_id["small/five"]
    assert five["problem"] is not None
    assert (five["admitted"], five["not_offered"], five["overflow_cost"]) == (0, 1, "6")
    assert by_id["small/five+api"]["problem"] is None
    assert seen["plans"][-1]["problem"] is not None


def test_a_refusal_that_is_known_to_stand_is_what_asking_again_would_have_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests = [ask(hour / 7, opens=hour % 3 == 0, session=str(hour // 9)) for hour in range(200)]
    offers = ("small/five", "small/both", "small/free+counted", "small/free+five+pack", "small/five+api")
    with_memory = comparison(requests, *offers)
    monkeypatch.setattr(Course, "_remember", lambda *_: None)
    assert comparison(requests, *offers) == with_memory


def test_no_usage_is_no_comparison() -> None:
    with pytest.raises(EmptyUsage):
        workload([])


def test_the_last_months_alone_are_compared_where_asked() -> None:
    requests = [ask(24 * day) for day in range(70)]
    assert len(workload(requests).requests) == 70
    recent = workload(requests, months=1)
    assert (len(recent.requests), recent.days) == (30, 30)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"),
        ("claude-opus-4-5", "anthropic/claude-opus-4.5"),
        ("claude-sonnet-4-5[1m]", "anthropic/claude-sonnet-4.5"),
        ("GLM-4.7", "z-ai/glm-4.7"),
        ("nobody-knows-this", "nobody-knows-this"),
    ],
)
def test_models_are_known_by_the_names_that_tools_write(written: str, known: str) -> None:
    assert workload([ask(0, written)]).models == [known]


def test_a_model_without_a_price_is_named_and_costs_nothing() -> None:
    seen = comparison([ask(0, "nobody-knows-this"), ask(1)], "small/five")
    assert seen["usage"]["unpriced_models"] == ["nobody-knows-this"]
    assert seen["usage"]["list_value"] == "4"


def test_requests_of_a_tool_that_a_plan_is_not_for_are_not_offered_and_the_plan_is_no_answer() -> None:
    only = FAMILY.replace(
        "    windows: {5h: {kind: first-use, length: 5h, limit: 2 prompts}}\n",
        "    clients: {allowed: [claude-code], others: refuse}\n"
        "    windows: {5h: {kind: first-use, length: 5h, limit: 2 prompts}}\n",
    )
    shelf = shelf_of(only)
    offers = chosen_offers(shelf, ["small/counted", "small/five"], NOW)
    asked = [ask(0)._replace(client="codex")]
    best, last = compare(shelf, workload(asked), offers, "CNY", NOW, 1)["plans"]
    assert (best["id"], best["problem"]) == ("small/five", None)
    assert (last["admitted"], last["refused"], last["not_offered"]) == (0, 0, 1)
    assert last["problem"] is not None


def test_the_engine_is_not_asked_of_each_request_that_a_plan_is_not_for(monkeypatch: pytest.MonkeyPatch) -> None:
    only = FAMILY.replace(
        "    calls_per_prompt: 3\n",
        "    calls_per_prompt: 3\n    clients: {allowed: [claude-code], others: refuse}\n",
    )
    asked: list[str] = []

    def counted(state: AccountState, request: Request, *rest: Any, **more: Any) -> Any:
        asked.append(request.client)
        return charge(state, request, *rest, **more)

    monkeypatch.setattr(course, "charge", counted)
    shelf = shelf_of(only)
    requests = [ask(number / 100)._replace(client="codex" if number % 3 else "claude-code") for number in range(300)]
    (told,) = compare(shelf, workload(requests), chosen_offers(shelf, ["small/counted"], NOW), "CNY", NOW, 1)["plans"]
    assert (told["admitted"] + told["refused"], told["not_offered"]) == (100, 200)
    assert "codex" not in asked
    assert len(asked) < 20
