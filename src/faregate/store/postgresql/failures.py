"""PostgreSQL's errors as the store's own. Owns the translation; knows no tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from faregate.app.store_errors import (
    BadRow,
    DiskFull,
    StoreCorrupt,
    StoreError,
    StoreLocked,
    StoreReadOnly,
    StoreUnreachable,
)

_KINDS: tuple[tuple[type[BaseException], type[StoreError], str], ...] = (
    (errors.LockNotAvailable, StoreLocked, "another process is writing to it and did not finish in time"),
    (errors.DeadlockDetected, StoreLocked, "another process is writing to it"),
    (errors.SerializationFailure, StoreLocked, "another process is writing to it"),
    (errors.QueryCanceled, StoreUnreachable, "it did not answer in time"),
    (errors.IdleInTransactionSessionTimeout, StoreUnreachable, "we stood idle in the middle of a transaction"),
    (errors.DiskFull, DiskFull, "there is no room left to write to"),
    (errors.ReadOnlySqlTransaction, StoreReadOnly, "it may be read but not written; is it a standby?"),
    (errors.InsufficientPrivilege, StoreReadOnly, "this user may not do that there"),
    (errors.InvalidPassword, StoreUnreachable, "the password is wrong"),
    (errors.InvalidCatalogName, StoreUnreachable, "there is no database of that name; create it first"),
    (errors.IndexCorrupted, StoreCorrupt, "an index is damaged"),
    (errors.DataCorrupted, StoreCorrupt, "its pages are damaged"),
    (errors.NumericValueOutOfRange, BadRow, "an integer does not fit 64 bits"),
    (errors.UntranslatableCharacter, BadRow, "a text holds a character it cannot keep"),
    (errors.CharacterNotInRepertoire, BadRow, "a text holds a character it cannot keep"),
    (psycopg.DataError, BadRow, "a value is out of range"),
    (OverflowError, BadRow, "an integer does not fit 64 bits"),
)


def translated(error: BaseException, where: str) -> StoreError | None:
    """The store's error for one of PostgreSQL's, None for an error that is no business of the store's."""
    for theirs, store_error, problem in _KINDS:
        if isinstance(error, theirs):
            return store_error(where, problem)
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        said = str(error).strip().splitlines()
        return StoreUnreachable(where, said[0] if said else "it does not answer")
    if isinstance(error, psycopg.Error):
        return StoreError(where, str(error).strip())
    return None


@contextmanager
def translating(where: str) -> Iterator[None]:
    """Raise PostgreSQL's errors as the store's."""
    try:
        yield
    except (psycopg.Error, OverflowError) as error:
        raise translated(error, where) or error from error
