"""Reading the books through one connection: journal, usage, rollups, snapshots.

Owns the reading half of the port on SQLite. What was appended lately is not in the projections yet: the tail is
asked first, then the file, so that what is folded in between is seen there. Writes nothing; belongs to one thread at
a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import apsw

from faregate.app.book_keeping import usage_row
from faregate.app.store_errors import StoreCorrupt
from faregate.app.store_port import Head, JournalFault, Snapshot
from faregate.app.usage_rollup import CallerSums, Rollup, RollupKey, UsageRow
from faregate.core.entry import Entry
from faregate.store.callers import READ_CALLERS, caller_sums_from
from faregate.store.encoding import DecodeError, decode_entry, decode_kind
from faregate.store.rollup_rows import ROLLUP_COLUMNS, rollup_from
from faregate.store.sqlite.failures import translating
from faregate.store.sqlite.file import open_reader
from faregate.store.sqlite.history import Audit, History
from faregate.store.sqlite.tail import JournalHead, Tail, overlaid

TailNow = Callable[[], AbstractContextManager[Tail]]
"""Gives the tail, up to date, for as long as the context is open."""


class SqliteBooks:
    """See ``app.store_port.Books``. What it iterates belongs to the thread that asked for it."""

    def __init__(self, connection: apsw.Connection, tail: TailNow, where: str) -> None:
        self._connection = connection
        self._tail = tail
        self._where = where
        self._history = History(connection, self._end, where)

    def heads(self) -> Iterator[Head]:
        with translating(self._where):
            for account, (seq, _, _, open_holds) in self._heads():
                yield Head(account, seq, open_holds)

    def entry(self, account: str, seq: int) -> Entry | None:
        with translating(self._where):
            return self._history.entry(account, seq)

    def entries(self, account: str, after: int = 0) -> Iterator[Entry]:
        with translating(self._where):
            yield from self._history.entries(account, after)

    def entries_back(self, account: str, before: int | None = None) -> Iterator[Entry]:
        with translating(self._where):
            yield from self._history.entries_back(account, before)

    def audit(self) -> Iterator[Entry | JournalFault]:
        with translating(self._where):
            yield from Audit(self._connection, self._heads).run()

    def usage_row(self, request: str) -> UsageRow | None:
        with translating(self._where):
            row_id = self._settled(request)
            row = None if row_id is None else self._journal_row(row_id)
        return None if row is None else self._usage_of(*row)

    def usage_page(
        self, account: str, before: str | None = None, limit: int = 50, since: int | None = None
    ) -> list[UsageRow]:
        """The settlements among the account's entries, followed back from link to link."""
        page: list[UsageRow] = []
        with translating(self._where):
            if before is None:
                row_id: int | None = self._end(account)[1]
            else:
                row_id = self._settled(before)
            skip = before is not None
            while row_id and len(page) < limit and (row := self._journal_row(row_id)) is not None:
                owner, row_id, _ = row
                if owner != account:
                    break
                if not skip:
                    usage = self._usage_of(*row)
                    if usage is not None and since is not None and usage.at < since:
                        break
                    if usage is not None:
                        page.append(usage)
                skip = False
        return page

    def usage_rows(self) -> Iterator[UsageRow]:
        with self._tail() as tail:
            newer = dict(tail.settled)
        sql = "SELECT request, journal_id FROM settled ORDER BY request"
        with translating(self._where):
            for request, row_id in overlaid(iter(self._connection.execute(sql)), newer):
                row = self._journal_row(row_id)
                usage = None if row is None else self._usage_of(*row)
                if usage is None:
                    raise StoreCorrupt(self._where, f"request {request} leads to no settlement; run faregate verify")
                yield usage._replace(request=request)

    def rollups_of(self, account: str, first_hour: int, last_hour: int) -> list[tuple[RollupKey, Rollup]]:
        sql = f"""
            WITH RECURSIVE hours (hour) AS (
                SELECT ?2 WHERE ?2 <= ?3 UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?3
            )
            SELECT {ROLLUP_COLUMNS.replace("hour,", "rollups.hour,")}
            FROM hours CROSS JOIN rollups ON rollups.hour = hours.hour AND rollups.account = ?1
            ORDER BY rollups.hour, model"""
        with self._tail() as tail:
            newer = tail.newer_sums(account)
        newer = {key: rollup for key, rollup in newer.items() if first_hour <= key.hour <= last_hour}
        with translating(self._where):
            oldest = self._connection.execute("SELECT min(hour) FROM rollups").fetchone()
            newest = self._connection.execute("SELECT max(hour) FROM rollups").fetchone()
            first = max(first_hour, (oldest and oldest[0]) or 0)
            last = min(last_hour, (newest and newest[0]) or 0)
            rows = self._connection.execute(sql, (account, first, last))
            return list(overlaid((rollup_from(row) for row in rows), newer))

    def rollups(self) -> Iterator[tuple[RollupKey, Rollup]]:
        with self._tail() as tail:
            newer = tail.newer_sums()
        sql = f"SELECT {ROLLUP_COLUMNS} FROM rollups ORDER BY hour, account, model"
        with translating(self._where):
            yield from overlaid((rollup_from(row) for row in self._connection.execute(sql)), newer)

    def caller_sums(self, account: str, first_day: int) -> CallerSums:
        with translating(self._where):
            return caller_sums_from(self._connection.execute(READ_CALLERS, (first_day, account)))

    def snapshots(self) -> Iterator[Snapshot]:
        with translating(self._where):
            for row in self._connection.execute("SELECT account, seq, blob FROM snapshots ORDER BY account"):
                yield Snapshot(*row)

    def _end(self, account: str) -> tuple[int, int]:
        with self._tail() as tail:
            return tail.head(account)[:2]

    def _heads(self) -> Iterator[tuple[str, JournalHead]]:
        with self._tail() as tail:
            newer = dict(tail.moved)
        sql = "SELECT account, seq, last_id, chain, open_holds FROM heads ORDER BY account"
        stored = ((row[0], (row[1], row[2], row[3], row[4])) for row in self._connection.execute(sql))
        yield from overlaid(stored, newer)

    def _settled(self, request: str) -> int | None:
        """The journal row of the settlement of ``request``."""
        with self._tail() as tail:
            row_id = tail.settled.get(request)
        if row_id is None:
            sql = "SELECT journal_id FROM settled WHERE request = ?"
            row = self._connection.execute(sql, (request,)).fetchone()
            row_id = None if row is None else row[0]
        return row_id

    def _journal_row(self, row_id: int) -> tuple[str, int, bytes] | None:
        """Account, row before and body of a journal row."""
        sql = "SELECT account, prev, body FROM journal WHERE id = ?"
        row = self._connection.execute(sql, (row_id,)).fetchone()
        return None if row is None else (row[0], row[1], row[2])

    def _usage_of(self, account: str, _prev: int, body: bytes) -> UsageRow | None:
        """The usage row of an entry; None when it is no settlement."""
        try:
            return usage_row(decode_entry(body)) if decode_kind(body) == "settle" else None
        except (DecodeError, KeyError, TypeError, ValueError) as error:
            problem = f"a settlement of account {account} cannot be read ({error!r}); run faregate verify"
            raise StoreCorrupt(self._where, problem) from error


@contextmanager
def frozen_books(path: Path) -> Iterator[SqliteBooks]:
    """The books of a file as they stand at one moment, for the thread that opens them.

    While they are open the WAL cannot start again, so do not keep them.
    """
    connection = open_reader(path)
    try:
        with translating(str(path)):
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM sqlite_schema").fetchall()  # the moment is now
            tail = Tail(connection)
            tail.catch_up()
        yield SqliteBooks(connection, lambda: nullcontext(tail), str(path))
    finally:
        connection.close(True)
