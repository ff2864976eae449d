"""Reading the books through one connection: journal, usage, rollups, snapshots.

Owns the reading half of the port on SQLite. Writes nothing; belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from faregate.app.store_port import Head, JournalFault, Snapshot
from faregate.app.usage_rollup import Rollup, RollupKey, UsageRow
from faregate.core.entry import Entry
from faregate.store.sqlite.failures import translating
from faregate.store.sqlite.file import open_reader
from faregate.store.sqlite.history import Audit, History
from faregate.store.sqlite.tables import ROLLUP_COLUMNS, USAGE_COLUMNS, rollup_from, usage_from


class SqliteBooks:
    """See ``app.store_port.Books``. What it iterates belongs to the thread that asked for it."""

    def __init__(self, connection: apsw.Connection, where: str) -> None:
        self._connection = connection
        self._where = where
        self._history = History(connection, where)

    def heads(self) -> Iterator[Head]:
        sql = "SELECT account, seq, open_holds FROM heads ORDER BY account"
        with translating(self._where):
            for row in self._connection.execute(sql):
                yield Head(*row)

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
            yield from Audit(self._connection).run()

    def usage_row(self, request: str) -> UsageRow | None:
        found = self._linked_usage(request)
        return None if found is None else found[0]

    def usage_page(
        self, account: str, before: str | None = None, limit: int = 50, since: int | None = None
    ) -> list[UsageRow]:
        request = self._last_usage(account) if before is None else self._usage_before(before)
        page: list[UsageRow] = []
        while request and len(page) < limit:
            found = self._linked_usage(request)
            if found is None:
                break  # pruned: what lies further back is gone as well
            row, request = found
            if row.account != account or (since is not None and row.at < since):
                break
            page.append(row)
        return page

    def usage_rows(self) -> Iterator[UsageRow]:
        sql = f"SELECT {USAGE_COLUMNS} FROM usage ORDER BY request"
        with translating(self._where):
            for row in self._connection.execute(sql):
                yield usage_from(row)

    def rollups_of(self, account: str, first_hour: int, last_hour: int) -> list[tuple[RollupKey, Rollup]]:
        sql = f"""
            WITH RECURSIVE hours (hour) AS (
                SELECT ?2 WHERE ?2 <= ?3 UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?3
            )
            SELECT {ROLLUP_COLUMNS.replace("hour,", "rollups.hour,")}
            FROM hours CROSS JOIN rollups ON rollups.hour = hours.hour AND rollups.account = ?1
            ORDER BY rollups.hour, model"""
        with translating(self._where):
            oldest = self._connection.execute("SELECT min(hour) FROM rollups").fetchone()
            if oldest is None or oldest[0] is None:
                return []
            newest = self._connection.execute("SELECT max(hour) FROM rollups").fetchone()
            first, last = max(first_hour, oldest[0]), min(last_hour, newest[0] if newest else 0)
            rows = self._connection.execute(sql, (account, first, last))
            return [rollup_from(row) for row in rows]

    def rollups(self) -> Iterator[tuple[RollupKey, Rollup]]:
        sql = f"SELECT {ROLLUP_COLUMNS} FROM rollups ORDER BY hour, account, model"
        with translating(self._where):
            for row in self._connection.execute(sql):
                yield rollup_from(row)

    def snapshots(self) -> Iterator[Snapshot]:
        with translating(self._where):
            for row in self._connection.execute("SELECT account, seq, blob FROM snapshots ORDER BY account"):
                yield Snapshot(*row)

    def _last_usage(self, account: str) -> str:
        sql = "SELECT last_usage FROM heads WHERE account = ?"
        with translating(self._where):
            row = self._connection.execute(sql, (account,)).fetchone()
        return "" if row is None else str(row[0])

    def _usage_before(self, request: str) -> str:
        found = self._linked_usage(request)
        return "" if found is None else found[1]

    def _linked_usage(self, request: str) -> tuple[UsageRow, str] | None:
        """A usage row and the request of the account's row before it."""
        sql = f"SELECT {USAGE_COLUMNS}, prev FROM usage WHERE request = ?"
        with translating(self._where):
            row = self._connection.execute(sql, (request,)).fetchone()
        return None if row is None else (usage_from(row), str(row[-1]))


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
        yield SqliteBooks(connection, str(path))
    finally:
        connection.close(True)
