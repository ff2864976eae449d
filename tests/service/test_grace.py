"""Grace in service: the database is gone, requests go on as far as plans say, and the books are whole after it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.books import Account
from tests.postgresql.server import PostgresqlServer
from tests.service.asking import Answer
from tests.service.chaos import Reckoning, open_accounts, reckoned, said, said_many
from tests.service.conftest import Upstream
from tests.service.served import PLANS, Place, Served

AWAY = Path(__file__).with_name("grace.yaml")
CAP = 20
WAIT_SECONDS = 120.0


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    server = PostgresqlServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def place_at(folder: Path, upstream: Upstream, url: str, **settings: Any) -> Place:
    told = {
        "worker_lease_seconds": 1,
        "drain_seconds": 10,
        "database_write_seconds": 0.2,
        "grace_folder": str(folder / "grace"),
        **settings,
    }
    place = Place(folder, upstream.url, plans=(PLANS, AWAY), database=url, **told)
    place.database = url
    return place


def spools(place: Place) -> list[Path]:
    return sorted((place.folder / "grace").glob("*"))


def statuses(answers: list[Answer]) -> dict[int, int]:
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status] = found.get(answer.status, 0) + 1
    return found


def whole(answers: list[Answer]) -> list[str]:
    return [answer.request for answer in answers if answer.whole and answer.status == 200]


def until_admitted(served: Served, account: Account) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while asyncio.run(said(served.port, account, 0)).status != 200:
        assert time.monotonic() < until, f"it does not come back\n{served.said}"
        time.sleep(0.05)


def books_whole(url: str, served: Served, answered: list[str]) -> Reckoning:
    """Once every worker has booked what it decided alone."""
    until = time.monotonic() + WAIT_SECONDS
    while any(path.stat().st_size for path in spools(served.place)):
        assert time.monotonic() < until, f"it is not booked\n{served.said}"
        time.sleep(0.05)
    found = reckoned(url, lambda: served.said)
    assert found.closed_otherwise_than_once == set()
    assert [request for request in answered if not found.settled[request]] == []
    return found


def test_requests_go_on_to_the_bound_and_a_worker_killed_meanwhile_loses_none_of_them(
    tmp_path: Path, upstream: Upstream, server: PostgresqlServer
) -> None:
    url = server.new_database()
    place = place_at(tmp_path, upstream, url)
    with place.serving() as served:
        account = served.books.new_account("away", "away/kept")
        seen = asyncio.run(said_many(served.port, account, 3))
        assert statuses(seen) == {200: 3}
        server.kill()
        during = [asyncio.run(said(served.port, account, number)) for number in range(CAP + 4)]
        assert statuses(during) == {200: CAP, 503: 4}
        assert {answer.headers["retry-after"] for answer in during if answer.status == 503} == {"5"}
        served.kill()
    assert len(spools(place)) == 1
    server.start()
    with place.serving() as served:
        assert [path for path in spools(place) if path.stat().st_size] == []
        until_admitted(served, account)
        books_whole(url, served, whole(seen) + whole(during))
        told = place.run_json("explain", whole(during)[0])
        assert (told["state"], told["grace"]) == ("settled", {"booked": "as_decided", "at": None})
        assert "while the books were away" in place.run("explain", whole(during)[0]).stdout
        assert served.end() == 0
    assert spools(place) == []
    assert place.verify()["open_holds"] == 0


def test_workers_in_grace_at_once_let_through_no_more_than_their_caps_and_book_all_of_it(
    tmp_path: Path, upstream: Upstream, server: PostgresqlServer
) -> None:
    url = server.new_database()
    account, strict = asyncio.run(open_accounts(url, 2, ("away/kept", "gates/kept"), [PLANS, AWAY]))
    place = place_at(tmp_path, upstream, url, workers=2)
    with place.serving() as served:
        until_admitted(served, account)
        until_admitted(served, strict)
        seen = asyncio.run(said_many(served.port, account, 40))

        async def ask_while_it_dies() -> list[Answer]:
            asked = [asyncio.create_task(said(served.port, account, number, stream=True)) for number in range(30)]
            await asyncio.to_thread(server.kill)
            return await asyncio.gather(*asked)

        dying = asyncio.run(ask_while_it_dies())
        during: list[Answer] = []
        until = time.monotonic() + WAIT_SECONDS
        # Which worker takes a connection is chance, and one that was never asked before knows nobody.
        while 503 not in statuses(during) or not whole(dying) + whole(during):
            during += asyncio.run(said_many(served.port, account, 60))
            assert time.monotonic() < until
        assert set(statuses(during)) <= {200, 503}
        assert len(whole(during)) <= 2 * CAP
        assert statuses(asyncio.run(said_many(served.port, strict, 5))) == {503: 5}
        server.start()
        until_admitted(served, account)
        books_whole(url, served, [*whole(seen), *whole(dying), *whole(during)])
        assert served.end() == 0
    assert spools(place) == []
    assert place.verify()["open_holds"] == 0


def test_where_plans_give_grace_that_cannot_be_had_the_start_says_so(tmp_path: Path, upstream: Upstream) -> None:
    with Place(tmp_path, upstream.url, plans=(PLANS, AWAY)).serving() as served:
        assert "requests do not go on while the books are away, though away/kept say so" in served.said
        assert served.end() == 0
