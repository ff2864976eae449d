"""Warm accounts: how they were loaded, cooled or kept changes what it costs, never what they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from faregate.app.state_snapshot import encode_snapshot
from faregate.app.warm_accounts import SNAPSHOT_EVERY
from faregate.core.account import AccountState
from faregate.core.usage import Usage
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import ACCOUNT, NOW, admitted, ledger_at, ledger_of, subscribed, verified


async def worn(path: Path, requests: int = 30) -> bytes:
    """A file with one account that was used, and its state as bytes."""
    async with ledger_at(path) as ledger:
        await subscribed(ledger, "demo/money")
        for n in range(requests):
            await admitted(ledger, f"r{n}", now=NOW + n)
            if n % 3:
                await ledger.settle(ACCOUNT, f"r{n}", Usage(100 + n), NOW + n)
        return encode_snapshot(ledger.current(ACCOUNT, NOW + requests))


def run_on(path: Path, sql: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    assert connection.changes()
    connection.close()


DAMAGE = {
    "dropped": "DELETE FROM snapshots",
    "cut short": "UPDATE snapshots SET blob = substr(blob, 1, 50)",
    "not JSON": "UPDATE snapshots SET blob = x'00'",
    "empty": "UPDATE snapshots SET blob = x''",
    "another amount": "UPDATE snapshots SET blob = CAST(replace(CAST(blob AS TEXT), '9', '8') AS BLOB)",
}


@pytest.mark.parametrize("sql", DAMAGE.values(), ids=DAMAGE.keys())
async def test_snapshots_dropped_or_damaged_change_no_state(path: Path, sql: str) -> None:
    before = await worn(path)
    run_on(path, sql)
    async with ledger_at(path) as ledger:
        assert encode_snapshot(ledger.current(ACCOUNT, NOW + 30)) == before
        await admitted(ledger, "goes-on", now=NOW + 40)


async def test_a_long_journal_is_read_from_its_snapshot_on(path: Path) -> None:
    before = await worn(path, SNAPSHOT_EVERY)
    store = SqliteStore.open(path)
    loaded = store.load(ACCOUNT)
    assert loaded.snapshot is not None
    assert loaded.entries == []
    async with ledger_of(store) as ledger:
        assert encode_snapshot(ledger.current(ACCOUNT, NOW + SNAPSHOT_EVERY)) == before
    store.close()


async def test_without_a_snapshot_a_long_journal_gets_one_when_it_is_read(path: Path) -> None:
    await worn(path, SNAPSHOT_EVERY)
    run_on(path, "DELETE FROM snapshots")
    store = SqliteStore.open(path)
    async with ledger_of(store) as ledger:
        ledger.current(ACCOUNT, NOW)
        assert [each.account for each in store.snapshots()] == [ACCOUNT]
    store.close()


async def test_idle_accounts_cool_and_come_back_as_they_were(store: SqliteStore) -> None:
    accounts = [f"acc_{number:08}" for number in range(10)]
    async with ledger_of(store, warm_accounts=3) as ledger:
        for account in accounts:
            await subscribed(ledger, "demo/money", account)
            await admitted(ledger, f"r:{account}", account)
            await ledger.settle(account, f"r:{account}", Usage(100), NOW)
        warm = [account for account in accounts if ledger.standing(account) is not None]
        assert warm == accounts[-3:]
        for account in accounts:
            await admitted(ledger, f"again:{account}", account)
            state = ledger.current(account, NOW)
            assert set(state.holds) == {f"again:{account}"}
    assert verified(store).clean


async def test_an_account_with_an_open_hold_does_not_cool(store: SqliteStore) -> None:
    async with ledger_of(store, warm_accounts=1) as ledger:
        await subscribed(ledger, account="acc_00000001")
        await admitted(ledger, "r1", "acc_00000001")
        await subscribed(ledger, account="acc_00000002")
        await subscribed(ledger, account="acc_00000003")
        assert ledger.standing("acc_00000001") is not None
        assert ledger.standing("acc_00000002") is None
        assert ledger.standing("acc_00000003") is not None


async def test_a_reading_of_what_is_due_changes_nothing(store: SqliteStore) -> None:
    async with ledger_of(store) as ledger:
        await subscribed(ledger, "demo/money")
        later = NOW + 100 * 86_400_000_000
        first: Callable[[], AccountState] = lambda: ledger.current(ACCOUNT, later)  # noqa: E731
        assert first().seq == 4
        assert first().seq == 4
        assert ledger.current(ACCOUNT, NOW).seq == 1
        assert store.head(ACCOUNT) == 1
