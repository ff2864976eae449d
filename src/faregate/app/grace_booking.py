"""Booking what was decided while the books were away: once, as it was decided, or again where others wrote meanwhile.

Owns what is still to be appended to an account's journal, given what stands in it, and appending it until it is in.
For worker threads: it waits on the store. Knows no event loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

import msgspec

from faregate.app.catalogue_port import Receipt
from faregate.app.store_errors import StoreError
from faregate.app.store_port import ACCEPTED, Append, Store
from faregate.app.warm_accounts import Warm
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.errors import UnknownHold
from faregate.core.evolve import Plans, evolve
from faregate.core.grace import made_again
from faregate.core.market import Market
from faregate.core.roll import EVERY_REQUEST, close_lost, roll_all

log = logging.getLogger("faregate")

BATCH = 256
_OF_REQUESTS = frozenset(("hold", "settle", "release"))

_encode = msgspec.json.Encoder().encode


class NotOfTheseBooks(StoreError):
    """Entries of an account that this store has never heard of."""

    code = "grace_of_other_books"


class Booking:
    """Books what workers decided, each account by itself. ``load`` gives an account as the store has it."""

    def __init__(self, store: Store, load: Callable[[str], Warm], market: Callable[[], Market], plans: Plans) -> None:
        self._store = store
        self._load = load
        self._market = market
        self.plans = plans

    def book(
        self,
        account: str,
        base: int,
        entries: Sequence[Entry],
        receipts: Mapping[str, Receipt],
        lost_at: int | None = None,
    ) -> Warm:
        """Bring ``entries`` into the journal of ``account``, each once; the account after it. Raises StoreError.

        ``base`` is the last seq that the store was known to have before them. ``lost_at``: nobody will close what
        they left open; it is closed then, by its plan's rule.
        """
        while True:
            # Loaded before the journal is read: what came in between is a conflict, and read again.
            warm = self._load(account)
            if warm.state.seq == 0:
                raise NotOfTheseBooks(account, "there is no such account here; was it decided for other books?")
            written = list(self._store.entries(account, base))
            made = self._missing(warm.state, written, entries)
            if lost_at is not None:
                made += self._lost(warm.state, entries, lost_at)
            if self._appended(made, receipts):
                return Warm(warm.state, warm.state.seq, warm.snapshot)

    def _appended(self, made: Sequence[Entry], receipts: Mapping[str, Receipt]) -> bool:
        appends = [Append(entry, receipts.get(entry.key)) for entry in made]
        for start in range(0, len(appends), BATCH):
            outcomes = self._store.append(appends[start : start + BATCH])
            if any(outcome != ACCEPTED for outcome in outcomes):
                return False
        return True

    def _missing(self, state: AccountState, written: Sequence[Entry], entries: Sequence[Entry]) -> list[Entry]:
        """What of ``entries`` is not in the journal yet, as its next entries; ``state`` has them applied after it."""
        if len(written) <= len(entries) and all(map(_is_same, written, entries)):
            rest = list(entries[len(written) :])
            if [entry.seq for entry in rest] == list(range(state.seq + 1, state.seq + 1 + len(rest))):
                for entry in rest:
                    evolve(state, entry, self.plans)
                return rest
        return self._again(state, written, entries)

    def _again(self, state: AccountState, written: Sequence[Entry], entries: Sequence[Entry]) -> list[Entry]:
        """Others wrote: what is not in the journal is made again on what stands there, at no earlier time."""
        known = {entry.key for entry in written}
        moment = max((entry.at for entry in written), default=0)
        made: list[Entry] = []
        for entry in entries:
            if entry.kind not in _OF_REQUESTS or entry.key in known:
                continue
            moment = max(moment, entry.at)
            made += roll_all(state, moment, self._market(), self.plans, EVERY_REQUEST)
            try:
                fresh = made_again(state, entry, moment, self._market())
            except UnknownHold:
                log.warning("%s of %s was closed by others meanwhile", entry.data["request"], entry.account)
                continue
            evolve(state, fresh, self.plans)
            made.append(fresh)
        return made

    def _lost(self, state: AccountState, entries: Sequence[Entry], now: int) -> list[Entry]:
        made: list[Entry] = []
        for request in [entry.data["request"] for entry in entries if entry.kind == "hold"]:
            hold = state.holds.get(request)
            if hold is not None:
                closing = close_lost(state, hold, max(now, hold.at), self._market())
                evolve(state, closing, self.plans)
                made.append(closing)
                log.warning("a worker died and left request %s open: %s", request, closing.kind)
        return made


def _is_same(written: Entry, decided: Entry) -> bool:
    """Whether an entry of the journal is the one that was decided here. A request's key is its own; what time itself
    does has one key whoever does it.
    """
    if (written.seq, written.key) != (decided.seq, decided.key):
        return False
    return written.kind in _OF_REQUESTS or _encode(written) == _encode(decided)
