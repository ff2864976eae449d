"""Workers and PostgreSQL are killed at random under load; afterwards every request is looked for in the books.

    python -m bench.chaos [--workers 8] [--accounts 10000] [--seconds 120] [--clients 32] [--attempts 2000]

Starts a PostgreSQL of its own, ``faregate serve --workers``, and the demo upstream. First ``attempts`` requests at
once at one account that has room for 100: how many are granted? Then the chaos. Prints what clients were told, what
became of every hold, and whether every request that a client saw answered whole is settled or reported.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from faregate.demo_upstream import DemoUpstream, serve_demo_upstream
from tests.clients.books import Account
from tests.postgresql.server import PostgresqlServer
from tests.service.chaos import Chaos, open_accounts, reckoned, said, said_many
from tests.service.served import PLANS, Place, Served

USED_BEFORE = 50
LAST = 100


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def hot(served: Served, account: Account, attempts: int) -> str:
    """``attempts`` at once at the last 100 units of one account."""
    for number in range(USED_BEFORE):
        await said(served.port, account, number)
    start = time.monotonic()
    answers = Counter(answer.status for answer in await said_many(served.port, account, attempts))
    spent = time.monotonic() - start
    rows = await asyncio.to_thread(served.books.settled_by_now, account.id)
    return (
        f"{attempts} at once at the last {LAST}: {dict(answers)} in {spent:.1f} s; settled {len(rows) - USED_BEFORE}"
    )


async def main_async(given: argparse.Namespace) -> None:
    server = PostgresqlServer({"max_connections": "300"})
    server.start()
    upstream = await serve_demo_upstream(DemoUpstream())
    try:
        with tempfile.TemporaryDirectory() as folder:
            await measure(given, server, upstream.url, Path(folder))
    finally:
        await upstream.close()
        server.remove()


async def measure(given: argparse.Namespace, server: PostgresqlServer, upstream: str, folder: Path) -> None:
    url = server.new_database()
    one = await open_accounts(url, 1, ("gates/hundred_and_fifty",), [PLANS])
    accounts = await open_accounts(url, given.accounts, ("gates/kept", "gates/charged"), [PLANS])
    place = Place(folder, upstream, database=url, workers=given.workers, worker_lease_seconds=given.lease)
    place.database = url
    served = await asyncio.to_thread(place.start)
    say(await hot(served, one[0], given.attempts))
    chaos = Chaos(accounts, random.Random(given.seed), given.clients)
    await chaos.run(served, server, given.seconds)
    found = await asyncio.to_thread(reckoned, url, lambda: served.said)
    code = await asyncio.to_thread(served.end)
    found.reported |= (await asyncio.to_thread(reckoned, url, lambda: served.said)).reported
    told = dict(Counter(answer.status for answer in chaos.seen))
    report = await asyncio.to_thread(place.verify)
    say(f"killed: {dict(chaos.killed)}; answers: {told}; exit code {code}")
    say(f"answered whole {len(chaos.whole)}, ids all different: {len(chaos.whole) == len(set(chaos.whole))}")
    say(f"holds {len(found.admitted)}: settled {len(found.settled)}, given back {len(found.released)}")
    say(f"closed otherwise than once {len(found.closed_otherwise_than_once)}; reported {len(found.reported)}")
    say(f"answered whole, neither settled nor reported: {len(found.missing(chaos.whole))}")
    say(f"verify: {report}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = {
        "workers": 8,
        "accounts": 10_000,
        "seconds": 120,
        "clients": 32,
        "attempts": 2_000,
        "lease": 5,
        "seed": 1,
    }
    for name, number in usual.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(main_async(parser.parse_args()))


if __name__ == "__main__":
    main()
