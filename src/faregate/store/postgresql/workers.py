"""The register of the processes that serve one database, by the database's own clock.

Owns numbers and leases. A number is not given again for as long as it takes to come around all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

import psycopg

Borrow = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]

LEASE_SECONDS: Final = 15.0
MOST: Final = 32_767

_REGISTER = b"""
    WITH next AS (UPDATE worker_numbers SET last = last %% %b + 1 RETURNING last)
    INSERT INTO workers (number, name, seen) SELECT last, %b, clock_timestamp() FROM next
    ON CONFLICT DO NOTHING RETURNING number"""
_BEAT = b"""
    INSERT INTO workers (number, name, seen) VALUES (%b, '', clock_timestamp())
    ON CONFLICT (number) DO UPDATE SET seen = excluded.seen"""
_LEASES = b"SELECT number, seen > clock_timestamp() - make_interval(secs => %b::float8) FROM workers"


class PostgresqlWorkers:
    """See ``app.store_port.Workers``."""

    def __init__(self, borrow: Borrow, lease_seconds: float = LEASE_SECONDS) -> None:
        self._borrow = borrow
        self.lease_seconds = lease_seconds

    def register(self, name: str) -> int:
        with self._borrow() as connection:
            while True:
                rows = connection.execute(_REGISTER, (MOST, name)).fetchall()
                if rows:
                    return int(rows[0][0])

    def beat(self, number: int) -> tuple[frozenset[int], frozenset[int]]:
        with self._borrow() as connection:
            connection.execute(_BEAT, (number,))
            rows = connection.execute(_LEASES, (self.lease_seconds,)).fetchall()
        living = frozenset(row[0] for row in rows if row[1])
        return living, frozenset(row[0] for row in rows) - living

    def dismiss(self, number: int) -> None:
        with self._borrow() as connection:
            connection.execute("DELETE FROM workers WHERE number = %b", (number,))
