"""Ledgers behind a proxy that can take the database away, and plans that give grace, for the tests of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from faregate.app.grace_spool import Spool
from faregate.app.ledger import Ledger, Outcome
from faregate.app.shelf import Shelf
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Store
from faregate.app.verify import Report, Verification
from faregate.core import commands
from faregate.core.account import AccountState
from faregate.core.amounts import parse
from faregate.core.entry import Entry
from faregate.planfile import load_family
from faregate.store.postgresql.store import PostgresqlStore
from tests.app.books import ACCOUNT, NOW, prices, request
from tests.postgresql.proxy import Proxy

FAMILY = """\
family: grace
version: "1"
names: {en: Grace, zh: 宽限}
source: {document: none, as_of: "2026-01-01"}
zone: UTC
order: [calls, money, strict]
models:
  all: ["*"]
plans:
  calls:
    names: {en: Calls, zh: 次数}
    prices: [{id: free, amount: 0 USD, period: none, renews: false}]
    models: [all]
    while_books_are_away: {grace: 2m, requests: 5}
    windows:
      five_hours: {kind: first-use, length: 5h, limit: 8 requests}
      pace: {kind: sliding, length: 1m, limit: 100 requests, guard: true}
    sources:
      - {id: requests, meter: requests, windows: [five_hours]}
  money:
    names: {en: Money, zh: 金额}
    prices: [{id: monthly, amount: 10 USD, period: month}]
    models: [all]
    while_books_are_away: {grace: 2m, draw: 0.05 USD}
    pools:
      main: {debt: carry, refill: {at: renewal, amount: 0.1 USD}}
    sources:
      - {id: main, meter: cost, pool: main}
  strict:
    names: {en: Strict, zh: 严格}
    prices: [{id: monthly, amount: 10 USD, period: month}]
    models: [all]
    pools:
      main: {refill: {at: renewal, amount: 10 USD}}
    sources:
      - {id: main, meter: cost, pool: main}
"""


@cache
def shelf() -> Shelf:
    return Shelf([load_family(FAMILY, file="grace.yaml")], prices())


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Worker:
    """A ledger with a store of its own, through the proxy, and its spool in ``folder``."""

    def __init__(self, store: PostgresqlStore, folder: Path, name: str) -> None:
        self.store, self.folder, self.name = store, folder, name
        self.clock = Clock()
        self.ledger = Ledger(store, shelf())

    @property
    def spool(self) -> Path:
        return self.folder / f"{self.name}.spool"

    def start(self) -> None:
        self.ledger.start()
        self.ledger.give_grace(Spool(self.folder, self.name), self.clock)

    async def booked(self) -> None:
        """Return when nothing waits to be booked any more."""
        assert self.ledger.grace is not None
        await until(lambda: self.ledger.grace is not None and not self.ledger.grace.in_use)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - it is another thread's doing
            await asyncio.sleep(0.005)


@asynccontextmanager
async def worker(url: str, proxy: Proxy, folder: Path, name: str = "one") -> AsyncIterator[Worker]:
    """A worker for the length of the block; the database is there at its end."""
    through = re.sub(r":\d+/", f":{proxy.port}/", url)
    store = PostgresqlStore.open(through, answer_seconds=5, wait_seconds=0)
    made = Worker(store, folder, name)
    made.start()
    try:
        yield made
        proxy.away.clear()
    finally:
        await made.ledger.close()
        store.close()


def go_away(proxy: Proxy) -> None:
    proxy.away.set()
    proxy.cut()


async def come_back(proxy: Proxy, one: Worker) -> None:
    """The database is there again, and all that waited is booked."""
    proxy.away.clear()
    await one.booked()


async def subscribed(ledger: Ledger, plan: str = "grace/calls", account: str = ACCOUNT) -> None:
    def act(state: AccountState) -> Outcome:
        return Outcome(commands.subscribe(state, shelf().newest(plan), NOW, f"subscribe:{plan}"), None)

    await ledger.command(account, act, NOW)


async def topped_up(ledger: Ledger, amount: str, account: str = ACCOUNT) -> None:
    def act(state: AccountState) -> Outcome:
        found = commands.find_subscription(state, None)
        pool = commands.find_pool(found, None)
        return Outcome([commands.grant(state, found, pool, parse(amount, "USD"), NOW, f"grant:{amount}")], None)

    await ledger.command(account, act, NOW)


async def asked(ledger: Ledger, names: Sequence[str], account: str = ACCOUNT) -> list[str]:
    """What becomes of a request of each name, in turn: Admitted, Refused, or the name of the failure."""
    seen = []
    for number, name in enumerate(names):
        try:
            seen.append(type(await ledger.admit(account, request(name), NOW + number)).__name__)
        except StoreError as problem:
            seen.append(type(problem).__name__)
            ledger.forget(name)
    return seen


def entries(store: Store, account: str = ACCOUNT) -> list[Entry]:
    return list(store.entries(account))


def verified(store: Store) -> Report:
    with store.view() as books:
        return Verification(books, shelf().terms).run()
