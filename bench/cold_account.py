"""How long the first request of a cold account waits: loading, deciding and the hold in the journal.

Builds an account with 100,000 entries of history on SQLite, takes the files as a crash would leave them (as many
entries after the newest snapshot as snapshots are apart, or ``--tail``), and opens a copy of them for each sample.
A starting process catches up with the journal and looks for lost holds before it listens, and so it is done here.
What the wire adds to a first byte is not in here: the latency at 100 requests a second has it.

    python bench/cold_account.py [--quick] [--tail ENTRIES] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from faregate.app.ids import RequestIds
from faregate.app.ledger import Ledger
from faregate.app.office import Office
from faregate.app.receipts import Write
from faregate.app.shelf import Shelf, load_shelf
from faregate.app.warm_accounts import SNAPSHOT_EVERY
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage
from faregate.store.copying import copy_books
from faregate.store.postgresql.store import PostgresqlStore
from faregate.store.sqlite.store import SqliteStore

PLAN = Path(__file__).resolve().parent / "plans" / "bench.yaml"
MODEL = "mock-fast"
HELD = Usage(input=400, output=256, prompts=1)
USED = Usage(input=19, output=120, prompts=1)
START = 1_790_000_000_000_000
BATCH = 64


class History:
    """One account and a clock that moves 50 ms a request."""

    def __init__(self, folder: Path, shelf: Shelf) -> None:
        self._folder = folder
        self._shelf = shelf
        self._clock: Iterator[int] = count(START, 50_000)
        self._ids = RequestIds(os.urandom)
        self.account = ""

    async def build(self, entries: int, tail: int) -> None:
        """Write ``entries``, with a snapshot before the last ``tail``, and keep what a crash then leaves."""
        store = SqliteStore.open(self._folder / "live.db")
        ledger = Ledger(store, self._shelf)
        ledger.start()
        office = Office(ledger, os.urandom)
        made = await office.create_account("cold", self._write("create"))
        self.account = str(made["id"])
        await office.subscribe(self.account, "bench/all", self._write("subscribe"))
        await self._use(ledger, entries - tail - store.head(self.account))
        await ledger.save_snapshots(force=True)
        await self._use(ledger, tail)
        await ledger.durable()
        self._copy("live.db", "crashed.db")
        await ledger.close()
        store.close()

    def _copy(self, source: str, target: str) -> None:
        for suffix in ("", "-wal"):
            if (self._folder / f"{source}{suffix}").exists():
                shutil.copy(self._folder / f"{source}{suffix}", self._folder / f"{target}{suffix}")

    def _write(self, key: str) -> Write:
        return Write(key, next(self._clock))

    async def _use(self, ledger: Ledger, entries: int) -> None:
        """Holds and settlements, two entries a request."""
        for first in range(0, entries // 2, BATCH):
            size = min(BATCH, entries // 2 - first)
            requests = [self._request() for _ in range(size)]
            at = next(self._clock)
            await asyncio.gather(*(ledger.admit(self.account, request, at) for request in requests))
            await asyncio.gather(*(ledger.settle(self.account, request.id, USED, at) for request in requests))

    def _request(self) -> Request:
        return Request(self._ids.new(self.account, next(self._clock)), MODEL, HELD)

    async def first_request(self, *, snapshots: bool = True) -> float:
        """Milliseconds from a request to its hold in the journal, for a process that has just started."""
        self._copy("crashed.db", "sample.db")
        store = SqliteStore.open(self._folder / "sample.db")
        if not snapshots:
            store.drop_snapshots()
        ledger = Ledger(store, self._shelf)
        ledger.start()
        ledger.recover(next(self._clock))
        request = self._request()
        began = perf_counter()
        decision = await ledger.admit(self.account, request, next(self._clock))
        spent = (perf_counter() - began) * 1000
        assert isinstance(decision, Admitted), decision
        await ledger.release(self.account, request.id, next(self._clock), "measured")
        await ledger.close()
        store.close()
        for suffix in ("", "-wal", "-shm"):
            (self._folder / f"sample.db{suffix}").unlink(missing_ok=True)
        return spent

    def copy_to(self, url: str) -> None:
        """The history as it is, in the PostgreSQL database at ``url``."""
        copy_books(self._folder / "crashed.db", url, lambda _: None)


async def warmed(url: str, account: str, shelf: Shelf) -> float:
    """Milliseconds in which a worker on PostgreSQL that never saw ``account`` has it in memory."""
    store = PostgresqlStore.open(url)
    try:
        store.head("acc_other")  # it has a connection, as a worker that serves others has
        waiting = Ledger(store, shelf).warming(account)
        assert waiting is not None
        began = perf_counter()
        await waiting
        return (perf_counter() - began) * 1000
    finally:
        store.close()


async def warmed_on_postgresql(url: str, entries: int, tail: int, samples: int) -> tuple[float, float, float]:
    """Milliseconds to warm an account of ``entries``: median, longest, and without any snapshot."""
    shelf = load_shelf([PLAN])
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), shelf)
        await history.build(entries, tail)
        history.copy_to(url)
    waits = [await warmed(url, history.account, shelf) for _ in range(samples)]
    store = PostgresqlStore.open(url)
    store.drop_snapshots()
    store.close()
    return median(waits), max(waits), await warmed(url, history.account, shelf)


async def measure(entries: int, tail: int, samples: int) -> dict[str, float]:
    """Milliseconds of first requests: median and longest, and what one without any snapshot takes."""
    shelf = load_shelf([PLAN])
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), shelf)
        await history.build(entries, tail)
        waits = [await history.first_request() for _ in range(samples)]
        rebuilt = await history.first_request(snapshots=False)
    return {
        "entries": entries,
        "entries_after_snapshot": tail,
        "first_byte_ms": round(median(waits), 3),
        "longest_ms": round(max(waits), 3),
        "without_snapshot_ms": round(rebuilt, 1),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="First request of an account that is not in memory.")
    parser.add_argument("--quick", action="store_true", help="a history of 10,000 entries")
    parser.add_argument("--tail", type=int, default=SNAPSHOT_EVERY, help="entries after the newest snapshot")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = asyncio.run(measure(10_000 if given.quick else 100_000, given.tail, 20))
    print(json.dumps(figures) if given.json else "\n".join(f"{key}: {value}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
