"""Statements inside one transaction of either engine: placeholders are ``?`` in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]


class SqlSession(Protocol):
    """Statements inside one transaction."""

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]: ...
    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; the number of rows it changed."""

    def write_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None: ...
