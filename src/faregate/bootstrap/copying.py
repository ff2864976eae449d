"""Moving books from one engine to the other.

Owns which databases may be copied to which, that nobody serves the source meanwhile, and the verification of both
sides afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faregate.app.store_errors import StoreError
from faregate.app.verify import Report, Verification
from faregate.bootstrap.database import UnknownDatabase, database_path, is_postgresql, migrated, open_store
from faregate.bootstrap.house import published_shelf, served_alone


class CopyDiffers(StoreError):
    """The copy's books are not those of the source."""

    code = "copy_differs"


@dataclass(frozen=True, slots=True)
class Copy:
    """What went over: journal ``entries`` of ``accounts`` accounts, ``rows`` of everything else."""

    entries: int
    accounts: int
    rows: int


Tell = Callable[[str, int], None]
"""Hears of a step (``copying``, ``verifying``) and how many entries it has seen."""


def copy_database(source: str, target: str, tell: Tell) -> Copy:
    """Copy the books at ``source`` (SQLite) to ``target`` (PostgreSQL, empty), and verify both sides.

    All or nothing. Raises StoreError; CopyDiffers where the sides are not the same afterwards.
    """
    from faregate.store.copying import copy_books

    if is_postgresql(source) or not is_postgresql(target):
        raise UnknownDatabase(
            target if is_postgresql(source) else source, "books are copied from SQLite to PostgreSQL"
        )
    path = database_path(source)
    with served_alone(source):
        migrated(source)
        copied = copy_books(path, target, lambda entries: tell("copying", entries))
        before = _verified(source, tell)
        after = _verified(target, tell)
    if before != after or not after.clean:
        raise CopyDiffers(target, "the copy does not verify clean against its source; run faregate verify on both")
    return Copy(copied.entries, copied.accounts, sum(copied.rows.values()))


def _verified(url: str, tell: Tell) -> Report:
    store = open_store(url)
    try:
        shelf = published_shelf(store)
        with store.view() as books:
            return Verification(books, shelf.terms).run(lambda entries: tell("verifying", entries))
    finally:
        store.close()
