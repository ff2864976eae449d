"""Leaps say what the engine says request by request, whatever the plan and the usage."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from faregate.comparison import leaps
from faregate.comparison.course import Course
from faregate.comparison.offers import chosen_offers
from faregate.comparison.outcome import outcome_of
from faregate.comparison.result import PlanOutcome
from faregate.comparison.trial import Bench
from faregate.comparison.workload import Workload
from faregate.core.logged_request import LoggedRequest
from tests.comparison import random_plans
from tests.comparison.small_plans import NOW, shelf_of, workload


def said(text: str, asked: Workload, *, leaping: bool, names: tuple[str, ...]) -> list[PlanOutcome]:
    shelf = shelf_of(text)
    bench = Bench(shelf, asked, "USD")
    bench.leaping = leaping
    return [
        outcome_of(bench.attempt(offer), asked, bench.profile, "USD")
        for name in names
        for offer in chosen_offers(shelf, [name], NOW)
    ]


@given(random_plans.families, random_plans.busy_weeks())
@settings(
    max_examples=6,
    # What fails is too long to be made shorter in a reasonable time.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_leaps_say_what_the_engine_says_of_every_request(
    monkeypatch: pytest.MonkeyPatch, family: str, requests: list[LoggedRequest]
) -> None:
    asked = workload(requests)
    names = tuple(f"random/{name}" for name in random_plans.OFFERS)
    with monkeypatch.context() as patch:
        # As many leaps as can be, and nothing remembered by whom they are held to.
        patch.setattr(leaps, "SHORT", 3)
        leapt = said(family, asked, leaping=True, names=names)
        patch.setattr(Course, "_remember", lambda *_: None)
        asked_one_by_one = said(family, asked, leaping=False, names=names)
    for mine, theirs in zip(leapt, asked_one_by_one, strict=True):
        assert mine == theirs, mine["id"]
