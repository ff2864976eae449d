"""What differs between versions of plans: by subject, in both languages, and nothing left untold."""

from __future__ import annotations

from itertools import pairwise

import pytest

from faregate.planfile import Family, load_family, shipped_families
from faregate.planfile.differences import field_changes
from faregate.planfile.plan_differences import Difference, family_differences, plan_differences
from tests.planfile.base_file import BASE


def versions(*changes: tuple[str, str]) -> tuple[Family, Family]:
    """The base file, and it with each ``(what, by what)`` replaced."""
    text = BASE
    for what, by in changes:
        assert what in text, what
        text = text.replace(what, by, 1)
    return load_family(BASE, file="old.yaml"), load_family(text, file="new.yaml")


def between(old: Family, new: Family) -> list[Difference]:
    plans = [id for id in old.plans if id in new.plans]
    found = [plan_differences((old, old.plans[id]), (new, new.plans[id]), 0) for id in plans]
    return [*family_differences(old, new), *(each for rows in found for each in rows)]


def test_a_version_does_not_differ_from_itself() -> None:
    for family in shipped_families():
        assert between(family, family) == []


@pytest.mark.parametrize("family", shipped_families(), ids=lambda family: family.id)
def test_every_difference_between_shipped_plans_is_said_in_both_languages(family: Family) -> None:
    plans = list(family.plans.values())
    for old, new in pairwise(plans):
        for each in plan_differences((family, old), (family, new), 0):
            for side in (each.old, each.new):
                assert side is None or (set(side) == {"en", "zh"} and all(side.values())), each


Told = list[tuple[str, str, str, str | None]]

CHANGES: list[tuple[str, tuple[str, str], Told]] = [
    (
        "price",
        ("amount: 10 USD, period: month", "amount: 12.5 USD, period: month"),
        [
            ("price", "monthly", "changed", "+25.0"),
        ],
    ),
    (
        "window",
        ("limit: 5 flows", "limit: 4 flows"),
        [
            ("window", "day", "changed", "-20.0"),
            ("fact", "week", "changed", None),
        ],
    ),
    (
        "guard",
        ("limit: 10 requests, guard: true, lifted_by: wallet", "limit: 10 requests, guard: true"),
        [
            ("window", "rpm", "changed", None),
        ],
    ),
    ("pool", ("bonus: 20%", "bonus: 10%"), [("pool", "main", "changed", None)]),
    (
        "models",
        ("coding: [anthropic/claude-opus-4, openai/gpt-5]", "coding: [openai/gpt-5, z-ai/glm-5]"),
        [
            ("model", "anthropic/claude-opus-4", "removed", None),
            ("model", "z-ai/glm-5", "added", None),
            ("model", "anthropic/claude-opus-4", "removed", None),
            ("model", "z-ai/glm-5", "added", None),
        ],
    ),
    ("multiplier", ("times: 1/2", "times: 2/3"), [("multiplier", "loyalty", "changed", None)]),
    ("exchange", ("rate: 7", "rate: 7.2"), [("exchange", "USD/CNY", "changed", None)]),
    (
        "field",
        ("coding]\n    companions", "coding]\n    key_prefix: sk-small-\n    companions"),
        [
            ("field", "key_prefix", "added", None),
        ],
    ),
    (
        "admission",
        ("coding]\n    companions", "coding]\n    admission: fits\n    companions"),
        [
            ("admission", "", "changed", None),
        ],
    ),
    (
        "refund",
        ("coding]\n    companions", "coding]\n    refund: {allowed: true, fee: 5%}\n    companions"),
        [
            ("refund", "", "added", None),
        ],
    ),
    (
        "grace",
        ("coding]\n    companions", "coding]\n    while_books_are_away: {grace: 2m, requests: 9}\n    companions"),
        [
            ("admission", "", "changed", None),
        ],
    ),
    ("sale", ("order:", 'sale: {since: "2026-05-01"}\norder:'), [("sale", "", "added", None)]),
    (
        "payment",
        ("names: {en: Card, zh: 银行卡}", "names: {en: Cards, zh: 银行卡}"),
        [
            ("field", "payments.stripe.names", "changed", None),
            ("price", "monthly", "changed", None),
        ],
    ),
]


@pytest.mark.parametrize(("change", "told"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES])
def test_a_change_is_told_under_its_subject_and_nothing_else_is(change: tuple[str, str], told: Told) -> None:
    found = [each for each in between(*versions(change)) if each.id or each.subject != "beside"]
    assert [(each.subject, each.id, each.change, each.percent) for each in found] == told


def test_both_sides_are_said_as_the_plans_are() -> None:
    (difference,) = [each for each in between(*versions(("limit: 5 flows", "limit: 4 flows"))) if each.id == "day"]
    assert difference.old is not None
    assert difference.new is not None
    assert difference.old["en"].startswith("At most 5 Flow each calendar day")
    assert difference.new["zh"].startswith("每个自然日最多 4 Flow")


def test_fields_are_compared_by_the_id_of_their_list() -> None:
    old, new = versions(("{id: monthly, amount: 10 USD", "{id: monthly, amount: 11 USD"))
    (change,) = field_changes(old.document, new.document)
    assert str(change) == "plans.small.prices.monthly.amount: 10 USD → 11 USD"
