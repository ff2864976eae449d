"""From a database URL to an open store.

Owns which URLs there are. ``sqlite:///relative.db`` and ``sqlite:////absolute.db``; a plain path is a SQLite file.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from faregate.app.store_errors import StoreError
from faregate.app.store_port import Store
from faregate.store.sqlite.store import SqliteStore

DEFAULT_DATABASE = "sqlite:///faregate.db"


class UnknownDatabase(StoreError):
    """A URL of no engine that there is."""

    code = "unknown_database"


def database_path(url: str) -> Path:
    """The file that a database URL names. Raises UnknownDatabase."""
    if "://" not in url:
        return Path(url)
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or not parts.path.strip("/"):
        raise UnknownDatabase(
            url, "not a database URL Faregate knows: write sqlite:///FILE or sqlite:////ABSOLUTE/FILE"
        )
    return Path(unquote(parts.path.removeprefix("/")))


def open_store(url: str) -> Store:
    """The store at ``url``, made where it is not there yet. Raises StoreError."""
    return SqliteStore.open(database_path(url))
