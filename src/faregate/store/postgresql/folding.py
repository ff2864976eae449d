"""Folding: bringing the projections of some accounts up to date with their journal.

Owns writing hourly sums and the index of settled requests, the partitions they lie in, and each account's cursor. An
account's cursor is locked while it is folded, so of two processes that fold one account the second finds nothing left
to do; neither a crash half way nor another process can make a sum wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg

from faregate.app.book_keeping import counted
from faregate.app.store_errors import StoreCorrupt
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Counted, Rollup, RollupKey
from faregate.core.entry import Entry
from faregate.store.encoding import DecodeError, decode_entry
from faregate.store.postgresql.arrays import integers, texts
from faregate.store.rollup_rows import ROLLUP_COLUMNS, rollup_columns, rollup_from

Borrow = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]

MAKING_PARTITIONS = 0x46617266
"""The advisory lock of whoever makes a month's partitions."""

ACCOUNTS_AT_ONCE = 512
ENTRIES_AT_ONCE = 4_096
"""How many accounts and about how many entries one transaction folds."""

_CURSORS = b"INSERT INTO projected (account, through) SELECT unnest(%b::text[]), 0 ON CONFLICT DO NOTHING"
_LOCK = b"SELECT account, through FROM projected WHERE account = ANY(%b::text[]) ORDER BY account FOR UPDATE"
_WAITING = b"""
    SELECT p.account, j.seq, j.body
    FROM unnest(%b::text[], %b::bigint[]) AS p (account, through)
    CROSS JOIN LATERAL (
        SELECT seq, body FROM journal WHERE journal.account = p.account AND journal.seq > p.through
        ORDER BY seq LIMIT %b
    ) AS j LIMIT %b"""
_SETTLED = b"""
    INSERT INTO settled (account, seq, at, request)
    SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bigint[], %b::text[])"""
_KNOWN = f"""
    SELECT r.* FROM unnest(%b::bigint[], %b::text[], %b::text[]) AS k (hour, account, model)
    CROSS JOIN LATERAL (
        SELECT {ROLLUP_COLUMNS} FROM rollups
        WHERE rollups.account = k.account AND rollups.hour = k.hour AND rollups.model = k.model LIMIT 1
    ) AS r""".encode()
_COLUMNS = ROLLUP_COLUMNS.split(", ")
_ARRAYS = {"account": "text", "model": "text", "list_values": "text", "drawn": "text"}
_ROLLUP = f"""
    INSERT INTO rollups ({ROLLUP_COLUMNS})
    SELECT * FROM unnest({", ".join(f"%b::{_ARRAYS.get(name, 'bigint')}[]" for name in _COLUMNS)})
    ON CONFLICT (account, hour, model) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[3:])}""".encode()
_MOVE = b"""
    UPDATE projected SET through = m.through FROM unnest(%b::text[], %b::bigint[]) AS m (account, through)
    WHERE projected.account = m.account"""
_BEHIND = b"""
    SELECT h.account FROM heads AS h LEFT JOIN projected AS p USING (account)
    WHERE h.seq > coalesce(p.through, 0) AND h.account > %b ORDER BY h.account LIMIT %b"""


class Settled(NamedTuple):
    """What of a settlement is folded."""

    account: str
    seq: int
    at: int
    request: str
    model: str
    counted: Counted


def settled_by(entry: Entry) -> Settled | None:
    """What ``entry`` adds to the projections, None where it is no settlement. Raises ValueError as ``counted``."""
    if entry.kind != "settle":
        return None
    return Settled(entry.account, entry.seq, entry.at, entry.data["request"], entry.data["model"], counted(entry))


class Fresh:
    """What this process appended to an account since it folded it last.

    ``first`` to ``last`` are the seqs without a gap; another process's entry in between makes it ``broken``: then
    the journal is read.
    """

    __slots__ = ("broken", "first", "last", "settled")

    def __init__(self, seq: int, settled: Settled | None) -> None:
        self.first = self.last = seq
        self.broken = False
        self.settled = [] if settled is None else [settled]

    def add(self, seq: int, settled: Settled | None) -> None:
        """Entry ``seq`` came next."""
        if seq != self.last + 1:
            self.broken, self.settled = True, []
        self.last = seq
        if settled is not None and not self.broken:
            self.settled.append(settled)

    def joined(self, later: Fresh) -> Fresh:
        """This one, and ``later`` after it."""
        if later.first != self.last + 1 or later.broken:
            self.broken, self.settled = True, []
        elif not self.broken:
            self.settled += later.settled
        self.last = later.last
        return self


class Month(NamedTuple):
    """A calendar month, UTC: ``name`` is 2026_11; hours since the epoch, the end not in it."""

    name: str
    first_hour: int
    end_hour: int


