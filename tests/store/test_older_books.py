"""Filled books of every older version are brought to the newest: nothing is lost, the application goes on there."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from faregate.app.keyring import Keyring
from faregate.app.ledger import Ledger
from faregate.app.store_port import Store
from faregate.app.verify import Verification
from faregate.bootstrap.database import open_store
from faregate.bootstrap.house import published_shelf
from faregate.cli.main import main
from faregate.core.instants import MINUTE
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage
from tests.store.older import (
    ANN,
    BOB,
    FIRST_WITH_A_CATALOGUE,
    OPEN_REQUEST,
    SECRET,
    STEPS,
    Older,
    older,
    written_lines,
)

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = sum(table == "journal" for table, _ in written_lines())
NOW = 1_772_450_100_000_000 + MINUTE
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def places(engine: str, tmp_path: Path) -> Iterator[list[Older]]:
    """What is put in here is closed at the end."""
    made: list[Older] = []
    yield made
    for each in made:
        each.close()


def verify(store: Store) -> tuple[bool, int, int, int]:
    with store.view() as books:
        report = Verification(books, published_shelf(store).terms).run()
    assert report.findings == []
    return report.clean, report.entries, report.usage_rows, report.open_holds


async def go_on(store: Store) -> None:
    """The open hold is settled, another request is admitted, a key of then lets in."""
    keyring = Keyring(store)
    keyring.follow()
    key = keyring.authenticate(SECRET.encode(), NOW)
    assert key is not None
    assert (key.account, key.name, key.kind) == (ANN, "laptop", "")
    assert [account.name for account in store.accounts()] == ["名 bob", "ann"]
    ledger = Ledger(store, published_shelf(store))
    ledger.start()
    assert OPEN_REQUEST in ledger.current(ANN, NOW).holds
    await ledger.settle(ANN, OPEN_REQUEST, Usage(input=10, output=10), NOW)
    request = Request("req_new", "anthropic/claude-sonnet-4", Usage(input=10, output=10))
    assert isinstance(await ledger.admit(ANN, request, NOW), Admitted)
    await ledger.close()


@pytest.mark.parametrize("seen", range(1, STEPS + 1))
def test_every_row_of_an_older_version_is_there_and_read(
    engine: str, seen: int, tmp_path: Path, places: list[Older]
) -> None:
    place = older(engine, tmp_path, seen)
    places.append(place)
    before = place.rows()
    assert all(before.values())
    store = open_store(place.url)
    assert place.version() == STEPS
    assert place.rows(before) == before
    if seen >= FIRST_WITH_A_CATALOGUE:
        assert verify(store) == (True, ENTRIES, 2, 1)
        asyncio.run(go_on(store))
        assert verify(store) == (True, ENTRIES + 2, 3, 1)
    assert [entry.seq for entry in store.entries(BOB)] == [1]
    store.close()
    store = open_store(place.url)
    assert store.accounts_with_open_holds() == [ANN]
    store.close()


def test_the_commands_migrate_and_verify_say_so(engine: str, tmp_path: Path, places: list[Older]) -> None:
    place = older(engine, tmp_path, FIRST_WITH_A_CATALOGUE)
    places.append(place)
    told = []
    for command in ("migrate", "migrate", "verify"):
        done = CliRunner().invoke(main, [command, "--db", place.url, "--json"])
        assert done.exit_code == 0, done.output
        told.append(json.loads(done.stdout))
    report = told[-1]
    assert (report["clean"], report["entries"], report["open_holds"]) == (True, ENTRIES, 1)


class Migrator:
    """A process that is about to migrate."""

    def __init__(self, url: str, *words: str) -> None:
        command = [sys.executable, "-m", "tests.store.migrator", url, *words]
        environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT, env=environment
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> tuple[int, str]:
        """Its exit code, and what it complained of."""
        _, complaint = self.process.communicate("go\n")
        return self.process.returncode, complaint


@pytest.mark.parametrize("done", [0, 4, STEPS - FIRST_WITH_A_CATALOGUE])
def test_a_migration_killed_in_the_middle_leaves_the_old_version_whole_and_is_done_by_the_next(
    engine: str, done: int, tmp_path: Path, places: list[Older]
) -> None:
    place = older(engine, tmp_path, FIRST_WITH_A_CATALOGUE)
    places.append(place)
    before = place.rows()
    assert Migrator(place.url, str(done)).go()[0] == -signal.SIGKILL
    assert place.version() == FIRST_WITH_A_CATALOGUE
    assert place.rows() == before
    assert Migrator(place.url).go() == (0, "")
    assert place.version() == STEPS
    assert place.rows(before) == before
    store = open_store(place.url)
    assert verify(store) == (True, ENTRIES, 2, 1)
    store.close()


def test_of_processes_that_migrate_at_once_each_finds_the_books_whole(
    engine: str, tmp_path: Path, places: list[Older]
) -> None:
    place = older(engine, tmp_path, FIRST_WITH_A_CATALOGUE)
    places.append(place)
    before = place.rows()
    processes = [Migrator(place.url) for _ in range(3)]
    with ThreadPoolExecutor(len(processes)) as threads:
        assert list(threads.map(Migrator.go, processes)) == [(0, "")] * len(processes)
    assert place.version() == STEPS
    assert place.rows(before) == before


def test_of_processes_that_make_one_new_file_at_once_each_finds_it_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'books.db'}"
    processes = [Migrator(url) for _ in range(4)]
    with ThreadPoolExecutor(len(processes)) as threads:
        assert list(threads.map(Migrator.go, processes)) == [(0, "")] * len(processes)
    store = open_store(url)
    assert list(store.heads()) == []
    store.close()
