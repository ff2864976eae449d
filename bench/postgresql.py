"""PostgreSQL: durable settlements against an insert written by hand, workers side by side, an account from cold.

Starts a server of its own with PostgreSQL's own settings (fsync on). All on one machine: server and clients share it.

    python -m bench.postgresql [--batches 100] [--rounds 3] [--accounts 1000] [--entries 100000]

``by hand`` writes the same rows into plain tables: journal (encoded before the clock starts), head, index of
requests, hourly sum, one statement a table and one commit a batch of 256. ``rows alone`` is the journal's rows and
nothing else. ``one by one`` is one transaction a request: its row and the balance of its account. ``ours`` encodes,
chains, checks heads and appends through the store's port, and folds; everything is durable when ``append`` returns.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter

import psycopg

from bench.cold_account import warmed_on_postgresql
from bench.settlements import BATCH, account_ids, make_batches
from faregate.app.store_port import Append
from faregate.app.warm_accounts import SNAPSHOT_EVERY
from faregate.store.encoding import encode_entry
from faregate.store.postgresql.store import PostgresqlStore
from tests.postgresql.server import PostgresqlServer

SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "max_connections": "200"}
TABLES = b"""
    DROP TABLE IF EXISTS by_hand, hand_heads, hand_settled, hand_sums;
    CREATE TABLE by_hand (account text COLLATE "C", seq bigint, body bytea, chain bytea, PRIMARY KEY (account, seq));
    CREATE TABLE hand_heads (account text COLLATE "C" PRIMARY KEY, seq bigint);
    CREATE TABLE hand_settled (account text COLLATE "C", seq bigint, request text COLLATE "C" PRIMARY KEY);
    CREATE TABLE hand_sums (account text COLLATE "C", hour bigint, model text COLLATE "C", input bigint,
        cached bigint, output bigint, requests bigint, amount bigint, PRIMARY KEY (account, hour, model))"""
HEADS = b"""
    INSERT INTO hand_heads SELECT * FROM unnest(%b::text[], %b::bigint[]) AS n (account, seq) ORDER BY account
    ON CONFLICT (account) DO UPDATE SET seq = excluded.seq"""
SETTLED = b"INSERT INTO hand_settled SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[])"
SUMS = b"""
    INSERT INTO hand_sums AS s
    SELECT account, 497222, 'anthropic/claude-sonnet-4', sum(1200), sum(90000), sum(450), count(*), sum(4321)
    FROM unnest(%b::text[]) AS n (account) GROUP BY account ORDER BY account
    ON CONFLICT (account, hour, model) DO UPDATE SET input = s.input + excluded.input,
        cached = s.cached + excluded.cached, output = s.output + excluded.output,
        requests = s.requests + excluded.requests, amount = s.amount + excluded.amount"""
BY_HAND = b"INSERT INTO by_hand SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bytea[], %b::bytea[])"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def timed(work: Callable[[], object], count: int) -> float:
    """How many a second."""
    gc.collect()
    gc.freeze()  # what is handed over was made beforehand: looking through it is nobody's work
    start = perf_counter()
    work()
    rate = count / (perf_counter() - start)
    gc.unfreeze()
    return rate


def by_hand(url: str, batches: list[list[Append]], everything: bool) -> float:
    rows = [
        (
            [item.entry.account for item in batch],
            [item.entry.seq for item in batch],
            [encode_entry(item.entry) for item in batch],
            [bytes(16)] * len(batch),
            [str(item.entry.data["request"]) for item in batch],
        )
        for batch in batches
    ]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES)

        def work() -> None:
            for accounts, seqs, bodies, chains, requests in rows:
                with connection.transaction():
                    connection.execute(BY_HAND, (accounts, seqs, bodies, chains))
                    if everything:
                        newest = dict(zip(accounts, seqs, strict=True))
                        connection.execute(HEADS, (list(newest), list(newest.values())))
                        connection.execute(SETTLED, (accounts, seqs, requests))
                        connection.execute(SUMS, (accounts,))

        return timed(work, len(batches) * BATCH)


def one_by_one(url: str, batches: list[list[Append]]) -> float:
    items = [item for batch in batches for item in batch][:1000]
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS one_by_one, balances")
        connection.execute(
            "CREATE TABLE one_by_one (account text, seq bigint, body bytea, PRIMARY KEY (account, seq))"
        )
        connection.execute("CREATE TABLE balances (account text PRIMARY KEY, amount bigint)")
        names = sorted({item.entry.account for item in items})
        connection.execute("INSERT INTO balances SELECT unnest(%s::text[]), 0", (names,))
        connection.commit()

        def work() -> None:
            for item in items:
                entry = item.entry
                row = (entry.account, entry.seq, encode_entry(entry))
                connection.execute("INSERT INTO one_by_one VALUES (%s, %s, %s)", row)
                connection.execute("UPDATE balances SET amount = amount - 1 WHERE account = %s", (entry.account,))
                connection.commit()

        return timed(work, len(items))


def ours(url: str, accounts: list[str], batches: int) -> float:
    """Settlements a second; the holds go in before the clock starts."""
    store = PostgresqlStore.open(url)
    holds, settlements = make_batches(accounts, batches, False)
    for batch in holds:
        store.append(batch)

    def work() -> None:
        pending: Future[None] | None = None
        with ThreadPoolExecutor(1) as thread:
            for batch in settlements:
                store.append(batch)
                if pending is None or pending.done():
                    pending = thread.submit(store.flush)  # folds beside, as in service
        store.close()  # folds the rest: nothing is put off beyond the clock

    return timed(work, batches * BATCH)


def worker(url: str, accounts: list[str], batches: int, gate: multiprocessing.synchronize.Barrier) -> None:
    store = PostgresqlStore.open(url)
    holds, settlements = make_batches(accounts, batches, False)
    gate.wait()
    for batch in [*holds, *settlements]:
        store.append(batch)
    gate.wait()
    store.close()


def side_by_side(url: str, workers: int, batches: int) -> float:
    """Entries a second of ``workers`` processes on accounts of their own."""
    PostgresqlStore.open(url).close()
    gate = multiprocessing.Barrier(workers + 1)
    names = account_ids(100_000)
    shares = [names[number * 500 : (number + 1) * 500] for number in range(workers)]
    running = [multiprocessing.Process(target=worker, args=(url, share, batches, gate)) for share in shares]
    for process in running:
        process.start()
    gate.wait(300)
    rate = timed(gate.wait, 2 * workers * batches * BATCH)
    for process in running:
        process.join()
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("batches", 100), ("rounds", 3), ("accounts", 1000), ("entries", 100_000)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    given = parser.parse_args()
    server = PostgresqlServer(SETTINGS)
    server.start()
    try:
        measure(server, given)
    finally:
        server.remove()


def measure(server: PostgresqlServer, given: argparse.Namespace) -> None:
    accounts = account_ids(given.accounts)
    _, settlements = make_batches(accounts, given.batches, False)
    ratios, faster = [], []
    for _ in range(given.rounds):
        hand = by_hand(server.new_database(), settlements, True)
        rows = by_hand(server.new_database(), settlements, False)
        own = ours(server.new_database(), accounts, given.batches)
        single = one_by_one(server.new_database(), settlements)
        ratios.append(own / hand)
        faster.append(own / single)
        say(f"durable settlements/s: ours {own:,.0f}, by hand {hand:,.0f}, rows alone {rows:,.0f}, one {single:,.0f}")
    say(f"ours / by hand {statistics.median(ratios):.2f}; ours / one by one {statistics.median(faster):.1f}")
    for workers in (1, 2, 4, 8):
        rate = side_by_side(server.new_database(), workers, max(1, given.batches // workers))
        say(f"{workers} workers on accounts of their own: {rate:,.0f} entries/s")
    warming = warmed_on_postgresql(server.new_database(), given.entries, SNAPSHOT_EVERY, samples=20)
    middle, longest, without = asyncio.run(warming)
    say(
        f"a cold worker warms an account of {given.entries:,} entries, {SNAPSHOT_EVERY} after its snapshot, in"
        f" {middle:.1f} ms (longest {longest:.1f}), without a snapshot in {without:,.0f}"
    )


if __name__ == "__main__":
    main()
