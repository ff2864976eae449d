"""Faregate's own journal as requests.

Owns what an account's entries say of its requests. Does not open the store: whoever can, hands in the entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from faregate.app.store_port import Books
from faregate.core.entry import Entry
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import Usage
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.log_file import FAREGATE
from faregate.readers.reading import Reading, ToolCount
from faregate.readers.records import Records, Requests, Row


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


def read_journal(books: Books, accounts: Iterable[str] | None = None) -> Reading:
    """The settled requests of ``accounts``, by default of all, in the order of time. A request with counts beyond
    reason is told as broken, with its account as the file."""
    records, broken = Records(), BrokenLines()
    for account in accounts if accounts is not None else [head.account for head in books.heads()]:
        for number, (at, model, usage, client, session) in enumerate(requests_of(books.entries(account)), 1):
            try:
                records.add(Row(at, model, session, client, usage))
            except Broken as problem:
                broken.add(Path(account), number, problem.reason, problem.detail)
    requests = Requests(records, b"\1" * len(records))
    count = ToolCount(0, 0, len(requests), sum(records.columns["prompts"]))
    return Reading(requests, {FAREGATE: count}, 0, 0, 0, broken.count, tuple(broken.first))
