"""S3.2 on the shipped files: GLM bought on 2026-02-11 and on 2026-02-12, same traffic, through both doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from faregate.api.application import build_api
from faregate.app.verify import Verification
from faregate.bootstrap.house import open_house
from faregate.core.explain import window_name
from faregate.core.instants import HOUR, MINUTE, SECOND, parse_instant, render_instant
from faregate.core.request import Refused, Request
from faregate.core.usage import Usage
from tests.api.conftest import Clock
from tests.api.door import Door
from tests.scenarios.replaying import Line, event, replay

MODEL, CLIENT = "z-ai/glm-4.7", "claude-code"
BEFORE, AFTER = "2026-02-11T12:00:00+08:00", "2026-02-12T12:00:00+08:00"
Met = dict[str | None, int]
"""How many prompts each window refused; under None how many were admitted."""

FIVE_HOURS, WEEK = "glm/lite:5h", "glm/lite:week"


def instants(day: str, rounds: int, prompts: int) -> list[int]:
    """``rounds`` of five hours from 8 o'clock in Shanghai on, each with ``prompts`` ten seconds apart."""
    begin = parse_instant(f"{day}T08:00:00+08:00")
    return [
        begin + number * (5 * HOUR + MINUTE) + prompt * 10 * SECOND
        for number in range(rounds)
        for prompt in range(prompts)
    ]


DAYS = {"first": ("2026-02-20", 5, 130), "renewed": ("2026-03-20", 1, 130), "later": ("2026-04-20", 1, 130)}
"""A day of 5 rounds of 130 prompts, and two months on one round each."""

OLD: dict[str, Met] = {
    "first": {None: 5 * 120, FIVE_HOURS: 5 * 10},
    "renewed": {None: 120, FIVE_HOURS: 10},
    "later": {None: 120, FIVE_HOURS: 10},
}
NEW: dict[str, Met] = {
    # 4 rounds fill the week of 320; of the prompts beyond 80 in a round the last one's meet the week.
    "first": {None: 4 * 80, FIVE_HOURS: 3 * 50, WEEK: 50 + 130},
    "renewed": {None: 80, FIVE_HOURS: 50},
    "later": {None: 80, FIVE_HOURS: 50},
}


# ---- a replay


def lines(day: str) -> list[Line]:
    return [
        {"at": render_instant(at), "model": MODEL, "client": CLIENT, "prompt": True, "input": 10}
        for at in instants(*DAYS[day])
    ]


def replayed(at: str, plan: str, *between: Line) -> dict[str, Met]:
    """What the three days met; ``between`` happens after the second."""
    happened = [event(at, "reset", plan="glm/lite"), *lines("first"), *lines("renewed"), *between, *lines("later")]
    rows = iter(replay(plan, *happened).requests)
    met: dict[str, Met] = {}
    for day in DAYS:
        found = [next(rows)["refused"] for _ in lines(day)]
        met[day] = dict(Counter(refused["window"] if refused else None for refused in found))
    return met


def test_the_day_of_purchase_decides_through_renewals() -> None:
    assert replayed(BEFORE, "glm/lite") == OLD
    assert replayed(AFTER, "glm/lite") == NEW


def test_a_lapse_ends_it() -> None:
    lapse = [
        event("2026-03-25T00:00:00+08:00", "cancel", plan="glm/lite"),
        event("2026-04-15T00:00:00+08:00", "subscribe", plan="glm/lite"),
    ]
    assert replayed(BEFORE, "glm/lite", *lapse) == {**OLD, "later": NEW["later"]}


def test_a_version_can_be_forced() -> None:
    assert replayed(BEFORE, "glm/lite@2026-02-12") == NEW
    # It was not bought before the turn: the renewal moves it.
    assert replayed(AFTER, "glm/lite@2025-10") == {**NEW, "first": OLD["first"]}


# ---- the live house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[tuple[Door, Clock]]:
    clock = Clock()
    clock.now = parse_instant("2026-02-01T00:00:00Z")
    opened = open_house(f"sqlite:///{tmp_path}/books.db", now=clock, randomness=Random(1).randbytes)
    await opened.start()
    control = opened.control
    yield Door(build_api(control), control, control.new_admin_token("test")), clock
    with control.store.view() as books:
        assert Verification(books, control.ledger.shelf.terms).run().findings == []
    await opened.close()


async def bought(house: tuple[Door, Clock], at: str, account: str | None = None) -> str:
    door, clock = house
    clock.now = parse_instant(at)
    account = account or await door.account()
    await door.done("POST", f"/accounts/{account}/subscriptions", {"plan": "glm/lite"})
    return account


async def met_on(house: tuple[Door, Clock], account: str, day: str) -> Met:
    (door, clock), met = house, Counter[str | None]()
    ledger, usage = door.control.ledger, Usage(input=10, prompts=1)
    for number, at in enumerate(instants(*DAYS[day])):
        name, clock.now = f"{account}-{day}-{number}", at
        decision = await ledger.admit(account, Request(name, MODEL, usage, CLIENT, "", "s", name), at)
        if isinstance(decision, Refused):
            met[window_name(decision.subject)] += 1
        else:
            await ledger.settle(account, name, usage, at)
            met[None] += 1
    return dict(met)


async def test_the_live_house_decides_the_same(house: tuple[Door, Clock]) -> None:
    early, late = await bought(house, BEFORE), await bought(house, AFTER)
    for day in ("first", "renewed"):
        assert await met_on(house, early, day) == OLD[day]
        assert await met_on(house, late, day) == NEW[day]
    door = house[0]
    subscriptions = (await door.done("GET", f"/accounts/{early}"))["subscriptions"]
    kept = next(each for each in subscriptions if each["plan"] == "glm/lite")
    assert (kept["version"], kept["price"]["amount"], kept["version_after_renewal"]) == ("2025-10", "40", "2025-10")
    await door.done("POST", f"/accounts/{early}/cancellations", {"plan": "glm/lite"})
    await bought(house, "2026-04-15T00:00:00+08:00", early)
    assert await met_on(house, early, "later") == NEW["later"]
    assert await met_on(house, late, "later") == NEW["later"]
