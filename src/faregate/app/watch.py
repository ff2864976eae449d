"""The watch: raises a flag on an account whose requests show that it is shared, by the rule of its plan.

Owns the way from a request's sight to the journal, and the rounds in which workers tell each other what they saw.
Counting is ``sharing_signals``', what a flag does is core's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from faregate.app.ledger import Ledger, Outcome
from faregate.app.sharing_signals import SharingSignals, Sight
from faregate.app.sightings_port import Sighting
from faregate.app.store_errors import StoreError
from faregate.core.account import AccountState
from faregate.core.flags import Crossing, raised
from faregate.core.terms import SharingRule

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
ROUNDS_A_CLEANING = 300
SECRET_BYTES = 32

Watched = tuple[str, SharingRule]
"""A plan, and its rule."""


class Watch:
    """Of one ledger, in its loop. ``secret`` keys what it remembers.

    Where several workers serve the store, ``start`` and ``stop`` the rounds: what one of them saw, all count.
    """

    def __init__(self, ledger: Ledger, secret: bytes) -> None:
        self._ledger = ledger
        self._shared = ledger.store.workers is not None
        self._signals = SharingSignals(ledger.store.sharing_secret(secret) if self._shared else secret, self._shared)
        self._shown: dict[str, Watched] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self, clock: Callable[[], int], round_seconds: float = ROUND_SECONDS) -> None:
        """Begin the rounds, where there are others."""
        if self._shared:
            self._task = asyncio.get_running_loop().create_task(self._rounds(clock, round_seconds))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _rounds(self, clock: Callable[[], int], round_seconds: float) -> None:
        number = 0
        while True:
            await asyncio.sleep(round_seconds)
            number += 1
            try:
                await self.go_round(clock())
                if number % ROUNDS_A_CLEANING == 0:
                    await asyncio.to_thread(self._ledger.store.drop_sightings, clock())
            except StoreError as problem:
                log.warning("what was seen of senders cannot be told to the other workers yet: %s", problem)

    async def go_round(self, now: int) -> None:
        """Tell the others what is new, and count what all saw of the accounts that were shown here."""
        shown, self._shown = self._shown, {}
        fresh = self._signals.fresh()
        subjects = sorted({row.subject for row in fresh})
        try:
            rows = await asyncio.to_thread(self._exchanged, fresh, subjects, now) if fresh else []
        except StoreError:
            self._signals.untold(fresh)
            self._shown = shown | self._shown
            raise
        for account, (plan, rule) in shown.items():
            state = self._ledger.standing(account)
            if rows:
                self._signals.take_in(account, rule, rows)
            at_once = len(state.holds) if state is not None else 0
            for crossing in self._signals.recount(account, rule, at_once, now):
                self._raise(account, plan, rule, crossing, now)

    def _exchanged(self, fresh: Sequence[Sighting], subjects: Sequence[str], now: int) -> list[Sighting]:
        """Told first, then read: of two workers that do so at once, one reads what the other told."""
        self._ledger.store.add_sightings(fresh)
        return self._ledger.store.sightings(subjects, now)

    def rule_of(self, state: AccountState) -> tuple[str, SharingRule] | None:
        """The first plan of the account that watches for anything, and its rule."""
        for subscription in state.subscriptions.values():
            rule = subscription.terms.sharing
            if rule is not None:
                return subscription.terms.plan, rule
        return None

    def note(self, state: AccountState, watched: Watched, sight: Sight, now: int) -> None:
        """Take in a request of the account as it is shown; a bound that is crossed raises a flag."""
        plan, rule = watched
        if self._shared:
            self._shown[state.account] = watched
        for crossing in self._signals.note(state.account, rule, sight, len(state.holds) + 1, now):
            self._raise(state.account, plan, rule, crossing, now)

    def _raise(self, account: str, plan: str, rule: SharingRule, crossing: Crossing, now: int) -> None:
        def act(current: AccountState) -> Outcome:
            entry = raised(current, plan, rule, crossing, now)
            return Outcome((), None) if entry is None else Outcome((entry,), entry.data["flag"])

        try:
            # Listed first: an account listed without a flag costs a look, a flag not listed is never reviewed.
            self._ledger.store.add_flagged(account, now)
            made = self._ledger.command(account, act, now)
        except StoreError as problem:
            log.warning("a flag on %s could not be raised: %s", account, problem)
            return
        made.add_done_callback(lambda future: _told(future, account, crossing))


def _told(future: asyncio.Future[object], account: str, crossing: Crossing) -> None:
    problem = None if future.cancelled() else future.exception()
    if problem is not None:
        log.warning("a flag on %s could not be raised: %s", account, problem)
    elif not future.cancelled() and future.result() is not None:
        log.info("flag %s on %s: %s of %s", future.result(), account, crossing.counted, crossing.signal)
