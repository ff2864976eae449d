"""The ledger: warm accounts in memory, every decision appended to the journal in group commits.

Owns deciding on the states of accounts, appending what comes of it, and doing it again when another process wrote
first. Decides nothing itself (core does) and knows no HTTP. All methods belong to one event loop; time
comes in as an argument.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from faregate.app.catalogue_port import Receipt
from faregate.app.doubtful import Doubtful
from faregate.app.flushing import Flusher
from faregate.app.grace import Grace
from faregate.app.grace_account import Parts
from faregate.app.grace_booking import Booking
from faregate.app.grace_spool import Spool
from faregate.app.group_commit import Act, GroupCommit, Outcome, Work, parted
from faregate.app.head_looks import HeadLooks
from faregate.app.idempotency import AlreadyClaimed
from faregate.app.lost_holds import Either, recovered
from faregate.app.shelf import Shelf
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Accepted, Conflict, Store, Taken
from faregate.app.warm_accounts import WARM_ACCOUNTS, Warm, WarmAccounts, Warming
from faregate.core.account import AccountState
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.errors import CoreError, UnknownHold
from faregate.core.evolve import evolve
from faregate.core.market import Market
from faregate.core.naming import served_model
from faregate.core.request import Admitted, Refused, Request
from faregate.core.roll import EVERY_REQUEST, roll_all
from faregate.core.settle import release, settle
from faregate.core.terms import Terms
from faregate.core.usage import Usage

__all__ = ["Ledger", "Outcome"]


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
        self.shifts: Mapping[str, int] = {}
        """How far the time of single accounts is ahead of everybody's, by a test clock; empty in service."""
        # Whether holds that expired are closed here: by the one process of the store, which alone knows who lives.
        self.closes_holds = True
        self.elsewhere: Container[str] = ()
        """Requests in flight in other processes that live."""
        self._quick = store.quick_append
        self._warm = WarmAccounts(store, self._terms, warm_accounts)
        self._warming = Warming(self._warm)
        self._holds_to_disk = holds_to_disk and self._quick  # where appending is slow, it is to disk
        self._commits = GroupCommit(store, self._landed, self._fail)
        self._flusher = Flusher(store)
        self._heads = HeadLooks(store)
        self._doubtful = Doubtful(self.release)
        self.grace: Grace | None = None  # lets requests go on while the store is away

    def give_grace(self, spool: Spool, clock: Callable[[], float] | None = None) -> None:
        """Let requests go on while the store is away, as far as plans say. To be called inside the loop."""
        booking = Booking(self.store, self._warm.loaded, lambda: self.market, self._terms)
        told = (booking, self._commits, self._rolled, self._attempt, self._failed, self.in_flight)
        clock = clock or asyncio.get_running_loop().time
        self.grace = Grace(spool, Parts(self.store, self._warm, *told, clock))

    def start(self) -> None:
        """Begin flushing in the background."""
        self._flusher.start()

    async def close(self) -> None:
        """Append and flush what is pending, keep snapshots of what is warm."""
        await self._doubtful.stop()
        await self._commits.finish()
        if self.grace is not None:
            await self.grace.stop()
        await self._flusher.stop()
        await self.save_snapshots(force=True)

    async def save_snapshots(self, force: bool = False) -> None:
        """Keep snapshots of accounts that moved on far enough since the last one (``force``: at all)."""
        self._commits.commit()
        snapshots = self._warm.due_snapshots(force)
        if snapshots and self.store.quick_append:
            self.store.save_snapshots(snapshots)
        elif snapshots:
            await asyncio.to_thread(self.store.save_snapshots, snapshots)

    @property
    def in_doubt(self) -> bool:
        """Whether holds of this process may be in the store that it does not know of."""
        return self._doubtful.waiting

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
        if self.shifts:
            now += self.shifts.get(account, 0)

        def act(state: AccountState) -> Outcome:
            decision = decide(state, request, now, self.shelf.market)
            if isinstance(decision, Admitted):
                return Outcome((decision.entry,), decision)
            return Outcome((), decision)

        self.in_flight.add(request.id)
        return self._submit(account, act, now, receipt, opens=request.id)

    def settle(
        self, account: str, request: str, usage: Usage, now: int, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Settle the hold of ``request``; the future is done once the settlement is in the journal."""
        if self.shifts:
            now += self.shifts.get(account, 0)

        def act(state: AccountState) -> Outcome:
            entry = settle(state, request, usage, now, self.shelf.market, facts)
            return Outcome((entry,), entry)

        return self._submit(account, act, now, closes=request)

    def release(
        self, account: str, request: str, now: int, reason: str, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Give the hold of ``request`` back; the future is done once that is in the journal."""
        if self.shifts:
            now += self.shifts.get(account, 0)

        def act(state: AccountState) -> Outcome:
            entry = release(state, request, now, reason, facts)
            return Outcome((entry,), entry)

        return self._submit(account, act, now, closes=request)

    def warming(self, account: str) -> asyncio.Future[None] | None:
        """Done once the account is warm, to be waited for before anything is asked of it; None when it is."""
        if self._quick or self._warm.known(account) is not None:
            return None
        return self._warming.waited_for(account)

    async def fresh(self, account: str) -> AccountState:
        """The account as the store has it at this moment, for reading only."""
        if self.grace is not None and (held := self.grace.state_of(account)) is not None:
            return held
        head = await self._heads.look(account)
        warm = self._warm.known(account)
        if warm is not None and not warm.appended <= head <= warm.state.seq:
            self._warm.drop(account)
        waiting = self.warming(account)
        if waiting is not None:
            await waiting
        return self._warm.get(account).state

    def forget(self, request: str) -> None:
        """``request`` was refused: it is not in flight."""
        self.in_flight.discard(request)

    # ---- commands and reading

    def command(self, account: str, act: Act, now: int, receipt: Receipt | None = None) -> asyncio.Future[Any]:
        """Carry out a command; the future has the act's result once its entries are in the journal."""
        return self._submit(account, act, now, receipt)

    def current(self, account: str, now: int) -> AccountState:
        """A state of the account as of ``now``, up to date with the store, for reading only."""
        if self.grace is not None and (held := self.grace.state_of(account)) is not None:
            return self._rolled(held, now)[0]
        warm = self._warm.get(account)
        if not warm.appended <= self.store.head(account) <= warm.state.seq:
            warm = self._warm.reload(account)
        state, _ = self._rolled(warm.state, now)
        return state

    def last_entry(self, account: str) -> int | None:
        """The account's last entry in the journal; None while anything that was decided here is on its way there."""
        held = self.grace is not None and self.grace.state_of(account) is not None
        return None if held else self._warm.last_entry(account)

    def served(self, account: str, model: str) -> str:
        """The model that serves the name ``model`` by the account's plans; costs a look where no plan maps names."""
        return served_model(self._warm.get(account).state, model, self.shelf.market)

    def standing(self, account: str) -> AccountState | None:
        """The account as this process knows it, for showing only; None when it is not warm. Costs nothing."""
        warm = self._warm.known(account)
        return warm.state if warm is not None else None

    def moved(self, seen: dict[str, int]) -> list[str]:
        """Warm accounts that have other entries than ``seen`` says, which is brought up to date."""
        return self._warm.moved(seen)

    def recover(self, now: int) -> list[tuple[str, str, str]]:
        """Close the holds that a crashed process left open, by their plans' rule.

        Returns (account, request, released | settled) for each. To be called before anything is served, by the one
        process that serves this store.
        """
        return recovered(self.store, self._warm, self.shelf, now)

    # ---- deciding

    def _submit(
        self,
        account: str,
        act: Act,
        now: int,
        receipt: Receipt | None = None,
        opens: str | None = None,
        closes: str | None = None,
    ) -> asyncio.Future[Any]:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._attempt(Work(account, act, now, receipt, done, opens, closes))
        return done

    def _attempt(self, work: Work) -> None:
        """Decide, now or once the account is warm."""
        if self.grace is not None and self.grace.takes(work):
            return
        if self._quick or self._warming.is_warm(work.account):
            self._try(work)
        else:
            self._warming.then(work.account, lambda failure: self._try(work, failure))

    def _try(self, work: Work, failure: Exception | None = None) -> None:
        if failure is not None:
            work.fail(failure)
            return
        try:
            warm = self._warm.get(work.account)
            refused = self._refuses(work, warm)
            if not work.entries and not work.confirmed:
                # A stale worker must not refuse for ever.
                if not self._quick:
                    self._confirm(work, refused, warm)
                    return
                if self.store.head(work.account) != warm.appended:
                    refused = self._refuses(work, self._warm.reload(work.account))
            if refused is not None:
                raise refused
        except Exception as problem:  # noqa: BLE001 - handed to whoever asked
            work.fail(problem)
            return
        if work.entries:
            self._commits.add(work)
        else:
            work.tell()

    def _confirm(self, work: Work, refused: CoreError | None, warm: Warm) -> None:
        """Compare the account's head with the store before ``work`` is told no; one look serves all who ask then."""
        look = self._heads.look(work.account)

        def looked(look: asyncio.Task[int]) -> None:
            problem: BaseException | None = asyncio.CancelledError() if look.cancelled() else look.exception()
            known = self._warm.known(work.account)
            if problem is not None:
                work.fail(problem)
            elif known is warm and warm.appended <= look.result() <= warm.state.seq:
                if refused is not None:
                    work.fail(refused)
                else:
                    work.tell()
            else:
                work.confirmed = True  # what is loaded now is as new as it can be
                if known is warm and warm.appended == warm.state.seq:
                    self._warm.drop(work.account)
                self._attempt(work)

        look.add_done_callback(looked)

    def _refuses(self, work: Work, warm: Warm) -> CoreError | None:
        """Decide; the failure that the act comes to on this state, if it does."""
        try:
            self._decide(work, warm)
        except CoreError as problem:
            work.entries = []
            if work.closes is None or not isinstance(problem, UnknownHold):
                return problem
            self.in_flight.discard(work.closes)
            if not self._doubtful.was_closed(work.closes):
                return problem
            # It went in at the attempt that was thought to have failed.
            work.confirmed = True
        return None

    def _decide(self, work: Work, warm: Warm) -> None:
        state, rolled = self._rolled(warm.state, work.now)
        outcome = work.act(state)
        work.result = outcome.result
        work.receipt = outcome.receipt or work.receipt
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
        alive = Either(self.in_flight, self.elsewhere) if self.closes_holds else EVERY_REQUEST
        entries = roll_all(copy, now, self.market, self.shelf.terms, alive)
        if not entries:
            state.due_at = copy.due_at
            return state, entries
        return copy, entries

    # ---- appending

    def _landed(self, batch: list[Work], outcomes: Sequence[Accepted | Conflict | Taken]) -> None:
        """A batch is in the store, but for what another process came before."""
        refused = {outcome.account for outcome in outcomes if not isinstance(outcome, Accepted)}
        if refused:
            self._settle_conflicts(batch, outcomes, refused)
        else:
            for work in batch:
                self._acknowledge(work)
        if self.grace is not None:
            self.grace.reached()
        self._flusher.want()

    def _acknowledge(self, work: Work) -> None:
        warm = self._warm.known(work.account)
        if warm is not None:
            warm.appended = max(warm.appended, work.entries[-1].seq)
        if work.closes is not None:
            self.in_flight.discard(work.closes)
        if work.opens is not None and self._holds_to_disk:
            self._flusher.tell_when_durable(work)
        else:
            work.tell()

    def _settle_conflicts(
        self, batch: list[Work], outcomes: Sequence[Accepted | Conflict | Taken], refused: set[str]
    ) -> None:
        """Acknowledge what went in; reload the accounts that another process wrote to and decide the rest again."""
        landed, taken, again = parted(batch, outcomes)
        for work in landed:
            self._acknowledge(work)
        for work, receipt in taken:
            work.fail(AlreadyClaimed(receipt))
        # What was decided meanwhile stands on entries that are not there.
        again += self._commits.take(refused)
        for account in refused:
            self._warm.drop(account)
        for work in again:
            work.confirmed = False
            self._attempt(work)

    def _fail(self, batch: list[Work], problem: Exception) -> None:
        self._failed(batch if self.grace is None else self.grace.caught(batch, problem), problem)

    def _failed(self, batch: list[Work], problem: Exception) -> None:
        for account in {work.account for work in batch}:
            self._warm.drop(account)
        for work in batch:
            if not self._quick and isinstance(problem, StoreError):
                self._doubtful.note(work)
            work.fail(problem)

    # ---- durability

    def durable(self) -> asyncio.Future[None]:
        """Done once everything appended before this call survives the loss of power."""
        return self._flusher.durable()
