"""Laws that every comparison keeps, whatever the usage."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faregate.comparison import trial
from faregate.comparison.result import PlanOutcome
from faregate.core.logged_request import LoggedRequest
from tests.comparison.small_plans import MODEL, OTHER, ask, comparison

requests_of_a_week = st.lists(
    st.builds(
        ask,
        st.integers(0, 7 * 24 * 4 - 1).map(lambda quarter: quarter / 4),
        st.sampled_from([MODEL, MODEL, OTHER, "z-ai/glm-4.6", "nobody/knows"]),
        opens=st.booleans(),
        session=st.sampled_from(["", "one", "two"]),
        tokens=st.sampled_from([0, 10, 1_000_000]),
    ),
    min_size=1,
    max_size=40,
).map(lambda requests: sorted(requests, key=lambda request: request.at))


OFFERS = (
    "small/free",
    "small/five",
    "small/counted",
    "small/pack",
    "small/free+five",
    "small/free+counted",
    "small/five+pack",
    "small/free+five+pack",
    "small/five+api",
)


def everything_of(plan: PlanOutcome) -> Fraction:
    return sum(map(Fraction, (plan["price"], plan["wallet_cost"], plan["overflow_cost"])), Fraction(0))


@given(requests_of_a_week)
@settings(max_examples=12)
def test_sums_come_out(requests: list[LoggedRequest]) -> None:
    for plan in comparison(requests, *OFFERS)["plans"]:
        assert plan["admitted"] + plan["refused"] + plan["not_offered"] == len(requests) == plan["requests"]
        assert Fraction(plan["everything_cost"]) == everything_of(plan)
        assert sum(map(sum, plan["blocked_by_hour"])) == plan["refused"]
        assert sum(window["refusals"] for window in plan["windows"]) <= plan["refused"]
        assert 0 <= Fraction(plan["blocked_hours"]) <= 7 * 24
        assert all(
            0 <= Fraction(window[share]) <= 1
            for window in plan["windows"]
            for share in ("binding", "wasted", "fullest")
        )


@given(requests_of_a_week)
@settings(max_examples=12)
def test_a_plan_behind_others_takes_nothing_from_what_they_admit(requests: list[LoggedRequest]) -> None:
    admitted = {plan["id"].partition("/")[2]: plan["admitted"] for plan in comparison(requests, *OFFERS)["plans"]}
    for whole, there in admitted.items():
        for part, here in admitted.items():
            assert there >= here or not whole.startswith(part + "+"), (part, whole)


def test_a_plan_in_front_of_a_first_use_window_may_open_it_at_a_worse_time() -> None:
    requests = [ask(hour) for hour in (0, 1, 2, 5, 5.1, 5.2)]
    alone, behind = comparison(requests, "small/five", "small/free+five")["plans"]
    # Alone its window opens at 0 and again at 5; behind the free plan it opens at 2 and is full when the rest comes.
    assert (alone["id"], alone["admitted"]) == ("small/five", 6)
    assert (behind["id"], behind["admitted"]) == ("small/free+five", 5)


@given(requests_of_a_week)
@settings(max_examples=12)
def test_a_band_contains_what_is_in_the_middle(requests: list[LoggedRequest]) -> None:
    (plan,) = comparison(requests, "small/guessed")["plans"]
    share, band = Fraction(plan["admitted_share"]), plan["admitted_band"]
    assert Fraction(band["low"]) <= share <= Fraction(band["high"])
    cost = Fraction(plan["everything_cost"])
    assert Fraction(plan["everything_band"]["low"]) <= cost <= Fraction(plan["everything_band"]["high"])
    assert plan["holds"]["band"] == {"low": "0.5", "high": "2"}
    assert plan["mark"] == "estimated"


@given(requests_of_a_week)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_replay_that_is_not_run_is_what_running_it_would_have_said(
    monkeypatch: pytest.MonkeyPatch, requests: list[LoggedRequest]
) -> None:
    spared = comparison(requests, *OFFERS)
    with monkeypatch.context() as patch:
        patch.setattr(trial, "enough", lambda *_: False)
        assert comparison(requests, *OFFERS) == spared


def test_several_processes_say_what_one_says() -> None:
    requests = [ask(hour / 3, opens=hour % 4 == 0, session=str(hour // 20)) for hour in range(400)]
    assert comparison(requests, *OFFERS, workers=2) == comparison(requests, *OFFERS, workers=1)


def test_plans_are_sorted_by_what_it_costs_to_get_everything_done() -> None:
    plans = comparison([ask(hour / 3) for hour in range(200)], *OFFERS)["plans"]
    costs = [Fraction(plan["everything_cost"]) for plan in plans]
    assert costs == sorted(costs)
