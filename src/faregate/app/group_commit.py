"""Group commit: what was decided together goes into the store together.

Owns the batch, and the way it is appended: at the end of the loop's turn where the store is quick, else in a thread
of its own, one append at a time, while the next batch gathers. Decides nothing; tells what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faregate.app.catalogue_port import Receipt
from faregate.app.store_errors import BadRow
from faregate.app.store_port import Accepted, Append, Conflict, Store, Taken
from faregate.core.account import AccountState
from faregate.core.entry import Entry


class Outcome(NamedTuple):
    """What an act on a state comes to: the next entries (none: nothing happened) and what to tell its caller.

    ``receipt`` goes with the entries, in place of the one that the act was submitted with.
    """

    entries: Sequence[Entry]
    result: Any
    receipt: Receipt | None = None


Act = Callable[[AccountState], Outcome]

Landed = Callable[[list["Work"], Sequence[Accepted | Conflict | Taken]], None]
Failed = Callable[[list["Work"], Exception], None]


@dataclass(slots=True)
class Work:
    """One act on its way into the journal; done again from the start when another process wrote first."""

    account: str
    act: Act
    now: int
    receipt: Receipt | None
    done: asyncio.Future[Any]
    # The request whose hold it opens or closes. One it closes is in flight, and so not to be taken for lost, until
    # that is in the journal.
    opens: str | None = None
    closes: str | None = None
    result: Any = None
    entries: list[Entry] = field(default_factory=list)
    # Whether the refusal it came to was compared with the store.
    confirmed: bool = False

    def tell(self) -> None:
        """Its caller hears the result."""
        if not self.done.done():
            self.done.set_result(self.result)

    def fail(self, problem: BaseException) -> None:
        """It comes to nothing."""
        if not self.done.done():
            self.done.set_exception(problem)


class GroupCommit:
    """``landed`` hears the outcome of each entry of a batch, ``failed`` that a batch is not in the store."""

    def __init__(self, store: Store, landed: Landed, failed: Failed) -> None:
        self._store = store
        self._landed = landed
        self._failed = failed
        self._batch: list[Work] = []
        self._scheduled = False
        self._in_thread: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None

    def add(self, work: Work) -> None:
        """Have ``work`` appended with the others of this turn."""
        self._batch.append(work)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self.commit)

    def take(self, accounts: Iterable[str]) -> list[Work]:
        """What waits for ``accounts``; it waits no more."""
        wanted = set(accounts)
        taken = [work for work in self._batch if work.account in wanted]
        if taken:
            self._batch = [work for work in self._batch if work.account not in wanted]
        return taken

    def commit(self) -> None:
        """Append what waits, or have it appended when the append before is through."""
        self._scheduled = False
        if not self._batch or self._in_thread is not None:
            return
        if self._store.quick_append:
            self._append_here()
        else:
            self._in_thread = asyncio.get_running_loop().create_task(self._append_in_thread())

    async def finish(self) -> None:
        """Return when nothing waits any more."""
        self.commit()
        while self._in_thread is not None:
            await self._in_thread
            self.commit()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _append_here(self) -> None:
        batches, self._batch = [self._batch], []
        while batches:
            batch = batches.pop()
            try:
                outcomes = self._store.append(appends_of(batch))
            except Exception as problem:  # noqa: BLE001 - handed to whoever asked
                batches += self._apart(batch, problem)
            else:
                self._landed(batch, outcomes)

    async def _append_in_thread(self) -> None:
        loop = asyncio.get_running_loop()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "faregate-append")
        apart: list[list[Work]] = []
        try:
            while apart or self._batch:
                if apart:
                    batch = apart.pop()
                else:
                    batch, self._batch = self._batch, []
                try:
                    outcomes = await loop.run_in_executor(self._thread, self._store.append, appends_of(batch))
                except Exception as problem:  # noqa: BLE001 - handed to whoever asked
                    apart += self._apart(batch, problem)
                else:
                    self._landed(batch, outcomes)
        finally:
            self._in_thread = None

    def _apart(self, batch: list[Work], problem: Exception) -> list[list[Work]]:
        """One entry that cannot be written must not take those of others with it: each goes alone, in order."""
        if isinstance(problem, BadRow) and len(batch) > 1:
            return [[work] for work in reversed(batch)]
        self._failed(batch, problem)
        return []


def appends_of(batch: Sequence[Work]) -> list[Append]:
    """The entries of ``batch``, each work's receipt with its last one."""
    return [
        Append(entry, work.receipt if index == len(work.entries) - 1 else None, once=work.opens is not None)
        for work in batch
        for index, entry in enumerate(work.entries)
    ]


def parted(
    batch: Sequence[Work], outcomes: Sequence[Accepted | Conflict | Taken]
) -> tuple[list[Work], list[tuple[Work, Receipt]], list[Work]]:
    """The works of a batch that are in, those whose idempotency key is another's, those to be decided again."""
    landed: list[Work] = []
    taken: list[tuple[Work, Receipt]] = []
    again: list[Work] = []
    position = 0
    for work in batch:
        mine = outcomes[position : position + len(work.entries)]
        position += len(work.entries)
        claim = next((outcome for outcome in mine if isinstance(outcome, Taken)), None)
        if claim is not None:
            taken.append((work, claim.receipt))
        elif any(isinstance(outcome, Conflict) for outcome in mine):
            again.append(work)
        else:
            landed.append(work)
    return landed, taken, again
