"""S3.2: who bought before a version's turn keeps its price and limits while renewing without a lapse."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from faregate.api.application import build_api
from faregate.app.verify import Verification
from faregate.bootstrap.house import open_house
from faregate.core.explain import window_name
from faregate.core.instants import parse_instant
from faregate.core.request import Refused, Request
from faregate.core.usage import Usage
from tests.api.conftest import Clock
from tests.api.door import Door
from tests.scenarios.cohorts import former, latter, third, written
from tests.scenarios.replaying import Line, Replayed, event, run_simulate

MODEL = "z-ai/glm-4.7"
BEFORE, AFTER = "2026-02-11T10:00:00+08:00", "2026-02-12T10:00:00+08:00"


def prompts(day: str, count: int = 4) -> list[Line]:
    """So many prompts on a day, a minute apart."""
    return [
        {"at": f"{day}T12:{minute:02}:00+08:00", "model": MODEL, "prompt": True, "input": 10}
        for minute in range(count)
    ]


def bought(at: str, folder: Path, *lines: Line, plan: str = "coder/lite", keep: str = "while_renewed") -> Replayed:
    """A replay in which the plan is bought at ``at``; the first request is that of the purchase."""
    files = written(folder, former(keep), latter(), third())
    options = [word for path in files for word in ("--file", str(path))]
    first = event(at, "reset")
    result = run_simulate(plan, [first, *lines], *options)
    assert result.exit_code == 0, result.stderr
    return Replayed(json.loads(result.stdout))


def binding(replayed: Replayed) -> list[str | None]:
    """For every request the window that refused it, None where it was admitted."""
    return [row["refused"]["window"] if row["refused"] else None for row in replayed.requests]


OLD = [None, None, None, "coder/lite:five_hours"]
NEW = [None, None, "coder/lite:five_hours", "coder/lite:five_hours"]
NEW_TO_THE_WEEK = [None, None, "coder/lite:week", "coder/lite:week"]
WEEK_FULL = ["coder/lite:week"] * 4


def test_the_day_of_purchase_decides_what_the_same_traffic_meets(tmp_path: Path) -> None:
    traffic = [*prompts("2026-02-13"), *prompts("2026-02-14"), *prompts("2026-02-15")]
    assert binding(bought(BEFORE, tmp_path, *traffic)) == [*OLD, *OLD, *OLD]
    assert binding(bought(AFTER, tmp_path, *traffic)) == [*NEW, *NEW_TO_THE_WEEK, *WEEK_FULL]


def test_the_old_version_is_kept_through_renewals(tmp_path: Path) -> None:
    traffic = [*prompts("2026-03-20"), *prompts("2026-04-20"), *prompts("2026-06-20")]
    assert binding(bought(BEFORE, tmp_path, *traffic)) == [*OLD, *OLD, *OLD]


def test_a_renewal_by_hand_is_no_lapse(tmp_path: Path) -> None:
    renewal = event("2026-03-01T00:00:00+08:00", "renew")
    assert binding(bought(BEFORE, tmp_path, renewal, *prompts("2026-04-20"))) == OLD


def test_after_a_lapse_a_purchase_gets_the_version_then_sold(tmp_path: Path) -> None:
    lapse = [event("2026-03-01T00:00:00+08:00", "cancel"), *prompts("2026-03-10"), *prompts("2026-03-11", 1)]
    again = event("2026-03-12T00:00:00+08:00", "subscribe", plan="coder/lite")
    replayed = bought(BEFORE, tmp_path, *lapse, again, *prompts("2026-03-13"), *prompts("2026-04-20"))
    assert binding(replayed) == [*OLD, None, *NEW, *NEW]


def test_cancelled_and_bought_again_before_the_turn_keeps_the_old_version(tmp_path: Path) -> None:
    lines = [
        event("2026-01-10T00:00:00+08:00", "cancel", at_once=True),
        event("2026-02-01T00:00:00+08:00", "subscribe", plan="coder/lite"),
        *prompts("2026-03-20"),
    ]
    assert binding(bought("2026-01-01T00:00:00+08:00", tmp_path, *lines)) == OLD


def test_kept_for_the_period_alone_a_renewal_moves_to_the_version_then_sold(tmp_path: Path) -> None:
    traffic = [*prompts("2026-03-10"), *prompts("2026-03-12"), *prompts("2026-06-12")]
    assert binding(bought(BEFORE, tmp_path, *traffic, keep="period")) == [*OLD, *NEW, *NEW]


def test_a_version_that_says_nothing_is_kept_when_a_later_one_comes(tmp_path: Path) -> None:
    assert binding(bought(AFTER, tmp_path, *prompts("2026-06-20"))) == NEW


def test_a_version_can_be_forced(tmp_path: Path) -> None:
    assert binding(bought(AFTER, tmp_path, *prompts("2026-02-13"), plan="coder/lite@one")) == OLD
    assert binding(bought(BEFORE, tmp_path, *prompts("2026-02-13"), plan="coder/lite@two")) == NEW


def test_one_forced_after_its_turn_is_no_member_of_the_cohort(tmp_path: Path) -> None:
    traffic = [*prompts("2026-03-11"), *prompts("2026-03-20")]
    assert binding(bought(AFTER, tmp_path, *traffic, plan="coder/lite@one")) == [*OLD, *NEW]


def test_a_plan_no_longer_sold_can_only_be_bought_by_version(tmp_path: Path) -> None:
    (file,) = written(tmp_path, former())
    line = event(AFTER, "reset")
    result = run_simulate("coder/lite", [line], "--file", str(file))
    assert result.exit_code == 2
    assert "error[not_on_sale]" in result.stderr
    assert "coder/lite@one" in result.stderr
    assert run_simulate("coder/lite@one", [line], "--file", str(file)).exit_code == 0


# ---- the same in the live house, through the API


class House:
    """A served database with both versions published, its clock moved by hand."""

    def __init__(self, door: Door, clock: Clock) -> None:
        self.door, self.clock = door, clock

    async def bought(self, at: str, name: str) -> str:
        self.clock.now = parse_instant(at)
        account = str((await self.door.done("POST", "/accounts", {"name": name}))["id"])
        await self.door.done("POST", f"/accounts/{account}/subscriptions", {"plan": "coder/lite"})
        return account

    async def binding(self, account: str, day: str, count: int = 4) -> list[str | None]:
        """As ``binding`` of a replay: for each prompt of the day what refused it."""
        met: list[str | None] = []
        for minute in range(count):
            now = self.clock.now = parse_instant(f"{day}T12:{minute:02}:00+08:00")
            name, ledger = f"{account}-{day}-{minute}", self.door.control.ledger
            wanted = Request(name, MODEL, Usage(input=10, prompts=1), "", "", "", name)
            decision = await ledger.admit(account, wanted, now)
            if isinstance(decision, Refused):
                met.append(window_name(decision.subject))
                continue
            await ledger.settle(account, name, Usage(input=10, prompts=1), now)
            met.append(None)
        return met

    async def subscription(self, account: str) -> dict[str, Any]:
        (found,) = (await self.door.done("GET", f"/accounts/{account}"))["subscriptions"]
        return dict(found)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = Clock()
    clock.now = parse_instant("2026-01-15T00:00:00Z")
    opened = open_house(f"sqlite:///{tmp_path}/books.db", now=clock, randomness=Random(1).randbytes)
    await opened.start()
    control = opened.control
    door = Door(build_api(control), control, control.new_admin_token("test"))
    for text in (former(), latter()):
        await door.done("POST", "/plans", {"document": text})
    yield House(door, clock)
    with control.store.view() as books:
        assert Verification(books, control.ledger.shelf.terms).run().findings == []
    await opened.close()


async def test_the_live_house_keeps_the_cohort_through_renewals_and_ends_it_with_a_lapse(house: House) -> None:
    early = await house.bought(BEFORE, "early")
    late = await house.bought(AFTER, "late")
    assert (await house.binding(early, "2026-02-13"), await house.binding(late, "2026-02-13")) == (OLD, NEW)
    assert (await house.binding(early, "2026-04-20"), await house.binding(late, "2026-04-20")) == (OLD, NEW)
    kept, bought = await house.subscription(early), await house.subscription(late)
    assert (kept["version"], kept["price"]["amount"], kept["version_after_renewal"]) == ("one", "40", "one")
    assert (bought["version"], bought["price"]["amount"], bought["version_after_renewal"]) == ("two", "49", "two")

    await house.door.done("POST", f"/accounts/{early}/renewals", {})
    assert await house.binding(early, "2026-05-20") == OLD
    await house.door.done("POST", f"/accounts/{early}/cancellations", {})
    assert await house.binding(early, "2026-06-10") == OLD
    assert await house.binding(early, "2026-06-22", 1) == [early]
    refused = await house.door.call("GET", f"/accounts/{early}")
    assert refused.body["subscriptions"] == []
    await house.door.done("POST", f"/accounts/{early}/subscriptions", {"plan": "coder/lite"})
    assert await house.binding(early, "2026-06-23") == NEW
    assert (await house.subscription(early))["price"]["amount"] == "49"
