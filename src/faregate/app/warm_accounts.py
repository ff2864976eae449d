"""Warm accounts: states in memory, loaded from the journal when they are needed, let go when they are idle.

Owns loading, the order in which accounts cool, and snapshots. Snapshots affect cost, never meaning. Does not decide
nor append.
"""

from __future__ import annotations

import asyncio
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
        self._unsaved: list[Snapshot] = []
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

    def last_entry(self, account: str) -> int | None:
        """The account's last entry in the store; None while anything that was decided here is on its way there."""
        warm = self.get(account)
        return warm.appended if warm.appended == warm.state.seq else None

    def moved(self, seen: dict[str, int]) -> list[str]:
        """Warm accounts whose last entry is not the one in ``seen``, which is brought up to date."""
        now = {account: warm.state.seq for account, warm in self._warm.items()}
        found = [account for account, seq in now.items() if seen.get(account) != seq]
        seen.clear()
        seen.update(now)
        return found

    def drop(self, account: str) -> None:
        """Forget the account as it is in memory."""
        self._warm.pop(account, None)

    def reload(self, account: str) -> Warm:
        """The account as the store has it, whatever memory said."""
        try:
            warm = self.loaded(account)
        except UnknownPlan:
            if self.follow_plans is None:
                raise
            self.follow_plans()
            warm = self.loaded(account)
        self.put(account, warm)
        return warm

    def put(self, account: str, warm: Warm) -> None:
        """Keep ``account`` as it was just loaded."""
        self._warm[account] = warm
        self._warm.move_to_end(account)
        if len(self._warm) > self._most:
            self._cool(account)
        if warm.state.seq - warm.snapshot >= SNAPSHOT_EVERY:
            self._save(account, warm)

    def loaded(self, account: str) -> Warm:
        """The account as the store has it, not kept. For any thread. Raises UnknownPlan."""
        state, kept = _load_with(self._store, account, self._plans)
        return Warm(state, state.seq, kept)

    def _cool(self, needed: str) -> None:
        """Let the account go that was idle longest and has nothing on its way, but not the one ``needed`` now."""
        for account, warm in self._warm.items():
            if account != needed and warm.appended == warm.state.seq and not warm.state.holds:
                self._save(account, warm)
                del self._warm[account]
                return

    def due_snapshots(self, force: bool) -> list[Snapshot]:
        """Snapshots of accounts that moved on far enough since the last one (``force``: at all), to be kept now."""
        least = 1 if force else SNAPSHOT_EVERY
        due = [
            (account, warm)
            for account, warm in self._warm.items()
            if warm.appended == warm.state.seq and warm.state.seq - warm.snapshot >= least
        ]
        unsaved, self._unsaved = self._unsaved, []
        return [*unsaved, *(_snapshot(account, warm) for account, warm in due)]

    def _save(self, account: str, warm: Warm) -> None:
        snapshot = _snapshot(account, warm)
        if self._store.quick_append:
            self._store.save_snapshots([snapshot])
        else:
            self._unsaved.append(snapshot)


class Warming:
    """Loading accounts in threads, for a store that is slow. Whoever asks for one meanwhile waits for it in order."""

    def __init__(self, accounts: WarmAccounts) -> None:
        self._accounts = accounts
        self._waiting: dict[str, list[Callable[[Exception | None], None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def is_warm(self, account: str) -> bool:
        """Whether the account can be used at once."""
        return account not in self._waiting and self._accounts.known(account) is not None

    def then(self, account: str, go_on: Callable[[Exception | None], None]) -> None:
        """Load the account and ``go_on``, with what went wrong if anything did."""
        waiting = self._waiting.get(account)
        if waiting is not None:
            waiting.append(go_on)
            return
        self._waiting[account] = [go_on]
        task = asyncio.get_running_loop().create_task(self._load(account))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def waited_for(self, account: str) -> asyncio.Future[None]:
        """Done once the account is loaded."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def loaded(problem: Exception | None) -> None:
            if done.done():
                return
            if problem is None:
                done.set_result(None)
            else:
                done.set_exception(problem)

        self.then(account, loaded)
        return done

    async def _load(self, account: str) -> None:
        problem: Exception | None = None
        try:
            if self._accounts.known(account) is None:
                warm = await self._loaded(account)
                if self._accounts.known(account) is None:
                    self._accounts.put(account, warm)
        except Exception as failure:  # noqa: BLE001 - handed to whoever waits
            problem = failure
        for go_on in self._waiting.pop(account):
            go_on(problem)

    async def _loaded(self, account: str) -> Warm:
        try:
            return await asyncio.to_thread(self._accounts.loaded, account)
        except UnknownPlan:
            if self._accounts.follow_plans is None:
                raise
            self._accounts.follow_plans()
            return await asyncio.to_thread(self._accounts.loaded, account)


def _snapshot(account: str, warm: Warm) -> Snapshot:
    warm.snapshot = warm.state.seq
    return Snapshot(account, warm.state.seq, encode_snapshot(warm.state))


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
