"""Books copied from SQLite to PostgreSQL: the journal byte for byte, everything else row by row, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from faregate.app.catalogue_port import Account, ApiKey, PlanVersion, Receipt, ScheduleChange
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Append, Snapshot
from faregate.core.entry import Entry
from faregate.store.copying import ENGINES_OWN, NotEmpty, copy_books
from faregate.store.postgresql.store import PostgresqlStore
from faregate.store.sqlite.store import SqliteStore
from tests.postgresql.server import shared_server
from tests.store.lines import START, grants, hold, served

KEY = ApiKey("key_1", "acc_a", "laptop", "fg-abcd", b"1" * 32, created_at=1, kind="family/api")
MONTH = 31 * 24 * 3_600_000_000


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "books.db"
    store = SqliteStore.open(path)
    store.append([*grants("acc_b", 1, 70), *served("acc_a", 1, "req_1"), *served("acc_a", 3, "req_2", START + MONTH)])
    store.append([hold("acc_b", 71, "req_3")])
    odd = Entry("acc_c", 1, 2**52, "grant", "ключ", [("x", "USD", -(2**63))], [], {"text": '价 \u0000 \\ "'})
    store.append([Append(odd, Receipt("acc_c", "k", b"\x00h", b"\xff", at=3))])
    store.save_snapshots([Snapshot("acc_a", 2, b"\x00state")])
    store.add_account(Account("acc_a", "名 a", 1))
    store.add_key(KEY)
    store.touch_keys({"key_1": 77})
    store.revoke_key("key_1", at=5)
    store.publish_plans([PlanVersion("f/p", 1, "f", "plans: {}", "h", 3)])
    store.add_schedule_change(ScheduleChange("f/p", "night", 1, "0.5", 1))
    store.put_setting("greeting", "hello")
    store.close()
    return path


def journal(rows: Any) -> list[tuple[Any, ...]]:
    return sorted((account, seq, bytes(body), bytes(chain)) for account, seq, body, chain in rows)


def test_a_copy_is_the_same_journal_byte_for_byte_and_the_same_books(path: Path, url: str) -> None:
    seen: list[int] = []
    copied = copy_books(path, url, seen.append)
    assert (copied.entries, copied.accounts) == (76, 3)
    columns = "SELECT account, seq, body, chain FROM journal"
    source = apsw.Connection(str(path))
    with psycopg.connect(url) as target:
        assert journal(target.execute(columns).fetchall()) == journal(source.execute(columns).fetchall())
    source.close()
    one, other = SqliteStore.open(path), PostgresqlStore.open(url)
    for read in ("heads", "usage_rows", "rollups", "snapshots"):
        assert list(getattr(other, read)()) == list(getattr(one, read)()), read
    assert other.accounts_with_open_holds() == ["acc_b"]
    assert other.accounts() == one.accounts()
    assert other.keys_changed(0) == one.keys_changed(0)
    assert other.newest_plans() == one.newest_plans()
    assert other.schedule_changes() == one.schedule_changes()
    assert other.receipt("acc_c", "k") == one.receipt("acc_c", "k")
    assert other.setting("greeting") == "hello"
    assert all(isinstance(line, Entry) for line in other.audit())
    one.close()
    other.close()


def filled(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table of the catalogue, two put into each that had none."""
    connection = apsw.Connection(str(path))
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for table in [str(name) for (name,) in tables.fetchall()]:
        if table in ENGINES_OWN:
            continue
        columns = [(row[1], row[2]) for row in connection.execute(f"PRAGMA table_info({table})")]
        read = f"SELECT {', '.join(name for name, _ in columns)} FROM {table}"
        if not connection.execute(read).fetchall():
            for number in (1, 2):
                values = [value(f"{table} {name}", kind, number) for name, kind in columns]
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", values)
        rows[table] = sorted(connection.execute(read).fetchall(), key=repr)
    connection.close()
    return rows


def value(name: str, kind: str, number: int) -> object:
    if kind == "INTEGER":
        return 2**40 + number
    text = f"名 {name} {number} \\ \t \n \\N"
    return text if kind == "TEXT" else b"\x00" + text.encode() + b"\xff"


def test_every_table_arrives_whole(path: Path, url: str) -> None:
    expected = filled(path)
    copied = copy_books(path, url, lambda _: None)
    assert copied.rows == {table: len(rows) for table, rows in expected.items()}
    with psycopg.connect(url) as target:
        for table, rows in expected.items():
            source = apsw.Connection(str(path))
            columns = ", ".join(row[1] for row in source.execute(f"PRAGMA table_info({table})"))
            source.close()
            arrived = target.execute(f"SELECT {columns} FROM {table}".encode()).fetchall()
            assert sorted(arrived, key=repr) == rows, table


def test_the_copy_goes_on_where_its_source_was(path: Path, url: str) -> None:
    copy_books(path, url, lambda _: None)
    store = PostgresqlStore.open(url)
    store.append([*served("acc_a", 5, "req_4"), *grants("acc_c", 2, 2)])
    store.add_schedule_change(ScheduleChange("f/p", "night", 1, "0.6", 2))
    assert [row.value for row in store.schedule_changes()] == ["0.5", "0.6"]
    assert [row.request for row in store.usage_page("acc_a")] == ["req_4", "req_2", "req_1"]
    store.close()


def test_books_that_are_not_empty_are_left_alone(path: Path, url: str) -> None:
    store = PostgresqlStore.open(url)
    store.append(grants("acc_z", 1, 1))
    store.close()
    with pytest.raises(NotEmpty):
        copy_books(path, url, lambda _: None)


def test_a_copy_that_fails_leaves_nothing(path: Path, url: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("INSERT INTO journal SELECT max(id) + 1, account, seq, prev, body, chain FROM journal")
    connection.close()
    with pytest.raises(StoreError, match="duplicate key"):
        copy_books(path, url, lambda _: None)
    store = PostgresqlStore.open(url)
    assert list(store.heads()) == []
    assert store.accounts() == []
    store.close()
