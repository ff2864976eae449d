"""The atomic conditional append on SQLite.

Owns the heads and rollups it keeps in memory between appends, and the transaction. They are kept only while no other
connection has written (SQLite's ``data_version``, asked inside the transaction, where nobody else can write), and
thrown away when a transaction fails: memory affects cost, never meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import apsw

from faregate.app.store_errors import BadRow
from faregate.app.store_port import ACCEPTED, Accepted, Append, Conflict
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Rollup, RollupKey, UsageRow, rollup_key
from faregate.store.encoding import FIRST_CHAIN, chain, encode_entry
from faregate.store.sqlite.tables import (
    INSERT_JOURNAL,
    INSERT_RECEIPT,
    INSERT_USAGE,
    PUT_HEAD,
    PUT_ROLLUP,
    ROLLUP_COLUMNS,
    Row,
    rollup_columns,
    rollup_from,
    usage_columns,
)

KEPT_HEADS = 100_000
KEPT_ROLLUPS = 20_000
"""How many are kept in memory before all are let go: some 30 MiB and 20 MiB."""


class JournalHead(NamedTuple):
    """Where an account's journal ends: a row of ``heads`` without its account."""

    seq: int
    last_id: int
    chain: bytes
    open_holds: int
    last_usage: str


NO_ENTRIES = JournalHead(0, 0, FIRST_CHAIN, 0, "")


class Appending:
    """Appends through ``writer``. Not for two threads at once: the store holds its lock around every call."""

    def __init__(self, writer: apsw.Connection, where: str) -> None:
        self._writer = writer
        self._where = where
        self._heads: dict[str, JournalHead] = {}
        self._rollups: dict[RollupKey, Rollup] = {}
        self._next_id = 1
        self._seen_version = -1

    def bodies(self, batch: Sequence[Append]) -> list[bytes]:
        """The encoded entries of ``batch``. Raises BadRow for one that cannot be encoded."""
        try:
            return [encode_entry(item.entry) for item in batch]
        except (TypeError, ValueError, OverflowError) as error:
            raise BadRow(self._where, f"an entry cannot be encoded: {error}") from error

    def append(self, batch: Sequence[Append], bodies: list[bytes]) -> list[Accepted | Conflict]:
        """One transaction; see ``Store.append``."""
        execute = self._writer.execute
        execute("BEGIN IMMEDIATE")
        try:
            self._forget_if_stale()
            outcomes, heads = self._write(batch, bodies)
            execute("COMMIT")
        except BaseException:
            self._seen_version = -1
            if self._writer.in_transaction:
                execute("ROLLBACK")
            raise
        if len(self._heads) > KEPT_HEADS:
            self._heads.clear()
        if len(self._rollups) > KEPT_ROLLUPS:
            self._rollups.clear()
        self._heads.update(heads)
        return outcomes

    def head(self, account: str) -> JournalHead:
        """The account's head as it stands in the file."""
        sql = "SELECT seq, last_id, chain, open_holds, last_usage FROM heads WHERE account = ?"
        row = self._writer.execute(sql, (account,)).fetchone()
        return NO_ENTRIES if row is None else JournalHead(*row)

    def _forget_if_stale(self) -> None:
        version = self._writer.pragma("data_version")
        if version == self._seen_version:
            return
        self._heads.clear()
        self._rollups.clear()
        last = self._writer.execute("SELECT max(id) FROM journal").fetchone()
        self._next_id = 1 if last is None or last[0] is None else last[0] + 1
        self._seen_version = version

    def _write(
        self, batch: Sequence[Append], bodies: list[bytes]
    ) -> tuple[list[Accepted | Conflict], dict[str, JournalHead]]:
        """Write what is the next of its account. Gives the outcomes and the heads that moved."""
        outcomes: list[Accepted | Conflict] = []
        heads: dict[str, JournalHead] = {}
        refused: set[str] = set()
        journal_rows: list[Row] = []
        usage_rows: list[Row] = []
        settled: list[UsageRow] = []
        receipts: list[Row] = []
        row_id = self._next_id
        for item, body in zip(batch, bodies, strict=True):
            entry, usage, open_holds, receipt = item
            account, seq = entry.account, entry.seq
            head = heads.get(account) or self._heads.get(account) or self.head(account)
            if seq != head.seq + 1 or account in refused:
                refused.add(account)
                outcomes.append(Conflict(account, seq, head.seq))
                continue
            link = chain(head.chain, body)
            journal_rows.append((row_id, account, seq, head.last_id, body, link))
            last_usage = head.last_usage
            if usage is not None:
                usage_rows.append(usage_columns(usage, last_usage))
                settled.append(usage)
                last_usage = usage.request
            heads[account] = JournalHead(seq, row_id, link, head.open_holds + open_holds, last_usage)
            if receipt is not None:
                receipts.append(receipt)
            outcomes.append(ACCEPTED)
            row_id += 1
        self._insert(journal_rows, usage_rows, receipts, heads)
        self._fold(settled)
        self._next_id = row_id
        return outcomes, heads

    def _insert(
        self,
        journal_rows: list[Row],
        usage_rows: list[Row],
        receipts: list[Row],
        heads: dict[str, JournalHead],
    ) -> None:
        insert = self._writer.executemany
        insert(INSERT_JOURNAL, journal_rows)
        if usage_rows:
            insert(INSERT_USAGE, usage_rows)
        if receipts:
            insert(INSERT_RECEIPT, receipts)
        insert(PUT_HEAD, [(account, *head) for account, head in heads.items()])

    def _fold(self, settled: list[UsageRow]) -> None:
        """Add settled rows to their hourly sums, each sum written once."""
        touched: dict[RollupKey, Rollup] = {}
        for row in settled:
            # a plain tuple finds what a RollupKey of the same values names, and is made faster
            rollup = touched.get((row.at // HOUR_MICROSECONDS, row.account, row.model))  # type: ignore[call-overload]
            if rollup is None:
                key = rollup_key(row)
                rollup = self._rollups.get(key)
                if rollup is None:
                    rollup = self._rollups[key] = self._stored_rollup(key)
                touched[key] = rollup
            rollup.add(row)
        if touched:
            self._writer.executemany(PUT_ROLLUP, [rollup_columns(key, rollup) for key, rollup in touched.items()])

    def _stored_rollup(self, key: RollupKey) -> Rollup:
        sql = f"SELECT {ROLLUP_COLUMNS} FROM rollups WHERE hour = ? AND account = ? AND model = ?"
        row = self._writer.execute(sql, key).fetchone()
        return Rollup() if row is None else rollup_from(row)[1]
