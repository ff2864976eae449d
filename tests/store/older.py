"""Filled databases of older versions, on both engines: the first migrations only, and rows written by hand.

Owns no schema: rows go in by the names of the columns that a table had then. ``older_books.jsonl`` is text that once
was written and never changes: accounts, keys, a plan, receipts and a journal with holds, settlements and one hold
left open. Every table that it says nothing of gets two rows of odd values.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import apsw
import psycopg

from faregate.store.copying import ENGINES_OWN
from faregate.store.postgresql import schema as postgresql_schema
from faregate.store.sqlite import schema as sqlite_schema
from tests.postgresql.server import shared_server

BOOKS = Path(__file__).with_name("older_books.jsonl")
ANN, BOB = "acc_m2cr16y2", "acc_kx3v23c4"
SECRET = "fg-9h4t3q977s6rzatzbfdrt44sxg2yhze7r7bk8xvk"
OPEN_REQUEST = "req_1jc12s9fd80g0x_m2cr16y2"
STEPS = len(sqlite_schema.migrations())
FIRST_WITH_A_CATALOGUE = 3

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""The rows of tables by name, each row by its columns' names."""


@cache
def written_lines() -> tuple[tuple[str, Row], ...]:
    """The rows of the text: table, columns."""
    lines = [json.loads(line) for line in BOOKS.read_text("utf-8").splitlines()]
    return tuple((table, {name: _value(value) for name, value in row.items()}) for table, row in lines)


def _value(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


class Older(Protocol):
    """A place that was brought to the schema after its first ``seen`` migrations, and filled."""

    url: str

    def rows(self, columns_of: Rows | None = None) -> Rows:
        """Every row of every table that both engines have, and the journal's; only the columns of ``columns_of``."""

    def version(self) -> int: ...
    def close(self) -> None: ...


def odd(table: str, column: str, kind: str, number: int) -> Any:
    if kind in ("INTEGER", "bigint"):
        return 2**40 + number
    text = f"名 {table} {column} {number} \\ \t \n"
    return text if kind in ("TEXT", "text") else b"\x00" + text.encode() + b"\xff"


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: repr(sorted(row.items())))


class OlderSqlite:
    def __init__(self, folder: Path, seen: int) -> None:
        self.path = folder / "older.db"
        self.url = f"sqlite:///{self.path}"
        connection = self._connected()
        connection.pragma("journal_mode", "wal")
        connection.transaction_mode = "IMMEDIATE"
        sqlite_schema.migrate(connection, self.url, sqlite_schema.migrations()[:seen])
        with connection:
            self._fill(connection)
        connection.close()

    def _connected(self) -> apsw.Connection:
        return apsw.Connection(str(self.path))

    def _fill(self, connection: apsw.Connection) -> None:
        tables = {table: self._columns(connection, table) for table in self._tables(connection)}
        last: dict[str, int] = {}
        for table, row in written_lines():
            if table == "journal":
                journal = {"prev": last.get(row["account"], 0), **row, "body": row["body"].encode()}
                _insert(connection, table, journal)
                last[row["account"]] = connection.last_insert_rowid()
            elif table in tables:
                _insert(connection, table, row)
        for table, columns in tables.items():
            if not connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall():
                for number in (1, 2):
                    _insert(connection, table, {name: odd(table, name, kind, number) for name, kind in columns})

    def _tables(self, connection: apsw.Connection) -> list[str]:
        sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        return [str(name) for (name,) in connection.execute(sql).fetchall() if name not in ENGINES_OWN]

    def _columns(self, connection: apsw.Connection, table: str) -> list[tuple[str, str]]:
        return [(row[1], row[2]) for row in connection.execute(f"PRAGMA table_info({table})")]

    def rows(self, columns_of: Rows | None = None) -> Rows:
        connection = self._connected()
        found: Rows = {}
        for table in columns_of or [*self._tables(connection), "journal"]:
            columns = columns_of[table][0] if columns_of else dict(self._columns(connection, table))
            read = connection.execute(f"SELECT {', '.join(columns)} FROM {table}")
            found[table] = in_order([dict(zip(columns, row, strict=True)) for row in read])
        connection.close()
        return found

    def version(self) -> int:
        connection = self._connected()
        version = sqlite_schema.version_of(connection, self.url)
        connection.close()
        return version

    def close(self) -> None:
        """Its folder goes with the test."""


def _insert(connection: apsw.Connection, table: str, row: Row) -> None:
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))


class OlderPostgresql:
    def __init__(self, seen: int) -> None:
        self.url = shared_server().new_database()
        with psycopg.connect(self.url, autocommit=True) as connection:
            postgresql_schema.migrate(connection, self.url, postgresql_schema.migrations()[:seen])
            with connection.transaction():
                self._fill(connection)

    def _fill(self, connection: psycopg.Connection[Any]) -> None:
        tables = self._tables(connection)
        heads: dict[str, Row] = {}
        for table, row in written_lines():
            if table == "journal":
                _insert_into(connection, table, {**row, "body": row["body"].encode()})
                heads[row["account"]] = {"account": row["account"], "seq": row["seq"], "chain": row["chain"]}
            elif table in tables:
                _insert_into(connection, table, row)
        for account, head in heads.items():
            is_open = int(account == ANN)
            _insert_into(connection, "heads", {**head, "was": head["seq"] - 1, "open_holds": is_open})
        for table, columns in tables.items():
            if not connection.execute(f"SELECT 1 FROM {table} LIMIT 1".encode()).fetchall():
                for number in (1, 2):
                    row = {name: odd(table, name, kind, number) for name, kind in columns}
                    _insert_into(connection, table, row)

    def _tables(self, connection: psycopg.Connection[Any]) -> dict[str, list[tuple[str, str]]]:
        """Columns and their types of every table that both engines have."""
        sql = """
            SELECT table_name, column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"""
        found: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in connection.execute(sql).fetchall():
            if table not in {*ENGINES_OWN, *OF_POSTGRESQL_ALONE}:
                found.setdefault(table, []).append((column, kind))
        return found

    def rows(self, columns_of: Rows | None = None) -> Rows:
        found: Rows = {}
        with psycopg.connect(self.url) as connection:
            journal = [("account", ""), ("seq", ""), ("body", ""), ("chain", "")]
            tables = self._tables(connection) | {"journal": journal}
            for table in columns_of or tables:
                columns = list(columns_of[table][0]) if columns_of else [name for name, _ in tables[table]]
                read = connection.execute(f"SELECT {', '.join(columns)} FROM {table}".encode()).fetchall()
                found[table] = in_order([dict(zip(columns, row, strict=True)) for row in read])
        return found

    def version(self) -> int:
        with psycopg.connect(self.url) as connection:
            return postgresql_schema.version_of(connection, self.url)

    def close(self) -> None:
        shared_server().drop_database(self.url)


OF_POSTGRESQL_ALONE = frozenset({"faregate_schema", "catalogue_revision", "worker_numbers", "workers"})


def _insert_into(connection: psycopg.Connection[Any], table: str, row: Row) -> None:
    places = ", ".join(["%s"] * len(row))
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
    connection.execute(statement.encode(), tuple(row.values()))


def older(engine: str, folder: Path, seen: int) -> Older:
    """A filled place of ``engine`` after its first ``seen`` migrations."""
    return OlderSqlite(folder, seen) if engine == "sqlite" else OlderPostgresql(seen)
