"""The laws of docs/domain/invariants.md as checks on a live account.

Owns what must hold after every step of any history. Used by the machine in ``histories``.
"""

from __future__ import annotations

import json

from faregate.core.account import AccountState
from faregate.core.amounts import round_half_even
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.evolve import Plans, evolve
from faregate.core.instants import DAY, HOUR
from faregate.core.market import Market
from faregate.core.request import Refused, Request, Slice
from faregate.core.roll import roll
from faregate.core.snapshot import from_data, to_data
from faregate.core.usage import Usage
from tests.core.naive_account import NaiveAccount
from tests.core.naive_oracle import Piece, listed


def text_of(state: AccountState) -> str:
    """The state as text: equal exactly when the states are the same."""
    return json.dumps(to_data(state))


def postings_sum_to_zero(entry: Entry) -> None:
    sums: dict[str, int] = {}
    for _, unit, amount in entry.postings:
        sums[unit] = sums.get(unit, 0) + amount
    assert not any(sums.values()), f"{entry.kind} does not balance: {sums} {entry.postings}"


def pools_hold_what_they_say(state: AccountState) -> None:
    """No lot and no pool below zero; what is held is what the open holds' slices say."""
    held: dict[str, int] = {}
    for hold in state.holds.values():
        for piece in (Slice(*row) for row in hold.data["slices"]):
            if piece.pool is not None:
                key = f"{piece.payer.rpartition('/')[0]}:{piece.pool}"
                held[key] = held.get(key, 0) + piece.amount
                assert sum(part for _, part in piece.lots) == piece.amount
    for subscription in (*state.subscriptions.values(), *state.ended.values()):
        for pool in subscription.pools.values():
            assert all(lot.balance >= 0 for lot in pool.lots), f"{pool.key}: a lot is below zero"
            assert pool.available == sum(lot.balance for lot in pool.lots) >= 0
            assert pool.held == held.get(pool.key, 0), f"{pool.key}: held {pool.held}, holds say {held}"
            assert pool.owed >= 0
    for key, window in state.windows.items():
        assert window.used >= 0, f"{key}: used {window.used}"


class Overruns:
    """Windows over their limit: by at most (actual - hold) of the requests that were open at the crossing."""

    def __init__(self) -> None:
        self.open_at_crossing: dict[str, set[str]] = {}
        self.allowed: dict[str, int] = {}
        self.held_now: set[str] = set()
        self.excess: dict[str, int] = {}
        self.settled = ""

    def before(self, state: AccountState, entry: Entry) -> None:
        """Note what ``entry`` settles above its hold, by window; and who is open before it."""
        self.held_now = set(state.holds)
        if entry.kind != "settle":
            return
        request = entry.data["request"]
        change: dict[str, int] = {}
        for sign, pieces in ((1, entry.data["slices"]), (-1, state.holds[request].data["slices"])):
            for piece in (Slice(*row) for row in pieces):
                for key, _, amount in piece.windows:
                    change[key] = change.get(key, 0) + sign * amount
        for key, more in change.items():
            window = state.windows.get(key)
            if more <= 0 or window is None:
                continue
            if window.used_at(entry.at) <= window.limit:
                self.open_at_crossing[key] = self.held_now
                self.allowed[key] = 0
            # A request that was estimated to count nothing in a window is let in by it when it is full, too.
            nothing = all(key != draw[0] for piece in state.holds[request].data["slices"] for draw in piece[12])
            if nothing or request in self.open_at_crossing.get(key, ()):
                self.allowed[key] = self.allowed.get(key, 0) + more

    def check(self, state: AccountState, now: int) -> None:
        for key, window in state.windows.items():
            over = window.used_at(now) - window.limit
            if window.kind != "concurrency":
                assert over <= self.allowed.get(key, 0), f"{key} over its limit by {over}"


def same_pieces(slices: list[Slice], pieces: list[Piece]) -> None:
    found = [(each.payer, each.bracket, each.amount, each.debt, each.list_value) for each in slices]
    expected = [piece.row() for piece in pieces]
    assert found == expected, f"\nengine {found}\noracle {expected}"


def list_values_sum(slices: list[Slice], model: str, usage: Usage) -> None:
    """The parts of a charge sum to the charge."""
    whole = listed(model, usage)
    priced = [piece for piece in slices if piece.card is not None]
    assert sum(piece.list_value for piece in priced) == round_half_even(whole.numerator, whole.denominator)


def same_as_oracle(state: AccountState, oracle: NaiveAccount, now: int) -> None:
    """Every balance and every window as the oracle counts it."""
    naive = [each for each in oracle.subscriptions if not each.over]
    assert list(state.subscriptions) == [each.key for each in naive]
    assert set(state.holds) == set(oracle.holds)
    for each in naive:
        mine = state.subscriptions[each.key]
        assert (mine.period_end, mine.ends_at) == (each.period_end, each.ends)
        for name, theirs in each.pools.items():
            pool = mine.pools[name]
            found = (pool.available, pool.held, pool.owed, pool.restores_left(now))
            expected = (theirs.available, theirs.held_total, theirs.owed, theirs.restores_left(now))
            assert found == expected, f"{pool.key}: engine {found}, oracle {expected}"
            lots = sorted(lot.balance for lot in pool.lots if lot.balance)
            assert lots == sorted(lot.balance for lot in theirs.lots if lot.balance), f"{pool.key}: other lots"
        for name, counted in each.windows.items():
            if counted.terms.kind == "concurrency":
                continue
            used = mine.windows[name].used_at(now)
            assert used == counted.used(now), f"{each.key}:{name}: engine {used}, oracle {counted.used(now)}"


def refused_until(
    state: AccountState, plans: Plans, request: Request, refused: Refused, now: int, market: Market
) -> None:
    """At ``retry_at`` the request passes and a microsecond earlier it does not, if only time goes by."""
    crowded = any(block.reason == "concurrency_full" for block in refused.blocks)
    if crowded and refused.reason != "concurrency_full":
        # Then holds must expire first, and what they give back may open a payer sooner.
        return
    charged = any(each.terms.lost_hold == "charge" for each in state.subscriptions.values())
    kept = set() if crowded else set(state.holds)
    twin = from_data(to_data(state), plans)

    def passes(at: int) -> bool:
        while (entry := roll(twin, at, market, kept)) is not None:
            evolve(twin, entry, plans)
        return not isinstance(decide(twin, request, at, market), Refused)

    retry_at = refused.retry_at
    if retry_at is None:
        for later in (HOUR, DAY, 40 * DAY, 100 * DAY):
            assert not passes(now + later), f"{refused} names no time, but passes {later} later"
        return
    assert retry_at > now, f"{refused} at {now}"
    assert not passes(retry_at - 1), f"{refused} passes before its time"
    # A lost hold that is charged more than it held may fill what its request leaves.
    assert passes(retry_at) or (crowded and charged), f"{refused} is still refused at its time"
