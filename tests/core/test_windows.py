"""Windows: when each kind opens, closes, forgets, and is opened again."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.core.amounts import MILLI, parse, render
from faregate.core.commands import reset_windows
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, parse_instant, render_instant
from tests.core.driven_account import NOON, DrivenAccount, output, plan, window


def account_with(kind: str, limit: str = "10", **more: Any) -> DrivenAccount:
    return DrivenAccount(plan(windows=(window("w", kind, limit, **more),)))


def test_a_first_use_window_opens_at_the_first_admission_and_not_at_purchase_or_settlement() -> None:
    account = account_with("first-use", length=5 * HOUR)
    account.at(NOON + HOUR).hold(output(1))
    account.at(NOON + HOUR + 20 * MINUTE).settle(output(10))
    assert account.refused(output(1)).retry_at == NOON + 6 * HOUR


def test_a_first_use_window_is_open_at_its_start_and_shut_at_its_end() -> None:
    account = account_with("first-use", length=5 * HOUR)
    account.pay(output(10))
    refused = account.at(NOON + 5 * HOUR - 1).refused(output(1))
    assert (refused.reason, refused.subject, refused.retry_at) == ("window_full", "f/plan#1:w", NOON + 5 * HOUR)
    assert account.passes_exactly_at(refused.retry_at, output(1))


def test_a_request_that_is_decided_after_a_later_one_draws_of_the_window_that_this_one_opened() -> None:
    """Two processes, or two machines whose clocks differ: the earlier moment may come second."""
    account = account_with("first-use", length=5 * HOUR)
    account.hold(output(9), id="later")
    account.at(NOON - SECOND).hold(output(1), id="earlier")
    assert (account.window("w").anchor, account.window("w").room_at(NOON)) == (NOON, 0)
    assert account.refused(output(1)).reason == "window_full"
    account.at(NOON + MINUTE).settle(output(1), "earlier")
    assert account.refused(output(1)).retry_at == NOON + 5 * HOUR
    assert account.same_when_rebuilt()


def test_a_release_with_no_other_draw_unopens_a_first_use_window() -> None:
    account = account_with("first-use", length=5 * HOUR)
    account.hold(output(4))
    account.at(NOON + MINUTE).release()
    account.at(NOON + HOUR).pay(output(10))
    assert account.refused(output(1)).retry_at == NOON + 6 * HOUR


def test_a_release_beside_another_draw_leaves_a_first_use_window_open() -> None:
    account = account_with("first-use", length=5 * HOUR)
    account.hold(output(4), id="first")
    account.at(NOON + HOUR).hold(output(4), id="second")
    account.release("first")
    assert account.window("w").anchor == NOON
    account.release("second")
    assert account.window("w").anchor is None


def test_a_hold_of_an_instance_that_was_left_and_forgotten_changes_nothing_when_it_closes() -> None:
    account = account_with("first-use", length=HOUR)
    account.hold(output(4), id="old")
    account.at(NOON + 2 * HOUR).hold(output(4), id="new")
    account.release("new")
    account.settle(output(1), "old")
    assert (account.window("w").anchor, account.window("w").used) == (None, 0)
    assert account.same_when_rebuilt()


def test_a_rest_settled_into_a_first_use_window_that_another_opened_since_counts_in_it() -> None:
    account = DrivenAccount(
        plan("f/first", rank=0, windows=(window("w", "lifetime", "3"),)),
        plan("f/second", rank=1, windows=(window("w", "first-use", "10", length=5 * HOUR),)),
    )
    account.hold(output(3), id="early")
    account.at(NOON + HOUR).pay(output(9), id="late")
    account.at(NOON + 2 * HOUR).settle(output(8), "early")
    assert account.used("w", "f/second") == "14"
    assert account.refused(output(1)).retry_at == NOON + 6 * HOUR


@pytest.mark.parametrize(
    ("every", "zone", "reopens"),
    [
        ("day", "UTC", "2026-03-05T00:00:00Z"),
        ("day", "Asia/Shanghai", "2026-03-04T16:00:00Z"),
        ("week", "UTC", "2026-03-09T00:00:00Z"),
        ("week", "America/New_York", "2026-03-09T04:00:00Z"),
        ("month", "Asia/Shanghai", "2026-03-31T16:00:00Z"),
    ],
)
def test_a_calendar_window_reopens_with_its_period_in_its_zone(every: str, zone: str, reopens: str) -> None:
    account = account_with("calendar", every=every, zone=zone)
    account.pay(output(10))
    assert render_instant(account.refused(output(1)).retry_at or 0) == reopens
    assert account.passes_exactly_at(parse_instant(reopens), output(1))


@pytest.mark.parametrize(
    ("every", "reopens"),
    [("7d", NOON + 7 * DAY), ("day", NOON + DAY), ("month", parse_instant("2026-04-04T12:00:00Z"))],
)
def test_a_purchase_window_counts_from_the_order(every: str, reopens: int) -> None:
    account = account_with("purchase", every=every)
    account.at(NOON + 3 * HOUR).pay(output(10))
    assert account.refused(output(1)).retry_at == reopens
    assert account.passes_exactly_at(reopens, output(1))


def test_a_lifetime_window_never_reopens() -> None:
    account = account_with("lifetime")
    account.pay(output(10))
    assert account.at(NOON + 900 * DAY).refused(output(1)).retry_at is None


def test_a_sliding_window_gives_back_what_left_it_bucket_by_bucket() -> None:
    account = account_with("sliding", "3", length=HOUR)
    for minutes in (0, 10, 20):
        account.at(NOON + minutes * MINUTE).pay(output(1))
    assert account.refused(output(1)).retry_at == NOON + HOUR
    assert account.passes_exactly_at(NOON + HOUR, output(1))
    account.pay(output(1))
    assert account.refused(output(1)).retry_at == NOON + 70 * MINUTE


def test_a_sliding_window_keeps_sixty_buckets_and_errs_by_less_than_one_of_them() -> None:
    account = account_with("sliding", "1000", length=HOUR)
    for second in range(0, 7200, 7):
        account.at(NOON + second * SECOND).pay(output(1))
        used = account.window("w").used_at(account.now) // 10**9
        draws = range(0, second + 1, 7)
        assert (
            sum(1 for each in draws if each > second - 3540)
            <= used
            <= sum(1 for each in draws if each > second - 3600)
        )
        assert len(account.window("w").buckets) <= 60


def test_draws_of_one_sixtieth_share_a_bucket_that_is_as_old_as_its_first() -> None:
    account = account_with("sliding", "2", length=HOUR)
    account.pay(output(1))
    account.at(NOON + MINUTE - 1).pay(output(1))
    assert [start for start, _ in account.window("w").buckets] == [NOON]
    account = account_with("sliding", "2", length=HOUR)
    account.pay(output(1))
    account.at(NOON + MINUTE).pay(output(1))
    assert len(account.window("w").buckets) == 2


def test_what_closes_after_its_bucket_has_left_is_not_counted_again() -> None:
    account = account_with("sliding", length=HOUR)
    account.hold(output(4), id="old")
    account.at(NOON + 2 * HOUR).pay(output(1), id="new")
    account.settle(output(9), "old")
    assert (account.used("w"), len(account.window("w").buckets)) == ("1", 1)
    assert account.same_when_rebuilt()


def test_a_manual_reset_forgets_what_was_used_and_never_moves_the_anchor() -> None:
    account = account_with("first-use", length=5 * HOUR)
    account.pay(output(10))
    account.at(NOON + HOUR)
    account.apply(reset_windows(account.state, account.subscription(), None, account.now, "z"))
    assert (account.used("w"), account.window("w").anchor) == ("0", NOON)
    account.pay(output(10))
    assert account.refused(output(1)).retry_at == NOON + 5 * HOUR


@pytest.mark.parametrize("kind", ["first-use", "sliding"])
def test_a_reset_keeps_what_open_holds_reserve_so_that_their_release_goes_to_zero(kind: str) -> None:
    account = account_with(kind, length=5 * HOUR)
    account.pay(output(4), id="done")
    account.at(NOON + MINUTE).hold(output(3), id="open")
    entry = account.apply(reset_windows(account.state, account.subscription(), "w", account.now, "z"))
    assert account.used("w") == "3"
    assert entry.windows[0][2] == -4 * 10**9
    account.release("open")
    assert account.used("w") == "0"
    assert account.same_when_rebuilt()


def test_a_window_on_another_meter_counts_in_its_own_unit() -> None:
    rpm = window("rpm", "sliding", "2", "request", length=MINUTE, guard=True)
    account = DrivenAccount(plan(windows=(rpm,)))
    account.pay(output(50), id="1")
    account.pay(output(0), id="2")
    assert account.window("rpm").used_at(NOON) == 2 * MILLI
    assert account.refused(output(0)).reason == "rate_limited"


def test_a_draw_of_zero_is_never_refused_by_the_meter_it_does_not_draw_on() -> None:
    account = account_with("lifetime", "1")
    account.pay(output(1))
    assert account.pay(output(0))[0].amount == 0


def test_a_settlement_after_the_window_closed_counts_in_no_other_instance() -> None:
    account = account_with("calendar", every="day")
    account.hold(output(2))
    account.at(NOON + DAY).settle(output(9))
    assert account.used("w") == "0"
    assert account.same_when_rebuilt()


@pytest.mark.parametrize(("early", "on_the_first"), [(1, "10"), (0, "25")])
def test_an_instance_that_is_over_at_settlement_binds_nobody_any_more(early: int, on_the_first: str) -> None:
    account = DrivenAccount(
        plan("f/a", rank=0, windows=(window("w", "sliding", "10", length=HOUR),)), plan("f/b", rank=1)
    )
    account.hold(output(5))
    slices = account.at(NOON + HOUR - early).settle(output(25))
    assert render(slices[0].amount, "USD") == on_the_first
    assert sum(piece.amount for piece in slices) == parse("25", "USD")
