"""A database that swallows questions: one asks, the others are told, and all go on when it answers."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from faregate.app.store_errors import StoreUnreachable
from faregate.app.store_port import ACCEPTED
from faregate.store.postgresql import standstill
from faregate.store.postgresql.standstill import Standstill
from faregate.store.postgresql.store import PostgresqlStore
from tests.postgresql.proxy import Proxy
from tests.postgresql.server import shared_server
from tests.store.lines import grant, grants


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standstill, "WAIT_SECONDS", 0.01)


@pytest.fixture
def still() -> Standstill:
    """One that thinks every silence long enough, and has met one."""
    still = Standstill("books", slow_seconds=0)
    silence(still)
    return still


def silence(still: Standstill) -> None:
    with pytest.raises(psycopg.OperationalError), still.asking():
        raise psycopg.OperationalError("server closed the connection unexpectedly")


def answer(still: Standstill) -> None:
    with still.asking():
        pass


def test_while_one_asks_the_others_are_told(still: Standstill) -> None:
    with still.asking(), ThreadPoolExecutor(1) as threads, pytest.raises(StoreUnreachable):
        threads.submit(answer, still).result()
    answer(still)


def test_after_one_that_asked_in_vain_the_next_one_asks(still: Standstill) -> None:
    silence(still)
    silence(still)
    answer(still)
    with still.asking(), ThreadPoolExecutor(1) as threads:
        threads.submit(answer, still).result()


def test_those_that_wait_go_on_when_the_one_that_asks_has_its_answer(
    still: Standstill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standstill, "WAIT_SECONDS", 60)
    begun = threading.Event()

    def wait() -> None:
        begun.set()
        answer(still)

    with ThreadPoolExecutor(1) as threads:
        with still.asking():
            waiting = threads.submit(wait)
            begun.wait()
        waiting.result()


async def test_an_event_loop_is_told_at_once_and_never_asks_first(still: Standstill) -> None:
    with pytest.raises(StoreUnreachable):
        answer(still)
    await asyncio.to_thread(answer, still)
    answer(still)


@pytest.mark.parametrize("said", [psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable, KeyError])
def test_whoever_refuses_answers(still: Standstill, said: type[Exception]) -> None:
    with pytest.raises(said), still.asking():
        raise said("no")
    with still.asking(), ThreadPoolExecutor(1) as threads:
        threads.submit(answer, still).result()


def test_a_silence_that_was_short_is_no_standstill() -> None:
    still = Standstill("books", slow_seconds=60)
    silence(still)
    with still.asking(), ThreadPoolExecutor(1) as threads:
        threads.submit(answer, still).result()


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


def test_of_many_that_ask_a_database_that_stands_still_few_wait_and_all_go_on_afterwards(url: str) -> None:
    with Proxy(shared_server().port) as proxy:
        through = re.sub(r":\d+/", f":{proxy.port}/", url)
        store = PostgresqlStore.open(through, answer_seconds=1.0, wait_seconds=0)
        store.append(grants("acc_a", 1, 1))
        proxy.stall()
        with pytest.raises(StoreUnreachable):
            store.head("acc_a")

        def ask(number: int) -> str:
            try:
                return str(store.load(f"acc_{number}"))
            except StoreUnreachable as problem:
                return problem.problem

        with ThreadPoolExecutor(50) as threads:
            told = list(threads.map(ask, range(50)))
        assert told.count("it does not answer") > 25
        proxy.go_on()
        proxy.cut()
        while True:  # one of the connections that are cut may be the one that is asked first
            try:
                assert store.append([grant("acc_a", store.head("acc_a") + 1)]) == [ACCEPTED]
            except StoreUnreachable:
                continue
            break
        store.close()
