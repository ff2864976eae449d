"""Ledgers on real files for the tests of the application: a small family of plans, accounts, requests."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from faregate.app.ledger import Ledger, Outcome
from faregate.app.shelf import Shelf
from faregate.app.store_port import Store
from faregate.app.verify import Report, Verification
from faregate.core import commands
from faregate.core.account import AccountState
from faregate.core.amounts import parse
from faregate.core.entry import Entry
from faregate.core.instants import HOUR, parse_instant
from faregate.core.request import Admitted, Refused, Request
from faregate.core.usage import Usage
from faregate.planfile import load_family
from faregate.ratecards import PriceBook, load_shipped
from faregate.store.sqlite.store import SqliteStore

NOW = parse_instant("2026-03-02T10:00:00Z")
ACCOUNT = "acc_00000001"
MODEL = "anthropic/claude-sonnet-4"
ROOM = 50
WINDOW = 5 * HOUR

FAMILY = """\
family: demo
version: "1"
names: {en: Demo, zh: 演示}
source: {document: none, as_of: "2026-01-01"}
zone: UTC
order: [plans_held, money]
one_of:
  plans_held: [calls, many, lost]
models:
  all: ["*"]
plans:
  calls:
    names: {en: Calls, zh: 次数}
    prices: [{id: free, amount: 0 USD, period: none, renews: false}]
    models: [all]
    windows:
      five_hours: {kind: first-use, length: 5h, limit: 50 requests}
    sources:
      - {id: requests, meter: requests, windows: [five_hours]}
  many:
    names: {en: Many, zh: 多次}
    prices: [{id: free, amount: 0 USD, period: none, renews: false}]
    models: [all]
    windows:
      five_hours: {kind: first-use, length: 5h, limit: 150 requests}
    sources:
      - {id: requests, meter: requests, windows: [five_hours]}
  money:
    names: {en: Money, zh: 金额}
    prices: [{id: monthly, amount: 10 USD, period: month}]
    models: [all]
    pools:
      main: {refill: {at: renewal, amount: 10 USD}}
    sources:
      - {id: main, meter: cost, pool: main}
  lost:
    names: {en: Lost, zh: 丢失}
    prices: [{id: monthly, amount: 10 USD, period: month}]
    models: [all]
    lost_hold: charge
    pools:
      main: {refill: {at: renewal, amount: 10 USD}}
    sources:
      - {id: main, meter: cost, pool: main}
"""


@cache
def prices() -> PriceBook:
    return load_shipped()


@cache
def shelf() -> Shelf:
    return Shelf([load_family(FAMILY, file="demo.yaml")], prices())


def seeded(seed: int = 1) -> random.Random:
    return random.Random(seed)


@asynccontextmanager
async def ledger_of(store: Store, warm_accounts: int = 1000, holds_to_disk: bool = False) -> AsyncIterator[Ledger]:
    """A ledger that began on ``store``; closing it leaves the store open."""
    ledger = Ledger(store, shelf(), warm_accounts, holds_to_disk)
    ledger.start()
    try:
        yield ledger
    finally:
        await ledger.close()


@asynccontextmanager
async def ledger_at(path: Path, warm_accounts: int = 1000) -> AsyncIterator[Ledger]:
    """A ledger with a store of its own on the file, as another process would have it."""
    store = SqliteStore.open(path)
    try:
        async with ledger_of(store, warm_accounts) as ledger:
            yield ledger
    finally:
        store.close()


async def subscribed(ledger: Ledger, plan: str = "demo/calls", account: str = ACCOUNT, now: int = NOW) -> None:
    """Put ``plan`` on ``account``, which needs no more than that to be there."""

    def act(state: AccountState) -> Outcome:
        entries = commands.subscribe(state, shelf().newest(plan), now, f"subscribe:{plan}")
        return Outcome(entries, None)

    await ledger.command(account, act, now)


async def granted(ledger: Ledger, amount: str, account: str = ACCOUNT, now: int = NOW) -> None:
    def act(state: AccountState) -> Outcome:
        found = commands.find_subscription(state, None)
        pool = commands.find_pool(found, None)
        return Outcome([commands.grant(state, found, pool, parse(amount, "USD"), now, f"grant:{amount}")], None)

    await ledger.command(account, act, now)


def request(name: str, usage: Usage | None = None) -> Request:
    return Request(name, MODEL, usage or Usage(input=1000, output=1000))


async def admitted(ledger: Ledger, name: str, account: str = ACCOUNT, now: int = NOW) -> Admitted:
    decision = await ledger.admit(account, request(name), now)
    assert isinstance(decision, Admitted), decision
    return decision


async def refused(ledger: Ledger, name: str, account: str = ACCOUNT, now: int = NOW) -> Refused:
    decision = await ledger.admit(account, request(name), now)
    assert isinstance(decision, Refused), decision
    ledger.forget(name)
    return decision


def kinds(store: Store, account: str = ACCOUNT) -> list[str]:
    return [entry.kind for entry in store.entries(account)]


def journal(store: Store) -> list[Entry]:
    """Everything in the journal."""
    return [item for item in store.audit() if isinstance(item, Entry)]


def verified(store: Store) -> Report:
    with store.view() as books:
        return Verification(books, shelf().terms).run()


def findings(report: Report) -> Sequence[str]:
    return [finding.code for finding in report.findings]
