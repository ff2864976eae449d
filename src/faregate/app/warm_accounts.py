"""Warm accounts: states in memory, loaded from the journal when they are needed, let go when they are idle.

Owns loading, the order in which accounts cool, and snapshots. Snapshots affect cost, never meaning. Does not decide
nor append.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from faregate.app.shelf import UnknownPlan
from faregate.app.state_snapshot import decode_snapshot, encode_snapshot
from faregate.app.store_port import Snapshot, Store
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.evolve import Plans, evolve

SNAPSHOT_EVERY = 128
WARM_ACCOUNTS = 20_000


@dataclass(slots=True)
class Warm:
    """One account in memory. ``appended`` is the last seq known to be in the store, ``snapshot`` that of the last
    snapshot kept.
    """

    state: AccountState
    appended: int
    snapshot: int


class WarmAccounts:
    """At most ``most`` accounts, but for those with something on its way."""

    def __init__(self, store: Store, plans: Plans, most: int = WARM_ACCOUNTS) -> None:
        self._store = store
        self._plans = plans
        self._most = most
        self._warm: OrderedDict[str, Warm] = OrderedDict()
        self.follow_plans: Callable[[], None] | None = None

    def get(self, account: str) -> Warm:
        """The account, loaded where it is not warm."""
        warm = self._warm.get(account)
        if warm is None:
            return self.reload(account)
        self._warm.move_to_end(account)
        return warm

    def known(self, account: str) -> Warm | None:
        """The account where it is warm."""
        return self._warm.get(account)

    def drop(self, account: str) -> None:
        """Forget the account as it is in memory."""
        self._warm.pop(account, None)

    def reload(self, account: str) -> Warm:
        """The account as the store has it, whatever memory said."""
        try:
            warm = self._load(account)
        except UnknownPlan:
            if self.follow_plans is None:
                raise
            self.follow_plans()
            warm = self._load(account)
        self._warm[account] = warm
        self._warm.move_to_end(account)
        if len(self._warm) > self._most:
            self._cool(account)
        if warm.state.seq - warm.snapshot >= SNAPSHOT_EVERY:
            self._save([(account, warm)])
        return warm

    def _load(self, account: str) -> Warm:
        state, kept = _load_with(self._store, account, self._plans)
        return Warm(state, state.seq, kept)

    def _cool(self, needed: str) -> None:
        """Let the account go that was idle longest and has nothing on its way, but not the one ``needed`` now."""
        for account, warm in self._warm.items():
            if account != needed and warm.appended == warm.state.seq and not warm.state.holds:
                self._save([(account, warm)])
                del self._warm[account]
                return

    def save_snapshots(self, force: bool) -> None:
        """Keep snapshots of accounts that moved on far enough since the last one (``force``: at all)."""
        least = 1 if force else SNAPSHOT_EVERY
        self._save(
            [
                (account, warm)
                for account, warm in self._warm.items()
                if warm.appended == warm.state.seq and warm.state.seq - warm.snapshot >= least
            ]
        )

    def _save(self, chosen: list[tuple[str, Warm]]) -> None:
        if not chosen:
            return
        self._store.save_snapshots(
            [Snapshot(account, warm.state.seq, encode_snapshot(warm.state)) for account, warm in chosen]
        )
        for _, warm in chosen:
            warm.snapshot = warm.state.seq


def load_state(store: Store, account: str, plans: Plans) -> AccountState:
    """The account as the store has it now, a copy of its own."""
    return _load_with(store, account, plans)[0]


def _load_with(store: Store, account: str, plans: Plans) -> tuple[AccountState, int]:
    """The account, and the seq of the snapshot it was made from (0: none)."""
    loaded = store.load(account)
    entries: Iterable[Entry] = loaded.entries
    state = None
    if loaded.snapshot is not None:
        state = decode_snapshot(loaded.snapshot.blob, plans)
        if state is None:
            entries = store.entries(account)
    kept = 0 if state is None else state.seq
    if state is None:
        state = AccountState(account)
    for entry in entries:
        evolve(state, entry, plans)
    return state, kept
