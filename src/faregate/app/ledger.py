"""The ledger: warm accounts in memory, every decision appended to the journal in group commits.

Owns the life of account states in this process: loading, deciding, appending, discarding when another process wrote
first, snapshots. Decides nothing itself (core does) and knows no HTTP. All methods belong to one event loop; time
comes in as an argument.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faregate.app.book_keeping import append_of
from faregate.app.catalogue_port import Receipt
from faregate.app.shelf import Shelf
from faregate.app.state_snapshot import decode_snapshot, encode_snapshot
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Append, Conflict, Snapshot, Store
from faregate.core.account import AccountState
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.evolve import evolve
from faregate.core.market import Market
from faregate.core.request import Admitted, Refused, Request
from faregate.core.roll import close_lost, roll
from faregate.core.settle import release, settle
from faregate.core.usage import Usage

SNAPSHOT_EVERY = 256
WARM_ACCOUNTS = 20_000

Act = Callable[[AccountState], "Outcome"]


class Outcome(NamedTuple):
    """What an act on a state comes to: the next entries (none: nothing happened) and what to tell its caller."""

    entries: Sequence[Entry]
    result: Any


@dataclass(slots=True)
class Warm:
    """One account in memory. ``appended`` is the last seq known to be in the store."""

    state: AccountState
    appended: int
    snapshot: int


@dataclass(slots=True)
class Work:
    """One act on its way into the journal; done again from the start when another process wrote first."""

    account: str
    act: Act
    now: int
    receipt: Receipt | None
    to_disk: bool
    done: asyncio.Future[Any]
    result: Any = None
    entries: list[Entry] = field(default_factory=list)


class Ledger:
    """Accounts of one store. ``start`` before use, ``close`` after; both inside the loop it serves."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        warm_accounts: int = WARM_ACCOUNTS,
        holds_to_disk: bool = False,
    ) -> None:
        self.store = store
        self.shelf = shelf
        self.in_flight: set[str] = set()
        self._warm: OrderedDict[str, Warm] = OrderedDict()
        self._warm_accounts = warm_accounts
        self._holds_to_disk = holds_to_disk
        self._batch: list[Work] = []
        self._scheduled = False
        self._flusher: asyncio.Task[None] | None = None
        self._undurable: list[asyncio.Future[None]] = []
        self._wake: asyncio.Event | None = None
        self._closed = False

    def start(self) -> None:
        """Begin flushing in the background."""
        self._wake = asyncio.Event()
        self._flusher = asyncio.get_running_loop().create_task(self._flush_for_ever())

    async def close(self) -> None:
        """Append and flush what is pending, keep snapshots of what is warm."""
        self._commit()
        self._closed = True
        if self._wake is not None and self._flusher is not None:
            self._wake.set()
            await self._flusher
        self.save_snapshots(force=True)

    @property
    def market(self) -> Market:
        return self.shelf.market

    # ---- requests

    def admit(
        self, account: str, request: Request, now: int, receipt: Receipt | None = None
    ) -> asyncio.Future[Admitted | Refused]:
        """Decide; the future is done once the hold is in the journal (or, for a refusal, at once)."""

        def act(state: AccountState) -> Outcome:
            decision = decide(state, request, now, self.shelf.market)
            if isinstance(decision, Admitted):
                return Outcome((decision.entry,), decision)
            return Outcome((), decision)

        self.in_flight.add(request.id)
        return self._submit(account, act, now, receipt, self._holds_to_disk)

    def settle(
        self, account: str, request: str, usage: Usage, now: int, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Settle the hold of ``request``; the future is done once the settlement is in the journal."""

        def act(state: AccountState) -> Outcome:
            entry = settle(state, request, usage, now, self.shelf.market, facts)
            return Outcome((entry,), entry)

        self.in_flight.discard(request)
        return self._submit(account, act, now)

    def release(self, account: str, request: str, now: int, reason: str) -> asyncio.Future[Entry]:
        """Give the hold of ``request`` back; the future is done once that is in the journal."""

        def act(state: AccountState) -> Outcome:
            entry = release(state, request, now, reason)
            return Outcome((entry,), entry)

        self.in_flight.discard(request)
        return self._submit(account, act, now)

    def forget(self, request: str) -> None:
        """``request`` was refused: it is not in flight."""
        self.in_flight.discard(request)

    # ---- commands and reading

    def command(self, account: str, act: Act, now: int, receipt: Receipt | None = None) -> asyncio.Future[Any]:
        """Carry out a command; the future has the act's result once its entries are in the journal."""
        return self._submit(account, act, now, receipt)

    def current(self, account: str, now: int) -> AccountState:
        """A state of the account as of ``now``, up to date with the store, for reading only."""
        warm = self._warmed(account)
        if self._stale(account, warm):
            warm = self._reload(account)
        state, _ = self._rolled(warm.state, now)
        return state

    def standing(self, account: str) -> AccountState | None:
        """The account as this process knows it, for showing only; None when it is not warm. Costs nothing."""
        warm = self._warm.get(account)
        return warm.state if warm is not None else None

    def recover(self, now: int) -> list[tuple[str, str, str]]:
        """Close the holds that a crashed process left open, by their plans' rule.

        Returns (account, request, released | settled) for each. To be called before anything is served, by the one
        process that serves this store.
        """
        closed: list[tuple[str, str, str]] = []
        for account in self.store.accounts_with_open_holds():
            warm = self._warmed(account)
            appends: list[Append] = []
            for hold in list(warm.state.holds.values()):
                entry = close_lost(warm.state, hold, now, self.market)
                evolve(warm.state, entry, self.shelf.terms)
                appends.append(append_of(entry))
                closed.append((account, hold.request, entry.kind))
            if any(isinstance(outcome, Conflict) for outcome in self.store.append(appends)):
                problem = "another process writes to this store while it recovers; stop it and start again"
                raise StoreError("the store", problem)
            warm.appended = warm.state.seq
        self.store.flush()
        return closed

    # ---- deciding

    def _submit(
        self, account: str, act: Act, now: int, receipt: Receipt | None = None, to_disk: bool = False
    ) -> asyncio.Future[Any]:
        work = Work(account, act, now, receipt, to_disk, asyncio.get_running_loop().create_future())
        self._attempt(work)
        return work.done

    def _attempt(self, work: Work) -> None:
        try:
            warm = self._warmed(work.account)
            self._decide(work, warm)
            if not work.entries and self._stale(work.account, warm):
                # A stale worker must not refuse for ever.
                self._decide(work, self._reload(work.account))
        except Exception as problem:  # noqa: BLE001 - handed to whoever asked
            if not work.done.done():
                work.done.set_exception(problem)
            return
        if not work.entries:
            if not work.done.done():
                work.done.set_result(work.result)
            return
        self._batch.append(work)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._commit)

    def _decide(self, work: Work, warm: Warm) -> None:
        state, rolled = self._rolled(warm.state, work.now)
        outcome = work.act(state)
        work.result = outcome.result
        work.entries = []
        if not outcome.entries:
            return
        for entry in outcome.entries:
            evolve(state, entry, self.shelf.terms)
        warm.state = state
        work.entries = [*rolled, *outcome.entries] if rolled else list(outcome.entries)

    def _rolled(self, state: AccountState, now: int) -> tuple[AccountState, list[Entry]]:
        """``state`` with what is due applied: itself when nothing is, else a copy (a refusal leaves no trace)."""
        if state.due_at > now:
            return state, []
        copy = state.copy()
        entries: list[Entry] = []
        while (entry := roll(copy, now, self.market, self.in_flight)) is not None:
            evolve(copy, entry, self.shelf.terms)
            entries.append(entry)
        if not entries:
            state.due_at = copy.due_at
            return state, entries
        return copy, entries

    def _stale(self, account: str, warm: Warm) -> bool:
        """Whether another process wrote to the account since it was loaded."""
        pending = any(work.account == account for work in self._batch)
        return not pending and self.store.head(account) != warm.appended

    # ---- appending

    def _commit(self) -> None:
        """Append everything decided since the last turn in one transaction."""
        self._scheduled = False
        batch, self._batch = self._batch, []
        if not batch:
            return
        appends = [
            append_of(entry, work.receipt if index == len(work.entries) - 1 else None)
            for work in batch
            for index, entry in enumerate(work.entries)
        ]
        try:
            outcomes = self.store.append(appends)
        except Exception as problem:  # noqa: BLE001 - handed to whoever asked
            self._fail(batch, problem)
            return
        refused = {outcome.account for outcome in outcomes if isinstance(outcome, Conflict)}
        if refused:
            self._settle_conflicts(batch, outcomes, refused)
            return
        for work in batch:
            self._acknowledge(work)
        self._want_flush()

    def _acknowledge(self, work: Work) -> None:
        warm = self._warm.get(work.account)
        if warm is not None:
            warm.appended = max(warm.appended, work.entries[-1].seq)
        if work.to_disk:
            self._acknowledge_on_disk(work)
        elif not work.done.done():
            work.done.set_result(work.result)

    def _acknowledge_on_disk(self, work: Work) -> None:
        def flushed(future: asyncio.Future[None]) -> None:
            if work.done.done():
                return
            problem = asyncio.CancelledError() if future.cancelled() else future.exception()
            if problem is not None:
                work.done.set_exception(problem)
            else:
                work.done.set_result(work.result)

        self.durable().add_done_callback(flushed)

    def _settle_conflicts(self, batch: list[Work], outcomes: Sequence[object], refused: set[str]) -> None:
        """Acknowledge what went in; reload the accounts that another process wrote to and decide the rest again."""
        again: list[Work] = []
        position = 0
        for work in batch:
            mine = outcomes[position : position + len(work.entries)]
            position += len(work.entries)
            if any(isinstance(outcome, Conflict) for outcome in mine):
                again.append(work)
            else:
                self._acknowledge(work)
        for account in refused:
            self._warm.pop(account, None)
        for work in again:
            self._attempt(work)
        self._want_flush()

    def _fail(self, batch: list[Work], problem: Exception) -> None:
        for account in {work.account for work in batch}:
            self._warm.pop(account, None)
        for work in batch:
            if not work.done.done():
                work.done.set_exception(problem)

    # ---- durability

    def durable(self) -> asyncio.Future[None]:
        """Done once everything appended before this call survives the loss of power."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._undurable.append(future)
        self._want_flush()
        return future

    def _want_flush(self) -> None:
        if self._wake is not None:
            self._wake.set()

    async def _flush_for_ever(self) -> None:
        assert self._wake is not None
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._undurable = self._undurable, []
            try:
                await asyncio.to_thread(self.store.flush)
            except Exception as problem:  # noqa: BLE001 - handed to whoever waits
                for future in waiting:
                    if not future.done():
                        future.set_exception(problem)
            else:
                for future in waiting:
                    if not future.done():
                        future.set_result(None)
            if self._closed and not self._undurable:
                return

    # ---- warm accounts

    def _warmed(self, account: str) -> Warm:
        warm = self._warm.get(account)
        if warm is None:
            return self._reload(account)
        self._warm.move_to_end(account)
        return warm

    def _reload(self, account: str) -> Warm:
        loaded = self.store.load(account)
        state = AccountState(account)
        kept = 0
        if loaded.snapshot is not None:
            state = decode_snapshot(loaded.snapshot.blob, self.shelf.terms) or state
            kept = state.seq
        entries: Iterable[Entry] = loaded.entries
        if loaded.snapshot is not None and kept == 0:
            entries = self.store.entries(account)
        for entry in entries:
            evolve(state, entry, self.shelf.terms)
        warm = Warm(state, state.seq, kept)
        self._warm[account] = warm
        self._warm.move_to_end(account)
        if len(self._warm) > self._warm_accounts:
            self._cool()
        if state.seq - kept >= SNAPSHOT_EVERY:
            self._save([(account, warm)])
        return warm

    def _cool(self) -> None:
        """Let the account go that was idle longest and has nothing on its way."""
        for account, warm in self._warm.items():
            if warm.appended == warm.state.seq and not warm.state.holds:
                self._save([(account, warm)])
                del self._warm[account]
                return

    def save_snapshots(self, force: bool = False) -> None:
        """Keep snapshots of accounts that moved on far enough since the last one (``force``: at all)."""
        self._commit()
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
        self.store.save_snapshots(
            [Snapshot(account, warm.state.seq, encode_snapshot(warm.state)) for account, warm in chosen]
        )
        for _, warm in chosen:
            warm.snapshot = warm.state.seq
