"""The SQLite file: opening it, and the settings every connection of ours runs with.

Owns connections. Does not know what the tables hold.
"""

from __future__ import annotations

import time
from pathlib import Path

import apsw

from faregate.app.store_errors import StoreReadOnly, StoreUnreachable
from faregate.store.sqlite.failures import translating
from faregate.store.sqlite.schema import migrate, migrations, require, version_of

BUSY_MILLISECONDS = 2_000
WRITER_CACHE_KIBIBYTES = 16_384
READER_CACHE_KIBIBYTES = 2_048
AGAIN_SECONDS = 0.01


def open_writer(path: Path, busy_milliseconds: int = BUSY_MILLISECONDS) -> apsw.Connection:
    """The connection that writes, on a file of the newest schema; a file that is not there is made.

    ``BEGIN`` takes the writer's place at once, so that what is read inside a transaction is still true at its end.
    COMMIT only writes the WAL, without waiting for the disk: ``durability`` does that.
    """
    where = str(path)
    if path.is_dir():
        raise StoreUnreachable(where, "it is a folder; name a file in it")
    with translating(where):
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = apsw.Connection(where, flags=flags, statementcachesize=64)
        try:
            connection.set_busy_timeout(busy_milliseconds)
            version_of(connection, where)
            if connection.readonly("main"):
                raise StoreReadOnly(where, "this user may read it but not write it")
            _write_ahead(connection, busy_milliseconds)
            _settle(connection, WRITER_CACHE_KIBIBYTES)
            connection.transaction_mode = "IMMEDIATE"
            migrate(connection, where, migrations())
        except BaseException:
            connection.close()
            raise
    return connection


def _write_ahead(connection: apsw.Connection, busy_milliseconds: int) -> None:
    """Have the file write ahead. On a new one SQLite does not wait here for another process that does the same."""
    until = time.monotonic() + busy_milliseconds / 1000
    while True:
        try:
            connection.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > until:
                raise
            time.sleep(AGAIN_SECONDS)
        else:
            return


def open_reader(path: Path, busy_milliseconds: int = BUSY_MILLISECONDS) -> apsw.Connection:
    """A connection that only reads, on a file that is there and of the newest schema."""
    where = str(path)
    with translating(where):
        flags = apsw.SQLITE_OPEN_READONLY
        connection = apsw.Connection(where, flags=flags, statementcachesize=32)
        try:
            connection.set_busy_timeout(busy_milliseconds)
            require(connection, where)
            _settle(connection, READER_CACHE_KIBIBYTES)
        except BaseException:
            connection.close()
            raise
    return connection


def open_checkpointer(path: Path) -> apsw.Connection:
    """A connection for checkpoints alone, so that they can run in a thread beside the one that writes."""
    with translating(str(path)):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        _settle(connection, READER_CACHE_KIBIBYTES)
    return connection


def _settle(connection: apsw.Connection, cache_kibibytes: int) -> None:
    """The settings of every connection. NORMAL: a commit does not sync the WAL, a checkpoint syncs WAL and file."""
    connection.pragma("synchronous", "normal")
    connection.pragma("cache_size", -cache_kibibytes)
    connection.pragma("wal_autocheckpoint", 0)
    connection.pragma("foreign_keys", False)
