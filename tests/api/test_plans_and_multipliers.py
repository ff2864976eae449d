"""Plans on sale, and the changes of their multiplier schedules."""

from __future__ import annotations

import pytest

from faregate.core.usage import Usage
from tests.api.conftest import Clock
from tests.api.door import Door


async def test_plans_are_listed_and_told_in_words(door: Door) -> None:
    plans = (await door.done("GET", "/plans"))["plans"]
    assert {"88code/free", "agipower/pro", "credits/pay2go"} <= {plan["plan"] for plan in plans}
    one = await door.done("GET", "/plans/88code/plus")
    listed = next(plan for plan in plans if plan["plan"] == "88code/plus")
    assert {key: one[key] for key in listed} == listed
    assert one["words"]["en"]
    assert one["words"]["zh"]
    answer = await door.call("GET", "/plans/88code/pls")
    assert (answer.status, answer.code) == (404, "unknown_plan")
    assert "88code/plus" in answer.body["error"]["message"]


async def test_a_multiplier_holds_from_its_time_on(door: Door, clock: Clock) -> None:
    account = await door.account("88code/free")
    body = {"plan": "88code/free", "value": "3", "name": "season", "begins": "2026-03-02T11:00:00Z"}
    made = await door.call("POST", "/multipliers", body)
    assert made.status == 201
    assert made.body == {"plan": "88code/free", "value": "3", "begins": "2026-03-02T11:00:00Z"}
    paid = []
    for _ in range(2):
        request = await door.metered(account, Usage(input=1000))
        told = await door.done("GET", f"/requests/{request}")
        paid.append(told["settlement"]["slices"][0]["multiplier"])
        clock.now += 3_600_000_000
    assert paid == ["2", "3"]
    (change,) = (await door.done("GET", "/multipliers"))["changes"]
    assert (change["name"], change["value"], change["written_at"]) == ("season", "3", "2026-03-02T10:00:00Z")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"plan": "none/none", "value": "2"}, 404, "unknown_plan"),
        ({"plan": "88code/plus", "value": "2"}, 409, "bad_command"),
        ({"plan": "88code/free", "value": "0"}, 409, "bad_command"),
        ({"plan": "88code/free", "value": "-1"}, 409, "bad_command"),
        ({"plan": "88code/free", "value": "fast"}, 400, "bad_amount"),
        ({"plan": "88code/free", "value": "1/0"}, 400, "bad_amount"),
        ({"plan": "88code/free", "value": "2", "name": "none"}, 409, "bad_command"),
        ({"plan": "88code/free", "value": "2", "begins": "2026-03-02T09:59:59Z"}, 409, "bad_command"),
    ],
)
async def test_a_change_that_cannot_be_made_is_refused(
    door: Door, body: dict[str, str], status: int, code: str
) -> None:
    answer = await door.call("POST", "/multipliers", body)
    assert (answer.status, answer.code) == (status, code)
    assert (await door.done("GET", "/multipliers"))["changes"] == []
