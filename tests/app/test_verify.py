"""Verification: whatever was changed behind the program's back is found and named; what was not is clean."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from faregate.app.caller_sums import CallerSumming
from faregate.core.usage import Usage
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import ACCOUNT, NOW, admitted, findings, granted, ledger_at, subscribed, verified

OTHER = "acc_00000002"


async def written(path: Path) -> None:
    """Books of two accounts: grants, settlements, a release, an open hold, snapshots."""
    async with ledger_at(path) as ledger:
        for account, plan in ((ACCOUNT, "demo/money"), (OTHER, "demo/calls")):
            await subscribed(ledger, plan, account)
            for n in range(6):
                await admitted(ledger, f"{account}:{n}", account, NOW + n)
            for n in range(4):
                facts = {"outcome": "ok", "upstream": "demo"}
                await ledger.settle(account, f"{account}:{n}", Usage(100, output=n), NOW + n, facts)
            await ledger.release(account, f"{account}:4", NOW + 9, "connect_error")
        CallerSumming(ledger.store).bring_forward(ACCOUNT)
        await granted(ledger, "3.5")


async def test_books_that_nobody_touched_are_clean(path: Path) -> None:
    await written(path)
    store = SqliteStore.open(path)
    report = verified(store)
    assert findings(report) == []
    assert (report.accounts, report.entries, report.usage_rows, report.open_holds) == (2, 25, 8, 2)
    assert {unit for _, unit in report.balances} == {"USD", "request"}
    store.close()


async def test_an_empty_database_is_clean(store: SqliteStore) -> None:
    assert verified(store).clean


async def test_books_without_snapshots_are_clean(path: Path) -> None:
    await written(path)
    store = SqliteStore.open(path)
    store.drop_snapshots()
    assert verified(store).clean
    store.close()


AMOUNT = "CAST(replace(CAST(body AS TEXT), '3500000000', '9500000000') AS BLOB)"

BLOB = "CAST(replace(CAST(blob AS TEXT), '1', '2') AS BLOB)"

LAST = f"(SELECT journal_id FROM settled WHERE request = '{OTHER}:3')"

CORRUPTION: dict[str, tuple[str, set[str]]] = {
    "an amount in the journal is changed": (
        f"UPDATE journal SET body = {AMOUNT} WHERE account = '{ACCOUNT}' AND seq = 13",
        {"journal_changed"},
    ),
    "an entry of the journal is deleted": (
        f"DELETE FROM journal WHERE account = '{ACCOUNT}' AND seq = 5",
        {"journal_gap", "journal_changed", "journal_unlinked"},
    ),
    "the newest entry is deleted": (f"DELETE FROM journal WHERE account = '{OTHER}' AND seq = 12", {"journal_head"}),
    "an entry cannot be read": (
        f"UPDATE journal SET body = x'5b' WHERE account = '{ACCOUNT}' AND seq = 3",
        {"journal_changed", "journal_undecodable"},
    ),
    "an account loses its head": (f"DELETE FROM heads WHERE account = '{OTHER}'", {"journal_head"}),
    "a head without a journal": (
        "INSERT INTO heads SELECT 'acc_00000009', seq, last_id, chain, open_holds FROM heads LIMIT 1",
        {"journal_head"},
    ),
    "a request leads to another's settlement": (
        f"UPDATE settled SET journal_id = journal_id + 1 WHERE request = '{ACCOUNT}:1'",
        {"usage"},
    ),
    "a request leads nowhere": (
        f"UPDATE settled SET journal_id = 1000000 WHERE request = '{ACCOUNT}:1'",
        {"usage_missing", "usage_unreadable"},
    ),
    "a request leads to a damaged settlement": (
        f"UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), 'slices', 'slicer') AS BLOB) WHERE id = {LAST}",
        {"journal_changed", "usage_unreadable"},
    ),
    "a usage row is deleted": (f"DELETE FROM settled WHERE request = '{ACCOUNT}:2'", {"usage_missing"}),
    "a usage row is made up": (
        f"INSERT INTO settled SELECT 'made-up', journal_id FROM settled WHERE request = '{ACCOUNT}:1'",
        {"usage_extra"},
    ),
    "a usage row takes another's place": (
        f"UPDATE settled SET request = 'made-up' WHERE request = '{ACCOUNT}:0'",
        {"usage_missing", "usage_extra"},
    ),
    "an hourly sum is changed": (f"UPDATE rollups SET output = output + 1 WHERE account = '{ACCOUNT}'", {"rollup"}),
    "an hourly sum cannot be read": (
        f"UPDATE rollups SET drawn = 'nothing' WHERE account = '{ACCOUNT}'",
        {"rollup_unreadable"},
    ),
    "an hourly sum is deleted": (f"DELETE FROM rollups WHERE account = '{ACCOUNT}'", {"rollup_missing"}),
    "an hourly sum is made up": (
        f"UPDATE rollups SET hour = hour + 1 WHERE account = '{ACCOUNT}'",
        {"rollup_missing", "rollup_extra"},
    ),
    "a sum by key and client is changed": ("UPDATE caller_sums SET output = output + 1", {"caller_sums"}),
    "a sum by key and client is deleted": ("DELETE FROM caller_sums", {"caller_sums"}),
    "a sum by key and client is another's": ("UPDATE caller_sums SET client = 'another'", {"caller_sums"}),
    "a sum by key and client cannot be read": ("UPDATE caller_sums SET drawn = 'nothing'", {"caller_sums"}),
    "sums by key and client hold less than they say": ("UPDATE caller_cursors SET through = 9", {"caller_sums"}),
    "the number of open holds is changed": (
        f"UPDATE heads SET open_holds = 0 WHERE account = '{ACCOUNT}'",
        {"open_holds"},
    ),
    "a snapshot is changed": (
        f"UPDATE snapshots SET blob = {BLOB} WHERE account = '{ACCOUNT}'",
        {"snapshot"},
    ),
    "a snapshot is ahead of the journal": (
        f"UPDATE snapshots SET seq = seq + 5 WHERE account = '{ACCOUNT}'",
        {"snapshot_ahead"},
    ),
}


@pytest.mark.parametrize(("sql", "codes"), CORRUPTION.values(), ids=CORRUPTION.keys())
async def test_what_was_changed_is_found_and_named(path: Path, sql: str, codes: set[str]) -> None:
    await written(path)
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER journal_is_append_only")
    connection.execute(sql)
    assert connection.changes() == 1, "the statement was to change one row"
    connection.close()
    store = SqliteStore.open(path)
    report = verified(store)
    store.close()
    assert set(findings(report)) == codes, report.findings
    assert not report.clean
    for finding in report.findings:
        assert finding.where
        assert finding.detail


async def test_a_verification_sees_one_moment_while_others_write(path: Path) -> None:
    await written(path)
    async with ledger_at(path) as ledger:
        with ledger.store.view() as books:
            before = sum(1 for _ in books.audit())
            await admitted(ledger, "meanwhile")
            assert sum(1 for _ in books.audit()) == before
        assert verified(ledger.store).entries == before + 1
