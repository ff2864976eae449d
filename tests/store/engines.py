"""The engines that the contract of the store is tested on. A new engine joins by one line in ENGINES."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from faregate.app.store_port import Accepted, Append, Conflict, Store, Taken
from faregate.store.postgresql.store import FOLD_AFTER as POSTGRESQL_FOLD_AFTER
from faregate.store.postgresql.store import PostgresqlStore
from faregate.store.sqlite.folding import FOLD_AFTER
from faregate.store.sqlite.store import SqliteStore
from tests.postgresql.server import shared_server


class Place(Protocol):
    """One place where books are kept. Every ``open`` is as another process would open it."""

    def open(self) -> Store: ...
    def close(self) -> None: ...


class SqlitePlace:
    def __init__(self, folder: Path, fold_after: int = FOLD_AFTER) -> None:
        self.path = folder / "books.db"
        self.fold_after = fold_after
        self.opened: list[SqliteStore] = []

    def open(self) -> Store:
        self.opened.append(SqliteStore.open(self.path, busy_milliseconds=50, fold_after=self.fold_after))
        return self.opened[-1]

    def close(self) -> None:
        for store in self.opened:
            store.close()


class PostgresqlPlace:
    """A database of its own on the server of this process."""

    def __init__(self, fold_after: int = POSTGRESQL_FOLD_AFTER) -> None:
        self.url = shared_server().empty_database()
        self.fold_after = fold_after
        self.opened: list[PostgresqlStore] = []

    def open(self) -> Store:
        self.opened.append(PostgresqlStore.open(self.url, fold_after=self.fold_after, wait_seconds=0))
        return self.opened[-1]

    def close(self) -> None:
        for store in self.opened:
            store.close()
        shared_server().give_back(self.url)


class FoldingPostgresqlPlace(PostgresqlPlace):
    """Every append is followed by a flush that folds."""

    def open(self) -> Store:
        store = PostgresqlStore.open(self.url, fold_after=0, wait_seconds=0)
        append = store.append

        def append_and_fold(batch: Sequence[Append]) -> list[Accepted | Conflict | Taken]:
            outcomes = append(batch)
            store.flush()
            return outcomes

        store.append = append_and_fold  # type: ignore[method-assign]
        self.opened.append(store)
        return store


ENGINES: dict[str, Callable[[Path], Place]] = {
    "sqlite": SqlitePlace,
    # the same promises hold whether projections come from the file, from memory, or from both
    "sqlite folded at every append": lambda folder: SqlitePlace(folder, fold_after=0),
    "sqlite folded now and then": lambda folder: SqlitePlace(folder, fold_after=1),
    "postgresql": lambda _folder: PostgresqlPlace(),
    "postgresql folded at every append": lambda _folder: FoldingPostgresqlPlace(),
}
