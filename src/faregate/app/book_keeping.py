"""From entries to what is written with them: usage rows and the count of open holds.

Owns the one way a settlement becomes a usage row, used when books are written and when they are verified.
"""

from __future__ import annotations

from typing import Any

from faregate.app.catalogue_port import Receipt
from faregate.app.store_port import Append
from faregate.app.usage_rollup import Drawn, UsageRow
from faregate.core.entry import Entry
from faregate.core.request import Slice
from faregate.core.usage import Usage


def append_of(entry: Entry, receipt: Receipt | None = None) -> Append:
    """``entry`` with the projections that go into the store in the same transaction."""
    kind = entry.kind
    if kind == "hold":
        return Append(entry, None, 1, receipt)
    if kind == "settle":
        return Append(entry, usage_row(entry), -1, receipt)
    if kind == "release":
        return Append(entry, None, -1, receipt)
    return Append(entry, None, 0, receipt)


def usage_row(entry: Entry) -> UsageRow:
    """The usage row of a settlement."""
    data: dict[str, Any] = entry.data
    value, currency = 0, ""
    drawn: list[Drawn] = []
    for piece in data["slices"]:
        paid = piece if isinstance(piece, Slice) else Slice(*piece)
        value += paid.list_value
        currency = paid.currency or currency
        drawn.append(Drawn(paid.plan, paid.pool, paid.unit, paid.amount))
    usage = data["usage"]
    return UsageRow(
        data["request"],
        entry.account,
        data["key"],
        entry.at,
        data["model"],
        data["client"],
        data.get("upstream", ""),
        usage if isinstance(usage, Usage) else Usage(*usage),
        value,
        currency,
        tuple(drawn),
        data.get("outcome", "ok"),
        bool(data.get("estimated", False)),
        data["hold"],
        entry.seq,
    )
