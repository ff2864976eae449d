"""The ledger: what is decided together is written together; a refusal and a failure leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from faregate.app.ledger import Outcome
from faregate.app.store_errors import BadRow, DiskFull
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand, UnknownHold
from faregate.core.instants import DAY
from faregate.core.request import Admitted, Refused
from faregate.core.usage import Usage
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import (
    ACCOUNT,
    NOW,
    ROOM,
    WINDOW,
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
from tests.app.failing_store import FailingStore


@pytest.fixture
def failing(path: Path) -> Iterator[FailingStore]:
    store = FailingStore.open(path)
    assert isinstance(store, FailingStore)
    yield store
    store.failure = store.flush_failure = None
    store.close()


async def test_decisions_of_one_turn_on_many_accounts_go_into_one_append(failing: FailingStore) -> None:
    accounts = [f"acc_{number:08}" for number in range(20)]
    async with ledger_of(failing) as ledger:
        for account in accounts:
            await subscribed(ledger, account=account)
        failing.appends.clear()
        decisions = await asyncio.gather(
            *(ledger.admit(account, request(f"r:{account}:{n}"), NOW) for account in accounts for n in range(3))
        )
        assert all(isinstance(decision, Admitted) for decision in decisions)
        assert failing.appends == [60]


async def test_an_admission_is_known_only_once_its_hold_is_in_the_journal(failing: FailingStore) -> None:
    async with ledger_of(failing) as ledger:
        await subscribed(ledger)
        future = ledger.admit(ACCOUNT, request("r1"), NOW)
        assert not future.done()
        assert kinds(failing) == ["subscribe"]
        await future
        assert kinds(failing) == ["subscribe", "hold"]


async def test_two_hundred_at_once_on_a_plan_with_room_for_fifty(store: SqliteStore) -> None:
    async with ledger_of(store) as ledger:
        await subscribed(ledger)
        decisions = await asyncio.gather(*(ledger.admit(ACCOUNT, request(f"r{n}"), NOW + n) for n in range(200)))
        refusals = [decision for decision in decisions if isinstance(decision, Refused)]
        assert len(decisions) - len(refusals) == ROOM
        # The window opened with the first of them and reopens when its length is over.
        assert {(each.reason, each.subject, each.retry_at) for each in refusals} == {
            ("window_full", "demo/calls#1:five_hours", NOW + WINDOW)
        }
        assert kinds(store).count("hold") == ROOM
        await asyncio.gather(*(ledger.settle(ACCOUNT, f"r{n}", Usage(10, output=10), NOW + 500) for n in range(ROOM)))
        assert (await refused(ledger, "late", now=NOW + WINDOW - 1)).retry_at == NOW + WINDOW
        await admitted(ledger, "on-time", now=NOW + WINDOW)
    assert verified(store).clean


async def test_a_refused_request_leaves_the_journal_unchanged(store: SqliteStore) -> None:
    async with ledger_of(store) as ledger:
        await subscribed(ledger)
        for n in range(ROOM):
            await admitted(ledger, f"r{n}")
        before = journal(store)
        await refused(ledger, "one-too-many")
        assert journal(store) == before


async def test_a_refused_request_leaves_the_journal_unchanged_even_when_something_was_due(store: SqliteStore) -> None:
    async with ledger_of(store) as ledger:
        await subscribed(ledger, "demo/money")
        before = journal(store)
        # Three months later a renewal is due, but no plan is for a model without a price.
        unknown = request("r1")._replace(model="nobody/no-model")
        decision = await ledger.admit(ACCOUNT, unknown, NOW + 100 * DAY)
        assert isinstance(decision, Refused)
        assert journal(store) == before
        await admitted(ledger, "r2", now=NOW + 100 * DAY)
        assert kinds(store) == ["subscribe", "renew", "renew", "renew", "hold"]
    assert verified(store).clean


async def test_a_failed_command_leaves_the_journal_unchanged(store: SqliteStore) -> None:
    async with ledger_of(store) as ledger:
        await subscribed(ledger, "demo/money")
        before = journal(store)
        with pytest.raises(BadCommand):
            await granted(ledger, "-1")
        with pytest.raises(UnknownHold):
            await ledger.settle(ACCOUNT, "never-made", Usage(), NOW)
        with pytest.raises(UnknownHold):
            await ledger.release(ACCOUNT, "never-made", NOW, "nothing")
        assert journal(store) == before


async def test_a_full_disk_leaves_nothing_half_done(failing: FailingStore) -> None:
    async with ledger_of(failing) as ledger:
        await subscribed(ledger, "demo/money")
        await admitted(ledger, "before")
        failing.failure = DiskFull("books.db", "no room")
        outcomes = await asyncio.gather(
            ledger.admit(ACCOUNT, request("r1"), NOW),
            ledger.admit(ACCOUNT, request("r2"), NOW),
            ledger.settle(ACCOUNT, "before", Usage(10), NOW),
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes] == [DiskFull] * 3
        assert kinds(failing) == ["subscribe", "hold"]
        failing.failure = None
        # The hold is still open, nothing of what failed was drawn, and everything can be tried again.
        assert set(ledger.current(ACCOUNT, NOW).holds) == {"before"}
        await ledger.settle(ACCOUNT, "before", Usage(10), NOW)
        await admitted(ledger, "r1")
        assert kinds(failing) == ["subscribe", "hold", "settle", "hold"]
    assert verified(failing).clean


async def test_an_entry_that_cannot_be_written_does_not_take_others_with_it(store: SqliteStore) -> None:
    def unwritable(state: AccountState) -> Outcome:
        entry = Entry(state.account, state.seq + 1, NOW, "open", "k", [], [], {"name": "\udc80"})
        return Outcome((entry,), None)

    async with ledger_of(store) as ledger:
        await subscribed(ledger)
        await subscribed(ledger, account="acc_00000002")
        outcomes = await asyncio.gather(
            ledger.admit(ACCOUNT, request("r1"), NOW),
            ledger.command("acc_00000002", unwritable, NOW),
            ledger.admit("acc_00000002", request("r2"), NOW),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], BadRow)
        assert isinstance(outcomes[0], Admitted)
        assert isinstance(outcomes[2], Admitted)
        assert kinds(store, "acc_00000002") == ["subscribe", "hold"]
    assert verified(store).clean


async def test_durable_waits_for_a_flush_begun_after_what_was_appended(failing: FailingStore) -> None:
    async with ledger_of(failing) as ledger:
        await subscribed(ledger)
        await admitted(ledger, "r1")
        await ledger.settle(ACCOUNT, "r1", Usage(10), NOW)
        before = failing.flushes
        await ledger.durable()
        assert failing.flushes > before


async def test_durable_tells_when_the_disk_failed(failing: FailingStore) -> None:
    async with ledger_of(failing) as ledger:
        await subscribed(ledger)
        await ledger.durable()
        failing.flush_failure = DiskFull("books.db", "no room")
        with pytest.raises(DiskFull):
            await ledger.durable()
        failing.flush_failure = None
        await ledger.durable()


async def test_a_hold_that_waits_for_the_disk_is_known_only_after_the_flush(failing: FailingStore) -> None:
    async with ledger_of(failing, holds_to_disk=True) as ledger:
        await subscribed(ledger)
        await ledger.durable()
        before = failing.flushes
        await admitted(ledger, "r1")
        assert failing.flushes > before
        failing.flush_failure = DiskFull("books.db", "no room")
        with pytest.raises(DiskFull):
            await ledger.admit(ACCOUNT, request("r2"), NOW)
        failing.flush_failure = None


async def test_durable_is_told_also_after_the_close(store: SqliteStore) -> None:
    async with ledger_of(store) as ledger:
        await subscribed(ledger)
    await ledger.durable()
