"""The atomic conditional append on PostgreSQL: a whole batch in one statement, one round trip, one sync of the disk.

Owns that statement. It moves each account's head from where memory says it is to where the batch leaves it; where the
head is elsewhere by then, that account's entries stay out and everybody else's go in. Memory affects cost, never
meaning: nothing is refused before the store was asked.

A connection may break after the statement was sent, when nobody knows whether it went in. The same statement is then
sent again: where it had gone in, the head has moved, and the last entry's chain says that it was this very batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Any

import psycopg

from faregate.app.book_keeping import OPEN_HOLDS
from faregate.app.catalogue_port import Receipt
from faregate.app.store_errors import StoreReadOnly, StoreUnreachable
from faregate.app.store_port import ACCEPTED, Accepted, Append, Conflict, Taken
from faregate.store.encoding import CHAIN_BYTES, FIRST_CHAIN
from faregate.store.postgresql.arrays import blobs, integers, texts

KEPT_HEADS = 200_000
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5

Connection = psycopg.Connection[Any]
Borrow = Callable[[], AbstractContextManager[Connection]]
JournalHead = tuple[int, bytes]
"""Where an account's journal ends: seq, chain value."""

NO_ENTRIES: JournalHead = (0, FIRST_CHAIN)

_MOVE = """
    WITH moved AS (
        INSERT INTO heads AS h (account, was, seq, chain, open_holds)
        SELECT g.account, g.was, g.seq, g.chain, g.holds
        FROM unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bytea[], %b::bigint[])
            AS g (account, was, seq, chain, holds)
        LEFT JOIN heads AS known ON known.account = g.account
        WHERE (g.was = 0 OR known.account IS NOT NULL){free}
        ORDER BY g.account
        ON CONFLICT (account) DO UPDATE
        SET was = excluded.was, seq = excluded.seq, chain = excluded.chain,
            open_holds = h.open_holds + excluded.open_holds
        WHERE h.seq = excluded.was
        RETURNING account
    ), written AS (
        INSERT INTO journal (account, seq, body, chain)
        SELECT e.account, e.seq, e.body, e.chain
        FROM unnest(%b::text[], %b::bigint[], %b::bytea[], %b::bytea[]) AS e (account, seq, body, chain)
        JOIN moved USING (account)
    )"""
_RECEIPTS = """, kept AS (
        INSERT INTO receipts (scope, key, body_hash, response, at)
        SELECT r.scope, r.key, r.body_hash, r.response, r.at
        FROM given AS r
        JOIN moved USING (account)
        ON CONFLICT DO NOTHING
    )"""
_MOVED = "\n    SELECT account FROM moved"

_GIVEN = """given AS MATERIALIZED (
        SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[], %b::bigint[], %b::bool[])
            AS r (account, scope, key, body_hash, response, at, once)
    ), moved AS ("""
_FREE = """
            AND NOT EXISTS (
                SELECT FROM given AS n JOIN receipts AS k USING (scope, key) WHERE n.once AND n.account = g.account
            )"""

APPEND = (_MOVE.format(free="") + _MOVED).encode()
APPEND_WITH_RECEIPTS = (_MOVE.format(free=_FREE).replace("moved AS (", _GIVEN, 1) + _RECEIPTS + _MOVED).encode()
RECEIPT = b"SELECT scope, key, body_hash, response, at FROM receipts WHERE scope = %b AND key = %b"
HEADS = b"SELECT account, seq, chain FROM heads WHERE account = ANY(%b::text[])"
CHAIN = b"SELECT chain FROM journal WHERE account = %b AND seq = %b"


@dataclass(slots=True)
class _Run:
    """The entries of one account in a batch that come one after the other from its head."""

    was: int
    seq: int
    chain: bytes
    holds: int = 0
    places: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """What a batch comes to by what is known: ``rows`` are the columns of the journal's rows.

    ``receipts`` are rows: account, scope, key, hash of the body, response, time, once.
    """

    runs: dict[str, _Run]
    refused: dict[int, Conflict | Taken]
    rows: tuple[list[str], list[int], list[bytes], list[bytes]]
    receipts: list[tuple[Any, ...]]


