"""What is done to an account: each act shows in the account, or is refused and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Clock
from tests.api.door import Door


async def subscription(door: Door, account: str, plan: str) -> dict[str, Any]:
    view = await door.done("GET", f"/accounts/{account}")
    return next(each for each in view["subscriptions"] if each["plan"] == plan)


async def test_subscribing(door: Door) -> None:
    account = await door.account()
    path = f"/accounts/{account}/subscriptions"
    answer = await door.call("POST", path, {"plan": "credits/pro", "price": "pass"})
    assert answer.status == 201
    assert answer.body == {"account": account, "done": "subscribe", "at": "2026-03-02T10:00:00Z"}
    bought = await subscription(door, account, "credits/pro")
    assert bought["ends_at"] == "2026-04-01T10:00:00Z"
    assert await subscription(door, account, "credits/pay2go")
    await door.done("POST", path, {"plan": "88code/plus@2025-10-10", "once": True})
    assert (await subscription(door, account, "88code/plus"))["ends_at"] == "2026-04-02T10:00:00Z"


async def test_granting(door: Door) -> None:
    account = await door.account("88code/paygo")
    body = {"amount": "12.5", "expires_at": "2026-04-01T00:00:00+08:00", "priority": -1, "reason": "thanks"}
    assert (await door.call("POST", f"/accounts/{account}/grants", body)).status == 201
    pool = (await subscription(door, account, "88code/paygo"))["pools"][0]
    assert pool["available"] == "212.5"
    assert pool["lots"][0]["expires_at"] == "2026-03-31T16:00:00Z"
    entry = list(door.control.store.entries(account))[-1]
    assert entry.data["reason"] == "thanks"


async def test_resetting_windows(door: Door) -> None:
    account = await door.account("agipower/pro")
    await door.metered(account)
    five_hours, week, _ = (await subscription(door, account, "agipower/pro"))["windows"]
    await door.done("POST", f"/accounts/{account}/resets", {"window": "5h"})
    after = (await subscription(door, account, "agipower/pro"))["windows"]
    assert after[0] == {**five_hours, "used": "0", "remaining": "50"}
    assert after[1] == week
    await door.done("POST", f"/accounts/{account}/resets", {})
    assert (await subscription(door, account, "agipower/pro"))["windows"][1]["used"] == "0"


async def test_renewing(door: Door, clock: Clock) -> None:
    account = await door.account("credits/starter")
    clock.now += 5 * 86_400_000_000
    await door.done("POST", f"/accounts/{account}/renewals", {})
    assert (await subscription(door, account, "credits/starter"))["period_end"] == "2026-04-07T10:00:00Z"


async def test_restoring(door: Door) -> None:
    account = await door.account("88code/plus")
    await door.metered(account)
    await door.done("POST", f"/accounts/{account}/restores", {"pool": "cap"})
    pool = (await subscription(door, account, "88code/plus"))["pools"][0]
    assert (pool["available"], pool["restores_left"], pool["restore_mode"]) == ("50", 1, "automatic")
    await door.done("POST", f"/accounts/{account}/restore-mode", {"automatic": False})
    assert (await subscription(door, account, "88code/plus"))["pools"][0]["restore_mode"] == "manual"


async def test_cancelling(door: Door) -> None:
    account = await door.account("88code/plus", "88code/free")
    await door.done("POST", f"/accounts/{account}/cancellations", {"plan": "88code/plus"})
    assert (await subscription(door, account, "88code/plus"))["ends_at"] == "2026-04-02T10:00:00Z"
    await door.done("POST", f"/accounts/{account}/cancellations", {"plan": "88code/free", "at_once": True})
    view = await door.done("GET", f"/accounts/{account}")
    assert [each["plan"] for each in view["subscriptions"]] == ["88code/plus"]


async def test_switching_a_wallet(door: Door) -> None:
    account = await door.account("credits/pro")
    for on in (True, False):
        await door.done("POST", f"/accounts/{account}/switches", {"plan": "credits/pay2go", "on": on})
        assert (await subscription(door, account, "credits/pay2go"))["switched_on"] is on


async def test_extra_usage_is_billed_to_the_key_that_is_chosen(door: Door) -> None:
    account = await door.account("agipower/pro")
    path = f"/accounts/{account}/extra-usage"
    assert (await door.call("POST", path, {"on": True})).code == "bad_command"
    made = await door.done("POST", path, {"on": True, "new_key": "extra"})
    assert made["secret"].startswith("sk-pg-v1-")
    extra = (await subscription(door, account, "agipower/pro"))["extra_usage"]
    assert (extra["on"], extra["key"], extra["wallet"]) == (True, made["key"], "agipower/payg")
    rotated = await door.done("POST", f"/keys/{made['key']}/rotate")
    assert (await subscription(door, account, "agipower/pro"))["extra_usage"]["key"] == rotated["id"]
    await door.done("DELETE", f"/keys/{rotated['id']}")
    extra = (await subscription(door, account, "agipower/pro"))["extra_usage"]
    assert (extra["on"], extra["key"], extra["revoked_key"]) == (True, None, rotated["id"])
    await door.done("POST", path, {"on": False})
    assert (await subscription(door, account, "agipower/pro"))["extra_usage"]["on"] is False


async def test_extra_usage_is_billed_to_no_key_of_another_kind_or_account(door: Door) -> None:
    account, other = await door.account("agipower/pro"), await door.account("agipower/pro")
    path = f"/accounts/{account}/extra-usage"
    own = await door.done("POST", f"/accounts/{account}/keys", {"name": "own"})
    theirs = await door.done("POST", f"/accounts/{other}/keys", {"name": "theirs", "kind": "payg"})
    gone = await door.done("POST", f"/accounts/{account}/keys", {"name": "gone", "kind": "payg"})
    await door.done("DELETE", f"/keys/{gone['id']}")
    refused = [await door.call("POST", path, {"on": True, "key": each["id"]}) for each in (own, theirs, gone)]
    assert [each.code for each in refused] == ["bad_command", "not_found", "bad_command"]
    both = await door.call("POST", path, {"on": True, "key": own["id"], "new_key": "more"})
    assert both.code == "bad_command"
    assert (await subscription(door, account, "agipower/pro"))["extra_usage"]["on"] is False


async def test_the_same_choice_again_makes_no_second_key(door: Door) -> None:
    account = await door.account("agipower/pro")
    body = {"on": True, "new_key": "extra"}
    first = await door.done("POST", f"/accounts/{account}/extra-usage", body, key="k1")
    again = await door.done("POST", f"/accounts/{account}/extra-usage", body, key="k1")
    assert {**again, "secret": first["secret"]} == first
    assert len((await door.done("GET", f"/accounts/{account}/keys"))["keys"]) == 1


async def test_changing_terms(door: Door) -> None:
    account = await door.account("agipower/pro")
    await door.done("POST", f"/accounts/{account}/terms", {"plan": "agipower/pro", "to": "agipower/ultra"})
    windows = (await subscription(door, account, "agipower/ultra"))["windows"]
    assert windows[0]["limit"] == "800"


async def test_putting_an_account_into_a_segment(door: Door) -> None:
    account = await door.account("agipower/pro")
    body = {"segment": "insider", "until": "2026-05-01T00:00:00Z", "reason": "early member"}
    await door.done("POST", f"/accounts/{account}/segments", body)
    (segment,) = (await door.done("GET", f"/accounts/{account}"))["segments"]
    assert segment == {
        "segment": "insider",
        "from": "2026-03-02T10:00:00Z",
        "until": "2026-05-01T00:00:00Z",
        "reason": "early member",
        "in_force": True,
    }


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("subscriptions", {"plan": "88code/none"}, 404, "unknown_plan"),
    ("subscriptions", {"plan": "88code/plus@1999"}, 404, "unknown_plan"),
    ("subscriptions", {"plan": "88code/plus", "price": "weekly"}, 404, "unknown_price"),
    ("subscriptions", {"plan": "88code/free", "once": True}, 409, "bad_command"),
    ("subscriptions", {"plan": "agipower/max"}, 409, "bad_command"),
    ("grants", {"amount": "1", "plan": "88code/max"}, 404, "unknown_subject"),
    ("grants", {"amount": "1", "plan": "agipower/payg", "pool": "none"}, 404, "unknown_subject"),
    ("grants", {"amount": "-1", "plan": "agipower/payg"}, 409, "bad_command"),
    ("grants", {"amount": "0", "plan": "agipower/payg"}, 409, "bad_command"),
    ("grants", {"amount": "ten", "plan": "agipower/payg"}, 400, "bad_amount"),
    ("grants", {"amount": "1e999999", "plan": "agipower/payg"}, 400, "bad_amount"),
    ("grants", {"amount": "0.0000000001", "plan": "agipower/payg"}, 400, "bad_amount"),
    ("grants", {"amount": "99999999999", "plan": "agipower/payg"}, 400, "amount_overflow"),
    ("grants", {"amount": "1", "plan": "agipower/payg", "expires_at": "2020-01-01T00:00:00Z"}, 409, "bad_command"),
    ("resets", {"window": "none"}, 404, "unknown_subject"),
    ("restores", {}, 404, "unknown_subject"),
    ("restore-mode", {"automatic": True}, 404, "unknown_subject"),
    ("renewals", {"plan": "88code/max"}, 404, "unknown_subject"),
    ("cancellations", {"plan": "88code/max"}, 404, "unknown_subject"),
    ("switches", {"plan": "agipower/pro", "on": True}, 409, "bad_command"),
    ("terms", {"plan": "agipower/pro", "to": "88code/plus"}, 409, "bad_command"),
    ("terms", {"plan": "agipower/pro", "to": "none/none"}, 404, "unknown_plan"),
    ("segments", {"segment": "vip", "reason": "x"}, 404, "unknown_subject"),
    (
        "segments",
        {"segment": "insider", "reason": "x", "begins": "2026-05-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"},
        409,
        "bad_command",
    ),
]


@pytest.mark.parametrize(("act", "body", "status", "code"), REFUSED)
async def test_what_cannot_be_done_is_refused_and_the_books_stay_as_they_were(
    door: Door, act: str, body: dict[str, Any], status: int, code: str
) -> None:
    account = await door.account("agipower/pro")
    before = door.books()
    answer = await door.call("POST", f"/accounts/{account}/{act}", body)
    assert (answer.status, answer.code) == (status, code)
    assert door.books() == before
