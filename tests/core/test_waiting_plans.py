"""A plan that waits: what it is for is paid by it and what burns before it, also when it is used up."""

from __future__ import annotations

from faregate.core.terms import SourceTerms
from tests.core.driven_account import USD, DrivenAccount, output, paid, plan, pool


def account(*, waits: bool) -> DrivenAccount:
    """10 of a gift, then 5 of a plan that is for one model, then a pool of 100."""
    return DrivenAccount(
        plan("f/gift", rank=0, pools=(pool(granted="10"),)),
        plan(
            "f/plan",
            rank=1,
            pools=(pool(granted="5"),),
            sources=(SourceTerms("s", USD, "p", models=("m/one",)),),
            waits=waits,
        ),
        plan("f/after", rank=2, pools=(pool(granted="100"),)),
    )


def test_what_burns_before_a_waiting_plan_still_pays_first() -> None:
    assert paid(account(waits=True).pay(output(12))) == [("f/gift", "10", "1"), ("f/plan", "2", "1")]


def test_nothing_after_it_pays_when_it_is_used_up() -> None:
    waiting = account(waits=True)
    waiting.pay(output(15))
    found = waiting.refused(output(1))
    assert (found.reason, found.retry_at) == ("pool_empty", None)
    going_on = account(waits=False)
    going_on.pay(output(15))
    assert paid(going_on.pay(output(1))) == [("f/after", "1", "1")]


def test_what_it_is_not_for_goes_on() -> None:
    waiting = account(waits=True)
    waiting.pay(output(15))
    assert [each.plan for each in waiting.pay(output(1), "m/third")] == ["f/after"]


def test_a_request_beyond_it_is_not_split_onto_what_follows() -> None:
    waiting = account(waits=True)
    slices = waiting.pay(output(20))
    assert [(each.plan, each.debt) for each in slices] == [("f/gift", 0), ("f/plan", 5 * 10**9)]
    assert waiting.left("p", "f/after") == "100"
