"""Refusals: what binds is named, and the time named is exactly the time at which the request would pass."""

from __future__ import annotations

import json

import pytest

from faregate.core.amounts import MILLI
from faregate.core.commands import cancel, switch
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, parse_instant
from faregate.core.request import Admitted
from faregate.core.terms import Refill, SourceTerms, Terms, WindowTerms, unit_meter
from tests.core.driven_account import NOON, USD, DrivenAccount, output, plan, pool, usd, window

MIDNIGHT = parse_instant("2026-03-05T00:00:00Z")
MONDAY = parse_instant("2026-03-09T00:00:00Z")
DAILY = Refill("calendar", 10 * 10**9, "day")


def rpm(limit: str = "2", **more: object) -> WindowTerms:
    return window("rpm", "sliding", limit, "request", length=MINUTE, guard=True, **more)


def five_hours_and_week() -> Terms:
    return plan(
        windows=(
            window("five", "first-use", "5", length=5 * HOUR),
            window("week", "calendar", "8", every="week"),
        )
    )


def test_of_two_full_windows_the_one_that_reopens_last_binds() -> None:
    account = DrivenAccount(five_hours_and_week())
    account.pay(output(5), id="1")
    refused = account.refused(output(1))
    assert (refused.subject, refused.retry_at) == ("f/plan#1:five", NOON + 5 * HOUR)
    account.at(NOON + 5 * HOUR).pay(output(3), id="2")
    assert account.refused(output(1)).subject == "f/plan#1:week"
    account.at(NOON + 6 * HOUR)
    assert account.passes_exactly_at(account.refused(output(1)).retry_at, output(1))


def test_of_two_payers_the_one_that_can_pay_first_is_named() -> None:
    account = DrivenAccount(
        plan("f/a", rank=0, pools=(pool(refill=Refill("calendar", usd("1"), "week")),)),
        plan("f/b", rank=1, pools=(pool(refill=Refill("calendar", usd("1"), "day")),)),
    )
    account.pay(output(2))
    refused = account.refused(output(1))
    assert (refused.subject, refused.retry_at) == ("f/b#2:p", MIDNIGHT)
    assert [(block.subject, block.retry_at) for block in refused.blocks] == [
        ("f/a#1:p", MONDAY),
        ("f/b#2:p", MIDNIGHT),
    ]


def test_pool_and_window_that_return_together_name_the_window_that_binds() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=DAILY),), windows=(window("w", "calendar", "4", every="day"),)))
    account.pay(output(4))
    refused = account.refused(output(1))
    assert (refused.reason, refused.subject, refused.retry_at) == ("window_full", "f/plan#1:w", MIDNIGHT)


@pytest.mark.parametrize(("needed", "retry_at"), [(4, NOON + HOUR), (7, NOON + HOUR + MINUTE), (11, None)])
def test_under_fits_the_time_is_when_enough_of_a_sliding_window_has_left(needed: int, retry_at: int | None) -> None:
    account = DrivenAccount(plan(windows=(window("w", "sliding", "10", length=HOUR),), admission="fits"))
    account.pay(output(6), id="1")
    account.at(NOON + MINUTE).pay(output(4), id="2")
    refused = account.refused(output(needed))
    assert refused.retry_at == retry_at
    if retry_at is not None:
        assert account.passes_exactly_at(retry_at, output(needed))


def test_a_hold_that_can_never_fit_names_no_time() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=DAILY),), admission="fits"))
    assert account.refused(output(11)).retry_at is None
    account.pay(output(5))
    assert account.refused(output(10)).retry_at == MIDNIGHT


def test_a_grant_counts_beside_the_filling_to_come() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=DAILY),), admission="fits"))
    account.grant("5")
    account.pay(output(10))
    refused = account.refused(output(12))
    assert refused.retry_at == MIDNIGHT
    assert account.passes_exactly_at(MIDNIGHT, output(12))


def test_a_grant_that_lapses_before_the_window_reopens_is_no_hope() -> None:
    account = DrivenAccount(
        plan(pools=(pool(granted="5"),), windows=(window("w", "first-use", "5", length=5 * HOUR),))
    )
    account.grant("9", expires_at=NOON + HOUR)
    account.pay(output(5))
    assert account.left() == "9"
    account.grant("1", expires_at=NOON + 6 * HOUR)
    assert account.refused(output(1)).retry_at == NOON + 5 * HOUR
    poor = DrivenAccount(plan(pools=(pool(),), windows=(window("w", "first-use", "5", length=5 * HOUR),)))
    poor.grant("9", expires_at=NOON + HOUR)
    poor.pay(output(5))
    assert poor.refused(output(1)).retry_at is None


def test_no_time_is_named_beyond_the_end_of_the_subscription() -> None:
    terms = plan(windows=(window("w", "first-use", "5", length=5 * HOUR),), period="30d")
    for lived, retry_at in ((DAY, NOON + DAY + 5 * HOUR), (30 * DAY - HOUR, None)):
        account = DrivenAccount(terms)
        account.apply(cancel(account.state, account.subscription(), NOON, "c"))
        account.at(NOON + lived).pay(output(5))
        assert account.refused(output(1)).retry_at == retry_at


def test_a_renewal_that_comes_by_itself_is_named() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=Refill("renewal", usd("5"))),), period="month"))
    account.pay(output(5))
    refused = account.refused(output(1))
    assert refused.retry_at == parse_instant("2026-04-04T12:00:00Z")
    assert account.passes_exactly_at(refused.retry_at, output(1))
    account = DrivenAccount(plan(pools=(pool(refill=Refill("renewal", usd("5"))),), period="month", renews=False))
    account.pay(output(5))
    assert account.refused(output(1)).retry_at is None


