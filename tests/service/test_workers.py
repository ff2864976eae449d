"""`faregate serve --workers` on PostgreSQL: one truth, whoever answers, whoever dies, database there or not."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.books import Account
from tests.postgresql.server import PostgresqlServer, shared_server
from tests.service.asking import Answer
from tests.service.chaos import said, said_many, workers_of
from tests.service.conftest import Upstream
from tests.service.served import Place, Served

WORKERS = 3
WAIT_SECONDS = 60.0


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


def place_at(folder: Path, upstream: Upstream, url: str, **settings: Any) -> Place:
    told = {"workers": WORKERS, "drain_seconds": 10, **settings}
    place = Place(folder, upstream.url, database=url, **told)
    place.database = url
    return place


def new_account(served: Served, name: str, plan: str) -> Account:
    """An account whose key every worker knows: another's writes are followed four times a second."""
    account = served.books.new_account(name, plan)
    time.sleep(1.0)
    return account


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_through_all_workers_a_hot_account_gets_exactly_what_is_left_and_all_end_well(
    tmp_path: Path, upstream: Upstream, url: str
) -> None:
    place = place_at(tmp_path, upstream, url)
    with place.serving() as served:
        account = new_account(served, "hot", "gates/fifty")
        answers = asyncio.run(said_many(served.port, account, 150))
        assert Counter(answer.status for answer in answers) == {200: 50, 429: 100}
        assert len(served.books.settled_by_now(account.id)) == 50
        assert served.end() == 0
    assert place.verify()["open_holds"] == 0


def test_a_revoked_key_is_refused_by_every_worker_within_a_second(
    tmp_path: Path, upstream: Upstream, url: str
) -> None:
    place = place_at(tmp_path, upstream, url)
    with place.serving() as served:
        account = new_account(served, "revoked", "gates/kept")
        [key] = place.run_json("account", "show", account.id)["keys"]
        place.run("key", "revoke", key["id"])
        time.sleep(1.0)
        answers = asyncio.run(said_many(served.port, account, 30))
        assert Counter(answer.status for answer in answers) == {401: 30}


def test_a_worker_that_is_killed_is_started_again_and_what_it_held_is_closed_by_the_others(
    tmp_path: Path, upstream: Upstream, url: str
) -> None:
    place = place_at(tmp_path, upstream, url, worker_lease_seconds=1)
    with place.serving() as served:
        account = new_account(served, "killed", "gates/kept")
        first = workers_of(served)
        assert len(first) == WORKERS

        async def ask_and_kill() -> list[Answer]:
            asked = [asyncio.create_task(said(served.port, account, number, stream=True)) for number in range(60)]
            while upstream.seen == 0:  # noqa: ASYNC110 - it is another thread that counts
                await asyncio.sleep(0)
            os.kill(first[0], signal.SIGKILL)
            return await asyncio.gather(*asked)

        upstream.seen = 0
        answers = asyncio.run(ask_and_kill())
        assert any(answer.whole and answer.status == 200 for answer in answers)
        until(lambda: len(workers_of(served)) == WORKERS and first[0] not in workers_of(served), "not started again")
        served.books.settled_by_now(account.id)
        assert {answer.status for answer in asyncio.run(said_many(served.port, account, 10))} == {200}
        assert served.end() == 0
    report = place.verify()
    assert report["open_holds"] == 0
    whole = sum(answer.whole and answer.status == 200 for answer in answers)
    assert report["usage_rows"] >= whole + 10


def test_while_the_database_is_away_requests_are_told_to_come_back_and_afterwards_the_books_are_whole(
    tmp_path: Path, upstream: Upstream
) -> None:
    server = PostgresqlServer()
    try:
        server.start()
        place = place_at(tmp_path, upstream, server.new_database(), database_write_seconds=0.2)
        with place.serving() as served:
            account = new_account(served, "away", "gates/kept")
            before = asyncio.run(said_many(served.port, account, 10))

            async def ask_while_it_dies() -> list[Answer]:
                asked = [asyncio.create_task(said(served.port, account, number)) for number in range(40)]
                await asyncio.to_thread(server.kill)
                return await asyncio.gather(*asked, *(said(served.port, account, number) for number in range(20)))

            during = asyncio.run(ask_while_it_dies())
            assert {answer.status for answer in during} <= {200, 503}
            away = [answer for answer in during if answer.status == 503]
            assert len(away) >= 20
            assert all(answer.headers["retry-after"] == "5" for answer in away)
            server.start()
            until(lambda: asyncio.run(said(served.port, account, 0)).status == 200, "it does not come back")
            rows = served.books.settled_by_now(account.id)
            answered = {answer.request for answer in [*before, *during] if answer.status == 200}
            assert answered <= {row["request"] for row in rows}
            assert served.end() == 0
        assert place.verify()["open_holds"] == 0
    finally:
        server.remove()


def test_one_process_serves_a_sqlite_database(tmp_path: Path, upstream: Upstream) -> None:
    place = Place(tmp_path, upstream.url, workers=2)
    process = place.spawn()
    assert process.wait(60) == 2
    assert "error[one_process]" in place.log.read_text()
    assert process.stdout is not None
    process.stdout.close()
