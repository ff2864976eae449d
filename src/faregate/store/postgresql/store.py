"""The store on PostgreSQL: one connection appends, others read, write the catalogue and fold, from any thread.

Owns opening and closing, and which way a call goes. What ``append`` accepted is durable when it returns: one sync of
the server's disk serves a whole batch, and the caller waits in a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final, TypeVar

from faregate.app.store_errors import BadRow, StoreClosed, StoreError
from faregate.app.store_port import (
    ACCEPTED,
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
from faregate.store.encoding import encode_entry
from faregate.store.postgresql.appending import Appending
from faregate.store.postgresql.books import PostgresqlBooks, decoded_in_order
from faregate.store.postgresql.connections import ANSWER_SECONDS, Connections
from faregate.store.postgresql.folding import Folding, Fresh, Settled, settled_by
from faregate.store.postgresql.schema import migrate, migrations
from faregate.store.postgresql.session import PostgresqlSession
from faregate.store.postgresql.workers import LEASE_SECONDS, PostgresqlWorkers
from faregate.store.session import SqlSession

FOLD_AFTER = 8_192
"""Entries of this process after which a flush folds the accounts they belong to."""

WAIT_SECONDS = 2.0
MIGRATION_SECONDS = 3600.0

_Item = TypeVar("_Item")

Written = tuple[bytes, Settled | None]
"""An entry's body, and what folding needs of it."""

_LOAD_PAGE = 2_000
_LOAD_SNAPSHOT = b"SELECT account, seq, blob FROM snapshots WHERE account = %b"
_LOAD_ENTRIES = b"""
    SELECT seq, body, chain FROM journal WHERE account = %b AND seq > %b ORDER BY seq LIMIT %b"""
_SNAPSHOTS = b"""
    INSERT INTO snapshots AS s (account, seq, blob)
    SELECT n.account, n.seq, n.blob FROM unnest(%b::text[], %b::bigint[], %b::bytea[]) AS n (account, seq, blob)
    JOIN heads AS h ON h.account = n.account AND n.seq BETWEEN 1 AND h.seq ORDER BY n.account
    ON CONFLICT (account) DO UPDATE SET seq = excluded.seq, blob = excluded.blob WHERE excluded.seq >= s.seq"""