def test_a_guard_refuses_whoever_could_pay_and_never_spills_into_money() -> None:
    account = DrivenAccount(plan("f/a", rank=0, windows=(rpm(),)), plan("f/w", rank=1, pools=(pool(granted="99"),)))
    account.pay(output(1), id="1")
    account.at(NOON + 20 * SECOND).pay(output(1), id="2")
    refused = account.refused(output(1))
    assert (refused.reason, refused.subject, refused.retry_at) == ("rate_limited", "f/a#1:rpm", NOON + MINUTE)
    assert account.passes_exactly_at(NOON + MINUTE, output(1))


def test_a_guard_and_an_empty_pool_name_whichever_lasts_longer() -> None:
    account = DrivenAccount(plan(pools=(pool(refill=DAILY),), windows=(rpm("1"),)))
    account.pay(output(10))
    refused = account.refused(output(1))
    assert (refused.reason, refused.retry_at) == ("pool_empty", MIDNIGHT)
    assert [block.reason for block in refused.blocks] == ["rate_limited", "pool_empty"]
    assert account.passes_exactly_at(MIDNIGHT, output(1))


def test_each_plans_own_guard_counts_a_request_once() -> None:
    account = DrivenAccount(plan("f/a", rank=0, windows=(rpm("3"),)), plan("f/b", rank=1, windows=(rpm("2"),)))
    account.pay(output(1), id="1")
    account.pay(output(1), id="2")
    assert (account.used("rpm", "f/a"), account.used("rpm", "f/b")) == ("2", "2")
    assert account.refused(output(1)).subject == "f/b#2:rpm"


def test_a_wallet_with_a_balance_lifts_the_guard_that_names_it() -> None:
    terms = plan("f/a", rank=0, windows=(rpm("1", lifted_by="f/w"),))
    account = DrivenAccount(terms, plan("f/w", rank=1, wallet=True, opt_in=True, pools=(pool(granted="1"),)))
    wallet = account.subscription("f/w")
    account.pay(output(1), id="1")
    assert account.refused(output(1)).reason == "rate_limited"
    account.apply(switch(account.state, wallet, True, NOON, "k"))
    account.pay(output(1), id="2")
    wallet.pools["p"].available = 0
    assert account.refused(output(1)).reason == "rate_limited"


def test_a_switched_off_wallet_does_not_pay_and_says_so() -> None:
    account = DrivenAccount(
        plan("f/a", rank=0, pools=(pool(granted="1"),)),
        plan("f/w", rank=1, wallet=True, opt_in=True, pools=(pool(granted="9"),)),
    )
    assert account.hold(output(3))[0].amount == usd("1")
    refused = account.refused(output(1))
    assert [block.reason for block in refused.blocks] == ["pool_empty", "switched_off"]
    account.apply(switch(account.state, account.subscription("f/w"), True, NOON, "k"))
    assert account.settle(output(3))[1].plan == "f/w"


def test_concurrency_counts_open_holds_and_waits_for_the_first_to_expire() -> None:
    guard = window("open", "concurrency", "2", "request", guard=True)
    account = DrivenAccount(plan(windows=(guard,), hold_seconds=60))
    account.hold(output(1), id="1")
    account.at(NOON + SECOND).hold(output(1), id="2")
    refused = account.refused(output(1))
    assert (refused.reason, refused.subject, refused.retry_at) == ("concurrency_full", "f/plan#1:open", NOON + MINUTE)
    account.settle(output(1), "2")
    account.hold(output(1), id="3")
    assert account.passes_exactly_at(NOON + MINUTE, output(1))


def test_two_hundred_requests_at_once_on_room_for_fifty_admit_exactly_fifty() -> None:
    requests = window("w", "first-use", "50", "request", length=5 * HOUR)
    account = DrivenAccount(
        plan(windows=(requests,), sources=(SourceTerms("s", unit_meter("request"), None, ("w",)),))
    )
    admitted, waits = 0, set()
    for number in range(200):
        found = account.decide(output(1), id=str(number))
        if isinstance(found, Admitted):
            account.apply(found.entry)
            admitted += 1
        else:
            waits.add((found.subject, found.retry_at))
    assert (admitted, waits) == (50, {("f/plan#1:w", NOON + 5 * HOUR)})
    assert account.window("w").used_at(NOON) == 50 * MILLI


@pytest.mark.parametrize(
    ("terms", "model", "reason"),
    [
        ((), "m/one", "no_subscription"),
        ((plan(sources=(SourceTerms("s", USD, models=("x/*",)),)),), "m/one", "model_not_in_plan"),
        ((plan(sources=(SourceTerms("s", USD, clients=("x",)),)),), "m/one", "client_not_in_plan"),
        ((plan(),), "m/none", "no_price"),
    ],
)
def test_a_request_that_no_source_covers_says_why_and_names_no_time(
    terms: tuple[Terms, ...], model: str, reason: str
) -> None:
    refused = DrivenAccount(*terms).refused(output(1), model)
    assert (refused.reason, refused.retry_at) == (reason, None)


def test_a_refused_request_leaves_the_journal_unchanged() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="1"),)))
    account.pay(output(1))
    before = json.dumps(account.journal)
    account.refused(output(1))
    assert json.dumps(account.journal) == before
    assert account.same_when_rebuilt()
