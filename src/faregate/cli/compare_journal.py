"""`faregate compare --journal`: the usage that a gate's own journal tells of.

Owns whose requests are meant, and opening the books to read them. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faregate.cli.house_options import require_database

if TYPE_CHECKING:
    from faregate.readers import Reading

ALL = "*"
"""In place of an account: all of them."""


def read_accounts(names: Sequence[str], database: str) -> Reading:
    """The settled requests of the accounts named, by id or name. Raises NotFound, BadCommand, CommandFailure."""
    from faregate.app.office import find_account
    from faregate.bootstrap.database import open_store
    from faregate.readers.journal import read_journal

    require_database(database)
    store = open_store(database)
    try:
        accounts = None if ALL in names else list(dict.fromkeys(find_account(store, name).id for name in names))
        with store.view() as books:
            return read_journal(books, accounts)
    finally:
        store.close()
