"""Which schema a file has, and bringing it to the newest (``store.schema`` tells the steps).

Owns ``application_id`` (whose file is it?) and ``user_version`` (how many migrations has it seen?).
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from faregate.app.store_errors import NewerSchema, NotADatabase, OlderSchema
from faregate.store.schema import steps

APPLICATION_ID = int.from_bytes(b"Fare", "big")


def migrations() -> list[str]:
    """The SQL of every migration, in order."""
    return [step.sql for step in steps("sqlite")]


def version_of(connection: apsw.Connection, where: str) -> int:
    """How many migrations the file has seen; 0 for an empty one. Raises NotADatabase for somebody else's database."""
    application = connection.pragma("application_id")
    if application == APPLICATION_ID:
        return int(connection.pragma("user_version"))
    if not application and connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None:
        return 0
    if connection.pragma("application_id") == APPLICATION_ID:  # another process made it between the looks
        return int(connection.pragma("user_version"))
    raise NotADatabase(where, "it is a SQLite database, but not one of Faregate's")


def require(connection: apsw.Connection, where: str) -> None:
    """Raise unless the file has the newest schema: for files opened to be read."""
    known, found = len(migrations()), version_of(connection, where)
    if found > known:
        raise NewerSchema(where, found, known)
    if found < known:
        raise OlderSchema(where, found, known)


def migrate(connection: apsw.Connection, where: str, wanted: Sequence[str]) -> None:
    """Bring the file to the schema after all steps ``wanted``, in one transaction: a failure leaves it as it was."""
    if version_of(connection, where) == len(wanted):
        return
    with connection:
        # asked again: another process may have migrated since
        found = version_of(connection, where)
        if found > len(wanted):
            raise NewerSchema(where, found, len(wanted))
        for step in wanted[found:]:
            connection.execute(step)
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", len(wanted))
