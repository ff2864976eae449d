"""Cost analysis of one account: sums by day, model, client or key, and the rows of a charge export.

Owns how they are summed: by day and model from the hourly sums, by client and key from the newest settlements, so
many of them and no more. Amounts are exact decimals as strings.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable
from typing import Any

from faregate.app.ledger import Ledger
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Rollup
from faregate.app.views import fold, rollup_view
from faregate.core.amounts import render
from faregate.core.instants import DAY, parse_instant, render_instant

DIMENSIONS = ("day", "model", "client", "key")
MOST_ROWS = 2_500
"""Settlements that are summed one by one."""
_SUMMED = ("day", "model")


class Analysis:
    """Over one ledger's store."""

    def __init__(self, ledger: Ledger) -> None:
        self._store = ledger.store

    async def sums(self, account: str, by: str, days: int, now: int) -> dict[str, Any]:
        """What the account used in ``days``, by one of DIMENSIONS; ``complete`` is False where not all was summed."""
        found, complete = await asyncio.to_thread(self._sums, account, by, days, now)
        rows = [{"name": name, **rollup_view(rollup)} for name, rollup in found.items()]
        rows.sort(key=lambda row: str(row["name"]), reverse=by == "day")
        return {"by": by, "days": days, "rows": rows, "complete": complete}

    def _sums(self, account: str, by: str, days: int, now: int) -> tuple[dict[str, Rollup], bool]:
        found: dict[str, Rollup] = {}
        if by in _SUMMED:
            for day, model, rollup in self._days(account, days, now):
                fold(found.setdefault(day if by == "day" else model, Rollup()), rollup)
            return found, True
        rows = self._store.usage_page(account, None, MOST_ROWS, _begin(days, now))
        for row in rows:
            found.setdefault(row.key if by == "key" else row.client, Rollup()).add(row)
        return found, len(rows) < MOST_ROWS

    async def charges(self, account: str, days: int, now: int) -> list[dict[str, str]]:
        """What each source was charged on each day for each model, oldest first."""
        return await asyncio.to_thread(self._charges, account, days, now)

    def _charges(self, account: str, days: int, now: int) -> list[dict[str, str]]:
        sums: dict[tuple[str, str], Rollup] = {}
        for day, model, rollup in self._days(account, days, now):
            fold(sums.setdefault((day, model), Rollup()), rollup)
        rows = []
        for (day, model), rollup in sorted(sums.items()):
            listed = _one(rollup.list_values)
            drawn = rollup_view(rollup)["drawn"]
            rows += [{"day": day, "model": model, **each, "listed": listed} for each in drawn]
        return rows

    def _days(self, account: str, days: int, now: int) -> Iterable[tuple[str, str, Rollup]]:
        first, last = _begin(days, now) // HOUR_MICROSECONDS, now // HOUR_MICROSECONDS
        for key, rollup in self._store.rollups_of(account, first, last):
            yield render_instant(key.hour * HOUR_MICROSECONDS)[:10], key.model, rollup


def _begin(days: int, now: int) -> int:
    """The first moment of the day, UTC, ``days`` - 1 days ago: today is one of them."""
    return (now // DAY - days + 1) * DAY


def _one(values: dict[str, int]) -> str:
    """The list value where it is in one currency."""
    return " ".join(f"{render(value, currency)} {currency}" for currency, value in sorted(values.items()))


def analysis_csv(found: dict[str, Any]) -> str:
    """``Analysis.sums`` as CSV, one row for each unit that paid."""
    counts = (
        [name for name in found["rows"][0] if name not in ("name", "list_value", "drawn")] if found["rows"] else []
    )
    rows = [
        [row["name"], *(row[name] for name in counts), _listed(row), drawn["source"], drawn["amount"], drawn["unit"]]
        for row in found["rows"]
        for drawn in row["drawn"] or [{"source": "", "amount": "", "unit": ""}]
    ]
    return _csv([found["by"], *counts, "list_value", "source", "amount", "unit"], rows)


def _listed(row: dict[str, Any]) -> str:
    return " ".join(f"{amount} {currency}" for currency, amount in row["list_value"].items())


FOCUS_COLUMNS = (
    "BillingAccountId",
    "BillingCurrency",
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ChargeCategory",
    "ChargeDescription",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ProviderName",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
)


def focus_csv(account: str, rows: list[dict[str, str]]) -> str:
    """``Analysis.charges`` in columns of FOCUS 1.0, a row for each day, model and source.

    What is drawn of a window or a pool in another unit than a currency costs nothing by itself: it stands in
    ConsumedQuantity alone.
    """
    return _csv(list(FOCUS_COLUMNS), [_focus(account, row) for row in rows])


def _focus(account: str, row: dict[str, str]) -> list[str]:
    unit, amount = row["unit"], row["amount"]
    money = len(unit) == 3 and unit.isupper()
    value, _, currency = row["listed"].partition(" ")
    begins = f"{row['day']}T00:00:00Z"
    billed = amount if money else "0"
    listed = value if currency == (unit if money else currency) else ""
    return [
        account,
        unit if money else currency,
        billed,
        billed,
        listed,
        "Usage",
        f"{row['model']} by {row['source']}",
        begins,
        render_instant(parse_instant(begins) + DAY),
        amount,
        unit,
        "Faregate",
        "AI and Machine Learning",
        row["source"].partition(":")[0],
        row["model"],
    ]


def _csv(head: list[str], rows: list[list[Any]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_safe(each) for each in row] for row in rows)
    return made.getvalue()


def _safe(value: Any) -> Any:
    """No spreadsheet takes a name that a client chose for a formula."""
    risky = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not value[1:2].isdecimal()
    return f"'{value}" if risky else value
