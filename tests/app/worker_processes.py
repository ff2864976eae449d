"""Workers that are processes: each a ledger with a store of its own, all let go at one moment.

    python -m tests.app.worker_processes URL WORKERS ATTEMPTS

A program of its own, because only a process without threads may be forked. Prints how many attempts each worker was
granted, as a JSON list.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

from faregate.core.request import Admitted
from faregate.store.postgresql.store import PostgresqlStore
from tests.app.books import ACCOUNT, NOW, ledger_of, request

ALL_READY_SECONDS = 60


async def attempted(url: str, worker: int, attempts: int, ready: Barrier) -> int:
    """How many of ``attempts`` at one time were granted."""
    store = PostgresqlStore.open(url)
    try:
        async with ledger_of(store) as ledger:
            ledger.current(ACCOUNT, NOW)
            ready.wait(ALL_READY_SECONDS)
            asked = [ledger.admit(ACCOUNT, request(f"r{worker}:{number}"), NOW) for number in range(attempts)]
            return sum(isinstance(decision, Admitted) for decision in await asyncio.gather(*asked))
    finally:
        store.close()


def in_processes(workers: int, work: Callable[[int, Barrier], int]) -> list[int]:
    """What ``work`` gives in each of as many processes."""
    fork = multiprocessing.get_context("fork")
    ready, results = fork.Barrier(workers), fork.Queue()

    def run(worker: int) -> None:
        results.put((worker, work(worker, ready)))

    processes = [fork.Process(target=run, args=(worker,)) for worker in range(workers)]
    for process in processes:
        process.start()
    given = dict(results.get(timeout=2 * ALL_READY_SECONDS) for _ in processes)
    for process in processes:
        process.join()
    return [given[worker] for worker in range(workers)]


def main() -> None:
    url, workers, attempts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    share = attempts // workers
    granted = in_processes(workers, lambda worker, ready: asyncio.run(attempted(url, worker, share, ready)))
    sys.stdout.write(json.dumps(granted))


if __name__ == "__main__":
    main()
