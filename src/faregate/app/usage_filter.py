"""Pages of settled requests of one kind: of a day, a model, a key, an outcome.

Owns the walk from page to page, which looks at so many rows and no more: a page may be short, and still not the last.
"""

from __future__ import annotations

from typing import NamedTuple

from faregate.app.store_port import Books
from faregate.app.usage_rollup import UsageRow

LOOKED_AT = 4_000
_STEP = 500


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
        self, books: Books, account: str, before: str | None, limit: int
    ) -> tuple[list[UsageRow], str | None] | None:
        """Newest first, and the ``before`` of the next page; None where ``before`` is not the account's."""
        if before is not None:
            last = books.usage_row(before)
            if last is None or last.account != account:
                return None
        found: list[UsageRow] = []
        looked, size = 0, limit if self == Wanted() else _STEP
        while looked < LOOKED_AT:
            rows = books.usage_page(account, before, size, self.begins or None)
            for row in rows:
                looked, before = looked + 1, row.request
                if self.takes(row):
                    found.append(row)
                    if len(found) == limit:
                        return found, before
            if len(rows) < size:
                return found, None
        return found, before
