"""Splitting: one request over several payers, at each one's own multipliers; what never splits; fits and open."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from faregate.core.instants import DAY
from faregate.core.request import Refused
from faregate.core.terms import ByModel, PoolTerms, Progressive, Refill, SourceTerms, Terms, unit_meter
from faregate.core.usage import Usage
from tests.core.driven_account import NOON, USD, DrivenAccount, output, paid, plan, pool, usd, window

BRACKETS = ((usd("20"), Fraction(1)), (usd("50"), Fraction(3, 2)), (None, Fraction(2)))
PROMPTS = unit_meter("prompt")


def free(granted: str = "0.1") -> Terms:
    doubled = ByModel("season", (("*", Fraction(2)),))
    return plan(
        "f/free", rank=0, pools=(pool(granted=granted),), sources=(SourceTerms("s", USD, "p", (), (doubled,)),)
    )


def wallet(granted: str = "200", **more: Any) -> Terms:
    return plan("f/paygo", rank=2, pools=(pool(granted=granted, **more),))


def progressive(granted: str = "200") -> Terms:
    rule = Progressive("use", "day", "Asia/Shanghai", "USD", BRACKETS)
    return plan("f/paygo", rank=2, pools=(pool(granted=granted),), sources=(SourceTerms("s", USD, "p", (), (rule,)),))


def test_the_last_tenth_at_double_pays_half_of_its_list_value_and_the_rest_goes_on_at_its_own_multiplier() -> None:
    slices = DrivenAccount(free(), wallet()).pay(output(1))
    assert paid(slices) == [("f/free", "0.1", "2"), ("f/paygo", "0.95", "1")]
    assert [piece.list_value for piece in slices] == [usd("0.05"), usd("0.95")]


@pytest.mark.parametrize(
    ("before", "tokens", "expected"),
    [
        (0, 20, [("20", "1")]),
        (0, 21, [("20", "1"), ("1.5", "1.5")]),
        (20, 30, [("45", "1.5")]),
        (10, 60, [("10", "1"), ("45", "1.5"), ("40", "2")]),
        (50, 1, [("2", "2")]),
        (49, 2, [("1.5", "1.5"), ("2", "2")]),
    ],
)
def test_a_request_that_crosses_a_bracket_is_split_there(
    before: int, tokens: int, expected: list[tuple[str, str]]
) -> None:
    account = DrivenAccount(progressive())
    if before:
        account.pay(output(before), id="before")
    slices = account.pay(output(tokens))
    assert [(amount, multiplier) for _, amount, multiplier in paid(slices)] == expected
    assert sum(piece.list_value for piece in slices) == usd(str(tokens))


def test_brackets_begin_anew_with_the_calendar_day() -> None:
    account = DrivenAccount(progressive())
    account.pay(output(50))
    assert paid(account.at(NOON + DAY).pay(output(1))) == [("f/paygo", "1", "1")]


def test_a_settlement_after_the_day_is_no_cheaper_than_the_hold_was() -> None:
    account = DrivenAccount(progressive())
    account.pay(output(50), id="before")
    account.hold(output(1))
    assert paid(account.at(NOON + DAY).settle(output(2))) == [("f/paygo", "4", "2")]


def test_a_request_split_in_three_rounds_each_part_once_and_the_parts_sum_to_the_whole() -> None:
    account = DrivenAccount(free("0.000000001"), plan("f/mid", rank=1, pools=(pool(granted="0.1"),)), wallet())
    slices = account.pay(output(1), "m/third")
    assert sum(piece.list_value for piece in slices) == 333_333_333
    assert [piece.amount for piece in slices] == [1, usd("0.1"), 233_333_333]


def test_a_pool_that_several_brackets_drain_is_never_drawn_below_zero() -> None:
    thirds = tuple((index, Fraction(8, 5)) for index in (1, 2, 3))
    rule = Progressive("use", "day", "UTC", "USD", (*thirds, (None, Fraction(8, 5))))
    terms = plan(pools=(PoolTerms("p", "USD", 7),), sources=(SourceTerms("s", USD, "p", (), (rule,)),))
    account = DrivenAccount(terms)
    account.pay(output(1))
    assert account.left() == "0"
    assert account.same_when_rebuilt()


def test_requests_and_prompts_count_whole_on_the_first_payer_that_has_any_left() -> None:
    half = ByModel("x", (("*", Fraction(3, 2)),))
    prompts = plan(
        "f/prompts",
        pools=(PoolTerms("p", "prompt", 2_000),),
        sources=(SourceTerms("s", PROMPTS, "p", (), (half,)),),
    )
    account = DrivenAccount(prompts, wallet())
    assert paid(account.pay(output(3, prompts=1), id="1")) == [("f/prompts", "1.5", "1.5")]
    (held,) = account.hold(output(3, prompts=1), id="2")
    assert (held.amount, held.plan) == (500, "f/prompts")
    (piece,) = account.settle(output(3, prompts=1), "2")
    assert (piece.amount, piece.debt) == (500, 1_000)
    assert paid(account.pay(output(3, prompts=1), id="3")) == [("f/paygo", "3", "1")]


def test_a_whole_unit_is_not_split_at_a_bracket() -> None:
    rule = Progressive("use", "day", "UTC", "USD", BRACKETS)
    terms = plan(sources=(SourceTerms("s", unit_meter("request"), None, (), (rule,)),))
    account = DrivenAccount(terms)
    assert paid(account.pay(output(60), id="1")) == [("f/plan", "1", "1")]
    assert paid(account.pay(output(1), id="2")) == [("f/plan", "2", "2")]


def test_the_tool_rounds_of_a_prompt_pass_when_no_prompts_are_left() -> None:
    terms = plan(pools=(PoolTerms("p", "prompt", 1_000),), sources=(SourceTerms("s", PROMPTS, "p"),))
    account = DrivenAccount(terms)
    account.pay(output(1, prompts=1), id="1")
    assert account.refused(output(1, prompts=1)).reason == "pool_empty"
    account.pay(output(1), id="2")


@pytest.mark.parametrize("forged", [False, True])
def test_a_prompt_covers_so_many_calls_and_then_counts_again(forged: bool) -> None:
    terms = plan(
        pools=(PoolTerms("p", "prompt", 100_000),), sources=(SourceTerms("s", PROMPTS, "p"),), calls_per_prompt=3
    )
    account = DrivenAccount(terms)
    counted = []
    for number in range(8):
        usage = output(1, prompts=0 if number or forged else 1)
        session = f"s{number}" if forged else "s"
        counted.append(account.pay(usage, id=str(number), session=session, prompt="k")[0].amount // 1000)
    assert counted == ([0, 0, 0, 1, 0, 0, 1, 0] if forged else [1, 0, 0, 1, 0, 0, 1, 0])


def test_a_client_that_resends_its_prompt_is_one_prompt() -> None:
    terms = plan(
        pools=(PoolTerms("p", "prompt", 9_000),), sources=(SourceTerms("s", PROMPTS, "p"),), calls_per_prompt=15
    )
    account = DrivenAccount(terms)
    first = account.pay(output(1, prompts=1), id="1", session="s", prompt="k")
    again = account.pay(output(1, prompts=1), id="2", session="s", prompt="k")
    other = account.pay(output(1, prompts=1), id="3", session="s", prompt="l")
    assert [piece.amount for (piece,) in (first, again, other)] == [1_000, 0, 1_000]


def test_fits_admits_only_what_is_covered_whole_and_open_while_anything_is_left() -> None:
    for admission in ("fits", "open"):
        account = DrivenAccount(plan(pools=(pool(granted="5"),), admission=admission))
        found = account.decide(output(6))
        assert isinstance(found, Refused) == (admission == "fits")
    assert DrivenAccount(plan(pools=(pool(granted="5"),), admission="fits")).hold(output(5))


def test_two_payers_that_fit_only_together_fit() -> None:
    first = plan("f/a", rank=0, admission="fits", pools=(pool(granted="3"),))
    second = plan("f/b", rank=1, admission="fits", pools=(pool(granted="3"),))
    account = DrivenAccount(first, second)
    assert paid(account.pay(output(6))) == [("f/a", "3", "1"), ("f/b", "3", "1")]
    refilled = Refill("calendar", usd("3"), "day")
    account = DrivenAccount(first, plan("f/b", rank=1, admission="fits", pools=(pool(refill=refilled),)))
    account.pay(output(2), id="x")
    account.hold(output(3), id="y")
    refused = account.refused(output(3))
    assert refused.retry_at is not None or refused.reason in ("pool_empty", "hold_does_not_fit")


def test_two_sources_under_one_window_share_its_room() -> None:
    shared = window("w", "lifetime", "5")
    terms = plan(
        pools=(pool("main", granted="3"), pool("backup", granted="9")),
        windows=(shared,),
        sources=(SourceTerms("main", USD, "main", ("w",)), SourceTerms("backup", USD, "backup", ("w",))),
    )
    account = DrivenAccount(terms, wallet())
    slices = account.pay(output(7))
    assert paid(slices) == [("f/plan", "3", "1"), ("f/plan", "2", "1"), ("f/paygo", "2", "1")]
    assert account.used("w", "f/plan") == "5"


def test_a_cap_on_one_pool_sends_the_rest_to_the_next() -> None:
    terms = plan(
        pools=(pool("main", granted="100"), pool("backup", granted="9")),
        windows=(window("day", "calendar", "4", every="day"),),
        sources=(SourceTerms("main", USD, "main", ("day",)), SourceTerms("backup", USD, "backup")),
    )
    slices = DrivenAccount(terms).pay(output(6))
    assert [(piece.pool, piece.amount) for piece in slices] == [("main", usd("4")), ("backup", usd("2"))]


def test_a_window_of_requests_counts_one_for_a_request_paid_in_parts() -> None:
    requests = window("n", "lifetime", "2", "request", meter=unit_meter("request"))
    terms = plan(
        pools=(pool("a", granted="1"), pool("b", granted="9")),
        windows=(requests,),
        sources=(SourceTerms("a", USD, "a", ("n",)), SourceTerms("b", USD, "b", ("n",))),
    )
    account = DrivenAccount(terms)
    account.pay(output(3), id="1")
    assert account.used("n") == "1"
    account.pay(output(3), id="2")
    assert [block.subject for block in account.refused(output(1)).blocks] == ["f/plan#1:a", "f/plan#1:n"]


def test_a_window_that_does_not_count_multipliers_counts_the_bare_quantity() -> None:
    doubled = ByModel("x", (("*", Fraction(2)),))
    terms = plan(
        windows=(window("bare", "lifetime", "9", multiplied=False), window("drawn", "lifetime", "90")),
        sources=(SourceTerms("s", USD, None, ("bare", "drawn"), (doubled,)),),
    )
    account = DrivenAccount(terms)
    account.pay(output(2))
    assert (account.used("bare"), account.used("drawn")) == ("2", "4")


def test_a_source_pays_only_for_its_models_and_clients() -> None:
    terms = plan(
        sources=(
            SourceTerms("only", USD, models=("m/*",), excluded_models=("m/one",)),
            SourceTerms("tool", USD, clients=("claude-*",)),
        )
    )
    account = DrivenAccount(terms)
    assert account.pay(output(1), "m/third", id="1")[0].payer.endswith("/only")
    assert account.pay(output(1), id="2", client="claude-code")[0].payer.endswith("/tool")
    assert account.refused(output(1), client="curl").reason == "client_not_in_plan"


def test_families_burn_in_the_order_they_joined_and_inside_one_by_rank() -> None:
    small = (pool(granted="1"),)
    account = DrivenAccount(
        plan("g/late", rank=5, pools=small),
        plan("f/second", rank=2, pools=small),
        plan("f/first", rank=1, pools=small),
        plan("g/soon", rank=0, pools=small),
    )
    assert [name for name, _, _ in paid(account.pay(output(4)))] == ["g/soon", "g/late", "f/first", "f/second"]


def test_usage_of_nothing_costs_nothing_and_is_admitted_by_an_empty_pool() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="1"),)))
    account.pay(output(1))
    assert account.pay(Usage())[0].amount == 0
