"""Cost analysis of one account: sums by day, model, client or key, and the rows of a charge export.

Owns how they are summed: by day and model from the hourly sums, by client and key from those by day and caller, so
that it takes as long for a million requests as for one. Amounts are exact decimals as strings.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any

from faregate.app.caller_sums import CallerSumming
from faregate.app.ledger import Ledger
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Rollup
from faregate.app.views import fold, rollup_view
from faregate.core.amounts import render
from faregate.core.instants import DAY, parse_instant, render_instant

DIMENSIONS = ("day", "model", "client", "key")
BY_HOUR = ("day", "model")
MONTH = 31
"""Days of which a charge export is in memory at once."""


class Analysis:
    """Over one ledger's store."""

    def __init__(self, ledger: Ledger) -> None:
        self._store = ledger.store
        self.callers = CallerSumming(ledger.store)

    async def sums(self, account: str, by: str, days: int, now: int) -> dict[str, Any]:
        """What the account used in ``days``, today among them, by one of DIMENSIONS."""
        found = await asyncio.to_thread(self._sums, account, by, days, now)
        rows = [{"name": name, **rollup_view(rollup)} for name, rollup in found.items()]
        rows.sort(key=lambda row: str(row["name"]), reverse=by == "day")
        return {"by": by, "days": days, "rows": rows}

    def _sums(self, account: str, by: str, days: int, now: int) -> dict[str, Rollup]:
        found: dict[str, Rollup] = {}
        if by in BY_HOUR:
            for day, model, rollup in self._days(account, _begin(days, now), now):
                fold(found.setdefault(day if by == "day" else model, Rollup()), rollup)
            return found
        for key, rollup in self.callers.of(account, _begin(days, now) // DAY).items():
            fold(found.setdefault(key.key if by == "key" else key.client, Rollup()), rollup)
        return found

    async def charges(self, account: str, days: int, now: int) -> AsyncIterator[list[dict[str, str]]]:
        """What each source was charged on each day for each model, oldest first, some days at a time."""
        first = _begin(days, now)
        while first <= now:
            last = first + MONTH * DAY - 1
            yield await asyncio.to_thread(self._charges, account, first, min(last, now))
            first = last + 1

    def _charges(self, account: str, first: int, last: int) -> list[dict[str, str]]:
        sums: dict[tuple[str, str], Rollup] = {}
        for day, model, rollup in self._days(account, first, last):
            fold(sums.setdefault((day, model), Rollup()), rollup)
        rows = []
        for (day, model), rollup in sorted(sums.items()):
            listed = _one(rollup.list_values)
            drawn = rollup_view(rollup)["drawn"]
            rows += [{"day": day, "model": model, **each, "listed": listed} for each in drawn]
        return rows

    def _days(self, account: str, first: int, last: int) -> Iterable[tuple[str, str, Rollup]]:
        hours = first // HOUR_MICROSECONDS, last // HOUR_MICROSECONDS
        for key, rollup in self._store.rollups_of(account, *hours):
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


async def focus_csv(account: str, parts: AsyncIterator[list[dict[str, str]]]) -> AsyncIterator[bytes]:
    """``Analysis.charges`` in columns of FOCUS 1.0, a row for each day, model and source, as they come.

    What is drawn of a window or a pool in another unit than a currency costs nothing by itself: it stands in
    ConsumedQuantity alone.
    """
    yield _csv(list(FOCUS_COLUMNS), []).encode()
    async for rows in parts:
        if rows:
            yield _csv(None, [_focus(account, row) for row in rows]).encode()


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


def _csv(head: list[str] | None, rows: list[list[Any]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    if head is not None:
        writer.writerow(head)
    writer.writerows([_safe(each) for each in row] for row in rows)
    return made.getvalue()


def _safe(value: Any) -> Any:
    """No spreadsheet takes a name that a client chose for a formula."""
    risky = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not value[1:2].isdecimal()
    return f"'{value}" if risky else value
