"""Histories: whatever happens to an account, in whatever order, the laws hold and the naive oracle agrees."""

from __future__ import annotations

import json
import os
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from faregate.core.usage import Usage
from tests.core.generated_plans import MODELS, make_terms
from tests.core.histories import JUMPS, STARTS, History, run

FOUND = (
    1,
    13,
    21,
    138,
    323,
    361,
    622,
    674,
    1040,
    1211,
    1767,
    1812,
    2357,
    100742,
    101315,
    101337,
    202350,
    202430,
    10003398,
)
"""Seeds of histories that once broke a law, each for another reason."""

EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"


@pytest.mark.parametrize("seed", FOUND)
def test_a_history_that_once_broke_a_law_keeps_it(seed: int) -> None:
    run(seed)


@pytest.mark.parametrize("first", range(5_000_000, 5_000_200, 20))
def test_random_histories_keep_every_law(first: int) -> None:
    for seed in range(first, first + 20):
        run(seed)


@pytest.mark.parametrize("seed", range(7_000_000, 7_000_040))
def test_a_run_that_is_split_by_snapshots_writes_the_journal_of_the_whole_run(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = run(seed)
    with monkeypatch.context() as patched:
        patched.setattr(History, "swap_snapshot", lambda self: None)
        whole = run(seed)
    assert json.dumps(split.journal) == json.dumps(whole.journal)


@pytest.mark.parametrize("seed", range(8_000_000, 8_000_040))
def test_a_snapshot_after_every_step_changes_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(seed)
    checked = History.check

    def check_on_a_snapshot(history: History) -> None:
        history.swap_snapshot()
        checked(history)

    with monkeypatch.context() as patched:
        patched.setattr(History, "check", check_on_a_snapshot)
        split = run(seed)
    assert json.dumps(split.journal) == json.dumps(whole.journal)


usages = st.tuples(st.integers(0, 30), st.integers(0, 50), st.integers(0, 9), st.integers(0, 1)).map(
    lambda counts: Usage(input=counts[0], cached=counts[1], output=counts[2], prompts=counts[3])
)


class AccountMachine(RuleBasedStateMachine):
    """The same steps, chosen by Hypothesis, so that a failure is told in the fewest steps."""

    history: History

    @initialize(seed=st.integers(0, 1_000_000), plans=st.integers(1, 3), start=st.sampled_from(STARTS))
    def open_account(self, seed: int, plans: int, start: int) -> None:
        random = Random(seed)
        names = ("f/one", "f/two", "f/three")[:plans]
        self.history = History([make_terms(random, name, rank) for rank, name in enumerate(names)], start)

    @rule(model=st.sampled_from(MODELS), usage=usages)
    def admit(self, model: str, usage: Usage) -> None:
        self.history.admit(model, usage)

    @precondition(lambda self: self.history.state.holds)
    @rule(which=st.integers(0, 7), usage=st.none() | usages)
    def settle(self, which: int, usage: Usage | None) -> None:
        request = self._hold(which)
        estimate = Usage(*self.history.state.holds[request].data["estimate"])
        self.history.settle(request, estimate if usage is None else usage)

    @precondition(lambda self: self.history.state.holds)
    @rule(which=st.integers(0, 7))
    def release(self, which: int) -> None:
        self.history.release(self._hold(which))

    @rule(by=st.sampled_from(JUMPS))
    def jump(self, by: int) -> None:
        self.history.jump(by)

    @precondition(lambda self: self._pools())
    @rule(which=st.integers(0, 7), amount=st.integers(1, 3 * 10**9), lifetime=st.none() | st.sampled_from(JUMPS))
    def grant(self, which: int, amount: int, lifetime: int | None) -> None:
        subscription, pool = self._pool(which)
        self.history.grant(subscription, pool, amount, lifetime, which % 3 - 1)

    @precondition(lambda self: self._pools())
    @rule(which=st.integers(0, 7))
    def restore(self, which: int) -> None:
        self.history.restore(*self._pool(which))

    @precondition(lambda self: self.history.state.subscriptions)
    @rule(which=st.integers(0, 7))
    def reset(self, which: int) -> None:
        self.history.reset(self._subscription(which))

    @precondition(lambda self: self.history.state.subscriptions)
    @rule(which=st.integers(0, 7))
    def renew(self, which: int) -> None:
        self.history.renew(self._subscription(which))

    @precondition(lambda self: len(self.history.state.subscriptions) > 1)
    @rule(which=st.integers(0, 7), at_once=st.booleans())
    def cancel(self, which: int, at_once: bool) -> None:
        self.history.cancel(self._subscription(which), at_once)

    @rule()
    def swap_snapshot(self) -> None:
        self.history.swap_snapshot()

    def teardown(self) -> None:
        if hasattr(self, "history"):
            self.history.finish()

    def _hold(self, which: int) -> str:
        holds = list(self.history.state.holds)
        return holds[which % len(holds)]

    def _subscription(self, which: int) -> str:
        keys = list(self.history.state.subscriptions)
        return keys[which % len(keys)]

    def _pools(self) -> list[tuple[str, str]]:
        running = self.history.state.subscriptions.items()
        return [(key, pool) for key, subscription in running for pool in subscription.pools]

    def _pool(self, which: int) -> tuple[str, str]:
        pools = self._pools()
        return pools[which % len(pools)]


TestAccountMachine: Any = AccountMachine.TestCase
TestAccountMachine.settings = settings(max_examples=1_000 if EXPLORING else 60, stateful_step_count=40)
