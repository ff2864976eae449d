"""Durable settlements on SQLite against an insert written by hand, in one run.

The hand-written side does what an accounting schema without a journal would do for a settlement: one balance, one
usage row, two ledger rows, in batches of 256 through the standard library's ``executemany`` with synchronous=FULL.
Ours appends the same settlements through the store's port, in batches of 256, everything on (journal with its chain
of hashes; heads, index of requests and hourly sums as they are folded), and counts a settlement only when ``flush``
has made it durable. Both sides end with closing the file.

    python -m bench.settlements [--accounts 64] [--batches 200] [--rounds 5] [--json]

The two sides take turns; the ratio is the median of the rounds' ratios. Holds are appended, and the file is closed,
before the clock starts: they belong to admission. ``--holds`` times them as well.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from faregate.app.ids import RequestIds, account_of
from faregate.app.store_port import Append
from faregate.core.entry import Entry
from faregate.core.request import Slice
from faregate.core.usage import Usage
from faregate.store.sqlite.store import SqliteStore

BATCH = 256
NOW = 1_790_000_000_000_000
MODEL = "anthropic/claude-sonnet-4"
USAGE = Usage(input=1200, cached=90_000, output=450, prompts=1)
LOTS = [("lot:pro#1:month:1", 4321)]
WINDOWS = [("pro#1:5h", NOW, 4321)]


def account_ids(count: int) -> list[str]:
    """Ids in no order, as in service."""
    return [f"acc_{number * 2_654_435_761 % 2**40:010x}" for number in range(count)]


def picks(accounts: list[str], batches: int, seed: int) -> list[list[str]]:
    chance = random.Random(seed)
    return [[chance.choice(accounts) for _ in range(BATCH)] for _ in range(batches)]


def by_hand(folder: Path, accounts: list[str], batches: int) -> float:
    """Settlements a second of the hand-written insert."""
    connection = sqlite3.connect(folder / "by-hand.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript("""
        CREATE TABLE balances (account TEXT PRIMARY KEY, amount INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE usage (id INTEGER PRIMARY KEY, request TEXT, account TEXT, at INTEGER, model TEXT,
                            input INTEGER, cached INTEGER, output INTEGER, cost INTEGER);
        CREATE TABLE ledger (id INTEGER PRIMARY KEY, request TEXT, account TEXT, unit TEXT, amount INTEGER);
    """)
    connection.executemany("INSERT INTO balances VALUES (?, ?)", [(each, 10**15) for each in accounts])
    start = perf_counter()
    for number, chosen in enumerate(picks(accounts, batches, seed=1)):
        at = NOW + number * 1000
        requests = [f"req_{at:014d}{index:03d}" for index in range(BATCH)]
        named = list(zip(requests, chosen, strict=True))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "UPDATE balances SET amount = amount - ? WHERE account = ?", [(4321, each) for each in chosen]
        )
        connection.executemany(
            "INSERT INTO usage (request, account, at, model, input, cached, output, cost)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(request, account, at, MODEL, 1200, 90_000, 450, 4321) for request, account in named],
        )
        connection.executemany(
            "INSERT INTO ledger (request, account, unit, amount) VALUES (?, ?, ?, ?)",
            [(request, "house", "USD", 4321) for request in requests]
            + [(request, account, "USD", -4321) for request, account in named],
        )
        connection.execute("COMMIT")
    connection.close()
    seconds = perf_counter() - start
    return batches * BATCH / seconds


def hold(account: str, seq: int, at: int, request: str) -> Append:
    slices = [
        Slice("pro#1/main", "pro", "month", "credit", 4500, 0, 38_000_000, "USD", "1", [], "a@1", LOTS, WINDOWS)
    ]
    data = {"request": request, "expires_at": at + 600_000_000, "model": MODEL, "slices": slices}
    postings = [("pro/month", "credit", -4500), ("holds", "credit", 4500)]
    entry = Entry(account, seq, at, "hold", request, postings, [("pro/5h", at, 4500)], data)
    return Append(entry)


def settlement(account: str, seq: int, at: int, request: str) -> Append:
    slices = [
        Slice("pro#1/main", "pro", "month", "credit", 4321, 0, 37_350_000, "USD", "1", [], "a@1", LOTS, WINDOWS)
    ]
    data = {
        "request": request,
        "model": MODEL,
        "client": "claude-code",
        "key": "key_0123456789",
        "upstream": "anthropic",
        "usage": USAGE,
        "hold": seq - 1,
        "slices": slices,
        "outcome": "served",
        "estimated": False,
    }
    postings = [("holds", "credit", -4500), ("pro/month", "credit", 179), ("house", "credit", 4321)]
    entry = Entry(account, seq, at, "settle", request, postings, [("pro/5h", at, -179)], data)
    return Append(entry)


def make_batches(accounts: list[str], batches: int, with_holds: bool) -> tuple[list[list[Append]], ...]:
    """(appends before the clock starts, appends that are timed): holds stand in the one or the other."""
    ids = RequestIds(random.Random(2).randbytes)
    seqs = dict.fromkeys(accounts, 0)

    def entries(kind: Callable[[str, int, int, str], Append], at: int, named: list[str]) -> list[Append]:
        made = []
        for request in named:
            account = account_of(request) or ""
            seqs[account] += 1
            made.append(kind(account, seqs[account], at, request))
        return made

    plan = [
        (NOW + number * 1000, [ids.new(account, NOW + number * 1000) for account in chosen])
        for number, chosen in enumerate(picks(accounts, batches, seed=1))
    ]
    if with_holds:
        return [], [entries(kind, at, named) for at, named in plan for kind in (hold, settlement)]
    before = [entries(hold, at, named) for at, named in plan]
    return before, [entries(settlement, at, named) for at, named in plan]


def through_the_store(
    folder: Path, accounts: list[str], batches: int, with_holds: bool
) -> tuple[float, float, float]:
    """Settlements a second through the store, and the median and longest milliseconds of an append."""
    store = SqliteStore.open(folder / "faregate.db")
    untimed, timed = make_batches(accounts, batches, with_holds)
    for batch in untimed:
        store.append(batch)
    store.close()  # so that nothing of them is left to be done
    store = SqliteStore.open(folder / "faregate.db")
    gc.collect()
    gc.freeze()  # what is handed to the store was made beforehand: looking through it is no part of its work
    waits: list[float] = []
    pending: Future[None] | None = None
    with ThreadPoolExecutor(1) as disk:
        start = perf_counter()
        for batch in timed:
            before = perf_counter()
            outcomes = store.append(batch)
            waits.append(perf_counter() - before)
            assert not any(outcomes), "an append was refused"
            if pending is not None:
                pending.result()  # group commit: one sync under way while the next batch is written
            pending = disk.submit(store.flush)
        if pending is not None:
            pending.result()
        store.close()  # folds the rest: nothing is put off beyond the clock
        spent = perf_counter() - start
    gc.unfreeze()
    return batches * BATCH / spent, statistics.median(waits) * 1000, max(waits) * 1000


def measure(accounts: int, batches: int, rounds: int, with_holds: bool) -> dict[str, float]:
    """Medians over the rounds, the two sides in turn."""
    ids = account_ids(accounts)
    hand, ours, middle, longest = [], [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
            hand.append(by_hand(Path(name), ids, batches))
            rate, median_ms, longest_ms = through_the_store(Path(name), ids, batches, with_holds)
            ours.append(rate)
            middle.append(median_ms)
            longest.append(longest_ms)
    ratios = [a / b for a, b in zip(ours, hand, strict=True)]
    return {
        "accounts": accounts,
        "by_hand_per_second": round(statistics.median(hand)),
        "store_per_second": round(statistics.median(ours)),
        "ratio": round(statistics.median(ratios), 2),
        "append_milliseconds_median": round(statistics.median(middle), 2),
        "append_milliseconds_longest": round(max(longest), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Durable settlements against a hand-written insert.")
    parser.add_argument("--accounts", type=int, nargs="+", default=[1, 64, 1000])
    parser.add_argument("--batches", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--holds", action="store_true", help="time the holds too (two entries a settlement)")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    results = [measure(n, given.batches, given.rounds, given.holds) for n in given.accounts]
    if given.json:
        print(json.dumps(results))
        return
    print("accounts  by hand/s  store/s  ratio  append ms median / longest")
    for each in results:
        print(
            f"{each['accounts']:>8}  {each['by_hand_per_second']:>9,}  {each['store_per_second']:>7,}"
            f"  {each['ratio']:>5}  {each['append_milliseconds_median']} / {each['append_milliseconds_longest']}"
        )


if __name__ == "__main__":
    main()
