"""Rows as SQLite keeps them: the columns of usage and rollups, to and from the values of the port.

Owns the statements that write projections and the order of their columns. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from faregate.app.usage_rollup import Rollup, RollupKey, UsageRow
from faregate.core.usage import Usage
from faregate.store.encoding import (
    decode_drawn,
    decode_drawn_sums,
    decode_list_values,
    encode_drawn,
    encode_drawn_sums,
    encode_list_values,
)

Row = tuple[Any, ...]

INSERT_JOURNAL: Final = "INSERT INTO journal (id, account, seq, prev, body, chain) VALUES (?, ?, ?, ?, ?, ?)"

PUT_HEAD: Final = (
    "INSERT OR REPLACE INTO heads (account, seq, last_id, chain, open_holds, last_usage) VALUES (?, ?, ?, ?, ?, ?)"
)

USAGE_COLUMNS: Final = (
    "request, account, api_key, at, model, client, upstream, input, cached, cache_write_5m, cache_write_1h, output,"
    " images, tool_calls, requests, prompts, list_value, currency, drawn, outcome, estimated, hold_seq, settle_seq"
)
INSERT_USAGE: Final = f"INSERT INTO usage ({USAGE_COLUMNS}, prev) VALUES ({', '.join('?' * 24)})"

ROLLUP_COLUMNS: Final = (
    "hour, account, model, input, cached, cache_write_5m, cache_write_1h, output, images, tool_calls, requests,"
    " prompts, estimated, list_values, drawn"
)
PUT_ROLLUP: Final = f"INSERT OR REPLACE INTO rollups ({ROLLUP_COLUMNS}) VALUES ({', '.join('?' * 15)})"

INSERT_RECEIPT: Final = "INSERT OR IGNORE INTO receipts (scope, key, body_hash, response, at) VALUES (?, ?, ?, ?, ?)"


def usage_columns(row: UsageRow, prev: str) -> Row:
    """The row for INSERT_USAGE; ``prev`` is the request of the account's usage row before it."""
    return row[:7] + row.usage + row[8:10] + (encode_drawn(row.drawn),) + row[11:] + (prev,)


def usage_from(row: Sequence[Any]) -> UsageRow:
    """The usage row of USAGE_COLUMNS (more columns after them are left alone)."""
    request, account, key, at, model, client, upstream = row[:7]
    list_value, currency, drawn, outcome, estimated, hold_seq, settle_seq = row[16:23]
    return UsageRow(
        request=request,
        account=account,
        key=key,
        at=at,
        model=model,
        client=client,
        upstream=upstream,
        usage=Usage(*row[7:16]),
        list_value=list_value,
        currency=currency,
        drawn=decode_drawn(drawn),
        outcome=outcome,
        estimated=bool(estimated),
        hold_seq=hold_seq,
        settle_seq=settle_seq,
    )


def rollup_columns(key: RollupKey, rollup: Rollup) -> Row:
    """The row for PUT_ROLLUP."""
    sums = (encode_list_values(rollup.list_values), encode_drawn_sums(rollup.drawn))
    return (*key, *rollup.usage, rollup.estimated, *sums)


def rollup_from(row: Sequence[Any]) -> tuple[RollupKey, Rollup]:
    """Key and sums of ROLLUP_COLUMNS."""
    sums = Rollup(Usage(*row[3:12]), row[12], decode_list_values(row[13]), decode_drawn_sums(row[14]))
    return RollupKey(*row[:3]), sums
