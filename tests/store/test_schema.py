"""One schema for both engines: the same steps, the same catalogue, from empty and from every older version."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from faregate.app import store_errors
from faregate.app.store_port import ACCEPTED
from faregate.store.copying import ENGINES_OWN
from faregate.store.postgresql import schema
from faregate.store.postgresql.store import PostgresqlStore
from faregate.store.schema import steps
from faregate.store.sqlite.store import SqliteStore
from tests.postgresql.server import shared_server
from tests.store.lines import served

STEPS = len(schema.migrations())
POSTGRESQL_ONLY = frozenset({"faregate_schema", "catalogue_revision", "worker_numbers", "workers"})


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().new_database()
    yield url
    shared_server().drop_database(url)


def migrated(url: str, seen: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        schema.migrate(connection, url, schema.migrations()[:seen])


def test_both_engines_take_the_same_steps() -> None:
    assert [step.name[:4] for step in steps("sqlite")] == [step.name[:4] for step in steps("postgresql")]


def test_both_engines_keep_the_same_catalogue(url: str, tmp_path: Path) -> None:
    SqliteStore.open(tmp_path / "books.db").close()
    PostgresqlStore.open(url).close()
    file = apsw.Connection(str(tmp_path / "books.db"))
    tables = [name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    ours = {table: [row[1] for row in file.execute(f"PRAGMA table_info({table})")] for table in tables}
    file.close()
    theirs: dict[str, list[Any]] = {}
    with psycopg.connect(url) as connection:
        columns = """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"""
        for table, column in connection.execute(columns).fetchall():
            theirs.setdefault(table, []).append(column)
    shared = {table for table in ours if not table.startswith("sqlite_")} - ENGINES_OWN
    assert {table: theirs[table] for table in shared} == {table: ours[table] for table in shared}
    assert set(theirs) - shared - ENGINES_OWN == POSTGRESQL_ONLY


@pytest.mark.parametrize("seen", range(STEPS + 1))
def test_a_database_of_any_older_version_is_brought_to_the_newest(url: str, seen: int) -> None:
    if seen:
        migrated(url, seen)
    store = PostgresqlStore.open(url)
    assert store.append(served("acc_a", 1, "req_1")) == [ACCEPTED] * 2
    store.put_setting("a", "b")
    store.close()
    with psycopg.connect(url) as connection:
        assert schema.version_of(connection, url) == STEPS


def test_of_many_that_open_a_new_database_at_once_each_finds_it_whole(url: str) -> None:
    def opened(_: int) -> list[object]:
        store = PostgresqlStore.open(url)
        store.close()
        return []

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(opened, range(8))) == [[]] * 8


def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    migrated(url, 1)
    wrong = [*schema.migrations()[:1], "CREATE TABLE one (a INT); CREATE TABLE one (a INT)"]
    with psycopg.connect(url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.DuplicateTable):
            schema.migrate(connection, url, wrong)
        assert schema.version_of(connection, url) == 1
        assert connection.execute("SELECT to_regclass('one')").fetchall() == [(None,)]


def test_a_newer_schema_is_left_alone(url: str) -> None:
    PostgresqlStore.open(url).close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE faregate_schema SET version = 99")
    with pytest.raises(store_errors.NewerSchema):
        PostgresqlStore.open(url)


def test_somebody_elses_database_is_left_alone(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    with pytest.raises(store_errors.NotADatabase):
        PostgresqlStore.open(url)


def test_a_server_that_is_not_there_and_a_database_that_is_not_there_are_unreachable(url: str) -> None:
    with pytest.raises(store_errors.StoreUnreachable):
        PostgresqlStore.open("postgresql://faregate@127.0.0.1:1/books")
    with pytest.raises(store_errors.StoreUnreachable):
        PostgresqlStore.open(url + "_missing")


def test_an_error_never_tells_the_password() -> None:
    with pytest.raises(store_errors.StoreUnreachable) as caught:
        PostgresqlStore.open("postgresql://faregate:hunter2@127.0.0.1:1/books")
    assert "hunter2" not in str(caught.value)
