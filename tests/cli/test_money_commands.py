"""Orders, changes, refunds and promotions by command line, paid by hand: what is done, and what is said."""

from __future__ import annotations

import pytest

from tests.cli.house import Database


@pytest.fixture
def bob(empty: Database) -> Database:
    """A database with the account ``bob``, who has nothing."""
    empty.did("account", "create", "bob")
    return empty


def bought(database: Database, plan: str = "agipower/pro", amount: str = "20", currency: str = "USD") -> str:
    """The id of an order of ``plan`` that bob paid by hand."""
    order = database.did("order", "place", "bob", plan, "--payer", "manual")
    paid = database.did("order", "confirm", "bob", order["id"], amount, currency, "--seen", "line 4")
    assert paid["came_to"] == "delivered"
    return str(order["id"])


def test_an_order_is_previewed_placed_and_delivered_when_the_money_was_seen(bob: Database) -> None:
    quote = bob.did("order", "preview", "bob", "agipower/pro")
    order = bob.did("order", "place", "bob", "agipower/pro", "--payer", "manual")
    assert (order["state"], order["total"]) == ("waiting", quote["total"])
    assert dict(order["pay"]["lines"])["amount"] == "20.00 USD"
    paid = bob.did("order", "confirm", "bob", order["id"], "20", "usd", "--seen", "line 4")
    assert (paid["state"], paid["came_to"]) == ("done", "delivered")
    assert [row["id"] for row in bob.did("order", "list", "bob")["orders"]] == [order["id"]]
    again = bob.did("order", "confirm", "bob", order["id"], "20", "USD", "--seen", "line 4")
    assert again["came_to"] == "known"


def test_the_same_key_places_one_order(bob: Database) -> None:
    words = ("order", "place", "bob", "agipower/pro", "--payer", "manual", "--idempotency-key", "k1")
    assert bob.did(*words)["id"] == bob.did(*words)["id"]


def test_money_that_does_not_match_waits_for_a_decision(bob: Database) -> None:
    order = bob.did("order", "place", "bob", "agipower/pro", "--payer", "manual")
    short = bob.did("order", "confirm", "bob", order["id"], "15", "USD", "--seen", "line 5")
    assert (short["state"], short["came_to"]) == ("review", "review")
    assert [row["kind"] for row in bob.did("matters")["matters"]] == ["review"]
    assert "review" in bob.told("matters", "--kind", "review")
    done = bob.did("order", "resolve", "bob", order["id"], "give-back", "--note", "5 short")
    assert done["state"] == "closed"
    assert [row["kind"] for row in bob.did("matters")["matters"]] == ["refund"]


def test_an_order_that_is_not_paid_is_withdrawn(bob: Database) -> None:
    order = bob.did("order", "place", "bob", "agipower/pro", "--payer", "manual")
    assert bob.did("order", "withdraw", "bob", order["id"])["state"] == "closed"
    assert "withdrawn" in bob.told("order", "list", "bob")


def test_a_refund_is_previewed_asked_for_paid_out_and_told(bob: Database) -> None:
    order = bought(bob)
    preview = bob.did("refund", "preview", "bob", "agipower/pro")
    asked = bob.did("refund", "ask", "bob", "agipower/pro", "--shown", preview["amount"])
    assert not asked["differs_from_preview"]
    refund = asked["refunds"][0]["id"]
    done = bob.did("order", "confirm", "bob", order, "19", "USD", "--refund", refund, "--seen", "transfer")
    assert done["came_to"] == "succeeded"
    assert bob.did("refund", "list", "bob")["refunds"][0]["state"] == "succeeded"
    assert "agipower/free" in bob.told("account", "show", "bob")


def test_a_change_is_previewed_and_made_against_an_order(bob: Database) -> None:
    bought(bob)
    preview = bob.did("change", "preview", "bob", "agipower/pro", "agipower/max")
    made = bob.did("change", "make", "bob", "agipower/pro", "agipower/max", "--payer", "manual")
    assert (made["what"], made["plan"]) == ("upgrade", "agipower/max")
    assert preview["kind"] == "upgrade"


