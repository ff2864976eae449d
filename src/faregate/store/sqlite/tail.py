"""The tail: what the journal says that its projections in the file do not say yet.

An append writes journal rows and nothing else. Heads, hourly sums and the index of settled requests follow from
the journal; ``folding`` brings them up to date in the file now and then, and moves the cursor (``projected.through``)
to the row up to which they hold everything. The rows after it are the tail; a Tail is their meaning in memory.

Owns that memory and catching up with what other processes appended. Every stored head and sum names the last row it
holds (``last_id``, ``through``), so a row is never counted twice. Memory affects cost, never meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

import apsw

from faregate.app.book_keeping import OPEN_HOLDS, counted
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Counted, Rollup, RollupKey
from faregate.core.entry import Entry
from faregate.store.encoding import FIRST_CHAIN, DecodeError, decode_entry, decode_kind
from faregate.store.rollup_rows import ROLLUP_COLUMNS, rollup_from

KEPT_HEADS = 100_000
KEPT_SUMS = 20_000
"""How many that are in the file already are kept in memory before all are let go: some 30 MiB and 20 MiB."""

JournalHead = tuple[int, int, bytes, int]
"""Where an account's journal ends: seq, row id, chain value, number of open holds."""

NO_ENTRIES: JournalHead = (0, 0, FIRST_CHAIN, 0)

SumKey = tuple[int, str, str]
"""A RollupKey, made faster."""


class RunningSum(NamedTuple):
    """An hourly sum, and the row up to which it holds everything."""

    rollup: Rollup
    through: int


class Tail:
    """Reads through one connection. Not for two threads at once.

    ``last_id`` is the last row taken in, ``folded`` the cursor. ``moved``, ``settled`` and ``sums`` are what the file
    lacks: heads by account, row ids of settlements by request, settlements (with their row ids) by hourly sum.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Let go of everything: to be read again from the file."""
        self.last_id = -1
        self.folded = -1
        self.heads: dict[str, JournalHead] = {}
        self.moved: dict[str, JournalHead] = {}
        self.settled: dict[str, int] = {}
        self.sums: dict[SumKey, list[tuple[int, Counted]]] = {}
        self.running: dict[SumKey, RunningSum] = {}

    def catch_up(self) -> None:
        """Take in what is in the journal and not in memory: what another process appended."""
        newest = self._connection.execute("SELECT max(id) FROM journal").fetchone()
        last = newest[0] or 0 if newest is not None else 0
        if last == self.last_id:
            return
        row = self._connection.execute("SELECT through FROM projected").fetchone()
        cursor = row[0] if row is not None else 0
        if not cursor <= self.last_id <= last:
            # Another process folded what this one has not seen (or this one has seen nothing): start at the cursor.
            self.forget()
            self.last_id = cursor
        self.folded = cursor
        sql = "SELECT id, account, seq, body, chain FROM journal WHERE id > ? ORDER BY id"
        for row_id, account, seq, body, link in self._connection.execute(sql, (self.last_id,)):
            self._take(row_id, account, seq, body, link)

    def _take(self, row_id: int, account: str, seq: int, body: bytes, link: bytes) -> None:
        self.last_id = row_id
        head = self.head(account)
        fresh = row_id > head[1]
        if fresh:
            self.heads[account] = self.moved[account] = head = (seq, row_id, link, head[3])
        try:
            kind = decode_kind(body)
            if fresh:
                holds = head[3] + OPEN_HOLDS.get(kind, 0)
                self.heads[account] = self.moved[account] = (seq, row_id, link, holds)
            if kind == "settle":
                entry = decode_entry(body)
                self.note(sum_key(entry), row_id, counted(entry), entry.data["request"])
        except (DecodeError, KeyError, TypeError, ValueError):
            return  # a damaged row: verification names it, nothing is counted of it

    def note(self, key: SumKey, row_id: int, what: Counted, request: str) -> None:
        """A settlement is in the journal, in row ``row_id``."""
        self.settled.setdefault(request, row_id)
        pending = self.sums.get(key)
        if pending is None:
            pending = self.sums[key] = []
        pending.append((row_id, what))

    def head(self, account: str) -> JournalHead:
        """Where the account's journal ends."""
        head = self.heads.get(account)
        if head is None:
            sql = "SELECT seq, last_id, chain, open_holds FROM heads WHERE account = ?"
            row = self._connection.execute(sql, (account,)).fetchone()
            head = self.heads[account] = NO_ENTRIES if row is None else (row[0], row[1], row[2], row[3])
        return head

    def fold_sum(self, key: SumKey) -> RunningSum:
        """The hourly sum of ``key``, up to date, to be written to the file now."""
        running = self._up_to_date(self.running.get(key) or self._stored_sum(key), self.sums.pop(key))
        self.running[key] = running
        return running

    def _up_to_date(self, known: RunningSum, pending: list[tuple[int, Counted]]) -> RunningSum:
        rollup, through = known
        rollup.add_all([what for row_id, what in pending if row_id > through])
        return RunningSum(rollup, max(through, self.last_id))

    def newer_sums(self, account: str | None = None) -> dict[RollupKey, Rollup]:
        """The sums that differ from those in the file, of one account or of all."""
        newer = {}
        for key, pending in self.sums.items():
            if account is None or key[1] == account:
                newer[RollupKey(*key)] = self._up_to_date(self._stored_sum(key), pending).rollup
        return newer

    def trim(self) -> None:
        """Let go of what is in the file as well, when it is a lot."""
        if len(self.heads) > KEPT_HEADS:
            self.heads = dict(self.moved)
        if len(self.running) > KEPT_SUMS:
            self.running.clear()

    def _stored_sum(self, key: SumKey) -> RunningSum:
        sql = f"SELECT {ROLLUP_COLUMNS}, through FROM rollups WHERE hour = ? AND account = ? AND model = ?"
        row = self._connection.execute(sql, key).fetchone()
        return RunningSum(Rollup(), 0) if row is None else RunningSum(rollup_from(row)[1], row[-1])


def sum_key(settlement: Entry) -> SumKey:
    """The hourly sum that a settlement goes into."""
    return settlement.at // HOUR_MICROSECONDS, settlement.account, settlement.data["model"]


_Value = TypeVar("_Value")
_Key = TypeVar("_Key", str, RollupKey)


def overlaid(stored: Iterator[tuple[_Key, _Value]], newer: Mapping[_Key, _Value]) -> Iterator[tuple[_Key, _Value]]:
    """``stored``, which comes in the order of its keys, with ``newer`` in the places of its keys."""
    waiting = sorted(newer, reverse=True)
    for key, value in stored:
        while waiting and waiting[-1] < key:
            name = waiting.pop()
            yield name, newer[name]
        if waiting and waiting[-1] == key:
            waiting.pop()
            yield key, newer[key]
        else:
            yield key, value
    for name in reversed(waiting):
        yield name, newer[name]
