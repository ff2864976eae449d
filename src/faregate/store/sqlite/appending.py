"""The atomic conditional append on SQLite.

Owns the transaction. It rests on journal rows being numbered without a gap by whoever writes: an append names the
numbers of its rows, so where another process has appended since, they are taken and nothing is written. Then, and
before anything is refused, memory is brought up to date inside the transaction, where nobody else can write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import apsw

from faregate.app.book_keeping import OPEN_HOLDS, counted
from faregate.app.catalogue_port import Receipt
from faregate.app.store_errors import BadRow
from faregate.app.store_port import ACCEPTED, Accepted, Append, Conflict, Taken
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Counted
from faregate.store.catalogue import INSERT_RECEIPT
from faregate.store.encoding import CHAIN_BYTES, encode_entry
from faregate.store.sqlite.tables import JOURNAL, Row
from faregate.store.sqlite.tail import JournalHead, SumKey, Tail


@dataclass(slots=True)
class Plan:
    """What an append comes to: ``values`` are the columns of its journal rows, one after the other."""

    outcomes: list[Accepted | Conflict | Taken]
    values: list[Any]
    heads: dict[str, JournalHead]
    settled: list[tuple[SumKey, int, Counted, str]]
    receipts: list[Row]
    last_id: int
    refused: bool


class Appending:
    """Appends through ``writer``. Not for two threads at once: the store holds its lock around every call."""

    def __init__(self, writer: apsw.Connection, tail: Tail, where: str) -> None:
        self._writer = writer
        self._tail = tail
        self._where = where

    def bodies(self, batch: Sequence[Append]) -> list[bytes]:
        """The encoded entries of ``batch``. Raises BadRow for one that cannot be encoded."""
        try:
            return [encode_entry(item[0]) for item in batch]
        except (TypeError, ValueError, OverflowError) as error:
            raise BadRow(self._where, f"an entry cannot be encoded: {error}") from error

    def append(self, batch: Sequence[Append], bodies: list[bytes]) -> list[Accepted | Conflict | Taken]:
        """One transaction; see ``Store.append``."""
        if self._tail.last_id >= 0:
            plan = self._planned(batch, bodies)
            if not plan.refused and self._goes_in(plan):
                self._remember(plan)
                return plan.outcomes
        execute = self._writer.execute
        execute("BEGIN IMMEDIATE")
        try:
            self._tail.catch_up()
            plan = self._planned(batch, bodies)
            self._insert(plan)
            execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                execute("ROLLBACK")
            raise
        self._remember(plan)
        return plan.outcomes

    def _planned(self, batch: Sequence[Append], bodies: list[bytes]) -> Plan:
        try:
            return self._plan(batch, bodies)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise BadRow(self._where, f"a settlement cannot be counted: {error!r}") from error

    def _plan(self, batch: Sequence[Append], bodies: list[bytes]) -> Plan:
        """What is the next of its account, as far as memory knows."""
        tail = self._tail
        heads: dict[str, JournalHead] = {}
        refused: set[str] = set()
        row_id = tail.last_id
        plan = Plan([], [], heads, [], [], row_id, False)
        outcomes, values, known = plan.outcomes, plan.values, tail.heads
        for (entry, receipt, once), body in zip(batch, bodies, strict=True):
            account, seq, at, kind = entry[:4]
            head = heads.get(account) or known.get(account) or tail.head(account)
            last, last_id, link, holds = head
            if seq != last + 1 or account in refused:
                refused.add(account)
                outcomes.append(Conflict(account, seq, last))
                continue
            if once and receipt is not None and (kept := self._kept(receipt, plan)) is not None:
                refused.add(account)
                outcomes.append(Taken(account, seq, kept))
                continue
            row_id += 1
            link = sha256(link + body).digest()[:CHAIN_BYTES]
            values += (row_id, account, seq, last_id, body, link)
            if kind == "settle":
                data = entry[7]
                key = (at // HOUR_MICROSECONDS, account, data["model"])
                plan.settled.append((key, row_id, counted(entry), data["request"]))
            heads[account] = (seq, row_id, link, holds + OPEN_HOLDS.get(kind, 0))
            if receipt is not None:
                plan.receipts.append(receipt)
            outcomes.append(ACCEPTED)
        plan.last_id = row_id
        plan.refused = bool(refused)
        return plan

    def _kept(self, receipt: Receipt, plan: Plan) -> Receipt | None:
        """The receipt that stands in the place of ``receipt``, in the file or earlier in the batch."""
        for row in plan.receipts:
            if row[:2] == receipt[:2]:
                return Receipt(*row)
        sql = "SELECT scope, key, body_hash, response, at FROM receipts WHERE scope = ? AND key = ?"
        rows: list[Any] = self._writer.execute(sql, receipt[:2]).fetchall()
        return Receipt(*rows[0]) if rows else None

    def _goes_in(self, plan: Plan) -> bool:
        """Write what memory says is next; False, and nothing written, where another process wrote first."""
        execute = self._writer.execute
        try:
            if JOURNAL.is_one_statement(plan.values) and not plan.receipts:
                self._insert(plan)  # a statement is a transaction of its own
                return True
            execute("BEGIN IMMEDIATE")
            self._insert(plan)
            execute("COMMIT")
        except apsw.ConstraintError:
            return False  # the statement rolls the transaction back
        except BaseException:
            if self._writer.in_transaction:
                execute("ROLLBACK")
            raise
        return True

    def _insert(self, plan: Plan) -> None:
        JOURNAL.run(self._writer, plan.values)
        if plan.receipts:
            self._writer.executemany(INSERT_RECEIPT, plan.receipts)

    def _remember(self, plan: Plan) -> None:
        tail = self._tail
        tail.heads.update(plan.heads)
        tail.moved.update(plan.heads)
        for settled in plan.settled:
            tail.note(*settled)
        tail.last_id = plan.last_id
