"""Charging in one step leaves an account exactly as a hold and its settlement do."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from faregate.core.account import AccountState
from faregate.core.amounts import NANO
from faregate.core.charge import Charged, charge
from faregate.core.commands import grant, subscribe
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.evolve import evolve, refresh_due
from faregate.core.instants import HOUR, MINUTE
from faregate.core.request import Refused, Request
from faregate.core.roll import roll
from faregate.core.settle import settle
from faregate.core.snapshot import to_data
from faregate.core.terms import PoolTerms, Progressive, SourceTerms, Terms, unit_meter
from tests.core.generated_plans import MODELS, make_terms, market
from tests.core.histories import JUMPS, STARTS, make_usage

MARKET = market()


class Twins:
    """The same account three times: charged in one step, without list values, and by entries."""

    def __init__(self, plans: list[Terms], at: int) -> None:
        self.terms = {(terms.plan, terms.version): terms for terms in plans}
        self.quick, self.plain, self.full = AccountState("a"), AccountState("a"), AccountState("a")
        for terms in plans:
            self.append(subscribe(self.full, terms, at, terms.plan))

    def plans(self, plan: str, version: str) -> Terms:
        return self.terms[plan, version]

    def append(self, entries: list[Entry]) -> None:
        for entry in entries:
            for state in (self.quick, self.plain, self.full):
                evolve(state, entry, self.plans)

    def reach(self, at: int) -> None:
        for state in (self.quick, self.plain, self.full):
            while (entry := roll(state, at, MARKET)) is not None:
                evolve(state, entry, self.plans)

    def charge(self, request: Request, at: int) -> Charged | Refused:
        """Charge both, and hold the one to the other."""
        outcome = decide(self.full, request, at, MARKET)
        charged = charge(self.quick, request, at, MARKET, self.plans)
        charge(self.plain, request, at, MARKET, self.plans, valued=False)
        if isinstance(outcome, Refused):
            assert charged == outcome
            assert isinstance(charge(self.quick, request, at, MARKET, self.plans, brief=True), Refused)
        else:
            assert isinstance(charged, Charged)
            evolve(self.full, outcome.entry, self.plans)
            settled = settle(self.full, request.id, request.usage, at, MARKET)
            evolve(self.full, settled, self.plans)
            assert json.dumps(charged.slices) == json.dumps(settled.data["slices"])
        assert _text(self.quick) == _text(self.plain) == _text(self.full)
        return charged


def _text(state: AccountState) -> str:
    """The state without when to look again, which a closed hold leaves too early."""
    refresh_due(state)
    return json.dumps(to_data(state))


@pytest.mark.parametrize("seed", range(7_000_000, 7_000_080))
def test_a_charge_changes_the_state_as_its_hold_and_settlement_would(seed: int) -> None:
    random = Random(seed)
    names = random.sample(("f/one", "f/two", "f/three"), random.choice((1, 1, 2, 3)))
    plans = [make_terms(random, name, rank) for rank, name in enumerate(names)]
    if random.random() < 0.5:
        plans[0] = replace(plans[0], calls_per_prompt=random.choice((1, 2, 5)))
    at = random.choice(STARTS)
    twins = Twins(plans, at)
    for number in range(60):
        if random.random() < 0.3:
            at += random.choice(JUMPS)
            twins.reach(at)
        if random.random() < 0.08:
            _grant_something(twins, random, at, number)
        request = Request(
            f"r{number}",
            random.choice(MODELS),
            make_usage(random),
            session=random.choice(("", "s", "t")),
            prompt=random.choice(("", "p", f"p{number}")),
        )
        twins.charge(request, at)


@pytest.mark.parametrize("seed", range(7_100_000, 7_100_040))
def test_a_pack_that_ends_with_a_request_is_charged_as_by_hold_and_settlement(seed: int) -> None:
    random = Random(seed)
    at, ended = random.choice(STARTS), 0
    twins = Twins([_pack(random, "f/before", 0), _pack(random, "f/pack", 1)], at)
    for number in range(60):
        at += random.choice((0, 1, MINUTE, 5 * HOUR))
        twins.reach(at)
        for each in twins.full.subscriptions.values():
            pool = next(iter(each.pools.values()))
            if pool.available <= 0 and random.random() < 0.7:
                amount = random.randint(1, 3 * NANO)
                twins.append([grant(twins.full, each, pool, amount, at, f"g{number}{each.key}")])
        charged = twins.charge(Request(f"r{number}", random.choice(MODELS), make_usage(random)), at)
        ended += isinstance(charged, Charged) and charged.slices[-1].debt > 0
    assert ended


def _pack(random: Random, name: str, rank: int) -> Terms:
    """A pack alone, mostly with brackets."""
    terms = make_terms(random, name, rank)
    pool = PoolTerms("p0", "USD", 3 * NANO, None, random.choice(("forgive", "forgive", "carry")))
    brackets = ((2 * NANO, Fraction(1)), (5 * NANO, Fraction(3, 2)), (None, Fraction(7, 3)))
    progressive = (Progressive("use", "day", "UTC", "USD", brackets),) if random.random() < 0.7 else ()
    source = SourceTerms("s0", unit_meter("USD"), pool.id, (), progressive, models=("*",))
    windows = tuple(window for window in terms.windows if window.guard)
    return replace(terms, admission="open", period=None, pools=(pool,), windows=windows, sources=(source,))


def _grant_something(twins: Twins, random: Random, at: int, number: int) -> None:
    pools = [(each, pool) for each in twins.full.subscriptions.values() for pool in each.pools.values()]
    if pools:
        subscription, pool = random.choice(pools)
        expires = random.choice((None, at + 10**9))
        amount = random.randint(1, 3 * 10**9)
        twins.append(
            [grant(twins.full, subscription, pool, amount, at, f"g{number}", expires, random.choice((0, 5)))]
        )
