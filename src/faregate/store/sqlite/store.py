"""The store on SQLite: one connection that writes, one more for every thread that reads, one for checkpoints.

Owns opening and closing, and which connection a call goes through. The writer is used under one lock, held for the
length of a transaction that never waits for the disk; long reading goes past it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock, local
from typing import Final
from weakref import WeakSet

import apsw

from faregate.app.store_errors import StoreClosed, StoreError
from faregate.app.store_port import (
    Accepted,
    Append,
    Books,
    Conflict,
    Head,
    JournalFault,
    Loaded,
    Snapshot,
    Taken,
)
from faregate.app.usage_rollup import CallerSums, Rollup, RollupKey, UsageRow
from faregate.core.entry import Entry
from faregate.store.catalogue import SqlCatalogue
from faregate.store.session import SqlSession
from faregate.store.sqlite.appending import Appending
from faregate.store.sqlite.books import SqliteBooks, frozen_books
from faregate.store.sqlite.durability import Durability
from faregate.store.sqlite.failures import translating
from faregate.store.sqlite.file import BUSY_MILLISECONDS, open_reader, open_writer
from faregate.store.sqlite.folding import FOLD_AFTER, Folding
from faregate.store.sqlite.history import History
from faregate.store.sqlite.session import SqliteSession
from faregate.store.sqlite.tail import Tail

MOST_UNFOLDED = 4
"""At how many times what a flush folds after an append folds by itself."""

HURRIED_MILLISECONDS = 50
"""How long a write waits for another process's to end, once one has waited in vain."""