def test_a_downgrade_waits_for_the_periods_end_and_can_be_forgotten(bob: Database) -> None:
    bought(bob, "agipower/max", "100")
    assert "agipower/pro at the end" in bob.told("change", "make", "bob", "agipower/max", "agipower/pro")
    assert "becomes agipower/pro" in bob.told("account", "show", "bob")
    bob.did("agreement", "unschedule", "bob", "agipower/max")
    assert "becomes" not in bob.told("account", "show", "bob")


def test_how_a_subscription_goes_on_is_said_and_shown(bob: Database) -> None:
    bought(bob)
    for act, told in (
        ("call-off", "renewal called off"),
        ("take-back", "the customer pays through manual"),
        ("pause", "paused since"),
        ("go-on", "the customer pays through manual"),
    ):
        bob.did("agreement", act, "bob", "agipower/pro")
        assert told in bob.told("account", "show", "bob"), act


def test_a_top_up_is_an_order_into_a_wallet(bob: Database) -> None:
    bob.did("subscribe", "bob", "agipower/payg")
    order = bob.did("top-up", "bob", "agipower/payg", "25", "--payer", "manual")
    assert (order["what"], order["total"]) == ("top_up", "25")
    bob.did("order", "confirm", "bob", order["id"], "25", "USD", "--seen", "cash")
    assert "25 of 25 USD" in bob.told("account", "show", "bob")


def test_a_coupon_takes_off_what_it_says_and_is_counted(bob: Database) -> None:
    bob.did("coupon", "make", "SPRING", "--share", "0.1", "--uses", "2")
    assert bob.did("order", "preview", "bob", "agipower/pro", "--coupon", "SPRING")["total"] == "18"
    order = bob.did("order", "place", "bob", "agipower/pro", "--payer", "manual", "--coupon", "SPRING")
    bob.did("order", "confirm", "bob", order["id"], "18", "USD", "--seen", "line 1")
    assert "used 1 of 2" in bob.told("coupon", "show", "SPRING")


def test_a_gift_code_is_redeemed_once(bob: Database) -> None:
    bob.did("subscribe", "bob", "glm/api")
    code = bob.did("gift-code", "make", "glm", "50", "CNY")["code"]
    assert bob.did("gift-code", "redeem", "bob", code)["amount"] == "50"
    bob.did("account", "create", "eve")
    again = bob.run("gift-code", "redeem", "eve", code)
    assert again.exit_code == 2
    assert "gift code" in again.stderr
    pools = bob.did("account", "show", "bob")["subscriptions"][0]["pools"]
    assert [pool["available"] for pool in pools if pool["id"].endswith(":gift")] == ["50"]


def test_the_reward_of_a_friends_first_order_is_seen_and_decided(bob: Database) -> None:
    bob.did("account", "create", "ann")
    code = bob.did("invite", "show", "ann")["code"]
    bob.did("invite", "join", "bob", code, "glm")
    preview = bob.did("order", "preview", "bob", "glm/lite")
    bought(bob, "glm/lite", preview["total"], preview["currency"])
    assert bob.did("reward", "hold", "bob", "--reason", "one card")["state"] == "held"
    assert "held back" in bob.told("invite", "show", "ann")
    assert bob.did("reward", "refuse", "bob", "--reason", "one person")["state"] == "refused"


def test_failures_are_one_line_in_both_languages(bob: Database) -> None:
    for language, word in (("en", "no plan"), ("zh", "没有套餐")):
        result = bob.run("order", "place", "bob", "agipower/none", language=language)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert word in result.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_table_is_shown_in_both_languages(bob: Database, language: str) -> None:
    order = bought(bob)
    for words in (
        ("order", "preview", "bob", "glm/lite"),
        ("order", "list", "bob"),
        ("order", "show", "bob", order),
        ("change", "preview", "bob", "agipower/pro", "agipower/max"),
        ("refund", "preview", "bob", "agipower/pro"),
        ("refund", "list", "bob"),
        ("refund", "ask", "bob", "agipower/pro"),
        ("refund", "list", "bob"),
        ("matters",),
        ("invite", "show", "bob"),
    ):
        assert bob.told(*words, language=language), words
