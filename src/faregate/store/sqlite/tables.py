"""Rows as SQLite keeps them: the columns of journal and projections, to and from the values of the port.

Owns the statements that write projections and the order of their columns. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from faregate.app.usage_rollup import Rollup, RollupKey
from faregate.core.usage import Usage
from faregate.store.encoding import (
    decode_drawn_sums,
    decode_list_values,
    encode_drawn_sums,
    encode_list_values,
)

Row = tuple[Any, ...]

JOURNAL_COLUMNS: Final = 6

PUT_HEAD: Final = "INSERT OR REPLACE INTO heads (account, seq, last_id, chain, open_holds) VALUES (?, ?, ?, ?, ?)"

INDEX_SETTLED: Final = "INSERT OR IGNORE INTO settled (request, journal_id) VALUES (?, ?)"

ROLLUP_COLUMNS: Final = (
    "hour, account, model, input, cached, cache_write_5m, cache_write_1h, output, images, tool_calls, requests,"
    " prompts, estimated, list_values, drawn"
)
PUT_ROLLUP: Final = f"INSERT OR REPLACE INTO rollups ({ROLLUP_COLUMNS}, through) VALUES ({', '.join('?' * 16)})"

INSERT_RECEIPT: Final = "INSERT OR IGNORE INTO receipts (scope, key, body_hash, response, at) VALUES (?, ?, ?, ?, ?)"


def insert_journal(rows: int) -> str:
    """The statement that inserts so many journal rows. One that meets a row of its number undoes its transaction."""
    values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * rows)
    return f"INSERT OR ROLLBACK INTO journal (id, account, seq, prev, body, chain) VALUES {values}"


def rollup_columns(key: RollupKey, rollup: Rollup) -> Row:
    """The row for PUT_ROLLUP, without ``through``."""
    sums = (encode_list_values(rollup.list_values), encode_drawn_sums(rollup.drawn))
    return (*key, *rollup.usage, rollup.estimated, *sums)


def rollup_from(row: Sequence[Any]) -> tuple[RollupKey, Rollup]:
    """Key and sums of ROLLUP_COLUMNS (more columns after them are left alone)."""
    sums = Rollup(Usage(*row[3:12]), row[12], decode_list_values(row[13]), decode_drawn_sums(row[14]))
    return RollupKey(*row[:3]), sums
