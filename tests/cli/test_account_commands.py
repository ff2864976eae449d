"""`faregate account` and `faregate subscribe`: what they do, what programs get and what people see."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.cli.house import Database


def pools(database: Database) -> dict[str, Any]:
    view = database.did("account", "show", "acme")
    return {pool["id"]: pool for each in view["subscriptions"] for pool in each["pools"]}


def test_an_account_is_created_and_listed(empty: Database) -> None:
    made = empty.did("account", "create", "acme")
    assert set(made) == {"id", "name", "created_at"}
    assert re.fullmatch(r"acc_[0-9a-z]{8}", made["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", made["created_at"])
    assert empty.did("account", "list") == {"accounts": [made]}
    assert made["id"] in empty.told("account", "list")
    assert empty.told("account", "create", "other").startswith("other: acc_")


def test_long_lists_of_accounts_come_in_pages(empty: Database) -> None:
    ids = sorted(empty.did("account", "create", f"a{n}")["id"] for n in range(3))
    page = empty.run("account", "list", "--limit", "2")
    assert f"--after {ids[1]}" in page.stdout
    assert [each["id"] for each in empty.did("account", "list", "--after", ids[1])["accounts"]] == ids[2:]


def test_the_same_write_again_is_carried_out_once(empty: Database) -> None:
    first = empty.did("account", "create", "acme", "--idempotency-key", "order-17")
    before = empty.books()
    assert empty.did("account", "create", "acme", "--idempotency-key", "order-17") == first
    assert empty.books() == before


def test_an_account_is_shown_with_all_that_stands_on_it(database: Database) -> None:
    database.did("key", "create", "acme", "--name", "laptop")
    request = database.meter(database.did("account", "list")["accounts"][0]["id"], close=None)
    view = database.did("account", "show", "acme")
    plans = [each["plan"] for each in view["subscriptions"]]
    assert plans == ["88code/free", "agipower/pro", "agipower/payg"]
    assert view["subscriptions"][1]["extra_usage"]["on"] is False
    assert view["open_holds"][0]["request"] == request
    assert [each["name"] for each in view["keys"]] == ["laptop"]
    told = database.told("account", "show", "acme")
    for words in (
        "88code/free@2025-10-10",
        "pool day",
        "20 USD left",
        "held",
        "window 5h",
        "of 50 flow used",
    ):
        assert words in told
    for words in ("refills 20", "in ", "█", "░", "Extra Usage", "Open holds", request, "laptop", "guard rpm"):
        assert words in told
    assert "额度池 day" in database.told("account", "show", "acme", language="zh")


def test_an_account_without_a_plan_says_how_to_get_one(empty: Database) -> None:
    made = empty.did("account", "create", "acme")
    assert f"faregate subscribe {made['id']} PLAN" in empty.told("account", "show", "acme")


def test_a_grant_goes_into_the_pool_named(database: Database) -> None:
    answer = database.did(
        "account", "grant", "acme", "12.5", "--plan", "88code/free", "--expires-at", "2099-01-01T00:00:00+08:00"
    )
    assert set(answer) == {"account", "done", "at"}
    pool = pools(database)["88code/free:day"]
    assert pool["available"] == "32.5"
    assert pool["lots"][-1] == {
        "lot": pool["lots"][-1]["lot"],
        "cause": "grant",
        "size": "12.5",
        "balance": "12.5",
        "expires_at": "2098-12-31T16:00:00Z",
    }
    assert "12.5 granted" in database.told("account", "grant", "acme", "12.5", "--plan", "88code/free")
    assert "12.5 lapse 2098-12-31" in database.told("account", "show", "acme")


def test_a_wallet_is_filled_and_switched(database: Database) -> None:
    assert pools(database)["agipower/payg:wallet"]["available"] == "0"
    database.did("account", "grant", "acme", "5", "--plan", "agipower/payg")
    assert pools(database)["agipower/payg:wallet"]["available"] == "5"
    database.did("subscribe", "acme", "credits/pro")
    for position in ("off", "on"):
        told = database.told("account", "switch", "acme", "credits/pay2go", position)
        assert f"is {position}" in told
        plans = {each["plan"]: each for each in database.did("account", "show", "acme")["subscriptions"]}
        assert plans["credits/pay2go"]["switched_on"] is (position == "on")


def test_windows_are_reset_and_their_anchors_stay(database: Database) -> None:
    account = database.did("account", "list")["accounts"][0]["id"]
    database.did("account", "cancel", "acme", "--plan", "88code/free", "--at-once")
    database.meter(account)
    window = database.did("account", "show", "acme")["subscriptions"][0]["windows"][0]
    assert window["used"] != "0"
    database.did("account", "reset", "acme", "--window", "5h", "--plan", "agipower/pro")
    after = database.did("account", "show", "acme")["subscriptions"][0]["windows"][0]
    assert after == {**window, "used": "0", "remaining": window["limit"]}


def test_a_plan_is_renewed_cancelled_and_put_under_other_terms(database: Database) -> None:
    assert "new period" in database.told("account", "renew", "acme", "--plan", "agipower/pro")
    assert "terms of agipower/max" in database.told("account", "terms", "acme", "agipower/pro", "agipower/max")
    view = database.did("account", "show", "acme")
    assert view["subscriptions"][1]["plan"] == "agipower/max"
    assert "ends with its period" in database.told("account", "cancel", "acme", "--plan", "agipower/max")
    cancelled = database.did("account", "show", "acme")["subscriptions"][1]
    assert cancelled["ends_at"] == cancelled["period_end"]
    assert "ends 20" in database.told("account", "show", "acme")


def test_a_pool_is_restored_and_how_is_chosen(database: Database) -> None:
    database.did("subscribe", "acme", "88code/plus")
    plan = ("--plan", "88code/plus")
    assert "by hand alone" in database.told("account", "restore", "acme", *plan, "--mode", "manual")
    assert pools(database)["88code/plus:cap"]["restore_mode"] == "manual"
    assert "2 restores left, by hand" in database.told("account", "show", "acme")
    account = database.did("account", "show", "acme")["id"]
    database.did("account", "cancel", "acme", "--plan", "88code/free", "--at-once")
    database.did("account", "cancel", "acme", "--plan", "agipower/pro", "--at-once")
    database.meter(account)
    assert database.did("account", "restore", "acme", *plan)["done"] == "restore"
    pool = pools(database)["88code/plus:cap"]
    assert (pool["available"], pool["restores_left"]) == ("50", 1)


def test_a_segment_is_kept_with_its_reason(database: Database) -> None:
    told = database.told("account", "segment", "acme", "insider", "--reason", "early member")
    assert "in segment insider" in told
    segment = database.did("account", "show", "acme")["segments"][0]
    assert (segment["segment"], segment["reason"], segment["in_force"]) == ("insider", "early member", True)
    assert "early member" in database.told("account", "show", "acme")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_price_may_be_chosen_and_a_pass_ends(database: Database, language: str) -> None:
    told = database.told("subscribe", "acme", "credits/pro", "--price", "pass", language=language)
    assert "credits/pro" in told
    bought = next(
        each for each in database.did("account", "show", "acme")["subscriptions"] if each["plan"] == "credits/pro"
    )
    assert bought["ends_at"] == bought["period_end"] is not None


def test_a_subscription_bought_once_ends(database: Database) -> None:
    database.did("subscribe", "acme", "88code/plus", "--once")
    bought = database.did("account", "show", "acme")["subscriptions"][1]
    assert bought["ends_at"] == bought["period_end"] is not None