class SqliteStore(SqlCatalogue):
    """See ``app.store_port.Store``."""

    quick_append: Final = True
    workers: Final = None

    def __init__(
        self,
        path: Path,
        writer: apsw.Connection,
        fold_after: int = FOLD_AFTER,
        busy_milliseconds: int = BUSY_MILLISECONDS,
    ) -> None:
        self.path = path
        self._busy_milliseconds = busy_milliseconds
        self._hurried = False
        where = self._where = str(path)
        writing = self._writing = Lock()
        self._writer = writer
        self._session = SqliteSession(writer)
        self._durability = Durability(path, writer, writing)
        self._tail = Tail(writer)
        self._folding = Folding(writer, writing, self._tail, where)
        self._fold_after = fold_after
        self._appending = Appending(writer, self._tail, where)
        self._history = History(writer, lambda account: self._tail.head(account)[:2], where)
        self._reading = local()
        self._readers: WeakSet[apsw.Connection] = WeakSet()
        self._closed = False

    @classmethod
    def open(
        cls, path: Path | str, busy_milliseconds: int = BUSY_MILLISECONDS, fold_after: int = FOLD_AFTER
    ) -> SqliteStore:
        """Open the books at ``path``, made or migrated where needed.

        A write waits ``busy_milliseconds`` for another process's to end, then raises StoreLocked. A flush folds once
        there are ``fold_after`` journal rows that the projections lack.
        """
        place = Path(path).absolute()
        return cls(place, open_writer(place, busy_milliseconds), fold_after, busy_milliseconds)

    # journal

    def append(self, batch: Sequence[Append]) -> list[Accepted | Conflict | Taken]:
        if not batch:
            return []
        self._durability.check()
        bodies = self._appending.bodies(batch)
        with self._writing, translating(self._where):
            try:
                outcomes = self._appending.append(batch, bodies)
            except apsw.BusyError:
                self._wait_for_others(HURRIED_MILLISECONDS)
                raise
            if self._hurried:
                self._wait_for_others(self._busy_milliseconds)
        if self._folding.waiting > MOST_UNFOLDED * self._fold_after:
            self._folding.fold()  # nobody flushes
        return outcomes

    def flush(self) -> None:
        if self._closed:
            raise StoreClosed(self._where, "it was closed")
        self._durability.flush()
        if self._folding.waiting > self._fold_after:
            with suppress(StoreError):  # what is durable is so; the next flush tries again
                self._folding.fold()

    def head(self, account: str) -> int:
        with self._tail_now() as tail:
            return tail.head(account)[0]

    def load(self, account: str) -> Loaded:
        sql = "SELECT account, seq, blob FROM snapshots WHERE account = ?"
        with self._tail_now() as tail:
            last, last_id = tail.head(account)[:2]
            row = self._writer.execute(sql, (account,)).fetchone()
            snapshot = None if row is None or row[1] > last else Snapshot(*row)
            first = 1 if snapshot is None else snapshot.seq + 1
            return Loaded(snapshot, self._history.span(account, first, last, last_id))

    def save_snapshots(self, snapshots: Iterable[Snapshot]) -> None:
        sql = """
            INSERT INTO snapshots (account, seq, blob) VALUES (?, ?, ?)
            ON CONFLICT (account) DO UPDATE SET seq = excluded.seq, blob = excluded.blob
            WHERE excluded.seq >= snapshots.seq"""
        with self._transaction() as writer:
            self._tail.catch_up()
            known = [each for each in snapshots if 0 < each.seq <= self._tail.head(each.account)[0]]
            writer.executemany(sql, known)

    def drop_snapshots(self) -> None:
        with self._transaction() as writer:
            writer.execute("DELETE FROM snapshots")

    def accounts_with_open_holds(self) -> list[str]:
        with self._tail_now() as tail:
            rows = self._writer.execute("SELECT account FROM heads WHERE open_holds > 0")
            accounts = {str(row[0]) for row in rows} - tail.moved.keys()
            return sorted(accounts.union(account for account, head in tail.moved.items() if head[3] > 0))

    def outside_writes(self) -> int:
        with self._writing, translating(self._where):
            return int(self._writer.pragma("data_version"))

    # catalogue

    @contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        with self._writing, translating(self._where):
            try:
                with self._writer:
                    yield self._writer
            except apsw.BusyError:
                self._wait_for_others(HURRIED_MILLISECONDS)
                raise
            if self._hurried:
                self._wait_for_others(self._busy_milliseconds)

    def _wait_for_others(self, milliseconds: int) -> None:
        """From now on a write waits so long for another process's to end.

        Who waited in vain makes those after him hurry, until one of them may write: else each of a hundred would keep
        the loop for as long as the first.
        """
        milliseconds = min(milliseconds, self._busy_milliseconds)
        self._hurried = milliseconds < self._busy_milliseconds
        self._writer.set_busy_timeout(milliseconds)

    @contextmanager
    def _writing_catalogue(self) -> Iterator[SqlSession]:
        with self._transaction():
            yield self._session

    @contextmanager
    def _noting(self) -> Iterator[SqlSession]:
        with self._transaction():
            yield self._session

    @contextmanager
    def _reading_catalogue(self) -> Iterator[SqlSession]:
        with self._writing, translating(self._where):
            yield self._session

    # books

    def view(self) -> AbstractContextManager[Books]:
        return frozen_books(self.path)

    @contextmanager
    def _tail_now(self) -> Iterator[Tail]:
        """The tail, up to date, while nobody else uses the writer."""
        with self._writing, translating(self._where):
            self._tail.catch_up()
            yield self._tail

    def _books(self) -> SqliteBooks:
        """The books through this thread's own connection."""
        if self._closed:
            raise StoreClosed(self._where, "it was closed")
        books: SqliteBooks | None = getattr(self._reading, "books", None)
        if books is None:
            connection = open_reader(self.path)
            self._readers.add(connection)
            books = self._reading.books = SqliteBooks(connection, self._tail_now, self._where)
        return books

    def heads(self) -> Iterator[Head]:
        return self._books().heads()

    def entry(self, account: str, seq: int) -> Entry | None:
        return self._books().entry(account, seq)

    def entries(self, account: str, after: int = 0) -> Iterator[Entry]:
        return self._books().entries(account, after)

    def entries_back(self, account: str, before: int | None = None) -> Iterator[Entry]:
        return self._books().entries_back(account, before)

    def audit(self) -> Iterator[Entry | JournalFault]:
        return self._books().audit()

    def usage_row(self, request: str) -> UsageRow | None:
        return self._books().usage_row(request)

    def usage_page(
        self, account: str, before: str | None = None, limit: int = 50, since: int | None = None
    ) -> list[UsageRow]:
        return self._books().usage_page(account, before, limit, since)

    def usage_rows(self) -> Iterator[UsageRow]:
        return self._books().usage_rows()

    def rollups_of(self, account: str, first_hour: int, last_hour: int) -> list[tuple[RollupKey, Rollup]]:
        return self._books().rollups_of(account, first_hour, last_hour)

    def rollups(self) -> Iterator[tuple[RollupKey, Rollup]]:
        return self._books().rollups()

    def caller_sums(self, account: str, first_day: int) -> CallerSums:
        return self._books().caller_sums(account, first_day)

    def snapshots(self) -> Iterator[Snapshot]:
        return self._books().snapshots()

    # the end

    def close(self) -> None:
        if self._closed:
            return
        try:
            with suppress(StoreError):
                self._folding.fold()
            self.flush()
        finally:
            self._closed = True
            with self._writing, translating(self._where):
                for connection in list(self._readers):
                    connection.close(True)
                self._durability.close()
                self._writer.close()
