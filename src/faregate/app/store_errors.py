"""Failures of a store, typed, each with a stable code.

Owns what can go wrong with keeping the books, whatever the engine. A refused append is not here: it is an expected
outcome (``store_port.Conflict``). These know no HTTP and no exit codes.
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of a store's failures. ``code`` is stable; ``where`` is the file or address of the store."""

    code = "store_error"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where, self.problem = where, problem


class StoreUnreachable(StoreError):
    """The store could not be opened: no such folder, no permission, nobody listening."""

    code = "store_unreachable"


class NotADatabase(StoreError):
    """There is something at that place, but it is not a store of Faregate's."""

    code = "store_not_a_database"


class NewerSchema(StoreError):
    """A newer program wrote the store: this one must not touch it."""

    code = "store_newer_schema"

    def __init__(self, where: str, found: int, known: int) -> None:
        super().__init__(
            where,
            f"its schema is version {found}, this program knows versions up to {known}; use a newer faregate",
        )
        self.found, self.known = found, known


class OlderSchema(StoreError):
    """The store has to be migrated first, and was opened for reading only."""

    code = "store_older_schema"

    def __init__(self, where: str, found: int, known: int) -> None:
        super().__init__(
            where,
            f"its schema is version {found}, this program reads version {known}; open it once for writing",
        )
        self.found, self.known = found, known


class StoreLocked(StoreError):
    """Another process held the store for longer than the bounded wait. Nothing was written; it may be tried again."""

    code = "store_locked"


class StoreReadOnly(StoreError):
    """The store, or this way into it, cannot be written."""

    code = "store_read_only"


class DiskFull(StoreError):
    """No room for what was to be written. Nothing of it was written; it may be tried again."""

    code = "store_disk_full"


class StoreCorrupt(StoreError):
    """What is stored contradicts itself or cannot be decoded."""

    code = "store_corrupt"


class StoreBroken(StoreError):
    """Making writes durable failed, so nothing can be promised any more: close the store and open it again."""

    code = "store_broken"


class StoreClosed(StoreError):
    """The store was used after it was closed."""

    code = "store_closed"


class BadRow(StoreError):
    """A row that this store cannot hold: a value that cannot be encoded, or an integer beyond 64 bits."""

    code = "store_bad_row"