class Appending:
    """Appends through ``borrow``; not for two threads at once.

    While the database is away, or may not be written (another one is to take its place), an append waits for it,
    ``wait_seconds`` at most.
    """

    def __init__(self, borrow: Borrow, wait_seconds: float) -> None:
        self._borrow = borrow
        self._wait_seconds = wait_seconds
        self._heads: dict[str, JournalHead] = {}
        self._memory = Lock()

    def append(self, batch: Sequence[Append], bodies: Sequence[bytes]) -> list[Accepted | Conflict | Taken]:
        """One transaction; see ``Store.append``. ``bodies``: the entries as they are written."""
        plan: _Plan | None = None
        pause = FIRST_PAUSE_SECONDS
        until = time.monotonic() + self._wait_seconds
        while True:
            try:
                with self._borrow() as connection:
                    sent = plan is not None
                    if plan is None:
                        plan = self._prepared(connection, batch, bodies)
                    return self._outcomes(connection, plan, batch, sent)
            except (StoreUnreachable, StoreReadOnly):
                if time.monotonic() + pause > until:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def note(self, account: str, seq: int, chain: bytes) -> None:
        """The account's journal was seen to end there."""
        self._note({account: (seq, chain)})

    def _note(self, heads: Mapping[str, JournalHead]) -> None:
        with self._memory:
            if len(self._heads) > KEPT_HEADS:
                self._heads.clear()
            self._heads.update(heads)

    def _prepared(self, connection: Connection, batch: Sequence[Append], bodies: Sequence[bytes]) -> _Plan:
        """A plan that refuses nothing but what the store itself refuses now."""
        fresh = self._refresh(connection, {item.entry.account for item in batch} - self._heads.keys())
        plan = self._planned(batch, bodies)
        stale = {conflict.account for conflict in plan.refused.values()} - fresh
        if stale:
            self._refresh(connection, stale)
            plan = self._planned(batch, bodies)
        return plan

    def _outcomes(
        self, connection: Connection, plan: _Plan, batch: Sequence[Append], sent: bool
    ) -> list[Accepted | Conflict | Taken]:
        """Send the plan; ``sent``: not for the first time."""
        moved = self._moved(connection, plan)
        if sent:
            cut_off = plan.runs.keys() - moved
            moved |= {account for account in cut_off if self._is_in(connection, account, plan.runs[account])}
        self._note({account: (run.seq, run.chain) for account, run in plan.runs.items() if account in moved})
        for account, run in plan.runs.items():
            if account not in moved:
                self._refuse(connection, account, run, batch, plan)
        return [plan.refused.get(place, ACCEPTED) for place in range(len(batch))]

    def _planned(self, batch: Sequence[Append], bodies: Sequence[bytes]) -> _Plan:
        """What is the next of its account, as far as memory knows."""
        plan = _Plan({}, {}, ([], [], [], []), [])
        runs, refused, known = plan.runs, plan.refused, self._heads.get
        accounts, seqs, written, chains = plan.rows
        out: set[str] = set()
        keys: set[tuple[str, ...]] = set()
        for place, ((entry, receipt, once), body) in enumerate(zip(batch, bodies, strict=True)):
            account, seq = entry[0], entry[1]
            run = runs.get(account)
            last, chain = known(account, NO_ENTRIES) if run is None else (run.seq, run.chain)
            # Of two that use one key for the first time, the second is decided again when the first is in.
            again = once and receipt is not None and (account, *receipt[:2]) in keys
            if seq != last + 1 or account in out or again:
                out.add(account)
                refused[place] = Conflict(account, seq, last)
                continue
            if run is None:
                run = runs[account] = _Run(last, last, chain)
            run.seq = seq
            run.chain = link = sha256(chain + body).digest()[:CHAIN_BYTES]
            run.holds += OPEN_HOLDS.get(entry[3], 0)
            run.places.append(place)
            accounts.append(account)
            seqs.append(seq)
            written.append(body)
            chains.append(link)
            if receipt is not None:
                keys.add((account, *receipt[:2]))
                plan.receipts.append((account, *receipt, once))
        return plan

    def _moved(self, connection: Connection, plan: _Plan) -> set[str]:
        """Send the plan; the accounts whose entries are in."""
        runs = plan.runs
        if not runs:
            return set()
        heads = (
            texts(list(runs)),
            integers([run.was for run in runs.values()]),
            integers([run.seq for run in runs.values()]),
            blobs([run.chain for run in runs.values()]),
            integers([run.holds for run in runs.values()]),
        )
        accounts, seqs, bodies, chains = plan.rows
        rows = (texts(accounts), integers(seqs), blobs(bodies), blobs(chains))
        if plan.receipts:
            receipts = [list(column) for column in zip(*plan.receipts, strict=True)]
            cursor = connection.execute(APPEND_WITH_RECEIPTS, (*receipts, *heads, *rows))
        else:
            cursor = connection.execute(APPEND, (*heads, *rows))
        return {row[0] for row in cursor.fetchall()}

    def _refuse(self, connection: Connection, account: str, run: _Run, batch: Sequence[Append], plan: _Plan) -> None:
        """Another process was first."""
        self._refresh(connection, {account})
        head = self._heads.get(account, NO_ENTRIES)[0]
        mine = run.places + [place for place, conflict in plan.refused.items() if conflict.account == account]
        for place in mine:
            plan.refused[place] = Conflict(account, batch[place].entry.seq, head)
        for place in sorted(mine):
            entry, receipt, once = batch[place]
            if once and receipt is not None:
                kept = connection.execute(RECEIPT, receipt[:2]).fetchone()
                if kept is not None:
                    plan.refused[place] = Taken(account, entry.seq, Receipt(*kept))
                    return

    def _is_in(self, connection: Connection, account: str, run: _Run) -> bool:
        """Whether the account's entries went in at an attempt that was cut off."""
        row = connection.execute(CHAIN, (account, run.seq)).fetchone()
        return row is not None and row[0] == run.chain

    def _refresh(self, connection: Connection, accounts: set[str]) -> set[str]:
        """Ask where the journals of ``accounts`` end."""
        if accounts:
            found = {
                row[0]: (row[1], row[2]) for row in connection.execute(HEADS, (texts(list(accounts)),)).fetchall()
            }
            for account in accounts:
                self.note(account, *found.get(account, NO_ENTRIES))
        return accounts
