"""Leaps say what the engine says request by request, whatever the plan and the usage."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from faregate.app.shelf import Shelf
from faregate.comparison import leaps
from faregate.comparison.course import Course
from faregate.comparison.offers import chosen_offers
from faregate.comparison.opening import Account
from faregate.comparison.outcome import outcome_of
from faregate.comparison.result import PlanOutcome
from faregate.comparison.trial import Bench
from faregate.comparison.workload import Workload
from faregate.core.logged_request import LoggedRequest
from faregate.planfile import load_family
from tests.comparison import random_plans
from tests.comparison.small_plans import NOW, shelf_of, workload


def said(shelf: Shelf, asked: Workload, *, leaping: bool, names: tuple[str, ...]) -> list[PlanOutcome]:
    bench = Bench(shelf, asked, "USD")
    bench.leaping = leaping
    return [
        outcome_of(bench.attempt(offer), asked, bench.profile, "USD")
        for name in names
        for offer in chosen_offers(shelf, [name], NOW)
    ]


def hold_to_the_engine(
    patch: pytest.MonkeyPatch, shelf: Shelf, requests: list[LoggedRequest], plans: Iterable[str]
) -> None:
    """As many leaps as can be, and nothing remembered by whom they are held to."""
    asked, names = workload(requests), tuple(f"random/{name}" for name in plans)
    patch.setattr(leaps, "SHORT", 3)
    leapt = said(shelf, asked, leaping=True, names=names)
    patch.setattr(Course, "_remember", lambda *_: None)
    patch.setattr(Account, "turns_away", lambda *_: False)
    asked_one_by_one = said(shelf, asked, leaping=False, names=names)
    for mine, theirs in zip(leapt, asked_one_by_one, strict=True):
        assert mine == theirs, mine["id"]


RANDOM = settings(
    max_examples=6,
    # What fails is too long to be made shorter in a reasonable time.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(random_plans.families, random_plans.busy_weeks())
@RANDOM
def test_leaps_say_what_the_engine_says_of_every_request(
    monkeypatch: pytest.MonkeyPatch, family: str, requests: list[LoggedRequest]
) -> None:
    with monkeypatch.context() as patch:
        hold_to_the_engine(patch, shelf_of(family), requests, random_plans.OFFERS)


@given(random_plans.successors, random_plans.busy_weeks())
@settings(RANDOM, max_examples=2)
def test_leaps_say_so_where_versions_follow_each_other_and_limits_are_by_key(
    monkeypatch: pytest.MonkeyPatch, versions: tuple[str, str], requests: list[LoggedRequest]
) -> None:
    shelf = Shelf([load_family(text, file="random") for text in versions], shelf_of().prices)
    earlier = (f"{name}@1" for name in ("daily", "bands"))
    with monkeypatch.context() as patch:
        hold_to_the_engine(patch, shelf, requests, (*random_plans.FURTHER, "bands", *earlier))
