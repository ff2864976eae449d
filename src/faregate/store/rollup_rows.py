"""Hourly sums as rows: their columns, to and from the values of the port. Every engine keeps them the same way."""

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

ROLLUP_COLUMNS: Final = (
    "hour, account, model, input, cached, cache_write_5m, cache_write_1h, output, images, tool_calls, requests,"
    " prompts, estimated, list_values, drawn"
)


def rollup_columns(key: tuple[int, str, str], rollup: Rollup) -> Row:
    """The row of ROLLUP_COLUMNS."""
    sums = (encode_list_values(rollup.list_values), encode_drawn_sums(rollup.drawn))
    return (*key, *rollup.usage, rollup.estimated, *sums)


def rollup_from(row: Sequence[Any]) -> tuple[RollupKey, Rollup]:
    """Key and sums of ROLLUP_COLUMNS (more columns after them are left alone)."""
    sums = Rollup(Usage(*row[3:12]), row[12], decode_list_values(row[13]), decode_drawn_sums(row[14]))
    return RollupKey(*row[:3]), sums
