"""What an account used by API key and client, day by day, however many requests there were.

Owns bringing the sums in the store forward: they hold all settlements up to an entry of the account's journal, the
rest is read from there. Whoever asks gets the sum of both; a server brings accounts forward that have come far ahead,
so that the rest stays short. Writes no truth: what is lost is summed again.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from time import sleep

from faregate.app.book_keeping import usage_row
from faregate.app.store_port import Store
from faregate.app.usage_rollup import CallerKey, Rollup, caller_key

BEHIND = 2_000
"""Entries after its sums from which an account is brought forward."""
STEP = 1_000
"""Entries that are summed in one go, and written in one transaction."""


class CallerSumming:
    """Over one store. For a worker thread: it reads a lot."""

    def __init__(self, store: Store, step: int = STEP, behind: int = BEHIND) -> None:
        self._store = store
        self._step = step
        self._behind = behind

    def of(self, account: str, first_day: int) -> dict[CallerKey, Rollup]:
        """Everything settled from ``first_day`` (whole days since the epoch, UTC) on, to the newest entry."""
        if self._store.head(account) - self._store.caller_sums(account, first_day).through >= self._behind:
            self.bring_forward(account)
        through, sums = self._store.caller_sums(account, first_day)
        for entry in self._store.entries(account, through):
            if entry.kind == "settle":
                row = usage_row(entry)
                key = caller_key(row)
                if key.day >= first_day:
                    sums.setdefault(key, Rollup()).add(row)
        return sums

    def keep_up(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Bring every account forward that is far behind; ends early where ``go_on`` says no."""
        known = self._store.callers_through()
        behind = [head for head in self._store.heads() if head.seq - known.get(head.account, 0) >= self._behind]
        for head in behind:
            if go_on():
                self.bring_forward(head.account, go_on)

    def bring_forward(self, account: str, go_on: Callable[[], bool] = lambda: True) -> None:
        """Sum what came after the sums, step by step, up to what is there now."""
        end = self._store.head(account)
        while go_on() and self._one_step(account) < end:
            sleep(0)  # whoever waits to serve a request goes first

    def _one_step(self, account: str) -> int:
        """The entry up to which the sums hold everything then, whoever wrote them."""
        # Of the days that are in the store already only those are needed that the step adds to.
        before = self._store.caller_sums(account, _NO_DAY).through
        entries = list(islice(self._store.entries(account, before), self._step))
        if not entries:
            return before
        rows = [usage_row(entry) for entry in entries if entry.kind == "settle"]
        keys = {caller_key(row) for row in rows}
        held, stored = self._store.caller_sums(account, min((key.day for key in keys), default=_NO_DAY))
        if held != before:
            return held
        sums = {key: stored.get(key) or Rollup() for key in keys}
        for row in rows:
            sums[caller_key(row)].add(row)
        through = entries[-1].seq
        # False: another process was quicker, with the same sums.
        self._store.put_caller_sums(account, before, through, sums)
        return through


_NO_DAY = 1 << 40