class PostgresqlStore(SqlCatalogue):
    """See ``app.store_port.Store``."""

    quick_append: Final = False

    def __init__(
        self,
        connections: Connections,
        fold_after: int = FOLD_AFTER,
        wait_seconds: float = WAIT_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._connections = connections
        self._where = connections.where
        self._appending = Appending(connections.borrowed, wait_seconds)
        self._folding = Folding(connections.borrowed, self._where)
        self.workers = PostgresqlWorkers(connections.borrowed, lease_seconds)
        self._fold_after = fold_after
        self._appends = Lock()
        self._folds = Lock()
        self._unfolded: dict[str, Fresh] = {}
        self._waiting = 0
        self._own_writes = 0
        self._closed = False

    @classmethod
    def open(
        cls,
        url: str,
        answer_seconds: float = ANSWER_SECONDS,
        fold_after: int = FOLD_AFTER,
        wait_seconds: float = WAIT_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
    ) -> PostgresqlStore:
        """Open the books in the database at ``url``, its tables made or migrated where needed.

        A statement may take ``answer_seconds``; an append waits ``wait_seconds`` for a database that is away; a
        worker is dead when it was silent for ``lease_seconds``.
        """
        patient = Connections(url, MIGRATION_SECONDS)
        try:
            with patient.borrowed() as connection:
                migrate(connection, patient.where, migrations())
        finally:
            patient.close()
        return cls(Connections(url, answer_seconds), fold_after, wait_seconds, lease_seconds)

    # journal

    def append(self, batch: Sequence[Append]) -> list[Accepted | Conflict | Taken]:
        if not batch:
            return []
        self._check()
        written = self._written(batch)
        with self._appends:
            outcomes = self._appending.append(batch, [body for body, _ in written])
            self._note(batch, written, outcomes)
        return outcomes

    def _written(self, batch: Sequence[Append]) -> list[Written]:
        try:
            return [(encode_entry(item.entry), settled_by(item.entry)) for item in batch]
        except (TypeError, ValueError, OverflowError, KeyError, IndexError) as error:
            raise BadRow(self._where, f"an entry cannot be written: {error!r}") from error

    def _note(self, batch: Sequence[Append], written: Sequence[Written], outcomes: Sequence[object]) -> None:
        """What went in is to be folded; what folding needs of it is kept, so that it need not be read again."""
        unfolded = self._unfolded
        for item, (_, settled), outcome in zip(batch, written, outcomes, strict=True):
            if outcome is ACCEPTED:
                account, seq = item.entry[0], item.entry[1]
                fresh = unfolded.get(account)
                if fresh is None:
                    unfolded[account] = Fresh(seq, settled)
                else:
                    fresh.add(seq, settled)
        self._waiting += len(batch)

    def flush(self) -> None:
        """Everything appended is durable; what is left is to fold."""
        self._check()
        if self._waiting > self._fold_after:
            with suppress(StoreError):  # the next flush tries again
                self._fold()

    def _fold(self) -> None:
        with self._folds:
            with self._appends:
                waiting, self._unfolded, self._waiting = self._unfolded, {}, 0
            try:
                self._folding.fold(sorted(waiting), waiting)
            except BaseException:
                with self._appends:
                    for account, later in self._unfolded.items():
                        waiting[account] = waiting[account].joined(later) if account in waiting else later
                    self._unfolded = waiting
                raise

    def fold_all(self) -> None:
        """Bring every account's projections up to date, whoever appended to it."""
        after = ""
        while accounts := self._folding.behind(after):
            self._folding.fold(accounts)
            after = accounts[-1]

    def head(self, account: str) -> int:
        with self._connections.borrowed() as connection:
            rows = connection.execute("SELECT seq FROM heads WHERE account = %b", (account,)).fetchall()
        return int(rows[0][0]) if rows else 0

    def load(self, account: str) -> Loaded:
        """Two round trips for most. Not at one moment, and need not be: the journal only grows.

        Each page has the time of an answer to itself: how long the whole takes is the account's affair.
        """
        with self._connections.borrowed() as connection:
            found = connection.execute(_LOAD_SNAPSHOT, (account,), binary=True).fetchall()
            snapshot = Snapshot(*found[0]) if found else None
            last = 0 if snapshot is None else snapshot.seq
            rows = connection.execute(_LOAD_ENTRIES, (account, last, _LOAD_PAGE), binary=True).fetchall()
        entries: list[Entry] = []
        while rows:
            entries += decoded_in_order(rows, account, last, self._where)
            last += len(rows)
            self._appending.note(account, last, rows[-1][2])
            if len(rows) < _LOAD_PAGE:
                break
            with self._connections.borrowed() as connection:
                rows = connection.execute(_LOAD_ENTRIES, (account, last, _LOAD_PAGE), binary=True).fetchall()
        return Loaded(snapshot, entries)

    def save_snapshots(self, snapshots: Iterable[Snapshot]) -> None:
        newest: dict[str, Snapshot] = {}
        for each in snapshots:
            if each.account not in newest or newest[each.account].seq <= each.seq:
                newest[each.account] = each
        rows = list(newest.values())
        columns = ([row.account for row in rows], [row.seq for row in rows], [row.blob for row in rows])
        with self._connections.borrowed() as connection:
            connection.execute(_SNAPSHOTS, columns)

    def drop_snapshots(self) -> None:
        with self._connections.borrowed() as connection:
            connection.execute("DELETE FROM snapshots")

    def accounts_with_open_holds(self) -> list[str]:
        with self._connections.borrowed() as connection:
            rows = connection.execute("SELECT account FROM heads WHERE open_holds > 0 ORDER BY account").fetchall()
        return [row[0] for row in rows]

    def outside_writes(self) -> int:
        with self._connections.borrowed() as connection:
            number = connection.execute("SELECT number FROM catalogue_revision").fetchall()[0][0]
        return int(number) - self._own_writes

    # catalogue

    @contextmanager
    def _writing_catalogue(self) -> Iterator[SqlSession]:
        self._check()
        with self._connections.borrowed() as connection:
            with connection.transaction():
                # Whoever moves this row first writes first; the others see what it wrote.
                connection.execute("UPDATE catalogue_revision SET number = number + 1")
                yield PostgresqlSession(connection)
            self._own_writes += 1

    @contextmanager
    def _noting(self) -> Iterator[SqlSession]:
        self._check()
        with self._connections.borrowed() as connection, connection.transaction():
            yield PostgresqlSession(connection)

    @contextmanager
    def _reading_catalogue(self) -> Iterator[SqlSession]:
        with self._connections.borrowed() as connection:
            yield PostgresqlSession(connection)

    # books

    @contextmanager
    def view(self) -> Iterator[Books]:
        with self._connections.reading() as statements:
            yield PostgresqlBooks(statements, self._where)

    def heads(self) -> Iterator[Head]:
        self._check()
        return self._through(lambda books: books.heads())

    def entry(self, account: str, seq: int) -> Entry | None:
        with self.view() as books:
            return books.entry(account, seq)

    def entries(self, account: str, after: int = 0) -> Iterator[Entry]:
        return self._through(lambda books: books.entries(account, after))

    def entries_back(self, account: str, before: int | None = None) -> Iterator[Entry]:
        return self._through(lambda books: books.entries_back(account, before))

    def audit(self) -> Iterator[Entry | JournalFault]:
        return self._through(lambda books: books.audit())

    def usage_row(self, request: str) -> UsageRow | None:
        with self.view() as books:
            return books.usage_row(request)

    def usage_page(
        self, account: str, before: str | None = None, limit: int = 50, since: int | None = None
    ) -> list[UsageRow]:
        with self.view() as books:
            return books.usage_page(account, before, limit, since)

    def usage_rows(self) -> Iterator[UsageRow]:
        return self._through(lambda books: books.usage_rows())

    def rollups_of(self, account: str, first_hour: int, last_hour: int) -> list[tuple[RollupKey, Rollup]]:
        with self.view() as books:
            return books.rollups_of(account, first_hour, last_hour)

    def rollups(self) -> Iterator[tuple[RollupKey, Rollup]]:
        return self._through(lambda books: books.rollups())

    def caller_sums(self, account: str, first_day: int) -> CallerSums:
        with self.view() as books:
            return books.caller_sums(account, first_day)

    def snapshots(self) -> Iterator[Snapshot]:
        return self._through(lambda books: books.snapshots())

    def _through(self, ask: Callable[[Books], Iterator[_Item]]) -> Iterator[_Item]:
        """What ``ask`` gives, at the moment when the first of it is taken."""
        with self.view() as books:
            yield from ask(books)

    # the end

    def _check(self) -> None:
        if self._closed:
            raise StoreClosed(self._where, "it was closed")

    def close(self) -> None:
        if self._closed:
            return
        with suppress(StoreError):
            self._fold()
        self._closed = True
        self._connections.close()
