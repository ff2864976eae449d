"""Pages of settled requests of one kind: of a day, a model, a key, an outcome.

Owns the walk from page to page, which looks at so many rows and no more: a page may be short, and still not the last.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import NamedTuple

from faregate.app.book_keeping import usage_row
from faregate.app.store_port import Store
from faregate.app.usage_rollup import UsageRow

LOOKED_AT = 1_500
"""Settlements that one page looks at."""
MARKED = 64
"""Stores find one entry in so many at once."""


class Wanted(NamedTuple):
    """What requests are wanted: '' and 0 for any; ``begins`` and ``ends`` are microseconds UTC of settlement."""

    model: str = ""
    key: str = ""
    outcome: str = ""
    begins: int = 0
    ends: int = 0

    def takes(self, row: UsageRow) -> bool:
        """Whether ``row`` is wanted."""
        return (
            self.model in ("", row.model)
            and self.key in ("", row.key)
            and self.outcome in ("", row.outcome)
            and (not self.ends or self.begins <= row.at < self.ends)
        )

    def page(
        self, books: Store, account: str, before: str | None, limit: int
    ) -> tuple[list[UsageRow], str | None] | None:
        """Newest first, and the ``before`` of the next page; None where ``before`` is not the account's."""
        if before is not None:
            last = books.usage_row(before)
            if last is None or last.account != account:
                return None
            start: int | None = last.settle_seq
        else:
            start = _seq_at(books, account, self.ends) if self.ends else None
        if self == _ANY:
            rows = books.usage_page(account, before, limit)
            return rows, rows[-1].request if len(rows) == limit else None
        return self._walk(books, account, start, limit)

    def _walk(self, books: Store, account: str, start: int | None, limit: int) -> tuple[list[UsageRow], str | None]:
        found: list[UsageRow] = []
        looked = 0
        with closing(_settled(books, account, start)) as rows:
            for row in rows:
                if row.at < self.begins:
                    break
                looked += 1
                if self.takes(row):
                    found.append(row)
                if len(found) == limit or looked == LOOKED_AT:
                    return found, row.request
        return found, None


_ANY = Wanted()


def _settled(books: Store, account: str, before: int | None) -> Generator[UsageRow, None, None]:
    for entry in books.entries_back(account, before):
        if entry.kind == "settle":
            yield usage_row(entry)


def _seq_at(books: Store, account: str, at: int) -> int | None:
    """A seq of the account's journal from which everything settled before ``at`` lies back, soon after it.

    The journal of an account goes by time. None: from its end.
    """
    marks = books.head(account) // MARKED
    low, high = 1, marks + 1
    while low < high:
        middle = (low + high) // 2
        entry = books.entry(account, middle * MARKED)
        if entry is None or entry.at >= at:
            high = middle
        else:
            low = middle + 1
    return low * MARKED if low <= marks else None
