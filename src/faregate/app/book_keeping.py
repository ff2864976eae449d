"""From entries to what the books show of them: usage rows, hourly sums, the count of open holds.

Owns the one way a settlement becomes a usage row and a part of a sum, used when books are kept and when they are
verified. Does not know how any of it is stored.
"""

from __future__ import annotations

from typing import Any, Final

from faregate.app.upstream_costs import UpstreamCost, cost_of, drawn_by_upstream
from faregate.app.usage_rollup import Counted, Drawn, UsageRow
from faregate.core.entry import Entry
from faregate.core.request import Slice
from faregate.core.usage import Usage

OPEN_HOLDS: Final = {"hold": 1, "settle": -1, "release": -1}
"""By how much an entry of a kind changes the number of its account's open holds; of other kinds: not at all."""

LARGEST_COUNT: Final = 2**53
"""The largest number of one settlement that is taken into sums, so that no sum of an hour leaves 64 bits."""


def counted(entry: Entry) -> Counted:
    """What of a settlement goes into the sums of its hour. Raises ValueError when a number is out of all measure."""
    data: dict[str, Any] = entry.data
    value, currency = 0, ""
    drawn = []
    for piece in data["slices"]:
        plan, pool, unit, amount, _, list_value, own_currency = piece[1:8]
        value += list_value
        currency = own_currency or currency
        drawn.append((plan, pool, unit, amount))
        if amount > LARGEST_COUNT:
            raise ValueError(f"{amount} {unit} is more than one request can come to")
    if "cost" in data:
        drawn += drawn_by_upstream(data.get("upstream", ""), UpstreamCost(*data["cost"]), value, currency)
    usage = data["usage"]
    if value > LARGEST_COUNT or max(usage) > LARGEST_COUNT:
        raise ValueError("usage or list value is more than one request can come to")
    return usage, data.get("estimated", False), value, currency, drawn


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
        cost_of(data),
    )
