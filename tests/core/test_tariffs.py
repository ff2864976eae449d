"""Tariffs: rate-card tiers and versions, the four multipliers, their order, and currencies."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from faregate.core.commands import set_segment
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, parse_instant, render_instant
from faregate.core.market import Market
from faregate.core.ratecard import CardVersion, RateCard, Rates, RateTier, rates_per_unit
from faregate.core.request import Slice
from faregate.core.terms import (
    NO_WEIGHTS,
    ByModel,
    BySchedule,
    BySegment,
    Meter,
    MeterVersion,
    Multiplier,
    Progressive,
    SourceTerms,
    TimeBand,
    unit_meter,
    weights,
)
from faregate.core.usage import Usage
from tests.core.driven_account import MARKET, NOON, USD, DrivenAccount, card, output, plan, usd

HALF, TWICE, THRICE = Fraction(1, 2), Fraction(2), Fraction(3)
EVERY_DAY = frozenset(range(7))


def rates(input: str, output: str) -> Rates:
    none = Fraction(0)
    return rates_per_unit(
        input=Fraction(input), cached=none, cache_write_5m=none, cache_write_1h=none, output=Fraction(output)
    )


TIERED = CardVersion(
    "t@1",
    0,
    (RateTier(0, 0, rates("1", "10")), RateTier(0, 200, rates("2", "20")), RateTier(32_000, 0, rates("4", "40"))),
)


@pytest.mark.parametrize(
    ("input", "cached", "out", "expected"),
    [
        (10, 0, 199, 10 + 1990),
        (10, 0, 200, 20 + 4000),
        (31_999, 0, 1, 31_999 + 10),
        (32_000, 0, 1, 128_000 + 40),
        (1, 31_999, 500, 4 + 20_000),
        (0, 0, 0, 0),
    ],
)
def test_a_tier_goes_by_the_whole_input_and_the_output_and_the_last_one_reached_wins(
    input: int, cached: int, out: int, expected: int
) -> None:
    numerator, denominator = TIERED.list_value(Usage(input=input, cached=cached, output=out))
    assert Fraction(numerator, denominator) == expected * 10**9


def test_every_usage_class_has_its_own_price() -> None:
    prices = rates_per_unit(
        input=Fraction(3, 10**6),
        cached=Fraction(3, 10**7),
        cache_write_5m=Fraction(375, 10**8),
        cache_write_1h=Fraction(6, 10**6),
        output=Fraction(15, 10**6),
        image=Fraction(4, 100),
        tool_call=Fraction(1, 100),
        request=Fraction(1, 1000),
    )
    version = CardVersion("v", 0, (RateTier(0, 0, prices),))
    for usage, expected in (
        (Usage(1_000_000, requests=0), "3"),
        (Usage(cached=1_000_000, requests=0), "0.3"),
        (Usage(cache_write_5m=1_000_000, requests=0), "3.75"),
        (Usage(cache_write_1h=1_000_000, requests=0), "6"),
        (Usage(output=1_000_000, requests=0), "15"),
        (Usage(images=2, requests=0), "0.08"),
        (Usage(tool_calls=3, requests=0), "0.03"),
        (Usage(), "0.001"),
    ):
        assert Fraction(*version.list_value(usage)) == usd(expected)


def test_the_card_in_force_is_the_one_at_admission_and_before_the_first_it_is_the_first() -> None:
    later = NOON + DAY
    versions = (
        CardVersion("old", NOON, (RateTier(0, 0, rates("0", "1")),)),
        CardVersion("new", later, (RateTier(0, 0, rates("0", "2")),)),
    )
    market = Market({"m/one": RateCard("m/one", "USD", versions)})
    account = DrivenAccount(plan(), market=market, now=NOON - DAY)
    assert account.pay(output(1))[0].card == "old"
    account.at(later - 1).hold(output(1))
    (piece,) = account.at(later).settle(output(3))
    assert (piece.card, piece.amount) == ("old", usd("3"))
    assert account.pay(output(1))[0][4] == usd("2")


def paid_with(*rules: Multiplier, now: int = NOON, model: str = "m/one", market: Market = MARKET) -> Slice:
    terms = plan(sources=(SourceTerms("s", USD, multipliers=rules),), segments=frozenset({"good", "bad"}))
    return DrivenAccount(terms, now=now, market=market).pay(output(2), model)[0]


def test_multipliers_apply_in_their_order_and_each_stands_in_the_slice() -> None:
    brackets = ((usd("1"), Fraction(1)), (None, THRICE))
    piece = paid_with(
        ByModel("model", (("m/*", TWICE),)),
        BySchedule("season", ((0, HALF),)),
        BySegment("segment", (("good", THRICE),)),
        Progressive("use", "day", "UTC", "USD", brackets),
    )
    assert piece.multiplier == "1"
    assert [list(factor) for factor in piece.factors] == [["model", "2"], ["season", "0.5"], ["use", "1"]]


@pytest.mark.parametrize(
    ("values", "multiplier"),
    [
        ((("m/one", TWICE), ("*", THRICE)), "2"),
        ((("*", THRICE), ("m/one", TWICE)), "3"),
        ((("x/*", THRICE),), "1"),
        ((("m/*", Fraction(7, 3)),), "7/3"),
    ],
)
def test_by_model_the_first_pattern_that_matches_wins(values: Any, multiplier: str) -> None:
    assert paid_with(ByModel("model", values)).multiplier == multiplier


def test_a_schedule_changes_on_its_date_and_the_operators_value_wins_from_its_own() -> None:
    rule = BySchedule("season", ((0, TWICE), (NOON + DAY, THRICE)))
    changed = MARKET.with_schedule("f/plan", "season", NOON + 2 * DAY, HALF)
    assert [
        paid_with(rule, now=NOON + days * DAY + offset, market=changed).multiplier
        for days, offset in ((0, 0), (1, -1), (1, 0), (2, -1), (2, 0))
    ] == ["2", "2", "3", "3", "0.5"]


@pytest.mark.parametrize(
    ("at", "multiplier"),
    [
        ("2026-03-04T13:59:59Z", "1"),
        ("2026-03-04T14:00:00Z", "3"),
        ("2026-03-04T17:59:59.999999Z", "3"),
        ("2026-03-04T18:00:00Z", "1"),
        ("2026-03-07T14:00:00Z", "1"),
    ],
)
def test_a_band_of_the_day_holds_from_its_start_to_its_end_on_its_weekdays(at: str, multiplier: str) -> None:
    weekdays = frozenset(range(5))
    band = TimeBand(22 * 60, 2 * 60, weekdays | {5}, THRICE)
    rule = BySchedule("night", ((0, Fraction(1)),), "Asia/Shanghai", (band,))
    if at.startswith("2026-03-07"):
        rule = BySchedule(
            "night", ((0, Fraction(1)),), "Asia/Shanghai", (TimeBand(22 * 60, 2 * 60, weekdays, THRICE),)
        )
    assert paid_with(rule, now=parse_instant(at)).multiplier == multiplier


def test_a_compiled_route_is_dropped_when_a_band_begins() -> None:
    rule = BySchedule("peak", ((0, Fraction(1)),), "UTC", (TimeBand(13 * 60, 14 * 60, EVERY_DAY, TWICE),))
    account = DrivenAccount(plan(sources=(SourceTerms("s", USD, multipliers=(rule,)),)), now=NOON)
    found = []
    for minutes in (0, 59, 60, 119, 120):
        account.at(NOON + minutes * MINUTE)
        found.append((render_instant(account.now)[11:16], account.pay(output(1))[0].multiplier))
    assert found == [("12:00", "1"), ("12:59", "1"), ("13:00", "2"), ("13:59", "2"), ("14:00", "1")]


def test_a_segment_counts_from_its_first_instant_to_its_last() -> None:
    terms = plan(
        sources=(SourceTerms("s", USD, multipliers=(BySegment("who", (("good", HALF),)),)),),
        segments=frozenset({"good"}),
    )
    account = DrivenAccount(terms)
    account.pay(output(1))
    account.apply(set_segment(account.state, "good", NOON + HOUR, NOON + 2 * HOUR, "early", NOON, "k"))
    edges = (HOUR - 1, HOUR, 2 * HOUR - 1, 2 * HOUR)
    found = [account.at(NOON + edge).pay(output(1))[0].multiplier for edge in edges]
    assert found == ["1", "0.5", "0.5", "1"]


def test_a_unit_of_list_value_and_calls_charges_both() -> None:
    flow = Meter("flow", "flow", (MeterVersion(0, weights(requests=Fraction(2, 100)), Fraction("39.6"), "USD"),))
    account = DrivenAccount(plan(sources=(SourceTerms("s", flow),)))
    assert account.pay(output(1))[0].amount == 39_620_000_000


def test_a_price_in_another_currency_converts_at_the_dated_rate_either_way() -> None:
    market = Market({"m/one": card("m/one", Fraction(7), "CNY")})
    dated = ((0, Fraction(7)), (NOON + DAY, Fraction(8)))
    for exchange, later in ((("USD", "CNY", dated), "0.875"), (("CNY", "USD", ((0, Fraction(1, 7)),)), "1")):
        account = DrivenAccount(plan(exchange=(exchange,)), market=market)
        assert account.pay(output(1))[0].amount == usd("1")
        assert account.at(NOON + DAY).pay(output(1))[0].amount == usd(later)


def test_without_a_price_or_a_rate_the_refusal_says_so() -> None:
    assert DrivenAccount(plan()).refused(output(1), "m/unknown").reason == "no_price"
    market = Market({"m/one": card("m/one", Fraction(7), "CNY")})
    assert DrivenAccount(plan(), market=market).refused(output(1)).reason == "no_price"
    tokens = plan(sources=(SourceTerms("s", unit_meter("token")),))
    assert DrivenAccount(tokens).pay(output(5), "m/unknown")[0].amount == 5_000


def test_a_meter_changes_on_its_date() -> None:
    meter = Meter("m", "USD", (MeterVersion(0, NO_WEIGHTS, Fraction(1), "USD"),))
    dated = Meter("m", "USD", (*meter.versions, MeterVersion(NOON + SECOND, NO_WEIGHTS, TWICE, "USD")))
    account = DrivenAccount(plan(sources=(SourceTerms("s", dated),)))
    assert account.pay(output(1))[0].amount == usd("1")
    assert account.at(NOON + SECOND).pay(output(1))[0].amount == usd("2")
