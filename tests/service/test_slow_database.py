"""A database that is slow, stands still, or cannot be written, under a serving process: nobody waits without an end,
the rest of the process goes on, and it recovers by itself with every answer in the books once.
"""

from __future__ import annotations

import asyncio
import re
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.clients.books import Account
from tests.postgresql.proxy import Proxy
from tests.postgresql.server import shared_server
from tests.service.asking import Answer, ask
from tests.service.chaos import said, said_many
from tests.service.conftest import Upstream
from tests.service.served import Place, Served
from tests.service.test_workers import new_account, until

MANY = 40
SLOW_SECONDS = 0.5


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(shared_server().port) as proxy:
        yield proxy


@pytest.fixture
def url(proxy: Proxy) -> Iterator[str]:
    url = shared_server().empty_database()
    yield re.sub(r":\d+/", f":{proxy.port}/", url)
    proxy.go_on()
    shared_server().give_back(url)


def place_at(folder: Path, upstream: Upstream, url: str, **settings: Any) -> Place:
    place = Place(folder, upstream.url, database=url, drain_seconds=10, **settings)
    place.database = url
    return place


def told_to_come_back(answers: list[Answer]) -> None:
    assert {answer.status for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"5"}
    assert all(answer.whole for answer in answers)


def books_hold(served: Served, account: Account, answers: list[Answer]) -> None:
    """Every answer that came is settled, once."""
    answered = {answer.request for answer in answers if answer.status == 200}

    def settled() -> list[str]:
        return [row["request"] for row in served.books.settled_by_now(account.id)]

    until(lambda: answered <= set(settled()), "an answer is not settled")
    assert set(Counter(settled()).values()) == {1}


def test_where_every_statement_takes_half_a_second_all_are_served(
    tmp_path: Path, upstream: Upstream, proxy: Proxy, url: str
) -> None:
    with place_at(tmp_path, upstream, url, database_answer_seconds=60).serving() as served:
        accounts = [served.books.new_account(f"slow {number}", "gates/kept") for number in range(4)]
        until(lambda: asyncio.run(said(served.port, accounts[-1], 0)).status == 200, "the key is not known")
        proxy.delay_seconds = SLOW_SECONDS

        async def timed(account: Account, number: int) -> tuple[float, Answer]:
            begun = time.monotonic()
            answer = await said(served.port, account, number)
            return time.monotonic() - begun, answer

        async def all_of_them() -> list[tuple[float, Answer]]:
            return await asyncio.gather(*(timed(accounts[number % 4], number) for number in range(MANY)))

        came = asyncio.run(all_of_them())
        proxy.delay_seconds = 0.0
        answers = [answer for _, answer in came]
        assert {answer.status for answer in answers} == {200}
        waits = [seconds for seconds, _ in came]
        told = f"p50 {statistics.median(waits):.2f} s, longest {max(waits):.2f} s"
        sys.stdout.write(f"each statement {SLOW_SECONDS} s: {told}\n")
        for account in accounts:
            books_hold(served, account, [a for number, a in enumerate(answers) if accounts[number % 4] is account])
        assert served.end() == 0


def test_while_the_database_stands_still_everybody_is_told_and_afterwards_it_goes_on_by_itself(
    tmp_path: Path, upstream: Upstream, proxy: Proxy, url: str
) -> None:
    bounds = {"database_answer_seconds": 2, "database_write_seconds": 0.5}
    place = place_at(tmp_path, upstream, url, **bounds)
    with place.serving() as served:
        warm = new_account(served, "warm", "gates/kept")
        cold = [served.books.new_account(f"cold {number}", "gates/kept") for number in range(12)]
        until(lambda: asyncio.run(said(served.port, warm, 0)).status == 200, "it is not served")
        proxy.stall()

        async def ask_everybody() -> list[Answer]:
            asked = [said(served.port, each, 0) for each in cold] + [said(served.port, warm, n) for n in range(MANY)]
            return await asyncio.gather(*asked)

        # It stands still until all of them have their answer: whoever waited for it would wait for ever.
        before = asyncio.run(said_many(served.port, warm, 1))
        told_to_come_back([*before, *asyncio.run(ask_everybody())])
        hello = asyncio.run(ask(served.port, "/v1/models", None, {"authorization": f"Bearer {warm.key}"}, "GET"))
        assert hello.status == 200, "what needs no database is served"
        proxy.go_on()
        until(lambda: asyncio.run(said(served.port, warm, 0)).status == 200, "it does not come back")
        until(lambda: {a.status for a in asyncio.run(said_many(served.port, warm, 10))} == {200}, "it does not last")
        books_hold(served, warm, asyncio.run(said_many(served.port, warm, 10)))
        assert served.end() == 0
    assert place.verify()["open_holds"] == 0


def test_a_file_that_somebody_keeps_locked_is_waited_for_up_to_a_bound(tmp_path: Path, upstream: Upstream) -> None:
    place = Place(tmp_path, upstream.url, drain_seconds=5)
    with place.serving() as served:
        account = served.books.new_account("locked", "gates/kept")
        first = asyncio.run(said_many(served.port, account, 5))
        other = apsw.Connection(place.database.removeprefix("sqlite:///"))
        other.execute("BEGIN IMMEDIATE")
        told_to_come_back(asyncio.run(said_many(served.port, account, 10)))
        other.execute("ROLLBACK")
        other.close()
        last = asyncio.run(said_many(served.port, account, 5))
        assert {answer.status for answer in [*first, *last]} == {200}
        books_hold(served, account, [*first, *last])
    assert place.verify()["open_holds"] == 0


def test_a_disk_that_takes_no_more_is_told_and_written_again_when_it_does(tmp_path: Path, upstream: Upstream) -> None:
    place = Place(tmp_path, upstream.url, drain_seconds=5)
    with place.serving() as served:
        account = served.books.new_account("full", "gates/kept")
        first = asyncio.run(said_many(served.port, account, 5))
        served.books.settled_by_now(account.id)
        unlimited = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
        told_to_come_back(asyncio.run(said_many(served.port, account, 10)))
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, unlimited)
        last = asyncio.run(said_many(served.port, account, 5))
        assert {answer.status for answer in [*first, *last]} == {200}
        books_hold(served, account, [*first, *last])
    assert place.verify()["open_holds"] == 0
