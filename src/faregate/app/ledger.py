"""The ledger: warm accounts in memory, every decision appended to the journal in group commits.

Owns deciding on the states of accounts, appending what comes of it, and doing it again when another process wrote
first. Decides nothing itself (core does) and knows no HTTP. All methods belong to one event loop; time
comes in as an argument.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faregate.app.catalogue_port import Receipt
from faregate.app.flushing import Flusher
from faregate.app.shelf import Shelf
from faregate.app.store_errors import BadRow, StoreError
from faregate.app.store_port import Append, Conflict, Store
from faregate.app.warm_accounts import WARM_ACCOUNTS, Warm, WarmAccounts
from faregate.core.account import AccountState
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.errors import CoreError, UnknownHold
from faregate.core.evolve import evolve
from faregate.core.market import Market
from faregate.core.naming import served_model
from faregate.core.request import Admitted, Refused, Request
from faregate.core.roll import close_lost, roll
from faregate.core.settle import release, settle
from faregate.core.terms import Terms
from faregate.core.usage import Usage

Act = Callable[[AccountState], "Outcome"]


class _Everyone:
    """All requests there may be."""

    def __contains__(self, request: object) -> bool:
        return True


class Outcome(NamedTuple):
    """What an act on a state comes to: the next entries (none: nothing happened) and what to tell its caller."""

    entries: Sequence[Entry]
    result: Any


@dataclass(slots=True)
class Work:
    """One act on its way into the journal; done again from the start when another process wrote first."""

    account: str
    act: Act
    now: int
    receipt: Receipt | None
    to_disk: bool
    done: asyncio.Future[Any]
    # The request whose hold it closes: in flight, and so not to be taken for lost, until that is in the journal.
    closes: str | None = None
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
        # Whether holds that expired are closed here: by the process that serves the store alone. Any other one
        # cannot know which of them are alive.
        self.closes_holds = True
        self._warm = WarmAccounts(store, self._terms, warm_accounts)
        self._holds_to_disk = holds_to_disk
        self._batch: list[Work] = []
        self._scheduled = False
        self._flusher = Flusher(store)

    def start(self) -> None:
        """Begin flushing in the background."""
        self._flusher.start()

    async def close(self) -> None:
        """Append and flush what is pending, keep snapshots of what is warm."""
        self._commit()
        await self._flusher.stop()
        self.save_snapshots(force=True)

    def save_snapshots(self, force: bool = False) -> None:
        """Keep snapshots of accounts that moved on far enough since the last one (``force``: at all)."""
        self._commit()
        self._warm.save_snapshots(force)

    @property
    def market(self) -> Market:
        return self.shelf.market

    def follow_plans_with(self, follow: Callable[[], None]) -> None:
        """``follow`` takes in plans that another process published, for an entry that names one unknown here."""
        self._warm.follow_plans = follow

    def _terms(self, plan: str, version: str) -> Terms:
        return self.shelf.terms(plan, version)

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

        return self._submit(account, act, now, closes=request)

    def release(
        self, account: str, request: str, now: int, reason: str, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Give the hold of ``request`` back; the future is done once that is in the journal."""

        def act(state: AccountState) -> Outcome:
            entry = release(state, request, now, reason, facts)
            return Outcome((entry,), entry)

        return self._submit(account, act, now, closes=request)

    def forget(self, request: str) -> None:
        """``request`` was refused: it is not in flight."""
        self.in_flight.discard(request)

    # ---- commands and reading

    def command(self, account: str, act: Act, now: int, receipt: Receipt | None = None) -> asyncio.Future[Any]:
        """Carry out a command; the future has the act's result once its entries are in the journal."""
        return self._submit(account, act, now, receipt)

    def current(self, account: str, now: int) -> AccountState:
        """A state of the account as of ``now``, up to date with the store, for reading only."""
        warm = self._warm.get(account)
        if self._stale(account, warm):
            warm = self._warm.reload(account)
        state, _ = self._rolled(warm.state, now)
        return state

    def served(self, account: str, model: str) -> str:
        """The model that serves the name ``model`` by the account's plans; costs a look where no plan maps names."""
        return served_model(self._warm.get(account).state, model, self.shelf.market)

    def standing(self, account: str) -> AccountState | None:
        """The account as this process knows it, for showing only; None when it is not warm. Costs nothing."""
        warm = self._warm.known(account)
        return warm.state if warm is not None else None

    def recover(self, now: int) -> list[tuple[str, str, str]]:
        """Close the holds that a crashed process left open, by their plans' rule.

        Returns (account, request, released | settled) for each. To be called before anything is served, by the one
        process that serves this store.
        """
        closed: list[tuple[str, str, str]] = []
        for account in self.store.accounts_with_open_holds():
            warm = self._warm.get(account)
            # Whatever becomes of the append, the state is loaded again after it.
            self._warm.drop(account)
            appends: list[Append] = []
            for hold in list(warm.state.holds.values()):
                entry = close_lost(warm.state, hold, now, self.market)
                evolve(warm.state, entry, self.shelf.terms)
                appends.append(Append(entry))
                closed.append((account, hold.request, entry.kind))
            if any(isinstance(outcome, Conflict) for outcome in self.store.append(appends)):
                problem = "another process writes to this store while it recovers; stop it and start again"
                raise StoreError("the store", problem)
        self.store.flush()
        return closed

    # ---- deciding

    def _submit(
        self,
        account: str,
        act: Act,
        now: int,
        receipt: Receipt | None = None,
        to_disk: bool = False,
        closes: str | None = None,
    ) -> asyncio.Future[Any]:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        work = Work(account, act, now, receipt, to_disk, done, closes)
        self._attempt(work)
        return work.done

    def _attempt(self, work: Work) -> None:
        try:
            warm = self._warm.get(work.account)
            refused = self._refuses(work, warm)
            if not work.entries and self._stale(work.account, warm):
                # A stale worker must not refuse for ever.
                refused = self._refuses(work, self._warm.reload(work.account))
            if refused is not None:
                raise refused
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

    def _refuses(self, work: Work, warm: Warm) -> CoreError | None:
        """Decide; the failure that the act comes to on this state, if it does."""
        try:
            self._decide(work, warm)
        except CoreError as problem:
            if work.closes is not None and isinstance(problem, UnknownHold):
                self.in_flight.discard(work.closes)
            work.entries = []
            return problem
        return None

    def _decide(self, work: Work, warm: Warm) -> None:
        state, rolled = self._rolled(warm.state, work.now)
        outcome = work.act(state)
        work.result = outcome.result
        work.entries = []
        if not outcome.entries:
            return
        try:
            for entry in outcome.entries:
                evolve(state, entry, self.shelf.terms)
        except BaseException:
            # Half of it may be in the state: it is loaded again.
            self._warm.drop(work.account)
            raise
        warm.state = state
        work.entries = [*rolled, *outcome.entries] if rolled else list(outcome.entries)

    def _rolled(self, state: AccountState, now: int) -> tuple[AccountState, list[Entry]]:
        """``state`` with what is due applied: itself when nothing is, else a copy (a refusal leaves no trace)."""
        if state.due_at > now:
            return state, []
        copy = state.copy()
        entries: list[Entry] = []
        alive: Container[str] = self.in_flight if self.closes_holds else _Everyone()
        while (entry := roll(copy, now, self.market, alive)) is not None:
            evolve(copy, entry, self.shelf.terms)
            entries.append(entry)
        if not entries:
            state.due_at = copy.due_at
            return state, entries
        return copy, entries

    def _stale(self, account: str, warm: Warm) -> bool:
        """Whether another process wrote to the account since it was loaded."""
        return self.store.head(account) != warm.appended

    # ---- appending

    def _commit(self) -> None:
        """Append everything decided since the last turn in one transaction."""
        self._scheduled = False
        batch, self._batch = self._batch, []
        if batch:
            self._append(batch)

    def _append(self, batch: list[Work]) -> None:
        appends = [
            Append(entry, work.receipt if index == len(work.entries) - 1 else None)
            for work in batch
            for index, entry in enumerate(work.entries)
        ]
        try:
            outcomes = self.store.append(appends)
        except BadRow as problem:
            self._fail_apart(batch, problem)
            return
        except Exception as problem:  # noqa: BLE001 - handed to whoever asked
            self._fail(batch, problem)
            return
        refused = {outcome.account for outcome in outcomes if isinstance(outcome, Conflict)}
        if refused:
            self._settle_conflicts(batch, outcomes, refused)
            return
        for work in batch:
            self._acknowledge(work)
        self._flusher.want()

    def _acknowledge(self, work: Work) -> None:
        warm = self._warm.known(work.account)
        if warm is not None:
            warm.appended = max(warm.appended, work.entries[-1].seq)
        if work.closes is not None:
            self.in_flight.discard(work.closes)
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
            self._warm.drop(account)
        for work in again:
            self._attempt(work)
        self._flusher.want()

    def _fail_apart(self, batch: list[Work], problem: BadRow) -> None:
        """One entry that cannot be written must not take those of others with it: each goes alone."""
        if len(batch) == 1:
            self._fail(batch, problem)
            return
        for work in batch:
            self._append([work])

    def _fail(self, batch: list[Work], problem: Exception) -> None:
        for account in {work.account for work in batch}:
            self._warm.drop(account)
        for work in batch:
            if not work.done.done():
                work.done.set_exception(problem)

    # ---- durability

    def durable(self) -> asyncio.Future[None]:
        """Done once everything appended before this call survives the loss of power."""
        return self._flusher.durable()
