"""Grace: while the books are away requests go on as far as plans say; all of it is booked once when they are back."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from faregate.app.grace import Grace
from faregate.app.grace_left import book_left
from faregate.app.grace_spool import DAMAGED, Spool, SpoolUnusable, pieces_in
from faregate.app.store_errors import StoreError, StoreUnreachable
from faregate.core.explain import explain
from faregate.core.request import Admitted
from faregate.core.usage import Usage
from faregate.store.postgresql.store import PostgresqlStore
from tests.app.books import ACCOUNT, NOW, request
from tests.app.grace_books import (
    Worker,
    asked,
    come_back,
    entries,
    go_away,
    subscribed,
    topped_up,
    until,
    verified,
    worker,
)
from tests.postgresql.proxy import Proxy
from tests.postgresql.server import shared_server

USAGE = Usage(input=1000, output=1000)
AWAY = "StoreUnreachable"


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


@pytest.fixture
def proxy(url: str) -> Iterator[Proxy]:
    with Proxy(shared_server().port) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faregate.app.grace.FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("faregate.app.grace.LONGEST_PAUSE_SECONDS", 0.02)


def marks(one: Worker) -> list[str | None]:
    """How each hold in the journal was booked: None where the books were there."""
    return [entry.data.get("grace", {}).get("booked") for entry in entries(one.store) if entry.kind == "hold"]


def kinds(one: Worker) -> Counter[str]:
    return Counter(entry.kind for entry in entries(one.store))


def once(one: Worker) -> bool:
    """Every write of a request is in the journal at most once."""
    return set(Counter(entry.key for entry in entries(one.store)).values()) == {1}


async def test_requests_go_on_to_the_bound_and_are_in_the_books_once(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        assert await asked(one.ledger, ["before"]) == ["Admitted"]
        go_away(proxy)
        names = [f"r{number}" for number in range(7)]
        assert await asked(one.ledger, names) == ["Admitted"] * 5 + [AWAY] * 2
        await one.ledger.settle(ACCOUNT, "before", USAGE, NOW + 10)
        await one.ledger.settle(ACCOUNT, "r0", USAGE, NOW + 11, {"outcome": "complete", "upstream": "u"})
        await one.ledger.release(ACCOUNT, "r1", NOW + 12, "client_gone")
        assert len(pieces_in(one.spool.read_bytes())[0]) >= 5
        await come_back(proxy, one)
        await one.ledger.settle(ACCOUNT, "r2", USAGE, NOW + 13)
        assert kinds(one) == {"subscribe": 1, "hold": 6, "settle": 3, "release": 1}
        assert marks(one) == [None, *["as_decided"] * 5]
        assert once(one)
        report = verified(one.store)
        assert (report.clean, report.usage_rows, report.open_holds) == (True, 3, 2)
        await until(lambda: one.spool.stat().st_size == 0)
        assert await asked(one.ledger, ["after"]) == ["Admitted"]
    assert not one.spool.exists()


async def test_grace_ends_when_its_time_is_over(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        go_away(proxy)
        one.clock.seconds = 119
        assert await asked(one.ledger, ["r0"]) == ["Admitted"]
        one.clock.seconds = 121
        assert await asked(one.ledger, ["r1"]) == [AWAY]
        await one.ledger.settle(ACCOUNT, "r0", USAGE, NOW)
        await come_back(proxy, one)
        assert kinds(one) == {"subscribe": 1, "hold": 1, "settle": 1}
        assert verified(one.store).clean


async def test_grace_ends_where_so_much_was_drawn(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger, "grace/money")
        go_away(proxy)
        # A request is 0.018 USD: two fit into 0.05, and what one did not use makes room for a third.
        assert await asked(one.ledger, ["r0", "r1", "r2"]) == ["Admitted", "Admitted", AWAY]
        await one.ledger.settle(ACCOUNT, "r0", Usage(input=10), NOW)
        assert await asked(one.ledger, ["r3", "r4"]) == ["Admitted", AWAY]
        await come_back(proxy, one)
        assert verified(one.store).clean


async def test_who_gets_no_grace_is_told_as_ever(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        await subscribed(one.ledger, "grace/strict", "acc_00000002")
        await subscribed(one.ledger, account="acc_00000003")
        go_away(proxy)
        assert await asked(one.ledger, ["a"]) == ["Admitted"]
        assert await asked(one.ledger, ["b"], "acc_00000002") == [AWAY]  # its plan gives none
        assert await asked(one.ledger, ["c"], "acc_00000009") == [AWAY]  # nobody knows it here
        with pytest.raises(StoreUnreachable):
            await topped_up(one.ledger, "1")
        with pytest.raises(StoreUnreachable):
            await subscribed(one.ledger, "grace/money", "acc_00000003")
        await come_back(proxy, one)
        assert verified(one.store).clean


async def test_a_refusal_cannot_be_compared_with_the_store_and_is_told_as_away(
    url: str, proxy: Proxy, tmp_path: Path
) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        assert await asked(one.ledger, [f"r{number}" for number in range(6)]) == ["Admitted"] * 6
        go_away(proxy)
        assert await asked(one.ledger, ["s0", "s1", "s2"]) == ["Admitted", "Admitted", AWAY]
        await come_back(proxy, one)
        assert await asked(one.ledger, ["s3"]) == ["Refused"]


async def test_two_workers_in_grace_overdraw_by_no_more_than_their_caps(
    url: str, proxy: Proxy, tmp_path: Path
) -> None:
    async with worker(url, proxy, tmp_path, "one") as one, worker(url, proxy, tmp_path, "two") as two:
        await subscribed(one.ledger)
        assert await asked(one.ledger, ["a", "b"]) == ["Admitted"] * 2
        assert (await two.ledger.fresh(ACCOUNT)).seq == 3
        go_away(proxy)
        for each, letter in ((one, "x"), (two, "y")):
            names = [f"{letter}{number}" for number in range(6)]
            assert await asked(each.ledger, names) == ["Admitted"] * 5 + [AWAY]
            for name in names[:5]:
                await each.ledger.settle(ACCOUNT, name, USAGE, NOW + 20, {"upstream": "u"})
        await come_back(proxy, one)
        await two.booked()
        assert kinds(one) == {"subscribe": 1, "hold": 12, "settle": 10}
        assert once(one)
        assert sorted(Counter(marks(one)[2:]).items()) == [("anew", 5), ("as_decided", 5)]
        report = verified(one.store)
        assert (report.clean, report.usage_rows) == (True, 10)
        state = await one.ledger.fresh(ACCOUNT)
        [subscription] = state.subscriptions.values()
        assert subscription.windows["five_hours"].used == 12_000  # of 8: what happened stands


async def test_what_others_spent_meanwhile_stands_as_debt_and_explain_says_why(
    url: str, proxy: Proxy, tmp_path: Path
) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger, "grace/money")
        await one.ledger.fresh(ACCOUNT)
        go_away(proxy)
        assert await asked(one.ledger, ["r0", "r1"]) == ["Admitted"] * 2
        await one.ledger.settle(ACCOUNT, "r0", USAGE, NOW + 9, {"upstream": "u"})
        async with worker(url, still := Proxy(shared_server().port), tmp_path, "other") as other:
            # Another machine's worker reaches the database, and spends all there is.
            big = Usage(input=1000, output=10_000)
            assert isinstance(await other.ledger.admit(ACCOUNT, request("big", big), NOW + 30), Admitted)
            await other.ledger.settle(ACCOUNT, "big", big, NOW + 31)
        still.__exit__(None, None, None)
        await come_back(proxy, one)
        await one.ledger.settle(ACCOUNT, "r1", USAGE, NOW + 40)
        assert once(one)
        assert verified(one.store).clean
        by_key = {entry.key: entry for entry in entries(one.store)}
        assert by_key["close:r0"].data["upstream"] == "u"
        assert by_key["hold:r0"].at == NOW + 31  # no earlier than what stands before it
        assert sum(piece[5] for piece in by_key["close:r0"].data["slices"]) > 0
        told = explain(by_key["hold:r0"], by_key["close:r0"], {})
        assert told["grace"] == {"booked": "anew", "at": "2026-03-02T10:00:00Z"}
        state = await one.ledger.fresh(ACCOUNT)
        [subscription] = state.subscriptions.values()
        assert subscription.pools["main"].owed > 0


async def test_a_batch_that_went_in_unheard_is_booked_once(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        await one.ledger.fresh(ACCOUNT)
        proxy.away.set()  # no new connection
        proxy.swallow.set()  # the one there is takes the batch, and its answer is lost
        assert await asked(one.ledger, ["r0", "r1"]) == ["Admitted"] * 2
        await come_back(proxy, one)
        assert kinds(one) == {"subscribe": 1, "hold": 2}
        assert once(one)
        assert verified(one.store).clean


async def test_requests_at_once_share_what_a_plan_lets_through(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        await one.ledger.fresh(ACCOUNT)
        go_away(proxy)
        names = [f"r{number}" for number in range(7)]
        asking = [one.ledger.admit(ACCOUNT, request(name), NOW) for name in names]
        seen = await asyncio.gather(*asking, return_exceptions=True)
        assert Counter(type(each).__name__ for each in seen) == {"Admitted": 5, AWAY: 2}
        await come_back(proxy, one)
        # The holds that were let through no further may have been in the store: they were given back.
        assert kinds(one)["hold"] - kinds(one)["release"] == 5
        assert verified(one.store).open_holds == 5


async def test_what_a_dead_worker_left_is_booked_by_whoever_starts(
    url: str, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_yet(grace: Grace) -> bool:
        return False

    folder, left = tmp_path / "here", tmp_path / "left"
    async with worker(url, proxy, folder) as one:
        await subscribed(one.ledger)
        await one.ledger.fresh(ACCOUNT)
        go_away(proxy)
        assert await asked(one.ledger, ["r0", "r1"]) == ["Admitted"] * 2
        await one.ledger.settle(ACCOUNT, "r0", USAGE, NOW + 5)
        left.mkdir()
        dead = left / "dead.spool"
        shutil.copy(one.spool, dead)
        with dead.open("ab") as file:
            file.write(one.spool.read_bytes()[:100])  # torn off by the end of the process
        assert one.ledger.grace is not None
        booking = one.ledger.grace.booking
        with monkeypatch.context() as patch:
            # The living one holds the same requests: it comes second.
            patch.setattr(Grace, "_answers", not_yet)
            proxy.away.clear()
            for _ in range(2):
                await asyncio.to_thread(book_left, booking, left, NOW + 60)
            await asyncio.to_thread(book_left, booking, folder, NOW + 60)  # the living one's is left alone
            assert one.spool.exists()
        await one.booked()
        assert not dead.exists()
        assert once(one)
        # Nobody will close r1 any more: by its plan's rule it is given back.
        assert kinds(one) == {"subscribe": 1, "hold": 2, "settle": 1, "release": 1}
        report = verified(one.store)
        assert (report.clean, report.open_holds) == (True, 0)


async def test_of_a_damaged_spool_the_rest_is_booked_and_it_is_kept(url: str, proxy: Proxy, tmp_path: Path) -> None:
    folder, left = tmp_path / "here", tmp_path / "left"
    async with worker(url, proxy, folder) as one:
        await subscribed(one.ledger)
        await one.ledger.fresh(ACCOUNT)
        go_away(proxy)
        assert await asked(one.ledger, ["r0", "r1", "r2"]) == ["Admitted"] * 3
        lines = one.spool.read_bytes().splitlines(keepends=True)
        assert len(lines) == 3
        left.mkdir()
        lines[1] = lines[1].replace(b"claude", b"clause", 1)
        (left / "dead.spool").write_bytes(b"".join(lines))
        proxy.away.clear()
        assert one.ledger.grace is not None
        await asyncio.to_thread(book_left, one.ledger.grace.booking, left, NOW + 60)
        assert {path.suffix for path in left.iterdir()} == {DAMAGED}
        await one.booked()
        assert once(one)
        assert verified(one.store).clean


async def test_a_spool_of_other_books_is_left_alone(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        await one.ledger.fresh(ACCOUNT)
        go_away(proxy)
        assert await asked(one.ledger, ["r0"]) == ["Admitted"]
        left = tmp_path / "left"
        left.mkdir()
        shutil.copy(one.spool, left / "dead.spool")
        other_url = shared_server().empty_database()
        async with worker(other_url, still := Proxy(shared_server().port), tmp_path, "other") as other:
            assert other.ledger.grace is not None
            await asyncio.to_thread(book_left, other.ledger.grace.booking, left, NOW)
            assert entries(other.store) == []
        still.__exit__(None, None, None)
        shared_server().give_back(other_url)
        assert (left / "dead.spool").exists()
        await come_back(proxy, one)


async def test_where_the_spool_cannot_be_written_nothing_goes_on(
    url: str, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        await subscribed(one.ledger, account="acc_00000002")
        go_away(proxy)
        assert await asked(one.ledger, ["r0"]) == ["Admitted"]
        kept = one.spool.read_bytes()
        write = os.pwrite

        def full(file: int, content: bytes, at: int) -> int:
            if at > len(kept) or len(content) < 30:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(file, content[:20], at)

        monkeypatch.setattr(os, "pwrite", full)
        assert await asked(one.ledger, ["r1"]) == ["SpoolUnusable"]
        assert await asked(one.ledger, ["s0"], "acc_00000002") == ["SpoolUnusable"]
        with pytest.raises(StoreError):
            await one.ledger.settle(ACCOUNT, "r0", USAGE, NOW)  # is tried again, as ever
        assert one.spool.read_bytes() == kept
        monkeypatch.undo()
        assert await asked(one.ledger, ["r2"]) == ["Admitted"]
        await one.ledger.settle(ACCOUNT, "r0", USAGE, NOW)
        await come_back(proxy, one)
        assert kinds(one) == {"subscribe": 1, "hold": 2, "settle": 1}
        assert verified(one.store).clean


async def test_what_cannot_be_booked_at_the_end_stays_on_the_disk(url: str, proxy: Proxy, tmp_path: Path) -> None:
    async with worker(url, proxy, tmp_path) as one:
        await subscribed(one.ledger)
        go_away(proxy)
        assert await asked(one.ledger, ["r0"]) == ["Admitted"]
        assert one.ledger.grace is not None
        await one.ledger.grace.stop()
        assert len(pieces_in(one.spool.read_bytes())[0]) == 1
        one.ledger.grace = None
        proxy.away.clear()
        store = PostgresqlStore.open(url)
        store.close()


async def test_a_folder_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolUnusable):
        Spool(tmp_path / "file", "one")
