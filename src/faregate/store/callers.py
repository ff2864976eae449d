"""Sums by day, key and client as rows, in SQL that SQLite and PostgreSQL both take.

Owns their columns and statements. How a statement is run is the engine's (``SqlSession``); what goes into the sums is
decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from faregate.app.usage_rollup import CallerKey, CallerSums, Rollup
from faregate.core.usage import Usage
from faregate.store.encoding import (
    decode_drawn_sums,
    decode_list_values,
    encode_drawn_sums,
    encode_list_values,
)
from faregate.store.session import SqlSession

_KEY: Final = ("account", "day", "api_key", "client")
_SUMS: Final = (
    *("input", "cached", "cache_write_5m", "cache_write_1h", "output", "images", "tool_calls", "requests"),
    *("prompts", "estimated", "list_values", "drawn"),
)
# In one statement: the cursor and the sums are of one moment.
READ_CALLERS: Final = f"""
    SELECT through, {", ".join("s." + name for name in (*_KEY[1:], *_SUMS))} FROM caller_cursors AS c
    LEFT JOIN caller_sums AS s ON s.account = c.account AND s.day >= ? WHERE c.account = ?"""
_MOVE = """
    INSERT INTO caller_cursors (account, through) VALUES (?, ?)
    ON CONFLICT (account) DO UPDATE SET through = excluded.through WHERE caller_cursors.through = ?"""
_PUT = f"""
    INSERT INTO caller_sums ({", ".join((*_KEY, *_SUMS))}) VALUES ({", ".join("?" * len((*_KEY, *_SUMS)))})
    ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _SUMS)}"""


def caller_sums_from(rows: Iterable[Sequence[Any]]) -> CallerSums:
    """What READ_CALLERS gives."""
    through, sums = 0, {}
    for row in rows:
        through = row[0]
        if row[1] is not None:
            lists, drawn = decode_list_values(row[14]), decode_drawn_sums(row[15])
            sums[CallerKey(*row[1:4])] = Rollup(Usage(*row[4:13]), row[13], lists, drawn)
    return CallerSums(through, sums)


class SqlCallers:
    """See ``app.store_port.Store``. An engine's store gives the two ways in."""

    def _writing_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def _reading_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def callers_through(self) -> dict[str, int]:
        with self._reading_catalogue() as session:
            return dict(session.read("SELECT account, through FROM caller_cursors"))

    def put_caller_sums(self, account: str, before: int, through: int, sums: Mapping[CallerKey, Rollup]) -> bool:
        with self._writing_catalogue() as session:
            if not session.write(_MOVE, (account, through, before)):
                return False
            session.write_many(_PUT, [_columns(account, key, rollup) for key, rollup in sums.items()])
        return True


def _columns(account: str, key: CallerKey, rollup: Rollup) -> tuple[Any, ...]:
    lists, drawn = encode_list_values(rollup.list_values), encode_drawn_sums(rollup.drawn)
    return (account, *key, *rollup.usage, rollup.estimated, lists, drawn)
