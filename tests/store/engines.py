"""The engines that the contract of the store is tested on. A new engine joins by one line in ENGINES."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from faregate.app.store_port import Store
from faregate.store.sqlite.folding import FOLD_AFTER
from faregate.store.sqlite.store import SqliteStore


class Place(Protocol):
    """One place where books are kept. Every ``open`` is as another process would open it."""

    def open(self) -> Store: ...


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


ENGINES: dict[str, Callable[[Path], SqlitePlace]] = {
    "sqlite": SqlitePlace,
    # the same promises hold whether projections come from the file, from memory, or from both
    "sqlite folded at every append": lambda folder: SqlitePlace(folder, fold_after=0),
    "sqlite folded now and then": lambda folder: SqlitePlace(folder, fold_after=1),
}
