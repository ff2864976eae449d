"""The statements of the catalogue through one PostgreSQL connection. Owns no transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg

Row = tuple[Any, ...]


@lru_cache(maxsize=256)
def placed(sql: str) -> bytes:
    """The statement with PostgreSQL's placeholders for ``?``."""
    return sql.replace("%", "%%").replace("?", "%s").encode()


class PostgresqlSession:
    """See ``store.catalogue.SqlSession``."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        return self._connection.execute(placed(sql), tuple(values)).fetchall()

    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        return self._connection.execute(placed(sql), tuple(values)).rowcount

    def write_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(placed(sql), [tuple(row) for row in rows])
