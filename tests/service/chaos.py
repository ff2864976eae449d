"""Chaos: workers and PostgreSQL killed at random under load, and the reckoning of the books after it.

Owns the load, the killing, and the comparison of what clients saw with the journal and the log. Judges nothing.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faregate.app.ids import account_of, worker_of
from faregate.app.receipts import Write
from faregate.bootstrap.house import open_house
from faregate.store.postgresql.store import PostgresqlStore
from tests.clients.books import Account
from tests.postgresql.server import PostgresqlServer
from tests.service.asking import Answer, ask, chat
from tests.service.served import Served

CLOSES = ("settle", "release")
CLOSING_SECONDS = 120.0
_REPORTED = re.compile(r"died and left request (\S+) open: ")


def workers_of(served: Served) -> list[int]:
    """The processes that the supervisor has now."""
    listed = subprocess.run(["pgrep", "-P", str(served.process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


async def said(port: int, account: Account, number: int, stream: bool = False) -> Answer:
    """The answer to one question, over a connection of its own; what a client sees who finds nobody is status 0."""
    try:
        return await ask(port, *chat(f"say {number}", stream), {"authorization": f"Bearer {account.key}"})
    except (ConnectionError, TimeoutError):
        return Answer()


async def said_many(port: int, account: Account, count: int) -> list[Answer]:
    return list(await asyncio.gather(*(said(port, account, number) for number in range(count))))


async def open_accounts(url: str, count: int, plans: Sequence[str], plan_files: Sequence[Path]) -> list[Account]:
    """Accounts with a key each, on ``plans`` in turn: written straight into the database, before anybody serves."""
    house = open_house(url, plan_files)
    await house.start()
    office, keys = house.control.office, house.control.keys
    now = time.time_ns() // 1000

    async def one(number: int) -> Account:
        plan = plans[number % len(plans)]
        name = f"{plan} {number}"
        made = await office.create_account(name, Write(f"{name} account", now))
        await office.subscribe(made["id"], plan, Write(f"{name} plan", now))
        _, secret = await asyncio.to_thread(keys.create, made["id"], "key", Write(f"{name} key", now))
        return Account(made["id"], secret)

    try:
        return [await one(number) for number in range(count)]
    finally:
        await house.close()


@dataclass
class Chaos:
    """One round: ``clients`` at once ask for ``seconds`` while workers and the database die."""

    accounts: list[Account]
    chance: random.Random
    clients: int = 32
    pause_seconds: tuple[float, float] = (1.0, 4.0)
    """Between two kills."""
    database_share: float = 0.25
    """How many of them hit PostgreSQL."""
    seen: list[Answer] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)

    async def run(self, served: Served, server: PostgresqlServer, seconds: float) -> None:
        """Returns when all clients have their last answer."""
        until = time.monotonic() + seconds
        clients = [self._client(served.port, until, random.Random(self.chance.random())) for _ in range(self.clients)]
        await asyncio.gather(self._kill(served, server, until), *clients)

    async def _client(self, port: int, until: float, chance: random.Random) -> None:
        while time.monotonic() < until:
            account = chance.choice(self.accounts)
            self.seen.append(await said(port, account, chance.randrange(1000), stream=chance.random() < 0.5))

    async def _kill(self, served: Served, server: PostgresqlServer, until: float) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(self.chance.uniform(*self.pause_seconds))
            alive = await asyncio.to_thread(workers_of, served)
            if self.chance.random() < self.database_share:
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
                self.killed["PostgreSQL"] += 1
            elif alive:
                os.kill(self.chance.choice(alive), signal.SIGKILL)
                self.killed["worker"] += 1

    @property
    def whole(self) -> list[str]:
        """The requests that clients saw answered whole."""
        return [answer.request for answer in self.seen if answer.whole and answer.status == 200]


@dataclass
class Reckoning:
    """What the journal says of every request that was let in: how often its hold was closed, and how."""

    admitted: set[str] = field(default_factory=set)
    settled: Counter[str] = field(default_factory=Counter)
    released: Counter[str] = field(default_factory=Counter)
    reported: set[str] = field(default_factory=set)
    """Named in the log: left open by a worker that died."""

    @property
    def closed_otherwise_than_once(self) -> set[str]:
        return {each for each in self.admitted if self.settled[each] + self.released[each] != 1}

    def missing(self, whole: Sequence[str]) -> set[str]:
        """Requests answered whole that are neither settled nor reported."""
        return {each for each in whole if not self.settled[each] and each not in self.reported}


def still_open(store: PostgresqlStore, accounts: Sequence[str]) -> str:
    """The open holds of ``accounts``, and the register of workers."""
    opened: dict[str, int | None] = {}
    for account in accounts:
        for entry in store.entries(account):
            request = entry.data.get("request", "")
            if entry.kind == "hold":
                opened[request] = worker_of(request)
            elif entry.kind in CLOSES:
                opened.pop(request, None)
    return f"{opened}; alive and dead: {store.workers.beat(0)}"


def reckoned(url: str, log_of: Callable[[], str]) -> Reckoning:
    """Once no hold is open. Fails when one stays open."""
    store = PostgresqlStore.open(url)
    try:
        until = time.monotonic() + CLOSING_SECONDS
        while left := store.accounts_with_open_holds():
            assert time.monotonic() < until, f"holds stay open: {still_open(store, left)}\n{log_of()[-20_000:]}"
            time.sleep(0.1)
        found = Reckoning(reported=set(_REPORTED.findall(log_of())))
        for head in list(store.heads()):
            for entry in store.entries(head.account):
                if entry.kind == "hold":
                    assert account_of(entry.data["request"]) == head.account
                    found.admitted.add(entry.data["request"])
                elif entry.kind in CLOSES:
                    (found.settled if entry.kind == "settle" else found.released)[entry.data["request"]] += 1
        return found
    finally:
        store.close()
