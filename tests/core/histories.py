"""Random histories of one account: the engine and the naive oracle side by side, the laws checked after every step.

Owns the machine that Hypothesis and the script below drive. From the root of the repository:
``python -m tests.core.histories --histories 100000`` runs that many and names the seeds that fail.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Callable
from random import Random
from typing import Any

from faregate.core.account import AccountState
from faregate.core.commands import cancel, grant, renew, reset_windows, restore, subscribe
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.evolve import evolve, rebuild
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, parse_instant
from faregate.core.request import Admitted, Refused, Request, Slice
from faregate.core.roll import roll
from faregate.core.settle import release, settle
from faregate.core.snapshot import from_data, to_data
from faregate.core.terms import Terms
from faregate.core.usage import Usage
from tests.core import laws
from tests.core.generated_plans import MODELS, make_terms, market
from tests.core.naive_account import NaiveAccount

STARTS = tuple(
    parse_instant(text)
    for text in (
        "2026-01-31T23:30:00Z",
        "2026-03-07T12:00:00Z",
        "2028-02-28T20:00:00Z",
        "2026-10-31T15:59:59.999999Z",
    )
)
JUMPS = (1, SECOND, MINUTE, 30 * MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 20 * DAY, 40 * DAY)
MARKET = market()


class History:
    """One account with one to three plans. Every method is one step; each ends by checking the laws."""

    def __init__(self, plans: list[Terms], start: int, costly_every: int = 1) -> None:
        self.terms = {(terms.plan, terms.version): terms for terms in plans}
        self.state = AccountState("a")
        self.oracle = NaiveAccount()
        self.journal: list[Entry] = []
        self.overruns = laws.Overruns()
        self.now = start
        self.made = 0
        self.refused = 0
        self.probed = 0
        self.costly_every = costly_every
        for terms in plans:
            for entry in subscribe(self.state, terms, self.now, "s" + terms.plan):
                self.append(entry)
            self.oracle.subscribe(terms, self.now)
        self.check()

    def plans(self, plan: str, version: str) -> Terms:
        return self.terms[plan, version]

    def append(self, entry: Entry) -> None:
        laws.postings_sum_to_zero(entry)
        self.overruns.before(self.state, entry)
        self.journal.append(entry)
        evolve(self.state, entry, self.plans)

    def check(self) -> None:
        laws.pools_hold_what_they_say(self.state)
        self.overruns.check(self.state, self.now)
        laws.same_as_oracle(self.state, self.oracle, self.now)

    def unchanged(self, act: Callable[[], Any]) -> Any:
        """The result of ``act``, which must leave the state as it is."""
        if self.state.seq % self.costly_every:
            return act()
        before = laws.text_of(self.state)
        result = act()
        assert laws.text_of(self.state) == before, "a decision changed the state"
        return result

    # ---- steps

    def roll(self) -> None:
        while (entry := roll(self.state, self.now, MARKET)) is not None:
            self.append(entry)
        self.oracle.advance(self.now)

    def jump(self, by: int) -> None:
        self.now += by
        self.roll()
        self.check()

    def admit(self, model: str, usage: Usage) -> None:
        self.made += 1
        request = Request(f"r{self.made}", model, usage)
        found = self.unchanged(lambda: decide(self.state, request, self.now, MARKET))
        expected = self.oracle.admit(request.id, model, usage, self.now)
        if isinstance(found, Refused):
            assert expected is None, f"refused ({found}) where the oracle admits"
            self.refused += 1
            if self.refused % self.costly_every:
                return
            self.probed += 1
            laws.refused_until(self.state, self.plans, request, found, self.now, MARKET)
            return
        assert isinstance(found, Admitted)
        assert expected is not None, "admitted where the oracle refuses"
        laws.same_pieces(found.entry.data["slices"], expected.pieces)
        assert found.uncovered == expected.uncovered
        if sum(piece.share for piece in expected.pieces) == 1:
            laws.list_values_sum(found.entry.data["slices"], model, usage)
        self.append(found.entry)
        self.check()

    def settle(self, request: str, usage: Usage) -> None:
        hold = self.state.holds[request]
        entry = self.unchanged(lambda: settle(self.state, request, usage, self.now, MARKET))
        held = [Slice(*piece) for piece in hold.data["slices"]]
        paid = self.oracle.settle(request, usage, self.now)
        laws.same_pieces(entry.data["slices"], paid)
        laws.list_values_sum(entry.data["slices"], hold.data["model"], entry.data["usage"])
        if usage == hold.data["estimate"] and not hold.data.get("uncovered"):
            assert [tuple(piece) for piece in entry.data["slices"]] == [tuple(piece) for piece in held]
        self.append(entry)
        self.check()

    def release(self, request: str) -> None:
        self.append(self.unchanged(lambda: release(self.state, request, self.now, "failed")))
        self.oracle.release(request)
        self.check()

    def grant(self, subscription: str, pool: str, amount: int, lifetime: int | None, priority: int) -> None:
        mine = self.state.subscriptions[subscription]
        expires = None if lifetime is None else self.now + lifetime
        self.append(grant(self.state, mine, mine.pools[pool], amount, self.now, "g", expires, priority))
        self.naive(subscription).pools[pool].put("grant", amount, expires, priority)
        self.check()

    def reset(self, subscription: str) -> None:
        self.append(reset_windows(self.state, self.state.subscriptions[subscription], None, self.now, "z"))
        for window in self.naive(subscription).windows.values():
            if not window.terms.guard and "." not in window.terms.id:
                window.reset(set(self.oracle.holds))
        self.check()

    def restore(self, subscription: str, pool: str) -> None:
        mine = self.state.subscriptions[subscription]
        theirs = self.naive(subscription).pools[pool]
        refill = theirs.terms.refill
        room = refill.full - theirs.available - theirs.held_total if refill is not None else 0
        possible = refill is not None and refill.kind == "restore" and theirs.restores_left(self.now) > 0 and room > 0
        try:
            entry = restore(self.state, mine, mine.pools[pool], self.now, "o")
        except BadCommand:
            assert not possible
            return
        assert possible
        self.append(entry)
        theirs.restored.append(self.now)
        theirs.put("restore", room, None)
        self.check()

    def renew(self, subscription: str) -> None:
        self.append(renew(self.state, self.state.subscriptions[subscription], self.now, "n"))
        self.naive(subscription).renew(self.now)
        self.roll()
        self.check()

    def cancel(self, subscription: str, at_once: bool) -> None:
        self.append(cancel(self.state, self.state.subscriptions[subscription], self.now, "c", at_once))
        mine = self.naive(subscription)
        mine.ends = self.now if at_once or mine.period_end is None else mine.period_end
        self.roll()
        self.check()

    def swap_snapshot(self) -> None:
        """Go on from a snapshot that was written and read."""
        data = json.loads(json.dumps(to_data(self.state)))
        self.state = from_data(data, self.plans)
        assert laws.text_of(self.state) == json.dumps(data)

    def naive(self, subscription: str) -> Any:
        return next(each for each in self.oracle.subscriptions if each.key == subscription)

    def finish(self) -> None:
        """Close everything; nothing may stay held, and the journal alone must build the same state."""
        for request in list(self.state.holds):
            self.release(request)
        for subscription in self.state.subscriptions.values():
            assert all(pool.held == 0 for pool in subscription.pools.values()), "a hold leaked"
        assert not self.state.ended
        decoded = [Entry(*row) for row in json.loads(json.dumps(self.journal))]
        assert laws.text_of(rebuild("a", decoded, self.plans)) == laws.text_of(self.state), "rebuilt differently"


def make_usage(random: Random) -> Usage:
    return Usage(
        input=random.choice((0, 1, 3, random.randint(0, 30))),
        cached=random.choice((0, 0, random.randint(0, 50))),
        output=random.choice((0, 1, random.randint(0, 9))),
        prompts=random.choice((0, 1)),
    )


def act(history: History, random: Random) -> None:
    """One random step."""
    choice = random.random()
    holds, subscriptions = list(history.state.holds), list(history.state.subscriptions.values())
    if choice < 0.42:
        history.admit(random.choice(MODELS), make_usage(random))
    elif choice < 0.68:
        if holds:
            request = random.choice(holds)
            history.settle(request, _actual(random, history.state.holds[request].data["estimate"]))
    elif choice < 0.76:
        if holds:
            history.release(random.choice(holds))
    elif choice < 0.88:
        history.jump(random.choice(JUMPS))
    elif subscriptions:
        _command(history, random, random.choice(subscriptions).key)


def _actual(random: Random, estimate: Any) -> Usage:
    """What was really used: as held, above or below it, or anything."""
    usage = Usage(*estimate)
    kind = random.randrange(4)
    if kind == 0:
        return usage
    if kind == 1:
        return usage._replace(input=usage.input * 3 + 1, output=usage.output * 2 + random.randint(0, 6))
    if kind == 2:
        return usage._replace(input=usage.input // 2, cached=usage.cached // 3, output=usage.output // 2)
    return make_usage(random)


def _command(history: History, random: Random, subscription: str) -> None:
    pools = list(history.state.subscriptions[subscription].pools)
    choice = random.randrange(10)
    if choice < 3:
        if pools:
            lifetime = random.choice((None, MINUTE, 5 * HOUR, 3 * DAY))
            amount = random.choice((1, 500, 1_000, 10**9, random.randint(1, 3 * 10**9)))
            history.grant(subscription, random.choice(pools), amount, lifetime, random.choice((0, 0, -1, 5)))
    elif choice < 5:
        history.reset(subscription)
    elif choice < 7:
        if pools:
            history.restore(subscription, random.choice(pools))
    elif choice == 7:
        history.renew(subscription)
    elif choice == 8:
        if random.random() < 0.4:
            history.cancel(subscription, random.random() < 0.5)
    else:
        history.swap_snapshot()


def run(seed: int, steps: int = 30, costly_every: int = 1) -> History:
    """The history of ``seed``. Raises where a law is broken.

    ``costly_every`` checks the two laws that cost most (retry_at, purity) only so often.
    """
    random = Random(seed)
    names = random.sample(("f/one", "f/two", "f/three"), random.choice((1, 1, 2, 3)))
    ranks = random.sample(range(3), len(names))
    plans = [make_terms(random, name, rank) for name, rank in zip(names, ranks, strict=True)]
    history = History(plans, random.choice(STARTS), costly_every)
    for _ in range(steps):
        act(history, random)
    history.finish()
    return history


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--stop-after", type=int, default=10, help="failures to show before giving up")
    parser.add_argument("--costly-every", type=int, default=1, help="check retry_at and purity only so often")
    wanted = parser.parse_args()
    failed: list[int] = []
    entries = refused = probed = 0
    for seed in range(wanted.first, wanted.first + wanted.histories):
        try:
            history = run(seed, wanted.steps, wanted.costly_every)
        except Exception:  # noqa: BLE001 - every failure of any kind is a finding, told with its seed
            failed.append(seed)
            sys.stdout.write(f"seed {seed}\n{traceback.format_exc(limit=-3)}\n")
            if len(failed) >= wanted.stop_after:
                break
            continue
        entries += len(history.journal)
        refused += history.refused
        probed += history.probed
        if (seed + 1) % 5_000 == 0:
            sys.stdout.write(f"... {seed + 1 - wanted.first}\n")
            sys.stdout.flush()
    done = seed - wanted.first + 1
    counted = f"{done} histories, {entries} entries, {refused} refusals, {probed} of their times proved"
    sys.stdout.write(f"{counted}; failed: {failed or 'none'}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
