"""Many workers on one PostgreSQL database, each a ledger with a store of its own: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from faregate.app.catalogue_port import Receipt
from faregate.app.idempotency import AlreadyClaimed
from faregate.app.ledger import Ledger
from faregate.app.lost_holds import closing_lost
from faregate.app.store_port import Store
from faregate.core.entry import Entry
from faregate.core.errors import UnknownHold
from faregate.core.request import Admitted, Refused
from faregate.core.usage import Usage
from faregate.store.postgresql.store import PostgresqlStore
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import (
    ACCOUNT,
    NOW,
    ROOM,
    admitted,
    granted,
    journal,
    kinds,
    ledger_of,
    refused,
    request,
    subscribed,
    verified,
)
from tests.postgresql.server import shared_server

WORKERS = 8
MANY = 150
USAGE = Usage(input=900, output=700)


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


@asynccontextmanager
async def workers(url: str, count: int = WORKERS) -> AsyncIterator[list[Ledger]]:
    async with AsyncExitStack() as stack:
        ledgers = []
        for _ in range(count):
            store = PostgresqlStore.open(url)
            stack.callback(store.close)
            ledgers.append(await stack.enter_async_context(ledger_of(store)))
        yield ledgers


async def test_eight_workers_grant_a_hot_account_exactly_what_is_left(url: str) -> None:
    async with workers(url) as ledgers:
        await subscribed(ledgers[0])
        attempts = [ledgers[n % WORKERS].admit(ACCOUNT, request(f"r{n}"), NOW) for n in range(400)]
        decisions = await asyncio.gather(*attempts)
        assert sum(isinstance(decision, Admitted) for decision in decisions) == ROOM
        assert kinds(ledgers[0].store).count("hold") == ROOM
        assert verified(ledgers[0].store).clean


async def test_eight_processes_grant_two_thousand_attempts_at_the_last_hundred_exactly_a_hundred(url: str) -> None:
    async with workers(url, 1) as (ledger,):
        await subscribed(ledger, "demo/many")
        for number in range(MANY - 100):
            await admitted(ledger, f"before{number}")
        program = [sys.executable, "-m", "tests.app.worker_processes", url, str(WORKERS), "2000"]
        ended = await asyncio.to_thread(subprocess.run, program, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        granted = json.loads(ended.stdout)
        assert (len(granted), sum(granted)) == (WORKERS, 100)
        assert kinds(ledger.store).count("hold") == MANY
        assert verified(ledger.store).clean


async def test_a_worker_that_slept_through_others_writes_does_not_refuse_for_ever(url: str) -> None:
    async with workers(url, 2) as (one, other):
        await subscribed(one)
        for number in range(ROOM):
            await admitted(one, f"r{number}")
        await refused(other, "full")
        await one.release(ACCOUNT, "r0", NOW, "client_gone")
        await admitted(other, "again")
        assert verified(one.store).clean


async def test_every_worker_settles_what_it_admitted_while_others_write_to_the_same_accounts(url: str) -> None:
    accounts = [f"acc_{number:08}" for number in range(6)]
    async with workers(url) as ledgers:
        for account in accounts:
            await subscribed(ledgers[0], "demo/money", account)
            await granted(ledgers[0], "1000", account)

        async def serve(worker: int, number: int) -> None:
            ledger, account = ledgers[worker], random.Random(number).choice(accounts)
            name = f"r{worker}:{number}"
            decision = await ledger.admit(account, request(name), NOW + number)
            assert isinstance(decision, Admitted)
            if number % 5:
                await ledger.settle(account, name, USAGE, NOW + number)
            else:
                await ledger.release(account, name, NOW + number, "client_gone")

        await asyncio.gather(*(serve(worker, number) for worker in range(WORKERS) for number in range(25)))
        report = verified(ledgers[0].store)
        assert report.clean
        assert (report.usage_rows, report.open_holds) == (WORKERS * 20, 0)


async def test_one_idempotency_key_in_two_workers_holds_once(url: str) -> None:
    receipt = Receipt(f"request:{ACCOUNT}", "key", b"body", b"{}", NOW)
    async with workers(url, 4) as ledgers:
        await subscribed(ledgers[0])
        for ledger in ledgers:
            ledger.current(ACCOUNT, NOW)
        attempts = [ledger.admit(ACCOUNT, request(f"r{n}"), NOW, receipt) for n, ledger in enumerate(ledgers)]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        assert Counter(type(outcome) for outcome in outcomes) == {Admitted: 1, AlreadyClaimed: 3}
        assert kinds(ledgers[0].store).count("hold") == 1


async def drive(ledger: Ledger, accounts: list[str], seed: int) -> None:
    """A workload in which every decision is awaited: the same seed, the same entries."""
    chance = random.Random(seed)
    open_holds: list[tuple[str, str]] = []
    for account in accounts:
        await subscribed(ledger, chance.choice(["demo/calls", "demo/money", "demo/lost"]), account)
    for number in range(60):
        account, at = chance.choice(accounts), NOW + 60_000_000 * number
        decision = await ledger.admit(account, request(f"r{number}:{account}"), at)
        if isinstance(decision, Refused):
            ledger.forget(f"r{number}:{account}")
        else:
            open_holds.append((account, f"r{number}:{account}"))
        while len(open_holds) > 4:
            owner, name = open_holds.pop(chance.randrange(len(open_holds)))
            if chance.random() < 0.8:
                await ledger.settle(owner, name, Usage(input=chance.randrange(5000), output=7), at)
            else:
                await ledger.release(owner, name, at, "client_gone")


async def drive_at_once(ledgers: list[Ledger], accounts: list[str]) -> None:
    """The same requests whoever takes them, all at once, through ``ledgers`` in no order."""
    chance = random.Random(1)
    for account in accounts:
        await subscribed(ledgers[0], "demo/money", account)
        await granted(ledgers[0], "1000", account)

    async def one(number: int, account: str, usage: Usage) -> None:
        ledger, name = ledgers[random.Random(number).randrange(len(ledgers))], f"r{number}"
        decision = await ledger.admit(account, request(name), NOW)
        assert isinstance(decision, Admitted)
        if number % 5:
            await ledger.settle(account, name, usage, NOW + number)
        else:
            await ledger.release(account, name, NOW + number, "client_gone")

    await asyncio.gather(
        *(
            one(number, chance.choice(accounts), Usage(input=chance.randrange(5000), output=7))
            for number in range(300)
        )
    )


async def test_one_workload_gives_the_same_totals_whichever_worker_takes_a_request(url: str, tmp_path: Path) -> None:
    accounts = [f"acc_{number:08}" for number in range(4)]
    file = SqliteStore.open(tmp_path / "books.db")
    async with ledger_of(file) as ledger:
        await drive_at_once([ledger], accounts)
        expected = verified(file)
        sums = list(file.rollups())
    file.close()
    async with workers(url) as ledgers:
        await drive_at_once(ledgers, accounts)
        store = ledgers[0].store
        report = verified(store)
        assert report.clean
        assert report == expected
        assert list(store.rollups()) == sums


def by_account(store: Store) -> list[Entry]:
    return sorted(journal(store), key=lambda entry: (entry.account, entry.seq))


async def test_one_seeded_workload_gives_one_journal_on_every_engine_and_however_accounts_are_pinned(
    url: str, tmp_path: Path
) -> None:
    accounts = [f"acc_{number:08}" for number in range(16)]
    file = SqliteStore.open(tmp_path / "books.db")
    pins = [accounts[worker::WORKERS] for worker in range(WORKERS)]
    async with ledger_of(file) as ledger:
        for pinned in pins:
            await drive(ledger, pinned, seed=len(pinned[0]))
    expected = by_account(file)
    file.close()
    async with workers(url, 1) as (ledger,):
        for pinned in pins:
            await drive(ledger, pinned, seed=len(pinned[0]))
        assert by_account(ledger.store) == expected
    second = shared_server().empty_database()
    async with workers(second) as ledgers:
        await asyncio.gather(
            *(drive(ledger, pinned, len(pinned[0])) for ledger, pinned in zip(ledgers, pins, strict=True))
        )
        assert by_account(ledgers[0].store) == expected
    shared_server().give_back(second)


async def test_a_hold_that_is_gone_is_still_a_fault_where_nothing_was_in_doubt(url: str) -> None:
    async with workers(url, 1) as (ledger,):
        await subscribed(ledger)
        with pytest.raises(UnknownHold):
            await ledger.settle(ACCOUNT, "never", USAGE, NOW)


async def test_whoever_finds_a_hold_lost_closes_it_once(url: str) -> None:
    async with workers(url, 4) as ledgers:
        await subscribed(ledgers[0])
        await admitted(ledgers[0], "lost")
        acts = [closing_lost("lost", NOW, ledger.market) for ledger in ledgers]
        closing = [ledger.command(ACCOUNT, act, NOW) for ledger, act in zip(ledgers, acts, strict=True)]
        closed = await asyncio.gather(*closing)
        assert sorted(map(str, closed)) == ["None", "None", "None", "release"]
