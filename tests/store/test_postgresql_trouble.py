"""A database in trouble, as PostgreSQL itself tells it: no room, read-only, locked, slow, too many connections.

What failed is not in, is told in the store's own words, and goes in when the trouble is over, by nobody's hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from faregate.app import store_errors
from faregate.app.store_port import ACCEPTED
from faregate.core.entry import Entry
from faregate.store.postgresql.connections import Connections
from faregate.store.postgresql.store import PostgresqlStore
from tests.postgresql.server import PostgresqlServer, shared_server
from tests.store.lines import grant, grants

ANSWER_SECONDS = 1.5
PLENTY_SECONDS = 60.0


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().new_database()
    PostgresqlStore.open(url).close()
    yield url
    shared_server().drop_database(url)


@pytest.fixture
def store(url: str) -> Iterator[PostgresqlStore]:
    """Books with one entry."""
    store = opened(url, PLENTY_SECONDS)
    store.append(grants("acc_a", 1, 1))
    yield store
    store.close()


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else in the same database."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def opened(url: str, answer_seconds: float = ANSWER_SECONDS, wait_seconds: float = 0) -> PostgresqlStore:
    return PostgresqlStore.open(url, answer_seconds=answer_seconds, wait_seconds=wait_seconds)


def goes_on(store: PostgresqlStore) -> None:
    """The second entry goes in now, and once."""
    assert [entry.seq for entry in store.entries("acc_a")] == [1]
    assert store.append([grant("acc_a", 2)]) == [ACCEPTED]
    assert [entry.seq for entry in store.entries("acc_a")] == [1, 2]
    assert all(isinstance(line, Entry) for line in store.audit())


def test_every_session_has_limits_that_the_server_keeps(url: str) -> None:
    connections = Connections(url, answer_seconds=10)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "synchronous_commit")
    with connections.borrowed() as connection:
        shown = [connection.execute(f"SHOW {name}".encode()).fetchall()[0][0] for name in names]
    assert shown == ["8s", "6s", "10s", "on"]
    with connections.reading() as statements:
        assert statements.read("SHOW idle_in_transaction_session_timeout") == [("0",)]
    connections.close()


def test_a_full_disk_is_told_and_what_comes_when_there_is_room_goes_in(
    store: PostgresqlStore, other: psycopg.Connection[Any]
) -> None:
    other.execute("""
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file "base/1": No space left on device' USING ERRCODE = 'disk_full';
        END $$""")
    for table in ("journal", "snapshots", "settings"):
        other.execute(
            f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()".encode()
        )
    for _ in range(2):
        with pytest.raises(store_errors.DiskFull):
            store.append([grant("acc_a", 2), grant("acc_b", 1)])
    with pytest.raises(store_errors.DiskFull):
        store.put_setting("a", "b")
    assert store.head("acc_b") == 0
    for table in ("journal", "snapshots", "settings"):
        other.execute(f"DROP TRIGGER full_disk ON {table}".encode())
    goes_on(store)


def test_a_database_that_became_read_only_is_told_and_is_written_again_when_it_may_be(
    url: str, store: PostgresqlStore, other: psycopg.Connection[Any]
) -> None:
    name = url.rpartition("/")[2]
    other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    during, patient = opened(url), opened(url, PLENTY_SECONDS, PLENTY_SECONDS)
    assert patient.head("acc_a") == 1
    for _ in range(2):
        with pytest.raises(store_errors.StoreReadOnly):
            during.append([grant("acc_a", 2)])
    with pytest.raises(store_errors.StoreReadOnly):
        during.put_setting("a", "b")
    other.execute("SET default_transaction_read_only = off")
    other.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())
    goes_on(patient)
    assert during.append([grant("acc_a", 3)]) == [ACCEPTED]
    during.close()
    patient.close()


def test_a_row_that_somebody_holds_is_waited_for_up_to_a_limit_of_the_servers(
    url: str, store: PostgresqlStore, other: psycopg.Connection[Any]
) -> None:
    impatient = opened(url)
    impatient.head("acc_a")
    with other.transaction():
        other.execute("SELECT 1 FROM heads WHERE account = 'acc_a' FOR UPDATE")
        with pytest.raises(store_errors.StoreLocked):
            impatient.append([grant("acc_a", 2)])
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        assert other.execute(waiting).fetchall() == [(0,)], "nobody waits on for somebody who has gone"
    impatient.close()
    goes_on(store)


def test_a_statement_that_takes_too_long_is_given_up_by_the_server_as_well(
    url: str, store: PostgresqlStore, other: psycopg.Connection[Any]
) -> None:
    other.execute("""
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_sleep(3600); RETURN NEW; END $$""")
    other.execute("CREATE TRIGGER slow BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION slow()")
    impatient = opened(url)
    with pytest.raises(store_errors.StoreUnreachable):
        impatient.append([grant("acc_a", 2)])
    other.execute("DROP TRIGGER slow ON journal")  # waits for whoever is still at work there
    impatient.close()
    goes_on(store)


def test_a_client_frozen_in_the_middle_of_a_transaction_is_let_go_by_the_server(
    url: str, store: PostgresqlStore
) -> None:
    frozen = Connections(url, answer_seconds=1.0)
    with pytest.raises(store_errors.StoreUnreachable):
        freeze(frozen, lambda: store.put_setting("greeting", "hello"))
    assert store.setting("greeting") == "hello"
    frozen.close()
    goes_on(store)


def freeze(frozen: Connections, meanwhile: Callable[[], None]) -> None:
    """Stand still with a row that every writer of the catalogue needs, while somebody waits for it."""
    with frozen.borrowed() as connection:
        connection.execute("BEGIN")
        connection.execute("UPDATE catalogue_revision SET number = number + 1")
        meanwhile()
        connection.execute("SELECT 1")


def test_too_many_connections_are_told_and_the_next_one_that_is_free_is_taken(
    url: str, store: PostgresqlStore, other: psycopg.Connection[Any]
) -> None:
    role = f"clerk_{url.rpartition('_')[2]}"
    other.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1".encode())
    other.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}".encode())
    try:
        theirs = re.sub(r"//[^@]+@", f"//{role}@", url)
        clerk = PostgresqlStore(Connections(theirs), wait_seconds=0)
        with psycopg.connect(theirs):
            for _ in range(2):
                with pytest.raises(store_errors.StoreUnreachable, match="too many connections"):
                    clerk.append([grant("acc_a", 2)])
        until_free_of(other, role)
        goes_on(clerk)
        clerk.close()
    finally:
        other.execute(f"DROP OWNED BY {role}".encode())
        until_free_of(other, role)
        other.execute(f"DROP ROLE {role}".encode())


def until_free_of(other: psycopg.Connection[Any], role: str) -> None:
    """The server counts a session for a moment after its client has gone."""
    while other.execute("SELECT 1 FROM pg_stat_activity WHERE usename = %s", (role,)).fetchall():
        continue


def test_a_commit_that_waits_for_its_standby_is_never_called_done_because_its_time_is_over() -> None:
    """PostgreSQL would say so of a wait that is cancelled; a time limit of ours must not be that."""
    server = PostgresqlServer()
    try:
        server.start()
        url = server.new_database()
        PostgresqlStore.open(url).close()
        server.wait_for_standby()  # there is none
        with psycopg.connect(url) as look:
            while look.execute("SHOW synchronous_standby_names").fetchall() != [("*",)]:
                continue
        store = opened(url)
        with pytest.raises(store_errors.StoreUnreachable):
            store.append(grants("acc_a", 1, 1))
        store.close()
    finally:
        server.remove()
