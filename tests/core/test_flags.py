"""Flags: their life, what they do meanwhile, and that they are kept as anything else of an account is."""

from __future__ import annotations

import pytest

from faregate.core.account import AccountState
from faregate.core.commands import subscribe
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand, UnknownSubject
from faregate.core.evolve import evolve, rebuild
from faregate.core.flags import KEPT_FLAGS, Crossing, raised, reviewed
from faregate.core.instants import DAY
from faregate.core.market import Market
from faregate.core.request import Admitted, Refused, Request
from faregate.core.snapshot import from_data, to_data
from faregate.core.terms import (
    PoolTerms,
    SharingRule,
    SourceTerms,
    Terms,
    unit_meter,
)
from faregate.core.usage import Usage

NOW = 1_800_000_000_000_000
POOL = PoolTerms("requests", "request", granted=1_000_000)
PLAN = Terms("fam/plan", "1", pools=(POOL,), sources=(SourceTerms("all", unit_meter("request"), "requests"),))
CROSSING = Crossing("addresses", 9, 8, DAY)


def rule(action: str) -> SharingRule:
    return SharingRule((("addresses", 8, DAY),), action, 1, 30 * DAY)


class Shared:
    """An account, its entries, and the terms it is under."""

    def __init__(self) -> None:
        self.state = AccountState("acc_1")
        self.entries: list[Entry] = []
        self.apply(*subscribe(self.state, PLAN, NOW, "buy"))

    def plans(self, plan: str, version: str) -> Terms:
        return PLAN

    def apply(self, *entries: Entry | None) -> None:
        for entry in entries:
            assert entry is not None
            self.entries.append(entry)
            evolve(self.state, entry, self.plans)

    def flag(self, action: str, at: int = NOW) -> Entry | None:
        return raised(self.state, PLAN.plan, rule(action), CROSSING, at)

    def review(self, verdict: str, action: str | None = None, flag: str = "f1", at: int = NOW) -> None:
        key = f"review:{len(self.entries)}"
        self.apply(reviewed(self.state, flag, verdict, "kim", "why", action, at, key))

    def ask(self, name: str, billing: str = "") -> Admitted | Refused:
        wanted = Request(name, "m", Usage(requests=1), billing=billing)
        outcome = decide(self.state, wanted, NOW, Market())
        if isinstance(outcome, Admitted):
            self.apply(outcome.entry)
        return outcome


def test_a_restricting_flag_refuses_until_it_is_dismissed_or_lifted() -> None:
    shared = Shared()
    assert isinstance(shared.ask("one"), Admitted)
    shared.apply(shared.flag("restrict"))
    refused = shared.ask("two")
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.retry_at) == ("restricted", None)
    shared.review("dismiss")
    assert isinstance(shared.ask("three"), Admitted)


def test_a_slowing_flag_lets_so_many_requests_at_once_through() -> None:
    shared = Shared()
    shared.apply(shared.flag("slow"))
    assert isinstance(shared.ask("one"), Admitted)
    refused = shared.ask("two")
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.subject) == ("concurrency_full", "flag:f1")


@pytest.mark.parametrize("action", ["none", "warn"])
def test_other_flags_refuse_nobody(action: str) -> None:
    shared = Shared()
    shared.apply(shared.flag(action))
    assert isinstance(shared.ask("one"), Admitted)
    assert isinstance(shared.ask("two"), Admitted)


def test_a_signal_has_one_flag_in_force_and_a_dismissed_one_is_quiet_for_a_while() -> None:
    shared = Shared()
    shared.apply(shared.flag("warn"))
    assert shared.flag("warn") is None
    shared.review("dismiss")
    assert shared.flag("warn", NOW + 30 * DAY - 1) is None
    assert shared.flag("warn", NOW + 30 * DAY) is not None


def test_a_review_follows_the_life_of_a_flag() -> None:
    shared = Shared()
    with pytest.raises(UnknownSubject):
        shared.review("confirm")
    shared.apply(shared.flag("warn"))
    with pytest.raises(BadCommand, match="not confirmed"):
        shared.review("lift")
    with pytest.raises(BadCommand, match="no action"):
        shared.review("dismiss", "slow")
    shared.review("confirm", "restrict")
    assert (shared.state.flags["f1"].state, shared.state.flags["f1"].action) == ("confirmed", "restrict")
    with pytest.raises(BadCommand, match="lift it instead"):
        shared.review("dismiss")
    shared.review("lift")
    with pytest.raises(BadCommand, match="lifted already"):
        shared.review("confirm")
    assert shared.flag("warn") is not None


def test_flags_survive_snapshots_copies_and_rebuilding() -> None:
    shared = Shared()
    shared.apply(shared.flag("slow"))
    shared.review("confirm", "warn")
    data = to_data(shared.state)
    assert to_data(rebuild("acc_1", shared.entries, shared.plans)) == data
    assert to_data(from_data(data, shared.plans)) == data
    assert to_data(shared.state.copy()) == data


def test_an_account_remembers_so_many_flags_and_never_forgets_one_in_force() -> None:
    shared = Shared()
    at = NOW
    for number in range(KEPT_FLAGS + 5):
        shared.apply(shared.flag("warn", at))
        shared.review("dismiss", flag=f"f{number + 1}", at=at)
        at += 30 * DAY
    shared.apply(shared.flag("warn", at))
    assert len(shared.state.flags) == KEPT_FLAGS
    assert next(reversed(shared.state.flags.values())).in_force
