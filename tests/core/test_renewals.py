"""Renewals and versions: who keeps a version, who moves to which, and what a move does to pools and windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from faregate.core.commands import cancel, renew, subscribe
from faregate.core.instants import DAY, HOUR, WEEK, parse_instant
from faregate.core.sale import Cohort, Sold, sold_at, terms_at_renewal
from faregate.core.snapshot import from_data, to_data
from faregate.core.terms import Refill, Terms
from tests.core.driven_account import MARKET, NOON, DrivenAccount, output, plan, pool, usd, window

TURN = NOON + 10 * DAY
RENEWAL = parse_instant("2026-04-04T12:00:00Z")
NEXT = parse_instant("2026-05-04T12:00:00Z")
PERIOD, WHILE_RENEWED = Cohort("period", TURN), Cohort("while_renewed", TURN)
ONE = plan(version="1")


def version(name: str, **more: Any) -> Terms:
    return plan(version=name, period="month", **more)


def sold(old: Terms, new: Terms, rule: Cohort | None = PERIOD, **more: Any) -> tuple[Sold, ...]:
    return Sold(old, 0, TURN, rule), Sold(new, TURN, None, None, **more)


def driven(old: Terms, new: Terms, rule: Cohort | None = PERIOD, now: int = NOON, **more: Any) -> DrivenAccount:
    """On ``old``, with ``new`` sold from TURN on."""
    account = DrivenAccount(old, now=now, market=replace(MARKET, sold={"f/plan": sold(old, new, rule, **more)}))
    account.known[new.plan, new.version] = new
    return account


# ---- which version


@pytest.mark.parametrize(("at", "found"), [(TURN - 1, "1"), (TURN, "2"), (TURN + WEEK, None)])
def test_the_version_sold_is_the_latest_that_has_begun_and_not_ended(at: int, found: str | None) -> None:
    versions = (Sold(version("1"), 0, TURN + 1), Sold(version("2"), TURN, TURN + DAY))
    row = sold_at(versions, at)
    assert (row.terms.version if row is not None else None) == found


@pytest.mark.parametrize(
    ("own", "former", "bought", "found"),
    [
        (WHILE_RENEWED, None, TURN - 1, "1"),
        (WHILE_RENEWED, None, TURN, "2"),
        (PERIOD, None, TURN - 1, "2"),
        (None, None, TURN - 1, "1"),
        (None, Cohort("period"), TURN - 1, "2"),
        (None, Cohort("while_renewed"), TURN + DAY, "1"),
        (None, Cohort("while_renewed", TURN), TURN, "2"),
        (WHILE_RENEWED, Cohort("period"), TURN - 1, "1"),
        (PERIOD, Cohort("while_renewed"), TURN - 1, "2"),
    ],
)
def test_a_versions_own_rule_goes_before_that_of_the_later_one(
    own: Cohort | None, former: Cohort | None, bought: int, found: str
) -> None:
    versions = sold(version("1"), version("2"), own, former=former)
    assert terms_at_renewal(versions, version("1"), bought, TURN + WEEK).version == found


def test_nobody_moves_back_nor_to_a_version_that_is_not_sold_nor_from_one_unknown() -> None:
    versions = (Sold(version("1"), 0), Sold(version("2"), TURN, TURN + DAY, Cohort("period")))
    assert terms_at_renewal(versions, version("2"), NOON, TURN + WEEK).version == "2"
    assert terms_at_renewal(versions[1:], version("2"), NOON, TURN + WEEK).version == "2"
    assert terms_at_renewal(versions, version("other"), NOON, TURN + WEEK).version == "other"


def test_a_later_version_still_is_taken_where_several_have_come_since() -> None:
    account = driven(version("1"), version("2"))
    third = version("3")
    account.known[third.plan, "3"] = third
    rows = (*sold(version("1"), version("2")), Sold(third, TURN + WEEK))
    account.market = replace(MARKET, sold={"f/plan": rows})
    assert account.at(RENEWAL).subscription().terms.version == "3"


# ---- the entry, and time


def test_a_renewal_that_moves_says_so_and_one_that_stays_does_not() -> None:
    moved = driven(version("1"), version("2")).at(RENEWAL)
    assert moved.subscription().terms.version == "2"
    assert {key: moved.journal[-1].data[key] for key in ("version", "former_version")} == {
        "version": "2",
        "former_version": "1",
    }
    kept = driven(version("1"), version("2"), WHILE_RENEWED).at(NEXT)
    assert kept.subscription().terms.version == "1"
    assert all("version" not in entry.data for entry in kept.journal[1:])


def test_nothing_moves_before_the_renewal_and_periods_go_on_from_the_purchase() -> None:
    account = driven(version("1"), version("2")).at(RENEWAL - 1)
    assert account.subscription().terms.version == "1"
    assert account.at(RENEWAL).subscription().period_end == NEXT
    assert account.subscription().bought_at == NOON


def test_looking_often_and_looking_once_come_to_the_same() -> None:
    old, new = version("1", pools=renewed("5")), version("2", pools=renewed("3"))
    often, once = driven(old, new), driven(old, new)
    for at in range(NOON, NEXT + WEEK, DAY):
        often.at(at)
    once.at(often.now)
    assert to_data(often.state) == to_data(once.state)
    assert often.journal == once.journal


def test_a_renewal_by_hand_follows_the_same_rule_and_counts_from_then() -> None:
    account = driven(version("1"), version("2")).at(TURN + DAY)
    account.apply(renew(account.state, account.subscription(), account.now, "n", account.market))
    assert account.subscription().terms.version == "2"
    assert account.same_when_rebuilt()


def test_a_lapse_ends_the_cohort() -> None:
    account = driven(version("1"), version("2"), WHILE_RENEWED)
    account.apply(cancel(account.state, account.subscription(), account.now, "c"))
    account.at(RENEWAL + 1)
    assert account.state.subscriptions == {}
    row = sold_at(account.market.sold["f/plan"], account.now)
    assert row is not None
    (entry,) = subscribe(account.state, row.terms, account.now, "again")
    account.apply(entry)
    assert account.at(NEXT + WEEK).subscription().terms.version == "2"
    assert account.same_when_rebuilt()


# ---- what a move does


def moved(old: dict[str, Any], new: dict[str, Any], before: int = 0) -> DrivenAccount:
    """Moved at RENEWAL; ``before`` USD were paid a day before."""
    account = driven(version("1", **old), version("2", **new)).at(RENEWAL - DAY)
    if before:
        account.pay(output(before))
    account.at(RENEWAL)
    assert account.same_when_rebuilt()
    again = from_data(to_data(account.state), account.plans)
    assert to_data(again) == to_data(account.state)
    return account


def renewed(size: str) -> tuple[Any, ...]:
    return (pool(refill=Refill("renewal", usd(size))),)


def test_a_pool_is_filled_to_its_new_size() -> None:
    assert moved({"pools": renewed("5")}, {"pools": renewed("3")}, before=1).left() == "3"
    assert moved({"pools": renewed("3")}, {"pools": renewed("5")}).left() == "5"


def test_a_pool_that_is_new_opens_and_one_that_is_gone_is_filled_no_more() -> None:
    other = pool("q", refill=Refill("renewal", usd("7")))
    account = moved({"pools": renewed("5")}, {"pools": (other,), "sources": plan(pools=(other,)).sources[:0]})
    assert (account.left("q"), account.left("p")) == ("7", "0")
    assert account.at(NEXT).left("p") == "0"
    assert account.left("q") == "7"


def test_a_daily_pool_becomes_a_monthly_one_and_back() -> None:
    daily = (pool(refill=Refill("calendar", usd("2"), every="day")),)
    account = moved({"pools": daily}, {"pools": renewed("9")})
    assert account.at(RENEWAL + 3 * DAY).left() == "9"
    account = moved({"pools": renewed("9")}, {"pools": daily}, before=1)
    assert account.left() == "2"
    account.pay(output(2))
    assert account.at(RENEWAL + DAY).left() == "2"


def test_what_was_granted_outlives_the_move() -> None:
    account = driven(version("1", pools=renewed("5")), version("2", pools=renewed("3")))
    account.grant("4")
    assert account.at(RENEWAL).left() == "7"


def test_a_window_goes_on_under_its_new_limit_and_begins_empty_in_another_unit() -> None:
    week: dict[str, Any] = {"kind": "first-use", "length": WEEK}
    old = {"windows": (window("week", limit="10", **week), window("other", limit="10", **week))}
    new = {"windows": (window("week", limit="8", **week), window("other", limit="3", unit="token", **week))}
    account = moved(old, new, before=4)
    assert (account.used("week"), account.window("week").limit) == ("4", usd("8"))
    assert account.used("other") == "0"


def test_a_hold_from_before_the_move_settles_under_the_terms_it_was_admitted_by() -> None:
    old, new = version("1", pools=renewed("5")), version("2", pools=renewed("3"))
    account = driven(old, new).at(RENEWAL - HOUR)
    account.hold(output(4))
    account.at(RENEWAL)
    assert account.left() == "3"
    (piece,) = account.settle(output(2))
    assert piece.amount == usd("2")
    assert account.left() == "3"
    assert account.same_when_rebuilt()
