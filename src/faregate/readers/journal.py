"""Faregate's own journal as requests.

Owns what an account's entries say of its requests. Does not open the store: whoever can, hands in the entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from faregate.core.entry import Entry
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import Usage


def requests_of(entries: Iterable[Entry]) -> Iterator[LoggedRequest]:
    """The settled requests of one account's entries, in the order of their settling, at the time they were admitted.

    The session is the account: the journal keeps no conversations. Requests that were released used nothing.
    """
    admitted: dict[str, int] = {}
    for entry in entries:
        if entry.kind == "hold":
            admitted[entry.data["request"]] = entry.at
        elif entry.kind == "release":
            admitted.pop(entry.data["request"], None)
        elif entry.kind == "settle":
            data = entry.data
            at = admitted.pop(data["request"], entry.at)
            usage = data["usage"]
            read = usage if isinstance(usage, Usage) else Usage(*usage)
            yield LoggedRequest(at, data["model"], read, data["client"], entry.account)
