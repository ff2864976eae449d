"""What was served while the books were away and is made again on another state: booked as used, whoever can pay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.core.commands import cancel
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.evolve import evolve
from faregate.core.grace import ANEW, MARK, asked_by, facts_of, made_again, mark_as_decided
from faregate.core.instants import HOUR, MINUTE
from faregate.core.request import Admitted, Request
from faregate.core.roll import close_lost
from faregate.core.settle import release, settle
from tests.core.driven_account import MARKET, NOON, DrivenAccount, output, plan, pool, usd, window

ASKED = Request("r", "m/one", output(5, prompts=1), "tool", "key_1", "session", "prompt", ("agent",), "plan", "")


def stored(entry: Entry) -> Entry:
    """``entry`` as it comes back from a file."""
    return Entry(*json.loads(json.dumps(entry)))


def served(account: DrivenAccount, request: Request = ASKED, used: int = 7) -> list[Entry]:
    """A hold and its settlement as a worker alone makes them, on a state of its own that nobody else sees."""
    state = account.state.copy()
    decided = decide(state, request, account.now, MARKET)
    assert isinstance(decided, Admitted)
    mark_as_decided(decided.entry)
    evolve(state, decided.entry, account.plans)
    settled = settle(
        state, request.id, output(used), account.now + 1, MARKET, {"upstream": "u", "tried": [("a", "b")]}
    )
    return [stored(decided.entry), stored(settled)]


def booked(account: DrivenAccount, entries: list[Entry]) -> list[Entry]:
    return [account.apply(made_again(account.state, entry, account.now, MARKET)) for entry in entries]


def test_the_request_of_a_hold_is_the_one_that_was_asked() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="50"),), calls_per_prompt=3))
    hold, settled = served(account)
    assert asked_by(hold) == ASKED
    assert facts_of(settled) == {"upstream": "u", "tried": [["a", "b"]]}


def test_on_the_same_state_it_comes_to_the_same() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="50"),)))
    entries = served(account)
    again = booked(account, entries)
    assert again[0].data.pop(MARK) == {"booked": ANEW, "at": NOON}
    entries[0].data.pop(MARK)
    assert stored(again[0]) == entries[0]
    assert stored(again[1])._replace(at=NOON + 1) == entries[1]


GUARD = window("g", "sliding", "1", "request", length=MINUTE, guard=True)


@pytest.mark.parametrize(
    ("terms", "debt", "used"),
    [
        ({"pools": (pool(granted="10", debt="carry"),)}, "4", None),
        ({"pools": (pool(granted="10"),)}, "4", None),
        ({"pools": (pool(granted="10", debt="carry"),), "admission": "fits"}, "4", None),
        ({"windows": (window("w", "first-use", "10", length=HOUR),)}, None, "14"),
        ({"windows": (GUARD, window("w", "first-use", "10", length=HOUR))}, None, "14"),
    ],
    ids=["carry", "forgive", "fits", "window", "guard"],
)
@pytest.mark.parametrize("others", [7, 10])
def test_what_others_left_pays_and_the_rest_stands(
    terms: dict[str, Any], debt: str | None, used: str | None, others: int
) -> None:
    account = DrivenAccount(plan(**terms))
    entries = served(account, used=4 + 10 - others)
    account.hold(output(others), id="other")
    account.settle(output(others), "other")
    hold, settled = booked(account, entries)
    assert hold.data[MARK]["booked"] == ANEW
    if debt is not None:
        assert sum(piece[5] for piece in settled.data["slices"]) == usd(debt)
    if used is not None:
        assert account.used("w") == used
    assert account.same_when_rebuilt()


def test_where_no_plan_is_left_to_pay_the_use_is_shown_and_nothing_is_charged() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="10"),)))
    entries = served(account)
    account.apply(cancel(account.state, account.state.subscriptions["f/plan#1"], account.now, "c", at_once=True))
    account.at(account.now + 1)
    hold, settled = booked(account, entries)
    assert settled.data["usage"] == output(7, prompts=1)._replace(requests=1)
    assert (hold.postings, settled.postings) == ([], [])
    assert account.same_when_rebuilt()


def test_a_hold_that_nobody_has_room_for_can_be_given_back_or_found_lost() -> None:
    account = DrivenAccount(plan(pools=(pool(granted="10"),), hold_seconds=60))
    hold, _ = served(account)
    account.hold(output(10), id="other")
    account.settle(output(10), "other")
    booked(account, [hold])
    given_back = account.apply(release(account.state, "r", account.now, "client_gone", {"tried": []}))
    booked(account, [hold._replace(data={**hold.data, "request": "s"})])
    again = made_again(
        account.state, stored(given_back)._replace(data={**given_back.data, "request": "s"}), NOON, MARKET
    )
    assert (again.data["reason"], again.data["tried"], again.postings) == ("client_gone", [], [])
    lost = account.apply(close_lost(account.state, account.state.holds["s"], account.now, MARKET))
    assert lost.kind == "release"
    assert account.same_when_rebuilt()
