"""Reading the books as they stand at one moment: journal, usage, rollups, snapshots.

Owns the reading half of the port on PostgreSQL. What was appended lately is not in the projections yet: it is read
from the journal (the tail) and laid over them. Pages by key, so that no answer is ever long. Writes nothing; belongs
to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from typing import Any

from faregate.app.book_keeping import usage_row
from faregate.app.ids import account_of
from faregate.app.store_errors import StoreCorrupt
from faregate.app.store_port import Head, JournalFault, Snapshot
from faregate.app.usage_rollup import CallerSums, Rollup, RollupKey, UsageRow, rollup_key
from faregate.core.entry import Entry
from faregate.store.callers import READ_CALLERS, caller_sums_from
from faregate.store.encoding import FIRST_CHAIN, DecodeError, decode_entry
from faregate.store.postgresql.auditing import Heads, audited
from faregate.store.postgresql.connections import Statements
from faregate.store.rollup_rows import ROLLUP_COLUMNS, rollup_from

PAGE = 500

_TAIL = """
    FROM heads AS h LEFT JOIN projected AS p USING (account)
    JOIN journal AS j ON j.account = h.account AND j.seq > coalesce(p.through, 0)
    WHERE h.seq > coalesce(p.through, 0)"""


class PostgresqlBooks:
    """See ``app.store_port.Books``."""

    def __init__(self, statements: Statements, where: str) -> None:
        self._read = statements.read
        self._where = where

    def heads(self) -> Iterator[Head]:
        after = ""
        while True:
            sql = "SELECT account, seq, open_holds FROM heads WHERE account > %b ORDER BY account LIMIT %b"
            rows = self._read(sql, (after, PAGE))
            if not rows:
                return
            for row in rows:
                yield Head(*row)
            after = rows[-1][0]

    def entry(self, account: str, seq: int) -> Entry | None:
        rows = self._read("SELECT body FROM journal WHERE account = %b AND seq = %b", (account, seq))
        return self._decoded(account, seq, rows[0][0]) if rows else None

    def entries(self, account: str, after: int = 0) -> Iterator[Entry]:
        sql = "SELECT seq, body FROM journal WHERE account = %b AND seq > %b ORDER BY seq LIMIT %b"
        last = max(after, 0)
        while rows := self._read(sql, (account, last, PAGE)):
            for seq, body in rows:
                if seq != last + 1:
                    raise self._lost(account, last + 1)
                last = seq
                yield self._decoded(account, seq, body)
        if 0 < last < self._head(account) or (last == 0 and self._head(account)):
            raise self._lost(account, last + 1)

    def entries_back(self, account: str, before: int | None = None) -> Iterator[Entry]:
        sql = "SELECT seq, body FROM journal WHERE account = %b AND seq < %b ORDER BY seq DESC LIMIT %b"
        head = self._head(account)
        last = head + 1 if before is None else min(before, head + 1)
        page = 32
        while last > 1:
            rows = self._read(sql, (account, last, page))
            for seq, body in rows:
                if seq != last - 1:
                    break
                last = seq
                yield self._decoded(account, seq, body)
            if not rows or rows[-1][0] != last:
                raise self._lost(account, last - 1)
            page = PAGE

    def audit(self) -> Iterator[Entry | JournalFault]:
        """Account by account, each with its head."""
        sql = """
            SELECT account, seq, body, chain FROM journal
            WHERE (account, seq) > (%b, %b) ORDER BY account, seq LIMIT %b"""
        account, seq, link = "", 0, FIRST_CHAIN
        heads = Heads(self._heads_with_chains())
        while rows := self._read(sql, (account, seq, PAGE)):
            for row in rows:
                if row[0] != account:
                    if account:
                        yield from heads.compared(account, seq, link)
                    account, seq, link = row[0], 0, FIRST_CHAIN
                yield from audited(row, seq, link)
                _, seq, _, link = row
        if account:
            yield from heads.compared(account, seq, link)
        yield from heads.left()

    def usage_row(self, request: str) -> UsageRow | None:
        owner = account_of(request)
        found = self._settled(request, owner)
        if found is None:
            sql = f"SELECT j.account, j.body {_TAIL} AND position(convert_to(%b, 'UTF8') IN j.body) > 0"
            values: tuple[str, ...] = (request,)
            if owner is not None:
                sql, values = f"{sql} AND h.account = %b", (request, owner)
            for account, body in self._read(f"{sql} ORDER BY j.account, j.seq", values):
                usage = self._usage_of(account, body)
                if usage is not None and usage.request == request:
                    return usage
            return None
        entry = self.entry(*found)
        return None if entry is None else self._usage(entry)

    def usage_page(
        self, account: str, before: str | None = None, limit: int = 50, since: int | None = None
    ) -> list[UsageRow]:
        """The settlements among the account's entries, from the newest back."""
        start: int | None = None
        if before is not None:
            known = self.usage_row(before)
            if known is None or known.account != account:
                return []
            start = known.settle_seq
        page: list[UsageRow] = []
        if limit <= 0:
            return page
        for entry in self.entries_back(account, start):
            usage = self._usage(entry) if entry.kind == "settle" else None
            if usage is None:
                continue
            if since is not None and usage.at < since:
                break
            page.append(usage)
            if len(page) == limit:
                break
        return page

    def usage_rows(self) -> Iterator[UsageRow]:
        newer = sorted((row for row in self._tail_rows()), key=lambda row: (row.request, row.settle_seq))
        last = None
        for row in merge(self._settled_rows(), newer, key=lambda row: (row.request, row.account, row.settle_seq)):
            if row.request != last:  # of two settlements of one request the first one stays
                yield row
            last = row.request

    def rollups_of(self, account: str, first_hour: int, last_hour: int) -> list[tuple[RollupKey, Rollup]]:
        sql = f"""
            SELECT {ROLLUP_COLUMNS} FROM rollups WHERE account = %b AND hour BETWEEN %b AND %b
            ORDER BY hour, model"""
        sums = dict(rollup_from(row) for row in self._read(sql, (account, first_hour, last_hour)))
        for row in self._tail_rows(account):
            key = rollup_key(row)
            if first_hour <= key.hour <= last_hour:
                sums.setdefault(key, Rollup()).add(row)
        return sorted(sums.items())

    def rollups(self) -> Iterator[tuple[RollupKey, Rollup]]:
        newer: dict[RollupKey, list[UsageRow]] = {}
        for row in self._tail_rows():
            newer.setdefault(rollup_key(row), []).append(row)
        for key, rollup in self._stored_rollups(sorted(newer)):
            for row in newer.get(key, ()):
                rollup.add(row)
            yield key, rollup

    def caller_sums(self, account: str, first_day: int) -> CallerSums:
        return caller_sums_from(self._read(READ_CALLERS.replace("?", "%b"), (first_day, account)))

    def snapshots(self) -> Iterator[Snapshot]:
        sql = "SELECT account, seq, blob FROM snapshots WHERE account > %b ORDER BY account LIMIT %b"
        after = ""
        while rows := self._read(sql, (after, PAGE)):
            for row in rows:
                yield Snapshot(*row)
            after = rows[-1][0]

    # ---- pieces

    def _head(self, account: str) -> int:
        rows = self._read("SELECT seq FROM heads WHERE account = %b", (account,))
        return int(rows[0][0]) if rows else 0

    def _heads_with_chains(self) -> Iterator[Any]:
        sql = "SELECT account, seq, chain FROM heads WHERE account > %b ORDER BY account LIMIT %b"
        after = ""
        while rows := self._read(sql, (after, PAGE)):
            yield from rows
            after = rows[-1][0]

    def _settled(self, request: str, owner: str | None) -> tuple[str, int] | None:
        sql, values = "SELECT account, seq FROM settled WHERE request = %b", [request]
        if owner is not None:
            sql, values = f"{sql} AND account = %b", [request, owner]
        rows = self._read(f"{sql} ORDER BY account, seq LIMIT 1", values)
        return (rows[0][0], rows[0][1]) if rows else None

    def _settled_rows(self) -> Iterator[UsageRow]:
        sql = """
            SELECT s.request, s.account, s.seq, j.body FROM settled AS s LEFT JOIN journal AS j USING (account, seq)
            WHERE (s.request, s.account, s.seq) > (%b, %b, %b) ORDER BY s.request, s.account, s.seq LIMIT %b"""
        after: tuple[str, str, int] = ("", "", 0)
        while rows := self._read(sql, (*after, PAGE)):
            for request, account, _, body in rows:
                usage = None if body is None else self._usage_of(account, body)
                if usage is None:
                    raise StoreCorrupt(self._where, f"request {request} leads to no settlement; run faregate verify")
                yield usage._replace(request=request)
            after = rows[-1][:3]

    def _tail_rows(self, account: str | None = None) -> Iterator[UsageRow]:
        """What was settled since the projections were brought up to date."""
        sql, values = f"SELECT j.account, j.body {_TAIL}", ()
        rows = (
            self._read(f"{sql} ORDER BY j.account, j.seq", values)
            if account is None
            else self._read(f"{sql} AND h.account = %b ORDER BY j.seq", (account,))
        )
        for owner, body in rows:
            usage = self._usage_of(owner, body)
            if usage is not None:
                yield usage

    def _stored_rollups(self, newer: list[RollupKey]) -> Iterator[tuple[RollupKey, Rollup]]:
        """The sums by key; an empty one for each of ``newer`` that is not there yet."""
        waiting = iter(newer)
        next_new = next(waiting, None)
        sql = f"""
            SELECT {ROLLUP_COLUMNS} FROM rollups WHERE (hour, account, model) > (%b, %b, %b)
            ORDER BY hour, account, model LIMIT %b"""
        after: tuple[int, str, str] = (-1, "", "")
        while rows := self._read(sql, (*after, PAGE)):
            for row in rows:
                key, rollup = rollup_from(row)
                while next_new is not None and next_new < key:
                    yield next_new, Rollup()
                    next_new = next(waiting, None)
                if next_new == key:
                    next_new = next(waiting, None)
                yield key, rollup
                after = key
        while next_new is not None:
            yield next_new, Rollup()
            next_new = next(waiting, None)

    def _usage_of(self, account: str, body: bytes) -> UsageRow | None:
        """The usage row of an entry; None when it is no settlement."""
        try:
            entry = decode_entry(body)
        except DecodeError as error:
            raise self._unreadable(account, error) from error
        return self._usage(entry) if entry.kind == "settle" else None

    def _usage(self, entry: Entry) -> UsageRow:
        try:
            return usage_row(entry)
        except (KeyError, TypeError, ValueError) as error:
            raise self._unreadable(entry.account, error) from error

    def _decoded(self, account: str, seq: int, body: bytes) -> Entry:
        try:
            return decode_entry(body)
        except DecodeError as error:
            problem = f"entry {seq} of account {account} cannot be read ({error}); run faregate verify"
            raise StoreCorrupt(self._where, problem) from error

    def _unreadable(self, account: str, error: Exception) -> StoreCorrupt:
        problem = f"a settlement of account {account} cannot be read ({error!r}); run faregate verify"
        return StoreCorrupt(self._where, problem)

    def _lost(self, account: str, seq: int) -> StoreCorrupt:
        problem = f"entry {seq} of account {account} is not where it should be; run faregate verify"
        return StoreCorrupt(self._where, problem)


def decoded_in_order(rows: list[Any], account: str, after: int, where: str) -> list[Entry]:
    """Entries of rows (seq, body, …) that come one after the other from seq ``after`` on. Raises StoreCorrupt."""
    entries = []
    for expected, row in enumerate(rows, after + 1):
        try:
            if row[0] != expected:
                raise ValueError(f"{row[0]} stands in its place")
            entries.append(decode_entry(row[1]))
        except (DecodeError, ValueError) as error:
            problem = f"entry {expected} of account {account} cannot be read ({error}); run faregate verify"
            raise StoreCorrupt(where, problem) from error
    return entries
