"""S1 · the credit-pool gateway: main pool, backup pool, Pay2Go wallet. Days and weeks turn at midnight UTC."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner

from faregate.cli.main import main
from faregate.core.amounts import decimal_text
from tests.scenarios.replaying import FREE_MODEL, OPUS, Line, Paid, Refused, event, replay, run_simulate, spend

STARTER, WALLET = "credits/starter", "credits/pay2go"
MONDAY = "2026-03-02T10:00:00Z"
LATER = "2026-03-02T10:00:01Z"
MIDNIGHT = "2026-03-03T00:00:00Z"
NEXT_MONDAY = "2026-03-09T00:00:00Z"
NEXT_MONTH = "2026-04-02T10:00:00Z"

TIERS = {
    "starter": (1000, 1200, 3000, 100, 300, 20, 10),
    "premium": (2500, 3000, 7500, 250, 750, 40, 25),
    "pro": (5000, 6000, 15000, 500, 1500, 60, 50),
    "master": (10000, 12000, 30000, 1000, 3000, 80, 100),
    "ultra": (20000, 24000, 60000, 2000, 6000, 120, 200),
}
"""By tier: base and displayed monthly credits, backup, daily and weekly cap, requests a minute, price in USD."""


def top_up(at: str, dollars: str | int) -> Line:
    return event(at, "grant", plan=WALLET, amount=dollars, reason="top-up")


def main_paid(credits: str, dollars: str) -> Paid:
    return Paid(STARTER, "main", f"{credits} credit", "1", dollars)


def backup_paid(credits: str, dollars: str) -> Paid:
    return Paid(STARTER, "backup", f"{credits} credit", "1", dollars)


def wallet_paid(dollars: str) -> Paid:
    return Paid(WALLET, "wallet", f"{dollars} USD", "1", dollars)


# ---- S1.1: the table


def shown(*words: str) -> Any:
    result = CliRunner().invoke(main, ["plan", "show", *words, "--json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("tier", TIERS)
def test_s1_1_the_table_as_printed(tier: str) -> None:
    _, displayed, backup, day, week, rpm, price = TIERS[tier]
    plan = shown(f"credits/{tier}")
    document = plan["document"]
    assert plan["prices"][0]["amount"] == str(price)
    figures = {figure["id"]: figure["amount"] for figure in plan["figures"]}
    assert figures["displayed"] == str(displayed)
    assert document["pools"]["backup"]["refill"]["amount"] == f"{backup} credit"
    limits = {id: window["limit"] for id, window in document["windows"].items()}
    assert limits == {
        "day": f"{day} credit",
        "week": f"{week} credit",
        "rpm": f"{rpm} request",
        "budget": f"{10 * price} USD",
    }


@pytest.mark.parametrize("tier", TIERS)
def test_s1_1_the_pools_and_caps_hold_in_a_replay(tier: str) -> None:
    _, _, backup, day, week, rpm, price = TIERS[tier]
    name = f"credits/{tier}"
    listed = decimal_text(Fraction(day + backup, 100))
    seen = replay(name, spend(MONDAY, listed), spend(LATER, 1))
    assert seen.paid(0) == [
        Paid(name, "main", f"{day} credit", "1", decimal_text(Fraction(day, 100))),
        Paid(name, "backup", f"{backup} credit", "1", str(backup // 100)),
    ]
    assert seen.window(0, f"{name}:week")[1:] == (str(day), str(week), NEXT_MONDAY)
    assert seen.window(0, f"{name}:rpm")[1:3] == ("1", str(rpm))
    assert seen.window(0, f"{name}:budget")[1:3] == (listed, str(10 * price))
    assert seen.refused(1) == Refused("window_full", f"{name}:day", MIDNIGHT)


# ---- S1.2: main, backup, wallet; caps


def test_s1_2_one_dollar_is_100_credits_and_main_pays_first() -> None:
    seen = replay(STARTER, spend(MONDAY, "0.123475"))
    assert seen.paid(0) == [main_paid("12.3475", "0.123475")]


def test_s1_2_a_request_crosses_the_day_cap_into_backup_and_backup_into_the_wallet() -> None:
    seen = replay(STARTER, top_up(MONDAY, 5), spend(MONDAY, "1.5"), spend(LATER, 31))
    assert seen.paid(0) == [main_paid("100", "1"), backup_paid("50", "0.5")]
    assert seen.paid(1) == [backup_paid("2950", "29.5"), wallet_paid("1.5")]
    assert seen.totals["drawn"] == {STARTER: {"credit": "3100"}, WALLET: {"USD": "1.5"}}


def test_s1_2_the_caps_bind_main_only_and_reopen_at_midnight_and_on_monday_utc() -> None:
    days = [f"2026-03-0{day}T12:00:00Z" for day in (5, 6, 7, 8)]
    seen = replay(
        STARTER,
        *(spend(at, 1) for at in days),
        spend("2026-03-08T23:59:59.999999Z", 1),
        spend(NEXT_MONDAY, 1),
    )
    assert [seen.paid(index) for index in range(3)] == [[main_paid("100", "1")]] * 3
    assert seen.paid(3) == [backup_paid("100", "1")]
    assert seen.window(3, "credits/starter:week") == ("0", "300", "300", NEXT_MONDAY)
    assert seen.window(3, "credits/starter:day") == ("0", "0", "100", None)
    assert seen.paid(4) == [backup_paid("100", "1")]
    assert seen.paid(5) == [main_paid("100", "1")]


def test_s1_2_a_wallet_in_debt_pays_nothing_until_it_is_topped_up() -> None:
    seen = replay(
        STARTER,
        top_up(MONDAY, 5),
        spend(MONDAY, 40),
        spend(LATER, 1),
        spend(MIDNIGHT, 2),
        top_up(MIDNIGHT, "5.5"),
        spend(MIDNIGHT, "0.1"),
    )
    assert seen.paid(0) == [
        main_paid("100", "1"),
        backup_paid("3000", "30"),
        Paid(WALLET, "wallet", "5 USD", "1", "9"),
    ]
    assert seen.debts(0) == ["0", "0", "4"]
    assert seen.refused(1) == Refused("window_full", "credits/starter:day", MIDNIGHT)
    assert seen.blocks(1) == [
        (STARTER, "window_full", "credits/starter:day"),
        (STARTER, "pool_empty", "credits/starter:backup"),
        (WALLET, "debt_owed", "credits/pay2go:wallet"),
    ]
    # Main has 100 credits that day; what it does not cover stays on it, for the wallet may not pay.
    assert seen.paid(2) == [main_paid("100", "2")]
    assert seen.debts(2) == ["100"]
    assert seen.paid(3) == [wallet_paid("0.1")]


def test_s1_2_main_runs_dry_before_the_month_ends() -> None:
    # Twelve days of 100 credits empty the 1,200; weeks allow 300 each: four weeks.
    days = [f"2026-03-{day:02d}T12:00:00Z" for day in (2, 3, 4, 9, 10, 11, 16, 17, 18, 23, 24, 25, 30)]
    seen = replay(STARTER, *(spend(at, 1) for at in days))
    assert [seen.paid(index)[0].pool for index in range(13)] == ["main"] * 12 + ["backup"]


# ---- S1.3: renewal with the bonus


def test_s1_3_each_monthly_renewal_refills_main_with_the_bonus_and_backup() -> None:
    seen = replay(
        STARTER,
        event(MONDAY, "grant", plan=STARTER, pool="main", amount=1, expires_at=LATER, reason="to be lost"),
        spend("2026-04-02T09:59:59Z", 31),
        spend(NEXT_MONTH, 30),
    )
    assert seen.paid(0) == [main_paid("100", "1"), backup_paid("3000", "30")]
    # The caps of the day still bind main after the renewal; the backup is whole again.
    assert seen.paid(1) == [backup_paid("3000", "30")]


@pytest.mark.parametrize("when", ["renewal", "event"])
def test_s1_3_a_renewed_main_pool_holds_1200_and_no_more(when: str) -> None:
    lifted = [f"2026-04-{day:02d}T12:00:00Z" for day in (6, 7, 8, 13, 14, 15, 20, 21, 22, 27, 28, 29)]
    renewal = [event("2026-04-03T00:00:00Z", "renew")] if when == "event" else []
    seen = replay(
        STARTER, spend(MONDAY, 1), *renewal, *(spend(at, 1) for at in lifted), spend("2026-05-01T12:00:00Z", 1)
    )
    pools = [seen.paid(index)[0].pool for index in range(14)]
    assert pools == ["main"] * 13 + ["backup"]


def test_s1_3_a_month_bought_on_the_31st_renews_on_the_last_day_and_on_the_31st_again() -> None:
    seen = replay(
        STARTER,
        spend("2026-01-31T10:00:00Z", 31),
        spend("2026-02-28T09:59:59Z", 2),
        spend("2026-02-28T10:00:00Z", 3),
        spend("2026-03-31T09:59:59Z", 30),
        spend("2026-03-31T10:00:00Z", 30),
    )
    assert seen.debts(1) == ["100"]
    assert seen.paid(2) == [backup_paid("300", "3")]
    assert seen.paid(3) == [main_paid("100", "1"), backup_paid("2700", "29")]
    assert seen.debts(3) == ["0", "200"]
    assert seen.paid(4) == [backup_paid("3000", "30")]


def test_s1_3_a_pass_has_the_bonus_too_and_ends_after_30_days() -> None:
    seen = replay(
        WALLET,
        event(MONDAY, "subscribe", plan=STARTER, price="pass"),
        spend(MONDAY, 31),
        spend("2026-04-01T09:59:59Z", 1),
        spend("2026-04-01T10:00:00Z", 1),
    )
    assert seen.paid(0) == [main_paid("100", "1"), backup_paid("3000", "30")]
    assert seen.paid(1) == [main_paid("100", "1")]
    assert not seen.requests[2]["admitted"]


# ---- S1.4: Free, RPM


def test_s1_4_free_one_request_a_minute_with_the_exact_time_of_the_next() -> None:
    seen = replay(
        "credits/free",
        spend("2026-03-02T10:00:00.25Z", 0, FREE_MODEL),
        spend("2026-03-02T10:00:30Z", 0, FREE_MODEL),
        spend("2026-03-02T10:01:00.249999Z", 0, FREE_MODEL),
        spend("2026-03-02T10:01:00.25Z", 0, FREE_MODEL),
    )
    assert seen.paid(0) == [Paid("credits/free", None, "1 request", "1", "0")]
    assert seen.refused(1) == Refused("rate_limited", "credits/free:rpm", "2026-03-02T10:01:00.250000Z")
    assert seen.refused(2) == seen.refused(1)
    assert seen.admitted()[3]


def test_s1_4_free_1000_requests_a_day() -> None:
    minutes = [f"2026-03-02T{at // 60:02d}:{at % 60:02d}:00Z" for at in range(1002)]
    seen = replay("credits/free", *(spend(at, 0, FREE_MODEL) for at in minutes), spend(MIDNIGHT, 0, FREE_MODEL))
    assert seen.totals["admitted"] == 1001
    assert seen.window(999, "credits/free:day") == ("1", "1000", "1000", MIDNIGHT)
    assert seen.refused(1000) == Refused("window_full", "credits/free:day", MIDNIGHT)
    assert seen.admitted()[1002]


def test_s1_4_free_models_only() -> None:
    seen = replay("credits/free", spend(MONDAY, 1), spend(MONDAY, 0, "any/model:free"))
    assert seen.refused(0) == Refused("model_not_in_plan", None, None)
    assert seen.window(0, "credits/free:rpm")[:2] == ("0", "0")
    assert seen.admitted() == [False, True]


@pytest.mark.parametrize("tier", TIERS)
def test_s1_4_paid_requests_a_minute(tier: str) -> None:
    rpm, plan = TIERS[tier][5], f"credits/{tier}"
    burst = [spend(f"2026-03-02T10:00:{index % 30:02d}Z", 0) for index in range(rpm + 1)]
    seen = replay(plan, *sorted(burst, key=lambda line: str(line["at"])), spend("2026-03-02T10:01:00Z", 0))
    assert seen.admitted() == [True] * rpm + [False, True]
    assert seen.refused(rpm) == Refused("rate_limited", f"{plan}:rpm", "2026-03-02T10:01:00Z")


def test_s1_4_a_throttled_request_never_spills_into_another_source() -> None:
    burst = [spend(MONDAY, "0.01") for _ in range(21)]
    seen = replay(f"{STARTER},88code/paygo", *burst)
    assert seen.admitted() == [True] * 20 + [False]
    assert seen.refused(20).reason == "rate_limited"


def test_s1_8_a_positive_wallet_lifts_the_rpm_and_opens_every_model() -> None:
    seen = replay(
        "credits/free",
        spend(MONDAY, 0, FREE_MODEL),
        top_up(MONDAY, "0.5"),
        spend(MONDAY, 0, FREE_MODEL),
        spend(MONDAY, "0.3"),
        spend(MONDAY, "0.2"),
        spend(MONDAY, 0, FREE_MODEL),
        spend(MONDAY, "0.2"),
    )
    assert seen.paid(1) == [Paid("credits/free", None, "1 request", "1", "0")]
    assert seen.paid(2) == [wallet_paid("0.3")]
    assert seen.paid(3) == [wallet_paid("0.2")]
    # The last cent is gone: the limit binds again, and only free models are open.
    assert seen.refused(4) == Refused("rate_limited", "credits/free:rpm", "2026-03-02T10:01:00Z")
    assert not seen.requests[5]["admitted"]


def test_s1_8_a_wallet_switched_off_lifts_nothing_and_pays_nothing() -> None:
    burst = [spend(MONDAY, "0.01") for _ in range(21)]
    seen = replay(
        STARTER,
        top_up(MONDAY, 5),
        event(MONDAY, "switch", on=False),
        *burst,
        event(LATER, "switch", on=True),
        spend(LATER, "0.01"),
    )
    assert seen.admitted() == [True] * 20 + [False, True]


def test_s1_5_a_cancelled_plan_runs_to_its_end_and_the_wallet_stays() -> None:
    seen = replay(
        STARTER,
        top_up(MONDAY, 5),
        event(LATER, "cancel"),
        spend("2026-04-02T09:59:59Z", 1),
        spend(NEXT_MONTH, 1),
    )
    assert seen.paid(0) == [main_paid("100", "1")]
    assert seen.paid(1) == [wallet_paid("1")]


# ---- S1.6: the cost budget


def test_s1_6_the_budget_holds_main_and_backup_together_and_the_wallet_is_exempt() -> None:
    seen = replay(
        STARTER,
        event(MONDAY, "grant", plan=STARTER, pool="backup", amount=20000, reason="goodwill"),
        spend(MONDAY, 99),
        spend(LATER, "0.5"),
        top_up(LATER, 10),
        spend(LATER, 2),
        spend(LATER, 1),
    )
    assert seen.paid(0) == [main_paid("100", "1"), backup_paid("9800", "98")]
    assert seen.window(0, "credits/starter:budget") == ("99", "99", "100", NEXT_MONTH)
    assert seen.paid(2) == [backup_paid("50", "0.5"), wallet_paid("1.5")]
    assert seen.window(2, "credits/starter:budget") == ("0.5", "100", "100", NEXT_MONTH)
    assert seen.paid(3) == [wallet_paid("1")]
    assert seen.window(3, "credits/starter:budget") == ("0", "100", "100", NEXT_MONTH)


def test_s1_6_without_a_wallet_the_budget_refuses_until_the_month_turns() -> None:
    seen = replay(
        STARTER,
        event(MONDAY, "grant", plan=STARTER, pool="backup", amount=20000),
        spend(MONDAY, 101),
        spend("2026-04-02T09:59:59.999999Z", "0.01"),
        spend(NEXT_MONTH, "0.01"),
    )
    assert seen.debts(0) == ["0", "100"]
    assert seen.window(0, "credits/starter:budget") == ("101", "101", "100", NEXT_MONTH)
    assert seen.refused(1) == Refused("window_full", "credits/starter:budget", NEXT_MONTH)
    assert seen.admitted() == [True, False, True]
    assert seen.window(2, "credits/starter:budget") == ("0.01", "0.01", "100", "2026-05-02T10:00:00Z")


def test_s1_6_at_one_credit_a_cent_the_budget_never_binds_by_itself() -> None:
    seen = replay(STARTER, spend(MONDAY, 31), spend(LATER, 1))
    assert seen.refused(1).window == "credits/starter:day"
    assert seen.window(0, "credits/starter:budget")[1] == "31"


def test_s1_6_free_is_exempt() -> None:
    seen = replay("credits/free", {"at": MONDAY, "model": FREE_MODEL, "output": 10**9})
    assert [row["id"] for row in seen.requests[0]["windows"]] == ["credits/free:day", "credits/free:rpm"]


def test_s1_a_second_tier_beside_the_first_is_refused_with_the_reason() -> None:
    result = run_simulate(f"{STARTER},credits/pro", [spend(MONDAY, 1, OPUS)])
    assert result.exit_code == 2
    assert "credits/starter" in result.stderr
    assert result.stdout == ""
