"""Which model serves a name: the first plan that offers it, or maps it, decides."""

from __future__ import annotations

from functools import cache

import pytest

from faregate.app.shelf import Shelf, load_shelf
from faregate.core.account import AccountState
from faregate.core.commands import subscribe
from faregate.core.evolve import evolve
from faregate.core.naming import served_model


@cache
def _shelf() -> Shelf:
    return load_shelf()


def _account(*plans: str) -> AccountState:
    state = AccountState("a")
    for plan in plans:
        for entry in subscribe(state, _shelf().newest(plan), 1_772_323_200_000_000, plan):
            evolve(state, entry, _shelf().terms)
    return state


@pytest.mark.parametrize(
    ("plan", "name", "model"),
    [
        ("glm/lite@2025-10", "claude-opus-4-5", "z-ai/glm-4.6"),
        ("glm/lite@2025-10", "claude-sonnet-4-5-20250929", "z-ai/glm-4.6"),
        ("glm/lite@2025-10", "anthropic/claude-haiku-4.5", "z-ai/glm-4.5-air"),
        ("glm/pro", "claude-sonnet-4-5", "z-ai/glm-4.7"),
        ("glm/pro", "glm-4.5", "glm-4.5"),
        ("glm/pro", "gpt-5", "gpt-5"),
        ("88code/plus", "claude-opus-4-5", "claude-opus-4-5"),
    ],
)
def test_s4_1_a_name_is_served_by_the_version_of_the_plan_that_the_account_has(
    plan: str, name: str, model: str
) -> None:
    assert served_model(_account(plan), name, _shelf().market) == model


def test_a_plan_that_offers_the_model_itself_goes_before_one_that_maps_its_name() -> None:
    assert served_model(_account("88code/plus", "glm/lite"), "claude-opus-4-5", _shelf().market) == "claude-opus-4-5"
    assert served_model(_account("glm/lite", "88code/plus"), "claude-opus-4-5", _shelf().market) == "z-ai/glm-4.7"
