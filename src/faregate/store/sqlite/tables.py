"""Rows as SQLite writes them: journal and projections. Owns the statements and the order of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import apsw

from faregate.store.rollup_rows import ROLLUP_COLUMNS

Row = tuple[Any, ...]

ROWS_A_STATEMENT: Final = 16
"""Rows are written so many at a time: half the cost of one by one, and more at a time gain nothing."""


class Insert:
    """A statement that writes rows, as many at a time as is cheap."""

    def __init__(self, verb: str, table: str, columns: str) -> None:
        self.columns = columns.count(",") + 1
        row = f"({', '.join('?' * self.columns)})"
        self._most = ROWS_A_STATEMENT * self.columns
        self._of_rows = [
            f"{verb} INTO {table} ({columns}) VALUES {', '.join([row] * rows)}"
            for rows in range(ROWS_A_STATEMENT + 1)
        ]

    def is_one_statement(self, values: Sequence[Any]) -> bool:
        return len(values) <= self._most

    def run(self, connection: apsw.Connection, values: Sequence[Any]) -> None:
        """Write rows; ``values`` are their columns, one row after the other."""
        for start in range(0, len(values), self._most):
            chunk = values[start : start + self._most]
            connection.execute(self._of_rows[len(chunk) // self.columns], chunk)


# One that meets a row of its number undoes its transaction.
JOURNAL: Final = Insert("INSERT OR ROLLBACK", "journal", "id, account, seq, prev, body, chain")

HEADS: Final = Insert("INSERT OR REPLACE", "heads", "account, seq, last_id, chain, open_holds")

# Of two settlements of one request the first one stays.
SETTLED: Final = Insert("INSERT OR IGNORE", "settled", "request, journal_id")

ROLLUPS: Final = Insert("INSERT OR REPLACE", "rollups", ROLLUP_COLUMNS + ", through")
