"""Workers and PostgreSQL are killed at random under load; afterwards the books are verified.

    python -m bench.chaos [--workers 4] [--accounts 200] [--seconds 60]

Starts a PostgreSQL of its own, `faregate serve --workers`, and the demo upstream. Prints what clients were told, what
was settled, and whether every request that a client saw answered whole is in the books once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from faregate.demo_upstream import DemoUpstream, serve_demo_upstream
from tests.clients.books import Account
from tests.postgresql.server import PostgresqlServer
from tests.service.asking import Answer
from tests.service.served import Place, Served
from tests.service.test_workers import said, workers_of


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def load(served: Served, accounts: list[Account], until: float, seen: list[Answer]) -> None:
    chance = random.Random(len(seen))
    while time.monotonic() < until:
        answer = await said(
            served.port, chance.choice(accounts), chance.randrange(1000), stream=chance.random() < 0.5
        )
        seen.append(answer)


async def disturb(served: Served, server: PostgresqlServer, until: float, chance: random.Random) -> Counter[str]:
    done: Counter[str] = Counter()
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(1, 4))
        if chance.random() < 0.25:
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            done["PostgreSQL"] += 1
        elif alive := workers_of(served):
            os.kill(chance.choice(alive), signal.SIGKILL)
            done["worker"] += 1
    return done


async def main_async(given: argparse.Namespace) -> None:
    server = PostgresqlServer({"max_connections": "300"})
    server.start()
    upstream = await serve_demo_upstream(DemoUpstream())
    try:
        with tempfile.TemporaryDirectory() as folder:
            url = server.new_database()
            settings = {"database": url, "workers": given.workers, "worker_lease_seconds": 2}
            place = Place(Path(folder), upstream.url, **settings)
            place.database = url
            served = await asyncio.to_thread(place.start)
            plans = ("gates/kept", "gates/charged")
            accounts = [
                await asyncio.to_thread(served.books.new_account, f"a{number}", plans[number % 2])
                for number in range(given.accounts)
            ]
            await asyncio.sleep(1)
            until = time.monotonic() + given.seconds
            seen: list[Answer] = []
            loads = [load(served, accounts, until, seen) for _ in range(32)]
            killed, *_ = await asyncio.gather(disturb(served, server, until, random.Random(1)), *loads)
            for account in accounts:
                await asyncio.to_thread(served.books.settled_by_now, account.id)
            code = await asyncio.to_thread(served.end)
            whole = [answer.request for answer in seen if answer.whole and answer.status == 200]
            log = place.log.read_text()
            told = dict(Counter(answer.status for answer in seen))
            say(f"killed: {dict(killed)}; answers: {told}; exit code {code}")
            say(f"answered whole {len(whole)}, all ids different: {len(whole) == len(set(whole))}")
            say(f"closed after a death: {log.count('died and left request')}")
            say(f"{await asyncio.to_thread(place.verify)}")
    finally:
        await upstream.close()
        server.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("workers", 4), ("accounts", 200), ("seconds", 60)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asyncio.run(main_async(parser.parse_args()))


if __name__ == "__main__":
    main()
