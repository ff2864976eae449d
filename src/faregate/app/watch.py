"""The watch: raises a flag on an account whose requests show that it is shared, by the rule of its plan.

Owns the way from a request's sight to the journal. Counting is ``sharing_signals``', what a flag does is core's.
"""

from __future__ import annotations

import asyncio
import logging

from faregate.app.ledger import Ledger, Outcome
from faregate.app.sharing_signals import SharingSignals, Sight
from faregate.app.store_errors import StoreError
from faregate.core.account import AccountState
from faregate.core.flags import Crossing, raised
from faregate.core.terms import SharingRule

log = logging.getLogger(__name__)


class Watch:
    """Of one ledger, in its loop. ``secret`` keys what it remembers."""

    def __init__(self, ledger: Ledger, secret: bytes) -> None:
        self._ledger = ledger
        self._signals = SharingSignals(secret)

    def rule_of(self, state: AccountState) -> tuple[str, SharingRule] | None:
        """The first plan of the account that watches for anything, and its rule."""
        for subscription in state.subscriptions.values():
            rule = subscription.terms.sharing
            if rule is not None:
                return subscription.terms.plan, rule
        return None

    def note(self, state: AccountState, watched: tuple[str, SharingRule], sight: Sight, now: int) -> None:
        """Take in a request of the account as it is shown; a bound that is crossed raises a flag."""
        plan, rule = watched
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
