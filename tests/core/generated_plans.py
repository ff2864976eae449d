"""Small plans made at random: every refill rule, every kind of window, brackets, both admissions, both debt rules.

Owns the generator and the little price list its plans are used with. Tests of the core only; decides nothing.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Literal

from faregate.core.amounts import MILLI, NANO
from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.market import Market
from faregate.core.ratecard import CardVersion, RateCard, RateTier, rates_per_unit
from faregate.core.terms import (
    ByModel,
    BySchedule,
    Meter,
    MeterVersion,
    Multiplier,
    PoolTerms,
    Progressive,
    Refill,
    SourceTerms,
    Terms,
    WindowKind,
    WindowTerms,
    unit_meter,
    weights,
)

RefillKind = Literal["renewal", "calendar", "restore"]

MODELS = ("m/a", "m/b")
ZONES = ("UTC", "Asia/Shanghai", "America/New_York")
PRICES = {
    "m/a": {"input": Fraction(1, 7), "cached": Fraction(1, 70), "output": Fraction(2, 3)},
    "m/b": {"input": Fraction(3, 7), "cached": Fraction(0), "output": Fraction(5)},
}
"""Whole USD a token: dear enough that a few requests empty a pool."""


def market() -> Market:
    """One card a model, at one version."""
    cards = {}
    for model, prices in PRICES.items():
        nothing = Fraction(0)
        rates = rates_per_unit(**prices, cache_write_5m=nothing, cache_write_1h=nothing)
        cards[model] = RateCard(model, "USD", (CardVersion(model + "@1", 0, (RateTier(0, 0, rates),)),))
    return Market(cards)


def make_terms(random: Random, plan: str, rank: int) -> Terms:
    """One plan: up to two pools, three windows and two sources, and perhaps guards."""
    pools = tuple(_pool(random, f"p{index}") for index in range(random.choice((0, 1, 1, 1, 2))))
    windows = tuple(_window(random, f"w{index}") for index in range(random.choice((0, 1, 1, 2, 3))))
    sources = tuple(_source(random, f"s{index}", pools, windows) for index in range(random.choice((1, 1, 2))))
    return Terms(
        plan,
        "1",
        rank=rank,
        period=random.choice((None, "month", "7d", "30d")),
        renews=random.random() < 0.8,
        zone=random.choice(ZONES),
        admission=random.choice(("open", "open", "fits")),
        pools=pools,
        windows=windows + _guards(random),
        sources=sources,
        hold_seconds=random.choice((60, 1800, 7200)),
        lost_hold=random.choice(("release", "charge")),
    )


def _pool(random: Random, name: str) -> PoolTerms:
    unit = random.choice(("USD", "USD", "USD", "token", "request", "prompt"))
    amount = _size(random, unit)
    kind: RefillKind | None = random.choice((None, "renewal", "calendar", "restore", "restore"))
    refill = None
    if kind is not None:
        refill = Refill(
            kind,
            amount,
            every=random.choice(("day", "week", "month") if kind == "calendar" else ("day",)),
            zone=random.choice(ZONES),
            times=random.choice((1, 2)) if kind == "restore" else 0,
            automatic=random.random() < 0.8,
            bonus=random.choice((Fraction(0), Fraction(1, 5))) if kind == "renewal" else Fraction(0),
        )
    granted = _size(random, unit) if refill is None or random.random() < 0.3 else 0
    return PoolTerms(name, unit, granted, refill, random.choice(("forgive", "carry")))


def _size(random: Random, unit: str) -> int:
    if unit == "USD":
        return random.randint(1, 12) * NANO + random.choice((0, 0, random.randint(0, NANO)))
    if unit == "token":
        return random.randint(1, 60) * MILLI + random.choice((0, 0, 500))
    return random.randint(1, 6) * MILLI + random.choice((0, 0, 0, 500))


def _window(random: Random, name: str) -> WindowTerms:
    meter: Meter | None = random.choice((None, None, unit_meter("token"), unit_meter("request"), _uncached()))
    unit = meter.unit if meter is not None else "?"
    limit = _size(random, unit if meter is not None else "USD")
    kind: WindowKind = random.choice(("first-use", "first-use", "sliding", "calendar", "purchase", "lifetime"))
    return WindowTerms(
        name,
        kind,
        limit * (5 if kind == "lifetime" else 1),
        unit,
        length=random.choice((MINUTE, HOUR, 5 * HOUR, DAY)),
        every=random.choice(("day", "week", "month") if kind == "calendar" else ("day", "7d", "month")),
        zone=random.choice(ZONES),
        meter=meter,
        multiplied=random.random() < 0.6,
    )


def _uncached() -> Meter:
    return Meter("uncached", "token", (MeterVersion(0, weights(input=1, output=1)),))


def _guards(random: Random) -> tuple[WindowTerms, ...]:
    guards = []
    if random.random() < 0.2:
        guards.append(
            WindowTerms("rpm", "sliding", random.randint(1, 4) * MILLI, "request", length=MINUTE, guard=True)
        )
    if random.random() < 0.2:
        guards.append(WindowTerms("open", "concurrency", random.randint(1, 3) * MILLI, "request", guard=True))
    return tuple(guards)


def _source(random: Random, name: str, pools: tuple[PoolTerms, ...], windows: tuple[WindowTerms, ...]) -> SourceTerms:
    pool = random.choice(pools) if pools and random.random() < 0.85 else None
    unit = pool.unit if pool is not None else random.choice(("USD", "token", "request"))
    counted = [each.id for each in windows if random.random() < 0.75]
    if pool is None and not counted and windows:
        counted = [windows[0].id]
    return SourceTerms(
        name,
        unit_meter(unit),
        pool.id if pool is not None else None,
        tuple(counted),
        _multipliers(random),
        models=random.choice((("*",), ("*",), ("m/a",))),
    )


def _multipliers(random: Random) -> tuple[Multiplier, ...]:
    made: list[Multiplier] = []
    if random.random() < 0.3:
        made.append(ByModel("model", (("m/b", random.choice((Fraction(2), Fraction(1, 3)))),)))
    if random.random() < 0.2:
        made.append(BySchedule("season", ((0, random.choice((Fraction(2), Fraction(3, 2)))),)))
    if random.random() < 0.3:
        first, second = random.randint(1, 3) * NANO, random.randint(4, 9) * NANO
        brackets = ((first, Fraction(1)), (second, Fraction(3, 2)), (None, Fraction(7, 3)))
        made.append(Progressive("use", "day", random.choice(ZONES), "USD", brackets))
    return tuple(made)
