"""S0 · 88code: three kinds of plan side by side. Days turn at 16:00 UTC, midnight in Shanghai."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.scenarios.replaying import Paid, Refused, event, replay, spend

FREE, PLUS, PAYGO = "88code/free", "88code/plus", "88code/paygo"
ALL = f"{FREE},{PLUS},{PAYGO}"
NOON = "2026-03-02T04:00:00Z"
LATER = "2026-03-02T04:00:01Z"
MIDNIGHT = "2026-03-02T16:00:00Z"
NEXT_MIDNIGHT = "2026-03-03T16:00:00Z"


# ---- S0.2: burn order and splits


def test_s0_2_the_last_10_cents_of_free_at_twice_pay_5_cents_of_list_and_the_rest_goes_on() -> None:
    seen = replay(f"{FREE},{PLUS}", spend(NOON, "9.95"), spend(LATER, 1))
    assert seen.paid(0) == [Paid(FREE, "day", "19.9 USD", "2", "9.95")]
    assert seen.paid(1) == [
        Paid(FREE, "day", "0.1 USD", "2", "0.05"),
        Paid(PLUS, "cap", "0.95 USD", "1", "0.95"),
    ]
    assert seen.window(1, "88code/plus:day") == ("0.95", "0.95", "100", MIDNIGHT)


@pytest.mark.parametrize("order", [",".join(order) for order in permutations((FREE, PLUS, PAYGO))])
def test_s0_2_the_order_on_the_command_line_does_not_matter(order: str) -> None:
    seen = replay(order, spend(NOON, 200))
    assert [piece.source for piece in seen.paid(0)] == [FREE, PLUS, PAYGO, PAYGO, PAYGO]


def test_s0_2_one_request_may_cross_every_source_restore_and_bracket() -> None:
    seen = replay(ALL, spend(NOON, 200))
    assert seen.paid(0) == [
        Paid(FREE, "day", "20 USD", "2", "10"),
        Paid(PLUS, "cap", "100 USD", "1", "100"),
        Paid(PAYGO, "pack", "20 USD", "1", "20"),
        Paid(PAYGO, "pack", "45 USD", "1.5", "30"),
        Paid(PAYGO, "pack", "80 USD", "2", "40"),
    ]
    assert seen.debts(0) == ["0"] * 5
    assert seen.totals["list_value"] == {"USD": "200"}
    assert seen.totals["drawn"] == {FREE: {"USD": "20"}, PLUS: {"USD": "100"}, PAYGO: {"USD": "145"}}


def test_s0_2_list_values_of_a_split_request_add_up_to_the_nano() -> None:
    odd = {"at": NOON, "model": "claude-sonnet-4", "input": 7, "cached": 11, "cache_write_5m": 13, "output": 1}
    seen = replay(f"{FREE},{PLUS}", spend(NOON, "9.99995"), odd)
    first, second = seen.paid(1)
    assert first == Paid(FREE, "day", "0.0001 USD", "2", "0.00005")
    # 7 × 3 + 11 × 0.3 + 13 × 3.75 + 15 = 88.05 millionths of a dollar.
    assert second == Paid(PLUS, "cap", "0.00003805 USD", "1", "0.00003805")


def test_s0_2_without_free_and_plan_paygo_alone_pays() -> None:
    seen = replay(f"{PAYGO},{FREE}", spend(NOON, 10), spend(LATER, 1))
    assert seen.paid(0) == [Paid(FREE, "day", "20 USD", "2", "10")]
    assert seen.paid(1) == [Paid(PAYGO, "pack", "1 USD", "1", "1")]


def test_s0_2_a_gift_of_the_house_goes_to_free_and_burns_after_the_allowance_of_the_day() -> None:
    seen = replay(
        f"{PLUS},{FREE}",
        event(NOON, "grant", amount=5, reason="thanks"),
        spend(NOON, 10),
        spend(LATER, 1),
        spend(MIDNIGHT, 11),
    )
    assert seen.paid(0) == [Paid(FREE, "day", "20 USD", "2", "10")]
    assert seen.paid(1) == [Paid(FREE, "day", "2 USD", "2", "1")]
    # The 3 dollars left of the gift outlive the night; the new allowance burns first.
    assert seen.paid(2) == [Paid(FREE, "day", "22 USD", "2", "11")]


# ---- S0.3: FREE


def test_s0_3_free_has_20_dollars_a_calendar_day_in_shanghai() -> None:
    seen = replay(
        FREE,
        spend(NOON, "9.9"),
        spend(LATER, 1),
        spend("2026-03-02T15:59:59.999999Z", 1),
        spend(MIDNIGHT, 1),
    )
    assert seen.paid(1) == [Paid(FREE, "day", "0.2 USD", "2", "1")]
    assert seen.debts(1) == ["1.8"]
    assert seen.refused(2) == Refused("pool_empty", "88code/free:day", MIDNIGHT)
    assert seen.requests[2]["refused"]["kind"] == "pool"
    assert seen.paid(3) == [Paid(FREE, "day", "2 USD", "2", "1")]


def test_s0_3_a_debt_of_free_is_forgiven_not_carried_into_the_next_day() -> None:
    seen = replay(FREE, spend(NOON, 30), spend(MIDNIGHT, 10), spend(MIDNIGHT, 1))
    assert seen.debts(0) == ["40"]
    assert seen.paid(1) == [Paid(FREE, "day", "20 USD", "2", "10")]
    assert seen.refused(2) == Refused("pool_empty", "88code/free:day", NEXT_MIDNIGHT)


def test_s0_3_what_is_left_of_a_day_does_not_add_to_the_next() -> None:
    seen = replay(FREE, spend("2026-03-02T15:59:59Z", 1), spend(MIDNIGHT, 10), spend(MIDNIGHT, 1))
    assert seen.admitted() == [True, True, False]


def test_s0_3_the_operator_changes_the_multiplier_at_run_time() -> None:
    seen = replay(
        FREE,
        spend(NOON, 1),
        event(LATER, "multiplier", value="1.5"),
        spend(LATER, 1),
        event("2026-03-02T05:00:00Z", "multiplier", plan=FREE, name="season", value=1),
        spend("2026-03-02T05:00:00Z", 1),
        event("2026-03-02T06:00:00Z", "multiplier", value="10/3"),
        spend("2026-03-02T06:00:00Z", 1),
    )
    assert [seen.paid(index)[0][2:4] for index in range(4)] == [
        ("2 USD", "2"),
        ("1.5 USD", "1.5"),
        ("1 USD", "1"),
        ("3.333333333 USD", "10/3"),
    ]


def test_s0_3_a_cheaper_multiplier_makes_the_rest_of_the_day_go_further() -> None:
    seen = replay(
        FREE,
        spend(NOON, 9),
        event(LATER, "multiplier", value="0.5"),
        spend(LATER, 4),
        spend(LATER, 1),
    )
    assert seen.paid(1) == [Paid(FREE, "day", "2 USD", "0.5", "4")]
    assert seen.refused(2) == Refused("pool_empty", "88code/free:day", MIDNIGHT)


# ---- S0.4: PLUS, PRO, MAX


@pytest.mark.parametrize(("plan", "cap", "day"), [("plus", 50, 100), ("pro", 70, 140), ("max", 100, 200)])
def test_s0_4_a_cap_restored_twice_a_day_and_the_daily_total(plan: str, cap: int, day: int) -> None:
    name = f"88code/{plan}"
    seen = replay(
        name,
        spend(NOON, cap),
        spend(LATER, day - cap),
        spend("2026-03-02T04:00:02Z", 1),
        spend(MIDNIGHT, day),
        spend(MIDNIGHT, 1),
    )
    assert seen.paid(0) == [Paid(name, "cap", f"{cap} USD", "1", str(cap))]
    assert seen.window(1, f"{name}:day") == (str(day - cap), str(day), str(day), MIDNIGHT)
    assert seen.refused(2) == Refused("window_full", f"{name}:day", MIDNIGHT)
    assert seen.requests[2]["refused"]["kind"] == "window"
    assert seen.paid(3) == [Paid(name, "cap", f"{day} USD", "1", str(day))]
    assert seen.refused(4) == Refused("window_full", f"{name}:day", NEXT_MIDNIGHT)


def test_s0_4_the_pool_restores_itself_in_the_middle_of_a_request() -> None:
    seen = replay(PLUS, spend(NOON, "49.5"), spend(LATER, 2))
    assert seen.paid(1) == [Paid(PLUS, "cap", "2 USD", "1", "2")]
    assert seen.debts(1) == ["0"]


def test_s0_4_a_request_beyond_the_day_is_admitted_while_anything_is_left_and_its_excess_forgiven() -> None:
    seen = replay(PLUS, spend(NOON, 120), spend(LATER, 1), spend(MIDNIGHT, 100))
    assert seen.paid(0) == [Paid(PLUS, "cap", "100 USD", "1", "120")]
    assert seen.debts(0) == ["20"]
    assert seen.window(0, "88code/plus:day") == ("120", "120", "100", MIDNIGHT)
    assert seen.refused(1) == Refused("window_full", "88code/plus:day", MIDNIGHT)
    assert seen.debts(2) == ["0"]


def test_s0_4_by_button_the_pool_waits_for_its_owner() -> None:
    seen = replay(
        PLUS,
        event(NOON, "restore_mode", mode="manual"),
        spend(NOON, 45),
        spend(NOON, 10),
        spend(NOON, 1),
        event(LATER, "restore"),
        event(LATER, "restore"),
        spend(LATER, 40),
        event(LATER, "restore"),
        spend(LATER, 5),
        event(LATER, "restore", plan=PLUS, pool="cap"),
    )
    assert seen.debts(1) == ["5"]
    assert seen.refused(2) == Refused("pool_empty", "88code/plus:cap", None)
    assert seen.paid(3) == [Paid(PLUS, "cap", "40 USD", "1", "40")]
    assert seen.window(4, "88code/plus:day") == ("5", "100", "100", MIDNIGHT)
    assert [row["applied"] for row in seen.events] == [True, True, False, True, False]
    assert "at its cap" in seen.events[2]["problem"]
    assert "2 times" in seen.events[4]["problem"]


def test_s0_4_restores_count_by_the_calendar_day_in_shanghai() -> None:
    seen = replay(
        PLUS,
        event(NOON, "restore_mode", mode="manual"),
        *(line for _ in range(2) for line in (spend(NOON, 20), event(NOON, "restore"))),
        spend(LATER, 20),
        event("2026-03-02T15:59:59Z", "restore"),
        event(MIDNIGHT, "restore"),
    )
    assert [row["applied"] for row in seen.events] == [True, True, True, False, True]


def test_s0_4_a_full_plan_hands_the_request_on_to_paygo_and_takes_over_again_the_next_day() -> None:
    seen = replay(f"{PLUS},{PAYGO}", spend(NOON, "99.5"), spend(LATER, 1), spend(MIDNIGHT, 1))
    assert seen.paid(1) == [
        Paid(PLUS, "cap", "0.5 USD", "1", "0.5"),
        Paid(PAYGO, "pack", "0.5 USD", "1", "0.5"),
    ]
    assert seen.paid(2) == [Paid(PLUS, "cap", "1 USD", "1", "1")]


# ---- S0.5: PayGo


def test_s0_5_the_multiplier_rises_with_the_list_value_paid_that_day() -> None:
    seen = replay(
        PAYGO,
        spend(NOON, 30),
        spend(LATER, 30),
        spend("2026-03-02T15:59:59.999999Z", 1),
        spend(MIDNIGHT, 30),
    )
    assert seen.paid(0) == [Paid(PAYGO, "pack", "20 USD", "1", "20"), Paid(PAYGO, "pack", "15 USD", "1.5", "10")]
    assert seen.paid(1) == [Paid(PAYGO, "pack", "30 USD", "1.5", "20"), Paid(PAYGO, "pack", "20 USD", "2", "10")]
    assert seen.paid(2) == [Paid(PAYGO, "pack", "2 USD", "2", "1")]
    assert seen.paid(3) == seen.paid(0)


def test_s0_5_a_bracket_is_left_exactly_at_its_bound() -> None:
    seen = replay(PAYGO, spend(NOON, 20), spend(LATER, 30), spend(LATER, 1))
    assert seen.paid(0) == [Paid(PAYGO, "pack", "20 USD", "1", "20")]
    assert seen.paid(1) == [Paid(PAYGO, "pack", "45 USD", "1.5", "30")]
    assert seen.paid(2) == [Paid(PAYGO, "pack", "2 USD", "2", "1")]


def test_s0_5_only_what_paygo_itself_has_paid_counts_for_its_brackets() -> None:
    seen = replay(f"{FREE},{PAYGO}", spend(NOON, 29), spend(LATER, 2))
    assert seen.paid(0) == [Paid(FREE, "day", "20 USD", "2", "10"), Paid(PAYGO, "pack", "19 USD", "1", "19")]
    assert seen.paid(1) == [Paid(PAYGO, "pack", "1 USD", "1", "1"), Paid(PAYGO, "pack", "1.5 USD", "1.5", "1")]


def test_s0_5_200_dollars_once_and_no_expiry() -> None:
    seen = replay(
        PAYGO,
        spend(NOON, 20),
        spend("2028-03-02T04:00:00Z", 20),
        spend("2029-03-02T04:00:00Z", 100),
        spend("2029-03-02T04:00:01Z", 1),
        event("2029-03-02T04:00:02Z", "grant", amount=3),
        spend("2029-03-02T16:00:00Z", 1),
    )
    # 20 + 45 + 2 × 50 = 165, and 160 were left.
    assert [piece.amount for piece in seen.paid(2)] == ["20 USD", "45 USD", "95 USD"]
    assert seen.debts(2) == ["0", "0", "5"]
    assert seen.refused(3) == Refused("pool_empty", "88code/paygo:pack", None)
    assert seen.paid(4) == [Paid(PAYGO, "pack", "1 USD", "1", "1")]


def test_s0_6_claude_and_codex_only() -> None:
    seen = replay(ALL, spend(NOON, 1, model="x-ai/grok-4"), spend(NOON, 1, model="openai/gpt-5-codex"))
    assert seen.refused(0) == Refused("model_not_in_plan", None, None)
    assert seen.requests[0]["refused"]["kind"] == "model"
    assert seen.paid(1)[0].source == FREE
