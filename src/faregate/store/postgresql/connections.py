"""Connections to one PostgreSQL database: opened when needed, kept while they are good, cut when nobody answers.

Owns how a connection is made and the time an answer may take: the server gives a statement up before we do, so that
its word comes (nothing went in) and it does not work on for nobody. A connection that failed is thrown away: the next
one is new, so that a database which was restarted or moved is found again by itself.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.types.numeric import Int8BinaryDumper

from faregate.app.store_errors import StoreClosed
from faregate.store.postgresql.arrays import understand_arrays
from faregate.store.postgresql.failures import translating
from faregate.store.postgresql.standstill import Standstill
from faregate.store.postgresql.watchdog import Watchdog

CONNECT_SECONDS = 3
ANSWER_SECONDS = 5.0
"""How long a statement may take before its connection is cut."""

LOCK_SHARE = 0.6
STATEMENT_SHARE = 0.8
"""After what part of that the server gives up waiting for a lock, and the statement itself."""

KEPT_IDLE = 4

_SETTLE = b"""
    SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),
        set_config('idle_in_transaction_session_timeout', %s, false), current_setting('synchronous_commit')"""


def shown(url: str) -> str:
    """``url`` without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}@{host}"))


class _Link(NamedTuple):
    """A connection, and its socket by another descriptor, to cut it from another thread."""

    connection: psycopg.Connection[Any]
    socket: socket.socket


class Connections:
    """Connections to the database at ``url``. For any thread."""

    def __init__(self, url: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.where = shown(url)
        self._url = url
        self._answer_seconds = answer_seconds
        self._idle: list[_Link] = []
        self._lock = threading.Lock()
        self._watchdog = Watchdog()
        self._standstill = Standstill(self.where, min(answer_seconds, CONNECT_SECONDS) / 2)
        self._closed = False

    @contextmanager
    def borrowed(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection in autocommit mode, for one thread and for one answer."""
        with translating(self.where), self._standstill.asking():
            link = self._taken()
            try:
                with self._watchdog.watching(link.socket, self._answer_seconds):
                    yield link.connection
            except BaseException as problem:
                self._give_back(link, _leads_nowhere(problem))
                raise
            self._give_back(link)

    @contextmanager
    def reading(self) -> Iterator[Statements]:
        """The database as it stands at one moment, for one thread, for as long as it takes."""
        with translating(self.where):
            link = self._taken()
            try:
                with link.connection.transaction():
                    statements = Statements(self._watchdog, link, self._answer_seconds)
                    statements.read("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    # The moment is now. It locks nothing, and whoever reads may take his time between statements.
                    statements.read("SELECT set_config('idle_in_transaction_session_timeout', '0', true)")
                    yield statements
            except BaseException as problem:
                self._give_back(link, _leads_nowhere(problem))
                raise
            self._give_back(link)

    def _taken(self) -> _Link:
        with self._lock:
            if self._closed:
                raise StoreClosed(self.where, "it was closed")
            if self._idle:
                return self._idle.pop()
        return self._connected()

    def _connected(self) -> _Link:
        connection: psycopg.Connection[Any] = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            prepare_threshold=2,
            application_name="faregate",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        )
        link = _Link(connection, socket.socket(fileno=os.dup(connection.fileno())))
        try:
            # Arrays of integers are of one type, whatever is in them: one prepared statement.
            connection.adapters.register_dumper(int, Int8BinaryDumper)
            understand_arrays(connection)
            with self._watchdog.watching(link.socket, self._answer_seconds):
                self._settle(connection)
        except BaseException:
            _end(link)
            raise
        return link

    def _settle(self, connection: psycopg.Connection[Any]) -> None:
        """The settings of every session of ours, by the server's own means."""
        milliseconds = self._answer_seconds * 1000
        shares = (STATEMENT_SHARE, LOCK_SHARE, 1)
        limits = [str(max(round(milliseconds * share), 1)) for share in shares]
        if connection.execute(_SETTLE, limits).fetchall()[0][3] == "off":
            connection.execute("SET synchronous_commit = on")

    def _give_back(self, link: _Link, failed: bool = False) -> None:
        connection = link.connection
        good = not failed and connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        with self._lock:
            if good and not self._closed and len(self._idle) < KEPT_IDLE:
                self._idle.append(link)
                return
        _end(link)
        if failed:
            self._forget()

    def _forget(self) -> None:
        """Let go of every idle connection: one failed, and the others lead to the same place."""
        with self._lock:
            idle, self._idle = self._idle, []
        for link in idle:
            _end(link)

    def close(self) -> None:
        """Close what is idle; what is borrowed is closed when it comes back."""
        with self._lock:
            self._closed = True
        self._forget()
        self._watchdog.close()


class Statements:
    """Statements on one connection, each with its own deadline."""

    def __init__(self, watchdog: Watchdog, link: _Link, answer_seconds: float) -> None:
        self._watchdog = watchdog
        self._link = link
        self._answer_seconds = answer_seconds

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement (none for one that gives none)."""
        with self._watchdog.watching(self._link.socket, self._answer_seconds):
            cursor = self._link.connection.execute(sql.encode(), values or None, binary=True)
            return cursor.fetchall() if cursor.description is not None else []


def _leads_nowhere(problem: BaseException) -> bool:
    """Whether a new connection may do better: to another server, or to one that may be written again."""
    return isinstance(problem, (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction))


def _end(link: _Link) -> None:
    with suppress(psycopg.Error, OSError):
        link.connection.close()
    link.socket.close()