def month_of(at: int) -> Month:
    """The month around ``at``, microseconds UTC."""
    moment = datetime.fromtimestamp(at // 1_000_000, UTC)
    first = datetime(moment.year, moment.month, 1, tzinfo=UTC)
    end = datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1, tzinfo=UTC)
    return Month(f"{first:%Y_%m}", *(int(edge.timestamp()) // 3600 for edge in (first, end)))


NOTHING_FRESH: Mapping[str, Fresh] = MappingProxyType({})


def _follows(fresh: Fresh | None, through: int) -> bool:
    return fresh is not None and not fresh.broken and fresh.first == through + 1


def _parts(accounts: Sequence[str], fresh: Mapping[str, Fresh]) -> Iterator[list[str]]:
    """``accounts`` in parts that one transaction folds."""
    part: list[str] = []
    entries = 0
    for account in accounts:
        part.append(account)
        entries += len(fresh[account].settled) if account in fresh else 0
        if len(part) >= ACCOUNTS_AT_ONCE or entries >= ENTRIES_AT_ONCE:
            yield part
            part, entries = [], 0
    if part:
        yield part


class Folding:
    """Folds through ``borrow``."""

    def __init__(self, borrow: Borrow, where: str) -> None:
        self._borrow = borrow
        self._where = where
        self._months: set[Month] = set()

    def behind(self, after: str = "", limit: int = 1000) -> list[str]:
        """Accounts whose projections lack something, by id, those after the id ``after``."""
        with self._borrow() as connection:
            return [row[0] for row in connection.execute(_BEHIND, (after, limit)).fetchall()]

    def fold(self, accounts: Sequence[str], fresh: Mapping[str, Fresh] = NOTHING_FRESH) -> None:
        """Bring the projections of ``accounts`` up to date.

        Where ``fresh`` begins right after an account's cursor, the journal need not be read again.
        """
        for part in _parts(accounts, fresh):
            left = part
            while left:
                with self._borrow() as connection:
                    left = self._fold_some(connection, left, fresh)

    def _fold_some(
        self, connection: psycopg.Connection[Any], accounts: list[str], fresh: Mapping[str, Fresh]
    ) -> list[str]:
        """One transaction; the accounts of which something may be left."""
        with connection.transaction():
            # What is lost with the server is folded again: nobody need wait for the disk.
            connection.execute("SET LOCAL synchronous_commit = off")
            names = texts(accounts)
            connection.execute(_CURSORS, (names,))
            cursors = connection.execute(_LOCK, (names,)).fetchall()
            known = {name: fresh[name] for name, through in cursors if _follows(fresh.get(name), through)}
            unread = [(name, through) for name, through in cursors if name not in known]
            rows = self._unread(connection, unread)
            read = (settled_by(self._decoded(*row)) for row in rows)
            settled = [each for fresh_ones in known.values() for each in fresh_ones.settled]
            months = self._project(connection, settled + [each for each in read if each is not None])
            ends = {name: each.last for name, each in known.items()} | {account: seq for account, seq, _ in rows}
            if ends:
                connection.execute(_MOVE, (texts(list(ends)), integers(list(ends.values()))))
        self._months |= months
        if len(rows) < ENTRIES_AT_ONCE:
            return []
        last = rows[-1][0]
        return [account for account, _ in unread if account >= last]

    def _unread(self, connection: psycopg.Connection[Any], cursors: list[tuple[str, int]]) -> list[Any]:
        """Rows of the journal behind ``cursors``, at most ENTRIES_AT_ONCE."""
        if not cursors:
            return []
        names, throughs = [name for name, _ in cursors], [through for _, through in cursors]
        waiting = (texts(names), integers(throughs), ENTRIES_AT_ONCE, ENTRIES_AT_ONCE)
        return connection.execute(_WAITING, waiting, binary=True).fetchall()

    def _project(self, connection: psycopg.Connection[Any], settled: list[Settled]) -> set[Month]:
        """Write what ``settled`` adds; the months whose partitions are there then."""
        if not settled:
            return set()
        sums: dict[tuple[int, str, str], list[Counted]] = {}
        for each in settled:
            sums.setdefault((each.at // HOUR_MICROSECONDS, each.account, each.model), []).append(each.counted)
        months = {month_of(hour * HOUR_MICROSECONDS) for hour in {key[0] for key in sums}}
        for month in months - self._months:
            self._make_month(connection, month)
        accounts, seqs, times, requests, _, _ = zip(*settled, strict=True)
        connection.execute(_SETTLED, (texts(accounts), integers(seqs), integers(times), texts(requests)))
        hours, owners, models = zip(*sums, strict=True)
        keys = (integers(hours), texts(owners), texts(models))
        known = dict(rollup_from(row) for row in connection.execute(_KNOWN, keys, binary=True).fetchall())
        rows = []
        for key, added in sorted(sums.items()):
            rollup = known.get(RollupKey(*key)) or Rollup()
            rollup.add_all(added)
            rows.append(rollup_columns(key, rollup))
        columns = zip(_COLUMNS, zip(*rows, strict=True), strict=True)
        connection.execute(_ROLLUP, [(texts if name in _ARRAYS else integers)(values) for name, values in columns])
        return months

    def _make_month(self, connection: psycopg.Connection[Any], month: Month) -> None:
        """The partitions of ``month``, where they are not there yet. One process at a time makes them."""
        hours, name = (month.first_hour, month.end_hour), month.name
        there = connection.execute("SELECT to_regclass(%s)", (f"rollups_{name}",)).fetchall()
        if there[0][0] is None:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING_PARTITIONS,))
            microseconds = tuple(hour * HOUR_MICROSECONDS for hour in hours)
            for table, (first, end) in (("settled", microseconds), ("rollups", hours)):
                partition = f"{table}_{name}"
                # Attached, not made in place: that locks out nobody who reads.
                connection.execute(f"CREATE TABLE IF NOT EXISTS {partition} (LIKE {table} INCLUDING ALL)".encode())
                attached = "SELECT 1 FROM pg_inherits WHERE inhrelid = %s::regclass"
                if not connection.execute(attached, (partition,)).fetchall():
                    attach = f"ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ({first}) TO ({end})"
                    connection.execute(attach.encode())

    def _decoded(self, account: str, seq: int, body: bytes) -> Entry:
        try:
            return decode_entry(body)
        except DecodeError as error:
            problem = f"entry {seq} of account {account} cannot be read ({error}); run faregate verify"
            raise StoreCorrupt(self._where, problem) from error
