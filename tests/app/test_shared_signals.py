"""A key used through many workers raises the same flags as through one: what each saw, all count."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from faregate.app.ledger import Ledger
from faregate.app.sharing_signals import Sight
from faregate.app.sightings_port import Sighting
from faregate.app.store_errors import StoreUnreachable
from faregate.app.watch import Watch
from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.terms import SharingRule
from faregate.store.postgresql.store import PostgresqlStore
from tests.app.books import NOW, admitted, ledger_of, subscribed
from tests.postgresql.server import shared_server

BOUNDS = (
    ("addresses", 3, DAY),
    ("clients", 2, DAY),
    ("sessions", 4, HOUR),
    ("relay", 2, DAY),
    ("many_accounts", 2, DAY),
    ("accounts_of_an_address", 3, DAY),
)
RULE = SharingRule(BOUNDS, "warn", 1, DAY)
ACCOUNTS = [f"acc_0000000{number}" for number in range(1, 6)]


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


class Worker:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.watch = Watch(ledger, b"secret of its own")

    async def show(self, account: str, sight: Sight, now: int, rule: SharingRule = RULE) -> None:
        state = await self.ledger.fresh(account)
        self.watch.note(state, ("demo/calls", rule), sight, now)


@asynccontextmanager
async def workers(url: str, count: int) -> AsyncIterator[list[Worker]]:
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(count):
            store = PostgresqlStore.open(url)
            stack.callback(store.close)
            made.append(Worker(await stack.enter_async_context(ledger_of(store))))
        yield made


def flags(url: str) -> list[tuple[str, str]]:
    """(account, signal) of every flag in the journal; to be asked when the ledgers are closed."""
    store = PostgresqlStore.open(url)
    try:
        entries = [entry for account in ACCOUNTS for entry in store.entries(account)]
        return sorted((entry.account, str(entry.data["signal"])) for entry in entries if entry.kind == "flag")
    finally:
        store.close()


def sights(seed: int, count: int) -> list[tuple[str, Sight]]:
    """Requests of some accounts, from few enough senders that some bounds are crossed and some are not."""
    chance = random.Random(seed)
    shown = []
    for _ in range(count):
        owner = chance.randrange(len(ACCOUNTS))
        own = chance.random() < 0.8
        device = f"device {owner if own else chance.randrange(4)}"
        address = f"10.0.{owner}.{chance.randrange(4)}" if own else f"192.0.2.{chance.randrange(3)}"
        users = (f"user {chance.randrange(4)}",) if chance.random() < 0.1 else ()
        shown.append((ACCOUNTS[owner], Sight(address, device, True, f"session {owner}{chance.randrange(6)}", users)))
    return shown


async def raised(url: str, count: int, seed: int) -> list[tuple[str, str]]:
    """The flags that the same requests raise when they come through ``count`` workers."""
    chance = random.Random(seed)
    async with workers(url, count) as made:
        for account in ACCOUNTS:
            await subscribed(made[0].ledger, account=account)
        for step, (account, sight) in enumerate(sights(seed, 60)):
            await made[chance.randrange(count)].show(account, sight, NOW + step * MINUTE)
            if step % 7 == 6:
                for worker in made:
                    await worker.watch.go_round(NOW + step * MINUTE)
        for worker in made:
            await worker.watch.go_round(NOW + 60 * MINUTE)
    return flags(url)


@pytest.mark.parametrize("seed", range(3))
async def test_through_eight_workers_the_same_flags_are_raised_as_through_one(url: str, seed: int) -> None:
    alone = shared_server().empty_database()
    try:
        through_one = await raised(alone, 1, seed)
    finally:
        shared_server().give_back(alone)
    assert len(through_one) > 2, "some bounds are crossed"
    assert len(through_one) < len(ACCOUNTS) * len(BOUNDS), "and some are not"
    through_eight = await raised(url, 8, seed)
    subjects = ("many_accounts", "accounts_of_an_address")
    assert [each for each in through_eight if each[1] not in subjects] == [
        each for each in through_one if each[1] not in subjects
    ]
    # Of one sender's accounts it is one that the flag stands on: whose request came last before it was counted.
    assert {signal for _, signal in through_eight} == {signal for _, signal in through_one}


async def test_requests_open_with_all_workers_are_counted_together(url: str) -> None:
    rule = SharingRule((("concurrency", 5, HOUR),), "warn", 1, DAY)
    async with workers(url, 8) as made:
        await subscribed(made[0].ledger, account=ACCOUNTS[0])
        for number, worker in enumerate(made[:6]):
            await worker.show(ACCOUNTS[0], Sight(f"10.0.0.{number}"), NOW, rule)
            await admitted(worker.ledger, f"r{number}", ACCOUNTS[0])
            await worker.watch.go_round(NOW)
    assert flags(url) == [(ACCOUNTS[0], "concurrency")]


async def test_what_was_told_is_not_told_again_within_a_minute_nor_once_the_flag_is_raised(url: str) -> None:
    async with workers(url, 1) as [worker]:
        await subscribed(worker.ledger, account=ACCOUNTS[0])
        told: list[int] = []
        store = worker.ledger.store
        add = store.add_sightings

        def counted(rows: list[Sighting]) -> None:
            told.append(len(rows))
            add(rows)

        store.add_sightings = counted  # type: ignore[method-assign, assignment]
        rule = SharingRule((("addresses", 2, DAY),), "warn", 1, DAY)
        for step in range(8):
            await worker.show(ACCOUNTS[0], Sight(f"10.0.0.{step % 2}"), NOW + step, rule)
            await worker.watch.go_round(NOW + step)
        assert told == [1, 1]
        for step in range(2, 40):
            await worker.show(ACCOUNTS[0], Sight(f"10.0.0.{step}"), NOW + step, rule)
        await worker.watch.go_round(NOW + 40)
        assert told == [1, 1, 1], "an account that is flagged costs nothing more"
    assert flags(url) == [(ACCOUNTS[0], "addresses")]


async def test_what_could_not_be_told_is_told_later(url: str) -> None:
    async with workers(url, 2) as [one, two]:
        await subscribed(one.ledger, account=ACCOUNTS[0])
        rule = SharingRule((("addresses", 1, DAY),), "warn", 1, DAY)
        await one.show(ACCOUNTS[0], Sight("10.0.0.1"), NOW, rule)
        store = one.ledger.store
        add = store.add_sightings

        def away(rows: list[Sighting]) -> None:
            raise StoreUnreachable("books", "it is away")

        store.add_sightings = away  # type: ignore[method-assign, assignment]
        with pytest.raises(StoreUnreachable):
            await one.watch.go_round(NOW)
        store.add_sightings = add  # type: ignore[method-assign]
        await one.watch.go_round(NOW)
        await two.show(ACCOUNTS[0], Sight("10.0.0.2"), NOW, rule)
        await two.watch.go_round(NOW)
    assert flags(url) == [(ACCOUNTS[0], "addresses")]


async def test_no_address_and_no_id_is_in_the_database(url: str) -> None:
    async with workers(url, 1) as [worker]:
        await subscribed(worker.ledger, account=ACCOUNTS[0])
        await worker.show(ACCOUNTS[0], Sight("203.0.113.7", "device-1", True, "session-1", ("user-1",)), NOW)
        rows = worker.watch._signals.fresh()
        worker.watch._signals.untold(rows)
        await worker.watch.go_round(NOW)
        kept = repr(worker.ledger.store.sightings([row.subject for row in rows], NOW))
        assert ACCOUNTS[0] in kept
        assert not any(plain in kept for plain in ("203.0.113.7", "device-1", "session-1", "user-1"))
