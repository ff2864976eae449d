"""Pools: in which order lots burn, how each rule refills, what is owed and what comes back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import pytest

from faregate.core.commands import renew, restore, set_restore_mode
from faregate.core.errors import BadCommand
from faregate.core.instants import DAY, HOUR, MINUTE, parse_instant
from faregate.core.terms import Refill
from tests.core.driven_account import NOON, DrivenAccount, output, plan, pool, usd, window

MIDNIGHT = parse_instant("2026-03-05T00:00:00Z")


def refilled(kind: Literal["renewal", "calendar", "restore"], amount: str = "10", **more: Any) -> Refill:
    return Refill(kind, usd(amount), **({"every": "day"} | more))


def causes(account: DrivenAccount) -> list[tuple[str, str]]:
    return [(lot.cause, lot.ledger.rpartition(":")[2]) for lot in account.pool().lots if lot.balance]


def test_lots_burn_by_priority_then_earlier_expiry_then_earlier_grant() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="1"),)))
    account.grant("1", expires_at=NOON + 2 * DAY)
    account.grant("1", expires_at=NOON + DAY)
    account.at(NOON + 1).grant("1", priority=5, expires_at=NOON + HOUR)
    account.grant("1", priority=-1)
    account.grant("1")
    burnt = [account.pay(output(1), id=str(number))[0].lots[0][0].rpartition(":")[2] for number in range(6)]
    assert burnt == ["5", "3", "2", "1", "6", "4"]


def test_one_draw_takes_several_lots_and_says_what_of_each() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="2"),)))
    account.grant("3", priority=-1)
    (piece,) = account.pay(output(4))
    assert [(ledger.rpartition(":")[2], part) for ledger, part in piece.lots] == [("2", usd("3")), ("1", usd("1"))]


def test_a_calendar_pool_is_full_again_at_each_period_and_what_was_left_lapses() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("calendar")),)))
    account.pay(output(4))
    assert account.at(MIDNIGHT - 1).left() == "6"
    assert account.at(MIDNIGHT).left() == "10"
    assert account.at(MIDNIGHT + 9 * DAY + 1).left() == "10"
    assert account.same_when_rebuilt()


def test_a_grant_outlives_the_fillings_until_it_expires() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("calendar")),)))
    account.grant("5", expires_at=MIDNIGHT + HOUR)
    assert account.at(MIDNIGHT).left() == "15"
    assert account.at(MIDNIGHT + HOUR - 1).left() == "15"
    assert account.at(MIDNIGHT + HOUR).left() == "10"


def test_renewal_fills_with_the_bonus_at_each_paid_period_and_31sts_stay_31sts() -> None:
    refill = refilled("renewal", bonus=Fraction(1, 5))
    account = DrivenAccount(
        plan(pools=(pool(refill=refill),), period="month"), now=parse_instant("2026-01-31T10:00:00Z")
    )
    account.pay(output(2))
    assert account.left() == "10"
    for renewal in ("2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"):
        account.at(parse_instant(renewal) - 1)
        assert account.left() in ("10", "11")
        assert account.at(parse_instant(renewal)).left() == "12"
        account.pay(output(1))


def test_a_renewal_while_holds_are_open_lets_what_they_give_back_lapse() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("renewal")),), period="month"))
    account.hold(output(6))
    account.apply(renew(account.state, account.subscription(), NOON, "n"))
    assert (account.left(), account.pool().held) == ("10", usd("6"))
    entry = account.release()
    assert ("house:expired", "USD", usd("6")) in entry.postings
    assert (account.left(), account.pool().held) == ("10", 0)


def test_a_settlement_after_a_renewal_pays_from_what_it_held_and_the_rest_from_the_new_lot() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("renewal")),), period="month"))
    account.hold(output(6))
    account.apply(renew(account.state, account.subscription(), NOON, "n"))
    (piece,) = account.settle(output(8))
    assert piece.amount == usd("8")
    assert account.left() == "8"


def test_a_lot_that_expired_while_it_was_held_pays_for_the_hold_and_takes_nothing_back() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="1"),)))
    account.grant("5", priority=-1, expires_at=NOON + HOUR)
    account.hold(output(5))
    account.at(NOON + 2 * HOUR)
    account.settle(output(3))
    assert account.left() == "1"
    assert account.same_when_rebuilt()


def test_a_restore_happens_in_the_middle_of_a_request_twice_a_day() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("restore", times=2)),)))
    (piece,) = account.pay(output(25))
    assert (piece.amount, len(piece.lots)) == (usd("25"), 3)
    assert (account.left(), account.pool().restores_left(NOON)) == ("5", 0)
    account.pay(output(5))
    refused = account.refused(output(1))
    assert (refused.reason, refused.retry_at) == ("pool_empty", MIDNIGHT)
    assert account.passes_exactly_at(MIDNIGHT, output(1))


def test_a_restore_that_was_not_needed_is_undone() -> None:
    for close in ("release", "settle"):
        account = DrivenAccount(plan(pools=(pool(refill=refilled("restore", times=1)),)))
        account.hold(output(15))
        if close == "release":
            account.release()
        else:
            account.settle(output(4))
        assert account.pool().restores_left(NOON) == 1
        assert account.left() == ("10" if close == "release" else "6")
        assert account.same_when_rebuilt()


def test_undoing_yesterdays_restore_gives_today_none_more() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("restore", times=1)),)))
    account.pay(output(9))
    account.hold(output(2), id="yesterday")
    account.at(MIDNIGHT).pay(output(10), id="today")
    assert account.pool().restores_left(MIDNIGHT) == 0
    account.release("yesterday")
    assert account.pool().restores_left(MIDNIGHT) == 0


def test_returns_never_lift_a_restored_pool_above_its_cap() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("restore", times=2)),)))
    account.hold(output(12), id="large")
    account.pay(output(1), id="small")
    account.release("large")
    assert account.pool().available + account.pool().held <= usd("10")
    assert account.same_when_rebuilt()


def test_a_restore_leaves_room_for_what_other_holds_may_give_back() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("restore", times=2)),)))
    account.hold(output(9), id="other")
    account.hold(output(2), id="restoring")
    account.release("other")
    assert account.left() == "9"
    account.release("restoring")
    assert (account.left(), account.pool().restores_left(NOON)) == ("10", 2)


def test_a_pool_in_manual_mode_restores_only_when_its_owner_asks() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("restore", times=1)),)))
    account.apply(set_restore_mode(account.state, account.pool(), False, NOON, "m"))
    account.pay(output(9))
    account.hold(output(5))
    assert account.left() == "0"
    refused = account.refused(output(1), id="x")
    assert refused.retry_at is None
    account.apply(restore(account.state, account.subscription(), account.pool(), NOON, "o"))
    assert account.left() == "9"
    with pytest.raises(BadCommand, match="was restored 1 times"):
        restore(account.state, account.subscription(), account.pool(), NOON, "o")


def test_a_restore_that_nothing_can_be_drawn_from_is_not_made() -> None:
    tight = plan(
        pools=(pool(refill=refilled("restore", times=1)),),
        windows=(window("w", "lifetime", "11"),),
        admission="fits",
    )
    account = DrivenAccount(tight)
    account.pay(output(10))
    account.refused(output(5))
    assert account.pool().restores_left(NOON) == 1


def test_forgiven_debt_is_gone_and_carried_debt_is_repaid_by_the_next_top_up_first() -> None:
    for rule, owed in (("forgive", "0"), ("carry", "4")):
        account = DrivenAccount(plan(pools=(pool(granted="6", debt=rule),)))
        account.hold(output(6))
        (piece,) = account.settle(output(10))
        assert (piece.amount, piece.debt) == (usd("6"), usd("4"))
        assert account.pool().owed == usd(owed)
        account.grant("5")
        assert account.left() == ("5" if rule == "forgive" else "1")
        assert account.pool().owed == 0


def test_nothing_is_admitted_from_a_pool_while_it_owes_but_what_draws_nothing() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="6", debt="carry"),)))
    account.hold(output(6))
    account.settle(output(10))
    refused = account.refused(output(1))
    assert (refused.reason, refused.subject, refused.retry_at) == ("debt_owed", "f/plan#1:p", None)
    assert account.pay(output(0))[0].amount == 0


def test_what_a_hold_gives_back_repays_the_debt_of_its_pool() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="10", debt="carry"),)))
    account.hold(output(5), id="a")
    account.hold(output(5), id="b")
    account.settle(output(7), "a")
    assert account.pool().owed == usd("2")
    account.settle(output(1), "b")
    assert (account.pool().owed, account.left()) == (0, "2")


def test_a_pool_that_carries_debt_pays_out_of_its_balance_first_where_a_window_was_what_ended() -> None:
    account = DrivenAccount(
        plan(pools=(pool(granted="10", debt="carry"),), windows=(window("w", "calendar", "4", every="day"),))
    )
    account.hold(output(4))
    account.settle(output(9))
    assert (account.pool().owed, account.left(), account.used("w")) == (0, "1", "9")


@pytest.mark.parametrize(("debt", "days"), [(12, 2), (8, 1), (29, 3), (30, 4)])
def test_missed_calendar_fillings_each_repay_their_part_and_retry_at_counts_them(debt: int, days: int) -> None:
    terms = plan(pools=(pool(refill=refilled("calendar"), debt="carry"),))
    account = DrivenAccount(terms)
    account.hold(output(10))
    account.settle(output(10 + debt))
    refused = account.refused(output(1))
    expected = MIDNIGHT + (days - 1) * DAY
    assert (refused.reason, refused.retry_at) == ("debt_owed", expected)
    assert account.passes_exactly_at(expected, output(1))
    seen_late = DrivenAccount(terms)
    seen_late.hold(output(10))
    seen_late.settle(output(10 + debt))
    assert seen_late.at(expected + MINUTE).left() == account.at(expected + MINUTE).left()


def test_an_overrun_that_was_forgiven_leaves_the_next_filling_whole() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=refilled("calendar")),)))
    account.hold(output(10))
    account.settle(output(100))
    assert account.at(MIDNIGHT).left() == "10"
