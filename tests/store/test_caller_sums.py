"""Sums by day, key and client: right at every moment, however far they were brought forward, on every engine."""

from __future__ import annotations

import pytest

from faregate.app.caller_sums import CallerSumming
from faregate.app.store_port import Append, Store
from faregate.app.usage_rollup import CallerKey, CallerSums, Rollup, caller_key
from faregate.core.instants import DAY
from tests.store.engines import Place
from tests.store.lines import START, grant, hold, settlement

FIRST = START // DAY
COUNT = 40


def settled(account: str, seq: int, number: int) -> list[Append]:
    """A hold and its settlement, on one of four days, with one of three keys and one of two clients."""
    request = f"req_{account}_{number}"
    batch = [hold(account, seq, request), settlement(account, seq + 1, request, (FIRST + number % 4) * DAY + number)]
    batch[1].entry.data.update(key=f"key_{number % 3}", client=("codex", "cline")[number % 2])
    return batch


def written(store: Store, account: str = "acc_a", count: int = COUNT, first: int = 0) -> None:
    for number in range(first, first + count):
        store.append(settled(account, 2 * number + 1, number))


def one_by_one(store: Store, account: str, first_day: int) -> dict[CallerKey, Rollup]:
    sums: dict[CallerKey, Rollup] = {}
    for row in store.usage_page(account, None, 10_000):
        if caller_key(row).day >= first_day:
            sums.setdefault(caller_key(row), Rollup()).add(row)
    return sums


@pytest.mark.parametrize("step", [1, 7, 64, 1000])
def test_sums_by_key_and_client_are_those_of_all_settlements_in_whatever_steps(store: Store, step: int) -> None:
    written(store)
    written(store, "acc_b", 3)
    summing = CallerSumming(store, step)
    for first_day in (0, FIRST, FIRST + 2, FIRST + 9):
        assert summing.of("acc_a", first_day) == one_by_one(store, "acc_a", first_day)
    summing.bring_forward("acc_a")
    assert store.callers_through() == {"acc_a": 2 * COUNT}
    assert store.caller_sums("acc_a", 0).sums == one_by_one(store, "acc_a", 0)
    # What is settled afterwards is in the answer before it is in the sums.
    written(store, count=5, first=COUNT)
    for first_day in (0, FIRST + 3):
        assert summing.of("acc_a", first_day) == one_by_one(store, "acc_a", first_day)
    assert store.callers_through() == {"acc_a": 2 * COUNT}


def test_who_asks_for_what_is_far_behind_brings_it_forward(store: Store) -> None:
    written(store)
    assert CallerSumming(store, step=30, behind=2 * COUNT).of("acc_a", 0) == one_by_one(store, "acc_a", 0)
    assert store.callers_through() == {"acc_a": 2 * COUNT}


def test_accounts_that_are_far_behind_are_brought_forward_until_it_is_enough(store: Store) -> None:
    for account, count in (("acc_a", 10), ("acc_b", 2), ("acc_c", 10)):
        written(store, account, count)
    looks = iter([True, True, False])
    CallerSumming(store, 100, behind=10).keep_up(lambda: next(looks, False))
    assert store.callers_through() == {"acc_a": 20}
    CallerSumming(store, 100, behind=10).keep_up()
    assert store.callers_through() == {"acc_a": 20, "acc_c": 20}


def test_sums_that_somebody_else_brought_forward_are_not_added_to_twice(place: Place) -> None:
    ours, theirs = place.open(), place.open()
    written(ours)
    before = ours.caller_sums("acc_a", 0)
    assert before == CallerSums(0, {})
    CallerSumming(theirs).bring_forward("acc_a")
    kept = ours.caller_sums("acc_a", 0)
    assert not ours.put_caller_sums("acc_a", 0, 2, {CallerKey(FIRST, "key_9", "codex"): Rollup()})
    assert ours.caller_sums("acc_a", 0) == kept
    CallerSumming(ours).bring_forward("acc_a")
    assert ours.caller_sums("acc_a", 0) == kept


def test_entries_that_are_no_settlements_are_passed_over(store: Store) -> None:
    store.append([grant("acc_a", seq) for seq in range(1, 8)])
    summing = CallerSumming(store, 3)
    summing.bring_forward("acc_a")
    assert (store.callers_through(), summing.of("acc_a", 0)) == ({"acc_a": 7}, {})
    summing.bring_forward("acc_nobody")
    assert summing.of("acc_nobody", 0) == {}
