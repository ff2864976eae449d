"""Decisions a second in core: decide + evolve + settle + evolve, plain Python, full receipts.

Four sources in order (an allowance that is used up, a subscription with a pool and three windows, a backup pool, a
wallet), of which the second pays. Prints pairs a second of CPU time, one JSON line with --json.
"""

from __future__ import annotations

import argparse
import json
import time
from fractions import Fraction

from faregate.core.account import AccountState
from faregate.core.amounts import NANO
from faregate.core.commands import subscribe
from faregate.core.decide import decide
from faregate.core.evolve import evolve
from faregate.core.instants import DAY, HOUR
from faregate.core.market import Market
from faregate.core.ratecard import CardVersion, RateCard, RateTier, rates_per_unit
from faregate.core.request import Admitted, Request
from faregate.core.settle import settle
from faregate.core.terms import PoolTerms, Refill, SourceTerms, Terms, WindowTerms, unit_meter
from faregate.core.usage import Usage

START = 1_772_323_200_000_000
MODEL = "anthropic/claude-sonnet-4"


def _market() -> Market:
    millionth = Fraction(1, 1_000_000)
    rates = rates_per_unit(
        input=3 * millionth,
        cached=Fraction(3, 10) * millionth,
        cache_write_5m=Fraction(15, 4) * millionth,
        cache_write_1h=6 * millionth,
        output=15 * millionth,
    )
    version = CardVersion(f"{MODEL}@2025-05-22", 0, (RateTier(0, 0, rates),))
    return Market({MODEL: RateCard(MODEL, "USD", (version,))})


def _terms() -> Terms:
    usd = unit_meter("USD")
    return Terms(
        "bench/plan",
        "1",
        period="month",
        pools=(
            PoolTerms("allowance", "USD", refill=Refill("calendar", 1, "day")),
            PoolTerms("main", "USD", refill=Refill("renewal", 10_000_000 * NANO)),
            PoolTerms("backup", "USD", granted=100 * NANO),
            PoolTerms("wallet", "USD", granted=100 * NANO, debt="carry"),
        ),
        windows=(
            WindowTerms("5h", "first-use", 5_000_000 * NANO, "USD", length=5 * HOUR),
            WindowTerms("week", "first-use", 9_000_000 * NANO, "USD", length=7 * DAY),
            WindowTerms("month", "purchase", 9_000_000 * NANO, "USD", every="month"),
        ),
        sources=(
            SourceTerms("allowance", usd, "allowance"),
            SourceTerms("main", usd, "main", ("5h", "week", "month")),
            SourceTerms("backup", usd, "backup"),
            SourceTerms("wallet", usd, "wallet"),
        ),
    )


def _account(market: Market, terms: Terms) -> AccountState:
    state = AccountState("bench")
    for entry in subscribe(state, terms, START, "subscribe"):
        evolve(state, entry, lambda plan, version: terms)
    _pair(state, market, terms, 0, "first", Usage(input=1))
    return state


def _pair(state: AccountState, market: Market, terms: Terms, index: int, request: str, usage: Usage) -> None:
    now = START + index
    admitted = decide(state, Request(request, MODEL, usage), now, market)
    assert isinstance(admitted, Admitted)
    evolve(state, admitted.entry, lambda plan, version: terms)
    evolve(state, settle(state, request, usage, now, market), lambda plan, version: terms)


def pairs_a_second(pairs: int) -> int:
    """Pairs a second of CPU time over ``pairs`` of them, the best of five rounds."""
    market, terms = _market(), _terms()
    best = 0
    for _ in range(5):
        state = _account(market, terms)
        usage = Usage(input=1200, cached=90_000, output=450)
        names = [f"r{index}" for index in range(pairs)]
        begun = time.process_time_ns()
        for index, name in enumerate(names):
            _pair(state, market, terms, index, name, usage)
        best = max(best, pairs * 1_000_000_000 // (time.process_time_ns() - begun))
        assert state.seq == 3 + 2 * pairs
        assert not state.holds
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true", help="fewer pairs")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figure = pairs_a_second(2_000 if given.quick else given.pairs)
    print(json.dumps({"pairs_per_second": figure}) if given.json else f"{figure:,} decide + settle pairs a second")


if __name__ == "__main__":
    main()
