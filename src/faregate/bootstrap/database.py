"""From a database URL to an open store.

Owns which URLs there are. ``sqlite:///relative.db`` and ``sqlite:////absolute.db``, a plain path for a SQLite file;
``postgresql://user@host/name`` for a PostgreSQL database.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from faregate.app.store_errors import StoreError
from faregate.app.store_port import Store
from faregate.store.sqlite.store import SqliteStore

DEFAULT_DATABASE = "sqlite:///faregate.db"
POSTGRESQL = ("postgresql", "postgres")


class UnknownDatabase(StoreError):
    """A URL of no engine that there is."""

    code = "unknown_database"


class Waiting(NamedTuple):
    """For how long a PostgreSQL database may be silent: for one answer, and for writing at all, in seconds.

    ``lease_seconds``: how long a worker may be silent before what it held is taken for lost.
    """

    answer_seconds: float = 5.0
    write_seconds: float = 2.0
    lease_seconds: float = 15.0

    @property
    def request_seconds(self) -> float:
        """How long a client's request waits for the database at most."""
        return self.answer_seconds + self.write_seconds


def is_postgresql(url: str) -> bool:
    """Whether the URL is that of a PostgreSQL database, which many processes may serve."""
    return url.partition("://")[0] in POSTGRESQL and "://" in url


def database_path(url: str) -> Path:
    """The file that a database URL names. Raises UnknownDatabase."""
    if "://" not in url:
        return Path(url)
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or not parts.path.strip("/"):
        raise UnknownDatabase(
            url.partition("@")[0] if parts.password is None else parts.scheme,
            "not a database URL Faregate knows: write sqlite:///FILE, sqlite:////ABSOLUTE/FILE or "
            "postgresql://USER@HOST/NAME",
        )
    return Path(unquote(parts.path.removeprefix("/")))


def open_store(url: str, waiting: Waiting = Waiting()) -> Store:  # noqa: B008 - immutable
    """The store at ``url``, made where it is not there yet. Raises StoreError."""
    if is_postgresql(url):
        from faregate.store.postgresql.store import PostgresqlStore

        return PostgresqlStore.open(
            url, waiting.answer_seconds, wait_seconds=waiting.write_seconds, lease_seconds=waiting.lease_seconds
        )
    return SqliteStore.open(database_path(url))


def migrated(url: str) -> None:
    """Bring the database at ``url`` to the newest schema; one that is not there is made. Raises StoreError."""
    open_store(url).close()
