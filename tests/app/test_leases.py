"""The dead among many workers: what they left open is closed, also what came in after their death."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from faregate.app.doubtful import Doubtful
from faregate.app.group_commit import Outcome, Work
from faregate.app.ids import RequestIds
from faregate.app.leases import Leases
from faregate.app.ledger import Ledger
from faregate.app.store_errors import StoreUnreachable
from faregate.core.entry import Entry
from faregate.core.errors import UnknownHold
from faregate.store.postgresql.store import PostgresqlStore
from tests.app.books import ACCOUNT, NOW, admitted, kinds, ledger_of, seeded, subscribed, verified
from tests.postgresql.server import shared_server

OURS, DEAD = 1, 7


@pytest.fixture
def store() -> Iterator[PostgresqlStore]:
    url = shared_server().empty_database()
    store = PostgresqlStore.open(url)
    yield store
    store.close()
    shared_server().give_back(url)


class OneDead:
    """A register in which one other worker died."""

    lease_seconds = 0.1

    def __init__(self) -> None:
        self.dead = frozenset({DEAD})

    def register(self, name: str) -> int:
        return OURS

    def beat(self, number: int) -> tuple[frozenset[int], frozenset[int]]:
        return frozenset({OURS}), self.dead

    def dismiss(self, number: int) -> None:
        self.dead -= {number}


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.002)


def of_the_dead(number: int) -> str:
    return RequestIds(seeded().randbytes, DEAD).new(ACCOUNT, NOW + number)


async def test_a_hold_that_came_in_after_its_worker_was_found_dead_is_closed_before_that_is_struck_off(
    store: PostgresqlStore,
) -> None:
    register = OneDead()
    async with ledger_of(store) as ledger:
        await subscribed(ledger)
        await admitted(ledger, of_the_dead(1))
        leases = Leases(register, OURS)
        leases.start(ledger, lambda: NOW)
        await until(lambda: len(leases.closed) == 1)
        await admitted(ledger, of_the_dead(2))
        await until(lambda: not register.dead)
        await leases.stop()
        assert {request for _, request, _ in leases.closed} == {of_the_dead(1), of_the_dead(2)}
        assert kinds(store).count("release") == 2
        assert verified(store).open_holds == 0


def work(ledger: Ledger, request: str) -> Work:
    done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    return Work(ACCOUNT, lambda state: Outcome((), None), NOW, None, done, opens=request)


async def test_a_hold_that_went_in_late_is_given_back_though_it_was_not_there_at_first(
    store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faregate.app.doubtful.FIRST_PAUSE_SECONDS", 0.001)
    asked: list[str] = []

    async with ledger_of(store) as ledger:
        await subscribed(ledger)

        def release(account: str, request: str, now: int, reason: str) -> asyncio.Future[Entry]:
            asked.append(request)
            return ledger.release(account, request, now, reason)

        doubtful = Doubtful(release)
        doubtful.note(work(ledger, "late"))
        await until(lambda: len(asked) >= 2)
        await admitted(ledger, "late")
        await until(lambda: not doubtful.waiting)
        assert kinds(store).count("release") == 1


async def test_nobody_asks_for_ever_for_a_hold_that_never_went_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faregate.app.doubtful.FIRST_PAUSE_SECONDS", 0.001)
    answers = iter([StoreUnreachable("here", "it is away"), UnknownHold("never"), UnknownHold("never")])

    async def release(account: str, request: str, now: int, reason: str) -> None:
        raise next(answers, UnknownHold("never"))

    doubtful = Doubtful(lambda *given: asyncio.ensure_future(release(*given)), late_seconds=0.01)
    doubtful.note(Work(ACCOUNT, lambda state: Outcome((), None), NOW, None, asyncio.Future(), opens="never"))
    await until(lambda: not doubtful.waiting)
    assert next(answers, None) is None
