"""Walking the journal: one account's entries forwards and back, and all of it with its chain checked.

Owns how links and marks are followed. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import apsw

from faregate.app.store_errors import StoreCorrupt
from faregate.app.store_port import JournalFault
from faregate.core.entry import Entry
from faregate.store.encoding import FIRST_CHAIN, DecodeError, chain, decode_entry
from faregate.store.sqlite.tail import JournalHead

MARK_EVERY = 64
"""The distance of marks: every so many seqs of an account can be found by an index (migrations/0001)."""

_WALK = """
    WITH RECURSIVE walk (id, seq, prev, body) AS (
        SELECT id, seq, prev, body FROM journal WHERE id = ?1 AND account = ?2
        UNION ALL
        SELECT j.id, j.seq, j.prev, j.body
        FROM walk JOIN journal AS j ON j.id = walk.prev AND j.account = ?2
        LIMIT ?3
    )
    SELECT seq, body FROM walk"""

_MARK = "SELECT id FROM journal WHERE account = ? AND seq = ? AND seq % 64 = 0"


class History:
    """Reads through one connection, in the thread that owns it."""

    def __init__(self, connection: apsw.Connection, end: Callable[[str], tuple[int, int]], where: str) -> None:
        self._connection = connection
        self._where = where
        # (seq, row id) of the last entry of an account; (0, 0) when it has none.
        self.end = end

    def span(self, account: str, first: int, last: int, last_id: int) -> list[Entry]:
        """Entries ``first`` to ``last`` of ``account``, the last being in row ``last_id``. Raises StoreCorrupt."""
        wanted = last - first + 1
        rows: list[Any] = self._connection.execute(_WALK, (last_id, account, wanted)).fetchall()
        entries = []
        for seq, (found, body) in zip(range(last, first - 1, -1), rows, strict=False):
            if found != seq:
                raise self._lost(account, seq)
            entries.append(self._decoded(account, seq, body))
        if len(entries) != wanted:
            raise self._lost(account, last - len(entries))
        entries.reverse()
        return entries

    def entry(self, account: str, seq: int) -> Entry | None:
        end_seq, end_id = self.end(account)
        if not 1 <= seq <= end_seq:
            return None
        last, last_id = self._at_or_after(account, seq, end_seq, end_id)
        return self.span(account, seq, last, last_id)[0]

    def entries(self, account: str, after: int) -> Iterator[Entry]:
        """Block by block from mark to mark, so that a long history is never in memory at once."""
        end_seq, end_id = self.end(account)
        first = max(after, 0) + 1
        while first <= end_seq:
            last, last_id = self._at_or_after(account, first, end_seq, end_id)
            yield from self.span(account, first, last, last_id)
            first = last + 1

    def entries_back(self, account: str, before: int | None) -> Iterator[Entry]:
        end_seq, end_id = self.end(account)
        last = end_seq if before is None else min(before - 1, end_seq)
        while last >= 1:
            block_end, block_id = self._at_or_after(account, last, end_seq, end_id)
            first = max(1, block_end - MARK_EVERY + 1)
            block = self.span(account, first, block_end, block_id)
            yield from reversed(block[: last - first + 1])
            last = first - 1

    def _at_or_after(self, account: str, seq: int, end_seq: int, end_id: int) -> tuple[int, int]:
        """(seq, row id) of the nearest mark at or after ``seq``, or of the end where no mark comes before it."""
        mark = -(-seq // MARK_EVERY) * MARK_EVERY
        if mark >= end_seq:
            return end_seq, end_id
        row = self._connection.execute(_MARK, (account, mark)).fetchone()
        if row is None:
            raise self._lost(account, mark)
        return mark, row[0]

    def _decoded(self, account: str, seq: int, body: bytes) -> Entry:
        try:
            return decode_entry(body)
        except DecodeError as error:
            problem = f"entry {seq} of account {account} cannot be read ({error}); run faregate verify"
            raise StoreCorrupt(self._where, problem) from error

    def _lost(self, account: str, seq: int) -> StoreCorrupt:
        problem = f"entry {seq} of account {account} is not where it should be; run faregate verify"
        return StoreCorrupt(self._where, problem)


class _Last(NamedTuple):
    seq: int
    row_id: int
    chain: bytes


class Audit:
    """One pass over the whole journal in the order of its rows: every entry, and every contradiction in place."""

    def __init__(self, connection: apsw.Connection, heads: Callable[[], Iterator[tuple[str, JournalHead]]]) -> None:
        self._connection = connection
        self._listed_heads = heads
        self._lasts: dict[str, _Last] = {}

    def run(self) -> Iterator[Entry | JournalFault]:
        sql = "SELECT id, account, seq, prev, body, chain FROM journal ORDER BY id"
        for row in self._connection.execute(sql):
            yield from self._row(*row)
        yield from self._heads()
        yield from self._marks()

    def _row(
        self, row_id: int, account: str, seq: int, prev: int, body: bytes, link: bytes
    ) -> Iterator[Entry | JournalFault]:
        before = self._lasts.get(account, _Last(0, 0, FIRST_CHAIN))
        self._lasts[account] = _Last(seq, row_id, link)
        if seq != before.seq + 1:
            yield JournalFault(account, seq, "gap", f"entry {before.seq + 1} was to come")
        if prev != before.row_id:
            yield JournalFault(account, seq, "unlinked", f"row {row_id} leads to row {prev}, not {before.row_id}")
        if chain(before.chain, body) != link:
            yield JournalFault(account, seq, "changed", f"row {row_id} does not match its chain of hashes")
        try:
            entry = decode_entry(body)
        except DecodeError as error:
            yield JournalFault(account, seq, "undecodable", f"row {row_id}: {error}")
            return
        if (entry.account, entry.seq) != (account, seq):
            detail = f"row {row_id} holds entry {entry.seq} of account {entry.account}"
            yield JournalFault(account, seq, "misplaced", detail)
        yield entry

    def _heads(self) -> Iterator[JournalFault]:
        left = dict(self._lasts)
        for account, head in self._listed_heads():
            last = left.pop(account, None)
            if last is None:
                yield JournalFault(account, head[0], "head", "the account has a head but no entries")
            elif head[:3] != last:
                detail = f"the head is at entry {head[0]}, the journal ends with {last.seq}"
                yield JournalFault(account, last.seq, "head", detail)
        for account, last in left.items():
            yield JournalFault(account, last.seq, "head", "the account has entries but no head")

    def _marks(self) -> Iterator[JournalFault]:
        """Every entry that should stand in the index of marks is found through it."""
        for (problem,) in self._connection.execute("PRAGMA integrity_check('journal')"):
            if problem != "ok":
                yield JournalFault("", 0, "index", problem)
