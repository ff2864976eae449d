"""SQLite's errors as the store's own. Owns the translation; knows no tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from faregate.app.store_errors import (
    BadRow,
    DiskFull,
    NotADatabase,
    StoreClosed,
    StoreCorrupt,
    StoreError,
    StoreLocked,
    StoreReadOnly,
    StoreUnreachable,
)

_KINDS: tuple[tuple[type[BaseException], type[StoreError], str], ...] = (
    (apsw.BusyError, StoreLocked, "another process is writing to it and did not finish in time"),
    (apsw.LockedError, StoreLocked, "another part of this program is writing to it"),
    (apsw.FullError, DiskFull, "there is no room left to write to"),
    (apsw.ReadOnlyError, StoreReadOnly, "it may be read but not written"),
    (apsw.PermissionsError, StoreReadOnly, "it may not be written"),
    (
        apsw.CantOpenError,
        StoreUnreachable,
        "it cannot be opened; is the folder there, may this user write to it?",
    ),
    (apsw.NotADBError, NotADatabase, "it is not a SQLite database"),
    (apsw.CorruptError, StoreCorrupt, "its pages are damaged"),
    (apsw.ConnectionClosedError, StoreClosed, "it was closed"),
    (apsw.TooBigError, BadRow, "a value is too long"),
    (OverflowError, BadRow, "an integer does not fit 64 bits"),
)


def translated(error: BaseException, where: str) -> StoreError | None:
    """The store's error for one of SQLite's, None for an error that is no business of the store's."""
    for sqlite_error, store_error, problem in _KINDS:
        if isinstance(error, sqlite_error):
            return store_error(where, problem)
    if isinstance(error, apsw.Error):
        return StoreError(where, str(error))
    return None


@contextmanager
def translating(where: str) -> Iterator[None]:
    """Raise SQLite's errors as the store's."""
    try:
        yield
    except (apsw.Error, OverflowError) as error:
        raise translated(error, where) or error from error
