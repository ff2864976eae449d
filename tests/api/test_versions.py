"""Publishing over the API: versions side by side, what a new one would do, and what is refused."""

from __future__ import annotations

import pytest

from faregate.core.instants import parse_instant
from faregate.core.usage import Usage
from tests.api.conftest import Clock
from tests.api.door import Door
from tests.scenarios.cohorts import former, latter, third


@pytest.fixture
def early(clock: Clock) -> Clock:
    """The time in which the former version is sold."""
    clock.now = parse_instant("2026-02-01T10:00:00Z")
    return clock


async def test_versions_stand_side_by_side_and_a_purchase_gets_the_one_sold(door: Door, early: Clock) -> None:
    assert (await door.done("POST", "/plans", {"document": former()}))["published"] == ["coder/lite@one"]
    assert (await door.done("POST", "/plans", {"document": former()}))["published"] == []
    await door.done("POST", "/plans", {"document": latter()})
    rows = (await door.done("GET", "/plans/coder/lite/versions"))["versions"]
    assert [(row["version"], row["sold"], row["sold_since"], row["sold_until"]) for row in rows] == [
        ("one", True, None, "2026-02-11T16:00:00Z"),
        ("two", False, "2026-02-11T16:00:00Z", None),
    ]
    assert rows[0]["cohort"] == {"keep": "while_renewed", "bought_before": "2026-02-11T16:00:00Z"}
    assert (await door.done("GET", "/plans/coder/lite"))["version"] == "one"
    assert (await door.done("GET", "/plans/coder/lite", query={"version": "two"}))["version"] == "two"
    early.now = parse_instant("2026-02-12T00:00:00Z")
    assert (await door.done("GET", "/plans/coder/lite"))["version"] == "two"
    listed = [plan["version"] for plan in (await door.done("GET", "/plans"))["plans"] if plan["plan"] == "coder/lite"]
    assert listed == ["two"]


async def test_a_preview_says_what_becomes_of_each_subscription_and_writes_nothing(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former("period")})
    moving, ending = await door.account("coder/lite"), await door.account("coder/lite")
    await door.done("POST", f"/accounts/{ending}/cancellations", {})
    before = door.books()
    told = await door.done("POST", "/plans/preview", {"document": latter()})
    assert door.books() == before
    assert told["publishes"] == ["coder/lite@two"]
    fates = {row["account"]: (row["outcome"], row["at"]) for row in told["subscriptions"]}
    assert fates == {
        moving: ("moves", "2026-03-01T10:00:00Z"),
        ending: ("ends", "2026-03-01T10:00:00Z"),
    }
    assert (await door.call("GET", "/plans/coder/lite", query={"version": "two"})).code == "unknown_plan"
    await door.done("POST", "/plans", {"document": latter()})
    (running,) = (await door.done("GET", f"/accounts/{moving}"))["subscriptions"]
    assert (running["version"], running["version_after_renewal"]) == ("one", "two")


async def test_a_version_without_a_word_is_moved_by_the_one_that_follows(door: Door, early: Clock) -> None:
    early.now = parse_instant("2026-02-12T10:00:00Z")
    await door.done("POST", "/plans", {"document": latter()})
    account = await door.account("coder/lite")
    silent = await door.done("POST", "/plans/preview", {"document": third()})
    assert [(row["outcome"], row["why"]) for row in silent["subscriptions"]] == [("keeps", "nothing_said")]
    rule = third('sale: {since: "2026-05-01"}\nformer: {keep: period}')
    told = await door.done("POST", "/plans/preview", {"document": rule})
    # The first renewal after it is sold.
    assert [(row["account"], row["outcome"], row["at"]) for row in told["subscriptions"]] == [
        (account, "moves", "2026-05-12T10:00:00Z")
    ]


@pytest.mark.parametrize("path", ["/plans", "/plans/preview"])
async def test_what_cannot_be_published_is_refused_with_the_reason(door: Door, early: Clock, path: str) -> None:
    await door.done("POST", "/plans", {"document": former()})
    before = door.books()
    taken = await door.call("POST", path, {"document": former("period")})
    assert (taken.status, taken.code) == (409, "version_taken")
    assert "cohort.keep: while_renewed → period" in taken.body["error"]["message"]
    wrong = await door.call("POST", path, {"document": "family: 1"})
    assert (wrong.status, wrong.code) == (400, "bad_plan_file")
    assert door.books() == before


async def test_a_purchase_of_what_is_sold_no_more_needs_its_version(door: Door, clock: Clock) -> None:
    await door.done("POST", "/plans", {"document": former()})
    account = await door.account()
    refused = await door.call("POST", f"/accounts/{account}/subscriptions", {"plan": "coder/lite"})
    assert (refused.status, refused.code) == (409, "not_on_sale")
    await door.done("POST", f"/accounts/{account}/subscriptions", {"plan": "coder/lite@one"})


async def test_an_explanation_names_the_version_that_paid(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former("period")})
    await door.done("POST", "/plans", {"document": latter()})
    account = await door.account("coder/lite")
    first = await door.metered(account, Usage(input=10, prompts=1))
    early.now = parse_instant("2026-03-02T10:00:00Z")
    second = await door.metered(account, Usage(input=10, prompts=1))
    await door.done("POST", f"/accounts/{account}/cancellations", {"at_once": True})
    told = [await door.done("GET", f"/requests/{request}") for request in (first, second)]
    assert [each["settlement"]["slices"][0]["version"] for each in told] == ["one", "two"]
    assert [len(each["settlement"]["windows"]) for each in told] == [1, 2]
    assert all(window["unit"] == "prompt" for each in told for window in each["settlement"]["windows"])
