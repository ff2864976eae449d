"""The same key and body: the same answer and no second entry. The same key, another body: 422."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.api.conftest import Clock
from tests.api.door import Door

ACTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/accounts", {"name": "one"}, {"name": "two"}),
    ("/accounts/{account}/subscriptions", {"plan": "88code/paygo"}, {"plan": "88code/max"}),
    ("/accounts/{account}/grants", {"amount": "1"}, {"amount": "2"}),
    ("/accounts/{account}/resets", {}, {"window": "day"}),
    ("/accounts/{account}/renewals", {}, {"plan": "88code/plus"}),
    ("/accounts/{account}/restore-mode", {"automatic": True}, {"automatic": False}),
    ("/accounts/{account}/cancellations", {}, {"at_once": True}),
    (
        "/accounts/{account}/terms",
        {"plan": "88code/plus", "to": "88code/pro"},
        {"plan": "88code/plus", "to": "88code/max"},
    ),
    ("/multipliers", {"plan": "88code/free", "value": "1"}, {"plan": "88code/free", "value": "3"}),
]


@pytest.mark.parametrize(("path", "body", "other"), ACTS, ids=[row[0].rpartition("/")[2] for row in ACTS])
async def test_a_write_is_carried_out_once_a_key(
    door: Door, clock: Clock, path: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    account = await door.account("88code/plus")
    place = path.replace("{account}", account)
    first = await door.call("POST", place, body, key="k1")
    assert first.status in (200, 201)
    before = door.books()
    clock.now += 60_000_000
    assert await door.call("POST", place, body, key="k1") == first
    clash = await door.call("POST", place, other, key="k1")
    assert (clash.status, clash.code) == (422, "idempotency_clash")
    assert door.books() == before


async def test_without_a_key_every_write_is_one_of_its_own(door: Door) -> None:
    account = await door.account("88code/paygo")
    for _ in range(3):
        await door.done("POST", f"/accounts/{account}/grants", {"amount": "1"})
    view = await door.done("GET", f"/accounts/{account}")
    assert view["subscriptions"][0]["pools"][0]["available"] == "203"


async def test_ten_at_once_under_one_key_are_one(door: Door) -> None:
    account = await door.account("88code/paygo")
    answers = await asyncio.gather(
        *(door.call("POST", f"/accounts/{account}/grants", {"amount": "1"}, key="k1") for _ in range(10))
    )
    assert {answer.status for answer in answers} == {201}
    view = await door.done("GET", f"/accounts/{account}")
    assert view["subscriptions"][0]["pools"][0]["available"] == "201"


async def test_one_key_on_two_accounts_is_two_writes(door: Door) -> None:
    for account in (await door.account("88code/paygo"), await door.account("88code/paygo")):
        answer = await door.call("POST", f"/accounts/{account}/grants", {"amount": "1"}, key="k1")
        assert answer.body["account"] == account


async def test_a_refused_write_leaves_its_key_free(door: Door) -> None:
    account = await door.account("88code/paygo")
    path = f"/accounts/{account}/grants"
    assert (await door.call("POST", path, {"amount": "-1"}, key="k1")).status == 409
    assert (await door.call("POST", path, {"amount": "1"}, key="k1")).status == 201


async def test_a_secret_is_shown_once(door: Door) -> None:
    account = await door.account()
    path = f"/accounts/{account}/keys"
    made = await door.call("POST", path, {"name": "laptop"}, key="k1")
    again = await door.call("POST", path, {"name": "laptop"}, key="k1")
    assert (again.status, again.code) == (409, "secret_shown_before")
    assert made.body["id"] in again.body["error"]["message"]
    assert (await door.call("POST", path, {"name": "phone"}, key="k1")).status == 422
    assert len((await door.done("GET", path))["keys"]) == 1
