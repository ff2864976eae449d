"""Copying books from a SQLite file to an empty PostgreSQL database: all of it or nothing.

Owns the copy. Rows go over as they are, the journal byte for byte with its chain, in one transaction; heads are made
from the journal, projections are folded from it afterwards. Nobody may write to the file meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import psycopg

from faregate.app.book_keeping import OPEN_HOLDS
from faregate.app.store_errors import StoreError
from faregate.store.encoding import decode_kind
from faregate.store.postgresql.connections import Connections
from faregate.store.postgresql.schema import migrate, migrations
from faregate.store.postgresql.store import PostgresqlStore
from faregate.store.sqlite.failures import translating
from faregate.store.sqlite.file import open_reader

ROWS_A_STEP = 10_000
NO_LIMIT_SECONDS = 24 * 3600.0

ENGINES_OWN = frozenset({"journal", "heads", "projected", "settled", "rollups", "snapshots"})
"""Tables that lie differently in each engine; every other one is the same in both, and is copied row by row."""

_JOURNAL = "SELECT account, seq, body, chain FROM journal ORDER BY id"


class NotEmpty(StoreError):
    """The books to copy to hold something already."""

    code = "store_not_empty"


class Copied(NamedTuple):
    """What went over: journal entries, accounts that have some, rows of the other tables by table."""

    entries: int
    accounts: int
    rows: dict[str, int]


Progress = Callable[[int], None]
"""Hears how many entries went over so far."""


def copy_books(source: Path, target: str, progress: Progress) -> Copied:
    """Copy the SQLite file ``source`` to the database at the URL ``target``. Raises StoreError, NotEmpty."""
    connections = Connections(target, NO_LIMIT_SECONDS)
    reader = open_reader(source)
    try:
        with translating(str(source)), connections.borrowed() as writer:
            migrate(writer, connections.where, migrations())
            reader.execute("BEGIN")
            with writer.transaction():
                writer.execute("LOCK TABLE heads, catalogue_revision IN ACCESS EXCLUSIVE MODE")
                _require_empty(writer, connections.where)
                copied = _copied(reader, writer, progress)
    finally:
        reader.close(True)
        connections.close()
    store = PostgresqlStore.open(target)
    try:
        store.fold_all()
    finally:
        store.close()
    return copied


def _require_empty(writer: psycopg.Connection[Any], where: str) -> None:
    for table in ("heads", "accounts", "api_keys"):
        if writer.execute(f"SELECT 1 FROM {table} LIMIT 1".encode()).fetchall():
            raise NotEmpty(where, "there are books in it already; copy to an empty database")


def _copied(reader: apsw.Connection, writer: psycopg.Connection[Any], progress: Progress) -> Copied:
    rows = {table: _copy_table(reader, writer, table) for table in _tables(reader)}
    snapshots = "SELECT account, seq, blob FROM snapshots"
    _copy_rows(writer, "snapshots", ["account", "seq", "blob"], reader.execute(snapshots))
    heads: dict[str, tuple[int, bytes, int]] = {}
    entries = _copy_rows(writer, "journal", ["account", "seq", "body", "chain"], _with_heads(reader, heads, progress))
    ends = ((account, seq - 1, seq, chain, holds) for account, (seq, chain, holds) in heads.items())
    _copy_rows(writer, "heads", ["account", "was", "seq", "chain", "open_holds"], ends)
    return Copied(entries, len(heads), rows)


def _with_heads(
    reader: apsw.Connection, heads: dict[str, tuple[int, bytes, int]], progress: Progress
) -> Iterator[tuple[Any, ...]]:
    """The journal's rows in the order they were written; ``heads`` learns where each account's ends."""
    for number, row in enumerate(reader.execute(_JOURNAL), 1):
        account, seq, body, chain = row
        holds = heads[account][2] if account in heads else 0
        heads[account] = (seq, chain, holds + OPEN_HOLDS.get(decode_kind(body), 0))
        if number % ROWS_A_STEP == 0:
            progress(number)
        yield row


def _tables(reader: apsw.Connection) -> list[str]:
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [str(name) for (name,) in reader.execute(sql) if name not in ENGINES_OWN]


def _copy_table(reader: apsw.Connection, writer: psycopg.Connection[Any], table: str) -> int:
    columns = [str(row[1]) for row in reader.execute(f"PRAGMA table_info({table})")]
    writer.execute(f"DELETE FROM {table}".encode())  # what a migration put in is in the file as well
    count = _copy_rows(writer, table, columns, reader.execute(f"SELECT {', '.join(columns)} FROM {table}"))
    numbered = "SELECT pg_get_serial_sequence(%s, column_name) FROM information_schema.columns WHERE table_name = %s"
    for (sequence,) in writer.execute(numbered + " AND is_identity = 'YES'", (table, table)).fetchall():
        highest = f"SELECT setval(%s, coalesce((SELECT max(id) FROM {table}), 0) + 1, false)".encode()
        writer.execute(highest, (sequence,))
    return count


def _copy_rows(
    writer: psycopg.Connection[Any], table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]
) -> int:
    count = 0
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()
    with writer.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
