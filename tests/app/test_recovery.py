"""After a crash: holds nobody will close any more are closed by their plan's rule, and reported."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from faregate.app.ledger import Ledger
from faregate.app.store_errors import DiskFull
from faregate.core.usage import Usage
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import ACCOUNT, NOW, admitted, kinds, ledger_of, request, shelf, subscribed, verified
from tests.app.failing_store import FailingStore

LATER = NOW + 60_000_000


async def crashed(store: SqliteStore, plan: str) -> None:
    """A ledger that admitted three requests, closed one of them and was never closed itself."""
    ledger = Ledger(store, shelf())
    await subscribed(ledger, plan)
    await asyncio.gather(*(ledger.admit(ACCOUNT, request(f"r{n}"), NOW) for n in range(3)))
    await ledger.settle(ACCOUNT, "r0", Usage(100), NOW)


async def test_lost_holds_are_released_where_the_plan_says_so(store: SqliteStore) -> None:
    await crashed(store, "demo/money")
    async with ledger_of(store) as ledger:
        left = ledger.current(ACCOUNT, NOW)
        assert set(left.holds) == {"r1", "r2"}
        assert ledger.recover(LATER) == [(ACCOUNT, "r1", "release"), (ACCOUNT, "r2", "release")]
        state = ledger.current(ACCOUNT, LATER)
        assert state.holds == {}
        assert [pool.held for each in state.subscriptions.values() for pool in each.pools.values()] == [0]
        assert store.accounts_with_open_holds() == []
        assert [row.request for row in store.usage_rows()] == ["r0"]
    assert verified(store).clean


async def test_lost_holds_are_charged_where_the_plan_says_so(store: SqliteStore) -> None:
    await crashed(store, "demo/lost")
    async with ledger_of(store) as ledger:
        assert {kind for _, _, kind in ledger.recover(LATER)} == {"settle"}
        rows = {row.request: row for row in store.usage_rows()}
        assert set(rows) == {"r0", "r1", "r2"}
        assert rows["r1"].usage == request("r1").usage
        assert rows["r1"].estimated
        assert rows["r1"].outcome == "lost"
        assert not rows["r0"].estimated
    assert verified(store).clean


async def test_recovering_twice_is_recovering_once(store: SqliteStore) -> None:
    await crashed(store, "demo/lost")
    async with ledger_of(store) as ledger:
        ledger.recover(LATER)
        before = kinds(store)
        assert ledger.recover(LATER) == []
        assert kinds(store) == before


async def test_a_recovery_that_cannot_be_written_leaves_everything_as_it_was(path: Path) -> None:
    store = FailingStore.open(path)
    assert isinstance(store, FailingStore)
    await crashed(store, "demo/money")
    async with ledger_of(store) as ledger:
        store.failure = DiskFull("books.db", "no room")
        with pytest.raises(DiskFull):
            ledger.recover(LATER)
        store.failure = None
        assert set(ledger.current(ACCOUNT, NOW).holds) == {"r1", "r2"}
        await admitted(ledger, "r3")
        assert len(ledger.recover(LATER)) == 3
    assert verified(store).clean
    store.close()


async def test_a_hold_in_flight_here_does_not_expire_and_a_lost_one_does(store: SqliteStore) -> None:
    expired = NOW + shelf().newest("demo/money").hold_seconds * 1_000_000
    async with ledger_of(store) as ledger:
        await subscribed(ledger, "demo/money")
        await admitted(ledger, "alive")
        await admitted(ledger, "lost")
        ledger.forget("lost")
        await admitted(ledger, "another", now=expired)
        assert set(ledger.current(ACCOUNT, expired).holds) == {"alive", "another"}
        assert kinds(store) == ["subscribe", "hold", "hold", "release", "hold"]
    assert verified(store).clean


async def test_a_request_longer_than_its_hold_is_charged_all_the_same(store: SqliteStore) -> None:
    expired = NOW + shelf().newest("demo/money").hold_seconds * 1_000_000
    async with ledger_of(store) as ledger:
        await subscribed(ledger, "demo/money")
        await admitted(ledger, "settled")
        await admitted(ledger, "released")
        await ledger.settle(ACCOUNT, "settled", Usage(100), expired)
        await ledger.release(ACCOUNT, "released", expired, "client gone")
        assert kinds(store) == ["subscribe", "hold", "hold", "settle", "release"]
        assert ledger.in_flight == set()
    assert verified(store).clean
