"""Holds: closed exactly once, below, at or above what they reserved, whatever happened to their plan meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from faregate.core.commands import cancel, change_terms, set_segment, subscribe
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand, JournalGap, UnknownHold
from faregate.core.evolve import evolve
from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.settle import settle
from faregate.core.snapshot import from_data, to_data
from faregate.core.terms import ByModel, SourceTerms, Terms
from tests.core.driven_account import NOON, USD, DrivenAccount, output, paid, plan, pool, usd, window


def multiplied(value: int, version: str = "1", granted: str = "50", **more: Any) -> Terms:
    rule = ByModel("x", (("*", Fraction(value)),))
    sources = (SourceTerms("s", USD, "p", (), (rule,)),)
    return plan(version=version, pools=(pool(granted=granted),), sources=sources, **more)


@pytest.mark.parametrize(
    ("actual", "left", "debt"), [(0, "10", 0), (3, "7", 0), (5, "5", 0), (8, "2", 0), (13, "0", 3)]
)
def test_a_settlement_charges_what_was_used_below_at_and_above_the_hold(actual: int, left: str, debt: int) -> None:
    account = DrivenAccount(plan(pools=(pool(granted="10"),)))
    account.hold(output(5))
    assert account.left() == "5"
    (piece,) = account.settle(output(actual))
    assert (account.left(), account.pool().held, piece.debt) == (left, 0, usd(str(debt)))
    assert account.same_when_rebuilt()


def test_a_settlement_at_the_estimate_is_the_hold() -> None:
    account = DrivenAccount(
        plan("f/a", rank=0, pools=(pool(granted="0.333"),)), plan("f/b", rank=1, pools=(pool(granted="9"),))
    )
    held = account.hold(output(2), "m/third")
    assert account.settle(output(2)) == held


def test_a_settlement_above_the_hold_walks_the_sources_again() -> None:
    account = DrivenAccount(
        plan("f/a", rank=0, pools=(pool(granted="5"),)), plan("f/b", rank=1, pools=(pool(granted="5"),))
    )
    account.hold(output(2))
    assert paid(account.settle(output(7))) == [("f/a", "5", "1"), ("f/b", "2", "1")]


def test_what_a_hold_reserved_of_a_pool_pays_before_any_later_source() -> None:
    terms = plan(
        "f/a",
        rank=0,
        pools=(pool("p", granted="10"),),
        windows=(window("w", "lifetime", "4"),),
        sources=(SourceTerms("narrow", USD, "p", ("w",)), SourceTerms("wide", USD, "p")),
    )
    account = DrivenAccount(terms, plan("f/wallet", rank=1, pools=(pool(granted="50"),)))
    account.hold(output(10))
    assert {name for name, _, _ in paid(account.settle(output(10)))} == {"f/a"}
    assert account.left("p", "f/wallet") == "50"


def test_a_window_is_passed_by_no_more_than_actual_minus_hold_of_the_requests_open_at_the_crossing() -> None:
    account = DrivenAccount(plan(windows=(window("w", "calendar", "10", every="day"),)))
    for number in range(5):
        account.hold(output(2), id=str(number))
    account.refused(output(1))
    for number in range(5):
        account.settle(output(7), str(number))
    assert account.used("w") == "35"


def test_a_hold_is_closed_exactly_once() -> None:
    account = DrivenAccount(plan())
    account.hold(output(1))
    account.settle(output(1))
    with pytest.raises(UnknownHold):
        account.settle(output(1))
    with pytest.raises(UnknownHold):
        account.release()


def test_a_released_hold_leaves_no_trace_but_its_entries() -> None:
    account = DrivenAccount(
        plan(pools=(pool(granted="9"),), windows=(window("w", "first-use", "9", length=HOUR),), calls_per_prompt=3)
    )
    before = to_data(account.state)
    account.hold(output(4, prompts=1), session="s", prompt="k")
    account.release()
    after = to_data(account.state)
    assert {**after, "seq": 0, "subscriptions": 0} == {**before, "seq": 0, "subscriptions": 0}
    assert after["subscriptions"][0]["pools"] == before["subscriptions"][0]["pools"]
    assert after["subscriptions"][0]["prompt_calls"] == before["subscriptions"][0]["prompt_calls"]
    assert account.window("w").anchor is None


@pytest.mark.parametrize(("rule", "left"), [("release", "9"), ("charge", "5")])
def test_a_lost_hold_is_closed_by_its_plans_rule_when_it_expires(rule: str, left: str) -> None:
    account = DrivenAccount(plan(pools=(pool(granted="9"),), lost_hold=rule, hold_seconds=60))
    account.hold(output(4))
    assert account.at(NOON + MINUTE - 1).left() == "5"
    assert account.at(NOON + MINUTE).left() == left
    assert account.journal[-1].data.get("outcome", account.journal[-1].data.get("reason")) == "lost"
    assert not account.state.holds


def test_a_subscription_that_ends_under_a_hold_still_pays_for_it_and_is_forgotten_after() -> None:
    for close in ("settle", "release"):
        account = DrivenAccount(
            plan("f/a", rank=0, pools=(pool(granted="9"),), windows=(window("w", "lifetime", "9"),), period="30d"),
            plan("f/w", rank=1, pools=(pool(granted="9"),)),
        )
        account.hold(output(4))
        account.apply(cancel(account.state, account.subscription("f/a"), NOON, "c", at_once=True))
        account.at(NOON)
        assert list(account.state.ended) == ["f/a#1"]
        if close == "settle":
            assert paid(account.settle(output(6))) == [("f/a", "4", "1"), ("f/w", "2", "1")]
        else:
            assert ("house:expired", "USD", usd("4")) in account.release().postings
        assert not account.state.ended
        assert account.same_when_rebuilt()


def test_an_early_cancellation_runs_to_the_periods_end() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="9"),), period="30d"))
    account.apply(cancel(account.state, account.subscription(), NOON, "c"))
    assert account.at(NOON + 30 * DAY - 1).left() == "9"
    account.at(NOON + 30 * DAY)
    assert not account.state.subscriptions
    assert account.refused(output(1)).reason == "no_subscription"


def test_the_end_of_a_subscription_ends_the_segments_that_need_continuity() -> None:
    terms = plan(period="30d", segments=frozenset({"insider"}), continuity_segments=frozenset({"insider"}))
    account = DrivenAccount(terms)
    account.apply(set_segment(account.state, "insider", NOON, None, "early", NOON, "k"))
    account.apply(cancel(account.state, account.subscription(), NOON, "c"))
    assert account.state.in_segment("insider", NOON + 29 * DAY)
    account.at(NOON + 31 * DAY)
    assert account.state.segments["insider"][1] == NOON + 30 * DAY


def test_a_change_of_terms_resets_no_window_and_keeps_what_is_left() -> None:
    limited = (window("w", "first-use", "10", length=5 * HOUR),)
    account = DrivenAccount(plan(pools=(pool(granted="50"),), windows=limited))
    account.pay(output(6), id="1")
    wider = plan(version="2", pools=(pool(granted="90"),), windows=(replace(limited[0], limit=usd("20")),))
    account.known["f/plan", "2"] = wider
    account.apply(change_terms(account.state, account.subscription(), wider, NOON, "t"))
    assert (account.used("w"), account.left(), account.window("w").anchor) == ("6", "44", NOON)
    account.pay(output(14), id="2")
    assert account.refused(output(1)).retry_at == NOON + 5 * HOUR
    assert account.same_when_rebuilt()


def test_a_hold_made_before_a_change_of_terms_closes_after_it() -> None:
    account = DrivenAccount(multiplied(2))
    account.hold(output(3))
    cheaper = multiplied(1, "2")
    account.known["f/plan", "2"] = cheaper
    account.apply(change_terms(account.state, account.subscription(), cheaper, NOON, "t"))
    assert paid(account.settle(output(4))) == [("f/plan", "8", "2")]
    assert account.left() == "42"
    assert account.pay(output(4), id="new")[0].multiplier == "1"
    assert account.same_when_rebuilt()
    kept = from_data(json.loads(json.dumps(to_data(account.state))), account.plans)
    assert to_data(kept) == to_data(account.state)


def test_a_snapshot_keeps_what_the_terms_of_today_no_longer_have() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="9"),), windows=(window("w", "first-use", "9", length=HOUR),)))
    account.pay(output(2))
    bare = plan(version="2", pools=(pool("other", granted="1"),), sources=(SourceTerms("s", USD, "other"),))
    account.known["f/plan", "2"] = bare
    account.apply(change_terms(account.state, account.subscription(), bare, NOON, "t"))
    kept = from_data(json.loads(json.dumps(to_data(account.state))), account.plans)
    assert json.dumps(to_data(kept)) == json.dumps(to_data(account.state))
    assert kept.subscriptions["f/plan#1"].pools["p"].available == usd("7")
    assert account.same_when_rebuilt()


def test_only_one_plan_of_an_exclusive_group_runs() -> None:
    account = DrivenAccount(plan("f/a", exclusive="main"))
    with pytest.raises(BadCommand, match="only one of its kind"):
        subscribe(account.state, plan("f/b", exclusive="main"), NOON, "k")
    assert subscribe(account.state, plan("g/b", exclusive="main"), NOON, "k")


def test_an_entry_that_is_not_the_next_is_no_entry_of_the_account() -> None:
    account = DrivenAccount(plan())
    for seq in (1, 3):
        with pytest.raises(JournalGap):
            evolve(account.state, Entry("a", seq, NOON, "open", "k", [], [], {}), account.plans)


def test_a_settlement_is_a_function_of_its_arguments() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="9"),)))
    account.hold(output(3))
    entries = [settle(account.state, "r", output(5), NOON, account.market) for _ in range(2)]
    assert json.dumps(entries[0]) == json.dumps(entries[1])
