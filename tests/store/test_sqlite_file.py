"""The SQLite file itself: opening, migrating, and every way in which it can be the wrong file or a bad moment."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw
import pytest

from faregate.app import store_errors
from faregate.app.store_port import ACCEPTED
from faregate.store.sqlite import schema
from faregate.store.sqlite.books import frozen_books
from faregate.store.sqlite.durability import CHECKPOINT_FRAMES
from faregate.store.sqlite.file import open_reader
from faregate.store.sqlite.store import SqliteStore
from tests.store.lines import grant, grants, served


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books.db"


def test_a_text_file_is_not_a_database(path: Path) -> None:
    path.write_text("plans:\n" * 500, encoding="utf-8")
    with pytest.raises(store_errors.NotADatabase):
        SqliteStore.open(path)
    assert path.read_text(encoding="utf-8") == "plans:\n" * 500


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    with apsw.Connection(str(path)) as theirs:
        theirs.execute("CREATE TABLE songs (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(store_errors.NotADatabase, match="not one of Faregate's"):
        SqliteStore.open(path)
    assert path.read_bytes() == before


def test_a_file_that_another_process_makes_between_two_looks_is_taken_for_ours(path: Path) -> None:
    class Early:
        """Looks at the file for the first time before it was made."""

        def __init__(self) -> None:
            self.looks = 0

        def __getattr__(self, name: str) -> object:
            return getattr(connection, name)

        def pragma(self, name: str) -> object:
            self.looks += 1
            return 0 if self.looks == 1 else connection.pragma(name)

    SqliteStore.open(path).close()
    connection = apsw.Connection(str(path))
    assert schema.version_of(Early(), str(path)) == len(schema.migrations())  # type: ignore[arg-type]
    connection.close()


def test_a_newer_schema_is_left_alone(path: Path) -> None:
    SqliteStore.open(path).close()
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(store_errors.NewerSchema) as caught:
        SqliteStore.open(path)
    assert (caught.value.found, caught.value.known) == (99, len(schema.migrations()))
    with pytest.raises(store_errors.NewerSchema):
        open_reader(path)


def test_an_older_schema_cannot_be_read_before_it_is_migrated(path: Path) -> None:
    connection = apsw.Connection(str(path))
    schema.migrate(connection, str(path), schema.migrations()[:1])
    connection.close()
    with pytest.raises(store_errors.OlderSchema):
        open_reader(path)


@pytest.mark.parametrize("seen", range(len(schema.migrations()) + 1))
def test_a_file_of_any_older_version_is_brought_to_the_newest(path: Path, seen: int) -> None:
    connection = apsw.Connection(str(path))
    if seen:
        schema.migrate(connection, str(path), schema.migrations()[:seen])
    connection.close()
    store = SqliteStore.open(path)
    assert store.append(served("acc_a", 1, "req_1")) == [ACCEPTED] * 2
    store.put_setting("a", "b")
    store.close()
    reader = open_reader(path)
    assert schema.version_of(reader, str(path)) == len(schema.migrations())
    reader.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    connection = apsw.Connection(str(path))
    steps = schema.migrations()[:1]
    schema.migrate(connection, str(path), steps)
    with pytest.raises(apsw.SQLError):
        schema.migrate(connection, str(path), [*steps, "CREATE TABLE one (a); CREATE TABLE one (a)"])
    assert schema.version_of(connection, str(path)) == 1
    assert connection.execute("SELECT * FROM sqlite_schema WHERE name = 'one'").fetchall() == []
    connection.close()


def test_a_folder_and_a_place_without_a_folder_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(store_errors.StoreUnreachable):
        SqliteStore.open(tmp_path)
    with pytest.raises(store_errors.StoreUnreachable):
        SqliteStore.open(tmp_path / "missing" / "books.db")
    with pytest.raises(store_errors.StoreUnreachable):
        open_reader(tmp_path / "books.db")


def test_a_file_that_another_process_keeps_locked_is_an_error_after_the_bounded_wait(path: Path) -> None:
    store = SqliteStore.open(path, busy_milliseconds=5)
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(store_errors.StoreLocked):
        store.append([grant("acc_a", 1)])
    with pytest.raises(store_errors.StoreLocked):
        store.put_setting("a", "b")
    other.execute("ROLLBACK")
    other.close()
    assert store.append([grant("acc_a", 1)]) == [ACCEPTED]
    store.close()


def test_after_one_that_waited_in_vain_the_others_hurry_until_the_file_is_free(path: Path) -> None:
    waits: list[int] = []

    class Counting(SqliteStore):
        def _wait_for_others(self, milliseconds: int) -> None:
            waits.append(milliseconds)
            super()._wait_for_others(milliseconds)

    store = Counting.open(path, busy_milliseconds=200)
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(store_errors.StoreLocked):
        store.append(grants("acc_a", 1, 1))
    with pytest.raises(store_errors.StoreLocked):
        store.put_setting("a", "b")
    other.execute("ROLLBACK")
    assert store.append(grants("acc_a", 1, 1)) == [ACCEPTED]
    store.put_setting("a", "b")
    assert waits == [50, 50, 200]
    store.close()
    other.close()


def test_a_view_cannot_be_written_through(path: Path) -> None:
    store = SqliteStore.open(path)
    reader = open_reader(path)
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("DELETE FROM journal")
    reader.close()
    store.close()


def test_a_full_disk_is_an_error_and_leaves_the_books_usable(path: Path) -> None:
    store = SqliteStore.open(path)
    store.append(grants("acc_a", 1, 3))
    store.flush()
    pages = store._writer.pragma("page_count")
    store._writer.pragma("max_page_count", pages)
    with pytest.raises(store_errors.DiskFull):
        store.append(grants("acc_a", 4, 2000))
    assert store.head("acc_a") == 3
    store._writer.pragma("max_page_count", pages + 1000)
    assert store.append([grant("acc_a", 4)]) == [ACCEPTED]
    store.close()


def test_after_a_sync_that_failed_nothing_is_promised_any_more(path: Path) -> None:
    store = SqliteStore.open(path)
    store.append([grant("acc_a", 1)])

    def fails(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    store._durability._sync, works = fails, store._durability._sync
    with pytest.raises(store_errors.StoreBroken):
        store.flush()
    store._durability._sync = works
    with pytest.raises(store_errors.StoreBroken):
        store.flush()
    with pytest.raises(store_errors.StoreBroken):
        store.append([grant("acc_a", 2)])
    with pytest.raises(store_errors.StoreBroken):
        store.close()


def test_a_wal_that_was_replaced_is_noticed(path: Path) -> None:
    store = SqliteStore.open(path)
    store.append([grant("acc_a", 1)])
    wal = Path(f"{path}-wal")
    wal.rename(path.with_name("gone"))
    wal.touch()
    with pytest.raises(store_errors.StoreBroken, match="replaced"):
        store.flush()
    with pytest.raises(store_errors.StoreBroken):
        store.close()


def test_the_wal_stays_bounded_while_writing_never_pauses(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faregate.store.sqlite.durability.CHECKPOINT_FRAMES", 20)
    monkeypatch.setattr("faregate.store.sqlite.durability.RESTART_FRAMES", 60)
    store = SqliteStore.open(path)
    done = threading.Event()

    def keep_flushing() -> None:
        while not done.is_set():
            store.flush()

    worker = threading.Thread(target=keep_flushing)
    worker.start()
    for first in range(1, 3001, 10):
        store.append(grants("acc_a", first, first + 9))
        if first % 100 == 1:
            store.flush()
    done.set()
    worker.join()
    assert Path(f"{path}-wal").stat().st_size < CHECKPOINT_FRAMES * 4096 // 8
    assert store._durability.fault is None
    store.close()
    assert not Path(f"{path}-wal").exists()


def test_a_closed_store_says_so(path: Path) -> None:
    store = SqliteStore.open(path)
    store.close()
    store.close()
    for use in (lambda: store.append([grant("acc_a", 1)]), store.flush, store.heads, lambda: store.head("acc_a")):
        with pytest.raises(store_errors.StoreClosed):
            use()


def test_every_thread_reads_through_its_own_connection(path: Path) -> None:
    store = SqliteStore.open(path)
    store.append(grants("acc_a", 1, 100))
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(len(list(store.entries("acc_a"))))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [100] * 4
    store.close()


@pytest.mark.parametrize("statement", ["UPDATE journal SET body = x'00'", "UPDATE plan_versions SET family = ''"])
def test_what_is_append_only_cannot_be_updated(path: Path, statement: str) -> None:
    store = SqliteStore.open(path)
    store.append([grant("acc_a", 1)])
    connection = apsw.Connection(str(path))
    connection.execute("INSERT INTO plan_versions VALUES ('pro', 1, 'f', 'h', 0)")
    with pytest.raises(apsw.ConstraintError):
        connection.execute(statement)
    connection.close()
    store.close()


def test_a_history_is_found_by_its_marks_and_not_by_a_scan(path: Path) -> None:
    SqliteStore.open(path).close()
    with frozen_books(path) as books:
        sql = "EXPLAIN QUERY PLAN SELECT id FROM journal WHERE account = ? AND seq = ? AND seq % 64 = 0"
        [plan] = books._connection.execute(sql, ("acc_a", 64)).fetchall()
    assert "USING COVERING INDEX journal_marks" in str(plan)
