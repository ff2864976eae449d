"""The statements of the catalogue through one SQLite connection. Owns no transaction and no lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw


class SqliteSession:
    """See ``store.catalogue.SqlSession``."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, tuple(values)).fetchall()

    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        self._connection.execute(sql, tuple(values))
        return int(self._connection.changes())

    def write_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)
