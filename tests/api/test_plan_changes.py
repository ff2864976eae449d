"""What a plan file would change, over the API: in words, and on the journal's real traffic."""

from __future__ import annotations

import asyncio

import pytest

from faregate.app.impact_port import ImpactBusy, ImpactFailed, ImpactTooLarge
from faregate.bootstrap import impact, impact_elsewhere
from faregate.core.instants import DAY, parse_instant
from faregate.core.usage import Usage
from tests.api.conftest import Clock
from tests.api.door import Door
from tests.scenarios.cohorts import former, latter


@pytest.fixture
def early(clock: Clock) -> Clock:
    """The time in which the former version is sold."""
    clock.now = parse_instant("2026-02-01T10:00:00Z")
    return clock


# ---- in words


async def test_a_file_is_compared_with_the_version_that_stands(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former()})
    before = door.books()
    told = await door.done("POST", "/plans/diff", {"document": latter()})
    assert door.books() == before
    assert (told["old"]["version"], told["new"]["version"]) == ("one", "two")
    (lite,) = told["plans"]
    changes = {(each["subject"], each["id"]): each for each in lite["changes"]}
    price = changes["price", "monthly"]
    assert (lite["state"], price["change"], price["percent"]) == ("changed", "changed", "+22.5")
    assert price["old"] == {"en": "Price: 40 CNY a month, renewing until it is cancelled.", "zh": price["old"]["zh"]}
    assert changes["window", "week"]["old"] is None
    assert any("49 CNY" in sentence for sentence in lite["words"]["en"])
    assert lite["words"]["zh"][0].startswith("编程 Lite")


async def test_a_new_family_has_nothing_before(door: Door, early: Clock) -> None:
    told = await door.done("POST", "/plans/diff", {"document": former()})
    assert told["old"] is None
    assert [(plan["plan"], plan["state"], plan["changes"]) for plan in told["plans"]] == [("coder/lite", "added", [])]


async def test_a_named_version_is_compared_instead(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former()})
    await door.done("POST", "/plans", {"document": latter()})
    same = await door.done("POST", "/plans/diff", {"document": latter()})
    assert [plan["state"] for plan in same["plans"]] == ["same"]
    named = await door.done("POST", "/plans/diff", {"document": latter(), "against": "coder@one"})
    assert [plan["state"] for plan in named["plans"]] == ["changed"]
    none = await door.call("POST", "/plans/diff", {"document": latter(), "against": "coder@none"})
    assert (none.status, none.code) == (404, "unknown_plan")
    other = await door.call("POST", "/plans/diff", {"document": latter(), "against": "88code"})
    assert (other.status, other.code) == (400, "two_families")
    wrong = await door.call("POST", "/plans/diff", {"document": "family: 1"})
    assert (wrong.status, wrong.code) == (400, "bad_plan_file")


async def test_mistakes_are_told_in_the_language_that_is_asked_for(door: Door) -> None:
    body = {"document": former().replace("windows:", "windoes:", 1)}
    told = {}
    for asked in ("zh-CN,zh;q=0.9,en;q=0.5", "en-GB,zh;q=0.5", ""):
        answer = await door.call("POST", "/plans/diff", body, None, None, **{"accept-language": asked})
        told[asked[:2]] = next(each for each in answer.body["error"]["problems"] if each["code"] == "unknown_key")
    assert told["en"] == told[""]
    assert (told["en"]["what"], told["en"]["language"]) == ("There is no key 'windoes' here", "en")
    assert (told["zh"]["what"], told["zh"]["language"]) == ("此处没有键 'windoes'", "zh")
    assert told["zh"]["mend"] == "是否想写 'windows'？"
    assert told["zh"]["line"] == told["en"]["line"]


# ---- on real traffic


async def prompts_every_day(door: Door, clock: Clock, account: str, days: int) -> None:
    for _ in range(days):
        for _ in range(3):
            await door.metered(account, Usage(input=10, prompts=1))
        clock.now += DAY


async def test_traffic_is_replayed_under_a_file_and_nothing_is_written(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former()})
    account = await door.account("coder/lite")
    await prompts_every_day(door, early, account, 3)
    before = door.books()
    told = await door.done("POST", "/plans/impact", {"document": latter(), "days": 30})
    assert door.books() == before
    assert (told["family"], told["version"], told["currency"]) == ("coder", "two", "CNY")
    assert (told["accounts"], told["requests"], told["now"]["refused"]) == (1, 9, 0)
    # Two prompts in five hours, four in a week from the order.
    assert (told["new_refusals"], told["then"]["refused"]) == (5, 5)
    (hurt,) = told["hurt"]
    assert (hurt["account"], hurt["name"], hurt["plans"]) == (account, "account 1", "coder/lite")


async def test_a_file_that_could_not_be_published_is_not_replayed(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former()})
    taken = await door.call("POST", "/plans/impact", {"document": former("period")})
    assert (taken.status, taken.code) == (409, "version_taken")
    wrong = await door.call("POST", "/plans/impact", {"document": "family: 1"})
    assert (wrong.status, wrong.code) == (400, "bad_plan_file")
    days = await door.call("POST", "/plans/impact", {"document": latter(), "days": 93})
    assert (days.status, days.fields) == (400, {"days"})


async def test_a_currency_without_a_rate_is_told(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former()})
    await prompts_every_day(door, early, await door.account("coder/lite"), 1)
    answer = await door.call("POST", "/plans/impact", {"document": latter(), "currency": "XXX"})
    assert (answer.status, answer.code) == (400, "no_rate")


async def test_one_replay_runs_at_a_time(door: Door, early: Clock) -> None:
    first = asyncio.create_task(door.call("POST", "/plans/impact", {"document": former()}))
    await asyncio.sleep(0)
    with pytest.raises(ImpactBusy):
        await door.control.impact(former(), 30, None)
    assert (await first).status == 200
    assert (await door.call("POST", "/plans/impact", {"document": former()})).status == 200


async def test_a_replay_that_takes_too_long_ends(door: Door, early: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact_elsewhere, "MOST_SECONDS", 0.001)
    answer = await door.call("POST", "/plans/impact", {"document": former()})
    assert (answer.status, answer.code) == (413, "impact_too_large")


async def test_a_replay_that_fails_says_so_and_no_more(
    door: Door, early: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact_elsewhere, "PROCESS", "faregate.bootstrap.no_such_process")
    with pytest.raises(ImpactFailed):
        await door.control.impact(former(), 30, None)


async def test_more_requests_than_a_call_may_replay_are_refused_before_any_is(door: Door, early: Clock) -> None:
    await door.done("POST", "/plans", {"document": former()})
    await prompts_every_day(door, early, await door.account("coder/lite"), 2)
    shelf = door.control.ledger.shelf
    family = next(each for each in shelf.catalogue.families if each.id == "coder")
    with pytest.raises(ImpactTooLarge, match="6 requests in that time, and a call replays 5 at most"):
        impact.impact_of(door.control.store, shelf, family, impact.Asked(most=5))
    assert impact.impact_of(door.control.store, shelf, family, impact.Asked(most=6))["requests"] == 6
