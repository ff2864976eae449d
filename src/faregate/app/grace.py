"""Grace: requests go on while the books are away, as far as plans say, and are booked when they are back.

Owns which accounts of this worker are in grace, deciding for them on what is in memory, having each decision on this
machine's disk before anybody is told, and the way back. An account comes in when the store cannot be reached and
somebody asks for it, and goes out when all of it is booked; in between nobody else appends to it here. What the books
have to do with it is ``grace_booking``'s, how far it goes ``grace_bounds``'.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from faregate.app.catalogue_port import Receipt
from faregate.app.grace_account import InGrace, Parts, is_command, receipts_of
from faregate.app.grace_booking import Booking
from faregate.app.grace_bounds import Bounds, gives_grace
from faregate.app.grace_spool import Piece, Spool
from faregate.app.group_commit import Work
from faregate.app.shelf import UnknownPlan
from faregate.app.store_errors import StoreClosed, StoreError, StoreUnreachable
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.evolve import evolve
from faregate.core.grace import mark_as_decided
from faregate.core.settle import release

log = logging.getLogger("faregate")

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 2.0


class Grace:
    """``start`` in the loop of the ledger, then ``stop``. The spool is its own from then on."""

    def __init__(self, spool: Spool, parts: Parts) -> None:
        self._spool = spool
        self._parts = parts
        self._accounts: dict[str, InGrace] = {}
        self._away: StoreUnreachable | None = None
        self._reached = parts.clock()
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._returning: asyncio.Task[None] | None = None

    @property
    def booking(self) -> Booking:
        """How entries of this worker, or of others that ended, come into the books."""
        return self._parts.booking

    @property
    def in_use(self) -> bool:
        """Whether anything waits to be booked."""
        return bool(self._accounts)

    def state_of(self, account: str) -> AccountState | None:
        """The account, for reading only, where it is in grace: the store does not have all of it."""
        held = self._accounts.get(account)
        return held.warm.state if held is not None else None

    def reached(self) -> None:
        """The store took what was appended."""
        self._reached = self._parts.clock()
        if self._away is not None:
            self._away = None
            self._news.set()  # the accounts in grace are booked at once

    def seen(self) -> None:
        """The store answered. That does not end its being away: it may be there to read and not to write."""
        if self._away is None:
            self._reached = self._parts.clock()

    async def stop(self) -> None:
        """Book what can be booked now; what cannot stays on the disk, for whoever starts next on this machine."""
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.gather(self._returning, return_exceptions=True)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            for held in tuple(self._accounts.values()):
                await self._book(held)
        except Exception as problem:  # noqa: BLE001 - the rest has to end in good order
            log.warning("entries of %s accounts stay in %s: %s", len(self._accounts), self._spool.path, problem)
        for held in self._accounts.values():
            self._refuse_waiting(held, StoreClosed("the store", "it was closed"))
        if not self._accounts:
            await self._emptied()
        await self._spool.close()

    # ---- into grace

    def takes(self, work: Work) -> bool:
        """Whether ``work`` is taken care of here, now or when its account is booked."""
        held = self._accounts.get(work.account)
        if held is None and self._away is not None and not is_command(work):
            held = self._entered(work.account)
        if held is None:
            return False
        held.queue.append(work)
        self._go_on(held)
        return True

    def caught(self, batch: list[Work], problem: Exception) -> list[Work]:
        """A batch did not go in: those of its works that get no grace here."""
        if not isinstance(problem, StoreUnreachable):
            return batch
        self._lost(problem)
        by_account: dict[str, list[Work]] = {}
        for work in batch:
            by_account.setdefault(work.account, []).append(work)
        return [work for account, works in by_account.items() if not self._adopted(account, works) for work in works]

    def _lost(self, problem: StoreUnreachable) -> None:
        """The store is away."""
        self._away = problem
        self._news.set()
        if self._returning is None or self._returning.done():
            self._returning = asyncio.get_running_loop().create_task(self._return())

    def _entered(self, account: str) -> InGrace | None:
        """A warm account with nothing on its way."""
        warm = self._parts.accounts.known(account)
        if warm is None or warm.appended != warm.state.seq or not gives_grace(warm.state):
            return None
        held = self._accounts[account] = InGrace(account, warm, warm.appended)
        return held

    def _adopted(self, account: str, works: list[Work]) -> bool:
        """Take over what was decided for ``account`` and may or may not be in the store; False where it cannot be."""
        warm = self._parts.accounts.known(account)
        if warm is None or account in self._accounts or not gives_grace(warm.state):
            return False
        waiting = self._parts.commits.take((account,))
        everything = [*works, *waiting]
        entries = [entry for work in everything for entry in work.entries]
        seqs = list(range(warm.appended + 1, warm.state.seq + 1))
        if any(map(is_command, everything)) or [entry.seq for entry in entries] != seqs:
            for work in waiting:
                self._parts.commits.add(work)
            return False
        held = self._accounts[account] = InGrace(account, warm, warm.appended, busy=True)
        self._run(self._keep_adopted(held, everything, entries))
        return True

    async def _keep_adopted(self, held: InGrace, works: list[Work], entries: list[Entry]) -> None:
        """What the plan gives no grace for is given back at once: its hold may be in the store."""
        state, bounds = held.warm.state.copy(), Bounds()
        refused: set[str] = set()
        for work in works:
            if work.opens is None:
                continue
            hold = work.entries[-1]
            if bounds.let_through(hold, state, self._away_seconds()):
                mark_as_decided(hold)
                continue
            refused.add(work.opens)
            given_back = release(state, work.opens, work.now, "not_admitted")
            evolve(state, given_back, self._parts.booking.plans)
            entries.append(given_back)
        receipts = receipts_of(works)
        try:
            await self._spool.keep(Piece(held.account, held.base, entries, receipts))
        except StoreError as problem:
            log.error("no grace for %s: %s", held.account, problem)
            del self._accounts[held.account]
            self._news.set()
            self._parts.fail(works, problem)
            for work in held.queue:
                self._parts.attempt(work)
            return
        held.warm.state, held.entries, held.receipts, held.bounds = state, entries, receipts, bounds
        for work in works:
            if work.opens in refused:
                self._tell_away(work)
            else:
                self._done(work)
        self._freed(held)

    # ---- in grace

    def _go_on(self, held: InGrace) -> None:
        """Decide what waits for the account; it waits on while it is busy, and while the books are there again."""
        if held.busy:
            return
        if self._away is None:
            self._news.set()
        elif held.queue:
            held.busy = True
            self._run(self._decide(held))

    def _freed(self, held: InGrace) -> None:
        held.busy = False
        self._go_on(held)

    async def _decide(self, held: InGrace) -> None:
        """Decide on a copy, and keep it: only what is on the disk happened."""
        works, held.queue = held.queue, []
        state, bounds = held.warm.state.copy(), held.bounds.copy()
        made: list[tuple[Work, list[Entry]]] = []
        for work in works:
            try:
                state, entries = self._decided(state, bounds, work)
            except Exception as problem:  # noqa: BLE001 - handed to whoever asked
                work.fail(problem)
                state = self._rebuilt(held, made)
                continue
            if entries:
                made.append((work, entries))
            else:
                self._tell_away(work)
        if made:
            await self._keep(held, state, bounds, made)
        self._freed(held)

    def _decided(self, state: AccountState, bounds: Bounds, work: Work) -> tuple[AccountState, list[Entry]]:
        """The state after ``work`` and its entries; none where it must wait for the books. Raises CoreError."""
        if is_command(work):
            return state, []
        now, entries = self._parts.rolled(state, work.now)
        outcome = work.act(now)
        if not outcome.entries:
            return state, []  # a refusal would have to be compared with the store
        [entry] = outcome.entries
        if work.opens is not None:
            if not bounds.let_through(entry, now, self._away_seconds()):
                return state, []
            mark_as_decided(entry)
        elif work.closes is not None:
            bounds.close(now.holds[work.closes].data, entry, now)
        evolve(now, entry, self._parts.booking.plans)
        work.result = outcome.result
        return now, [*entries, entry]

    def _rebuilt(self, held: InGrace, made: Sequence[tuple[Work, list[Entry]]]) -> AccountState:
        """The state after ``made``: half of what failed may be in the one that it failed on."""
        state = held.warm.state.copy()
        for _, entries in made:
            for entry in entries:
                evolve(state, entry, self._parts.booking.plans)
        return state

    async def _keep(
        self, held: InGrace, state: AccountState, bounds: Bounds, made: Sequence[tuple[Work, list[Entry]]]
    ) -> None:
        entries = [entry for _, each in made for entry in each]
        receipts: dict[str, Receipt] = {}
        for work, each in made:
            if work.receipt is not None:
                receipts[each[-1].key] = work.receipt
        try:
            await self._spool.keep(Piece(held.account, held.base, entries, receipts))
        except StoreError as problem:
            log.error("no grace for %s: %s", held.account, problem)
            for work, _ in made:
                work.fail(problem)
            return
        held.warm.state, held.bounds = state, bounds
        held.entries += entries
        held.receipts |= receipts
        for work, _ in made:
            self._done(work)

    def _done(self, work: Work) -> None:
        """It is on this machine's disk; the store has it later."""
        if work.closes is not None:
            self._parts.in_flight.discard(work.closes)
        work.tell()

    def _away_seconds(self) -> float:
        return self._parts.clock() - self._reached

    def _tell_away(self, work: Work) -> None:
        away = self._away
        where, problem = (away.where, away.problem) if away is not None else ("the store", "it was away")
        work.fail(StoreUnreachable(where, problem))

    # ---- back

    async def _return(self) -> None:
        """Until everything is booked and the store is there."""
        pause = FIRST_PAUSE_SECONDS
        while self._accounts or self._away is not None:
            await self._next_look(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            if self._away is None or await self._answers():
                self._away = None
                await self._book_all()
            if not self._accounts:
                await self._emptied()

    async def _next_look(self, seconds: float) -> None:
        """Wait: a while where the store is away, and where it is there until there is something to book."""
        self._news.clear()
        if self._away is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
        elif all(held.busy for held in self._accounts.values()):
            await self._news.wait()

    async def _answers(self) -> bool:
        try:
            await asyncio.to_thread(self._parts.store.head, "")
        except StoreError:
            return False
        return True

    async def _book_all(self) -> None:
        """Book every account that has nothing under way, as long as the store is there."""
        for held in tuple(self._accounts.values()):
            if held.busy or self._away is not None:
                continue
            try:
                await self._book(held)
            except StoreUnreachable as problem:
                self._away = problem
            except Exception as problem:
                log.exception("%s cannot be booked; its entries stay in %s", held.account, self._spool.path)
                self._refuse_waiting(held, problem)
                await asyncio.sleep(LONGEST_PAUSE_SECONDS)
            else:
                continue
            self._freed(held)

    def _refuse_waiting(self, held: InGrace, problem: Exception) -> None:
        works, held.queue = held.queue, []
        for work in works:
            work.fail(problem)

    async def _book(self, held: InGrace) -> None:
        """Bring the account into the books, and out of grace."""
        held.busy = True
        parts = self._parts
        told = held.account, held.base, held.entries, held.receipts
        try:
            warm = await asyncio.to_thread(parts.booking.book, *told)
        except UnknownPlan:
            if parts.accounts.follow_plans is None:
                raise
            parts.accounts.follow_plans()
            warm = await asyncio.to_thread(parts.booking.book, *told)
        del self._accounts[held.account]
        parts.accounts.put(held.account, warm)
        if held.entries:
            log.warning("%s: %s entries of while the books were away are booked", held.account, len(held.entries))
        for work in held.queue:
            parts.attempt(work)

    async def _emptied(self) -> None:
        """Empty the spool where nothing in it waits any more."""
        try:
            await self._spool.clear()
        except StoreError as problem:
            log.error("booked entries stay in the spool, and are passed over at the next start: %s", problem)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
