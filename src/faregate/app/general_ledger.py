"""The books as an accountant reads them: entries with their postings, the trial balance, revenue and what it cost.

Owns these views. Writes nothing. Amounts are exact decimal strings, instants RFC 3339 in UTC. The trial balance reads
the whole journal and revenue every hourly sum: both are for a thread of their own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from faregate.app.office_errors import NotFound
from faregate.app.store_port import Books, JournalFault, Store
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Rollup
from faregate.app.views import fold, rollup_view
from faregate.core.amounts import render
from faregate.core.entry import Entry
from faregate.core.instants import DAY, render_instant

LOOKED_THROUGH = 20


class Wanted(NamedTuple):
    """Which entries are told: those of ``kind`` (None: all), from ``since`` up to ``until``, microseconds UTC."""

    kind: str | None = None
    since: int | None = None
    until: int | None = None

    def has(self, entry: Entry) -> bool:
        return (
            (self.kind is None or entry.kind == self.kind)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


ALL = Wanted()


def entries_view(
    store: Store, account: str, after: int | None, before: int | None, limit: int, wanted: Wanted = ALL
) -> dict[str, Any]:
    """A page of the account's journal: after seq ``after``, oldest first; else (before seq ``before``) newest first.

    Of entries that are not ``wanted`` a page looks through LOOKED_THROUGH times its rows. Raises NotFound.
    """
    if store.account(account) is None:
        raise NotFound("account", account)
    found = store.entries(account, after) if after is not None else store.entries_back(account, before)
    rows: list[Entry] = []
    last, most = None, limit * (1 if wanted == ALL else LOOKED_THROUGH)
    for looked, row in enumerate(found, 1):
        if wanted.has(row):
            rows.append(row)
        if len(rows) == limit or looked == most:
            last = row.seq
            break
        if after is None and wanted.since is not None and row.at < wanted.since:
            break
    return {"account": account, "entries": [_entry(row) for row in rows], "next": last}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": render_instant(entry.at),
        "kind": entry.kind,
        "about": entry.data.get("request") or entry.data.get("order") or entry.data.get("plan"),
        "postings": [
            {"ledger": ledger, "unit": unit, "amount": render(amount, unit)}
            for ledger, unit, amount in entry.postings
        ],
    }


def trial_balance(books: Books) -> dict[str, Any]:
    """Sums of all postings by kind of ledger and unit; in each unit they come to zero. Reads the whole journal."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    entries = faults = 0
    for item in books.audit():
        if isinstance(item, JournalFault):
            faults += 1
            continue
        entries += 1
        for ledger, unit, amount in item.postings:
            sums[unit, ledger.partition(":")[0]] += amount
    units = {unit: sum(amount for (of, _), amount in sums.items() if of == unit) for unit, _ in sums}
    return {
        "entries": entries,
        "faults": faults,
        "balanced": faults == 0 and not any(units.values()),
        "rows": [
            {"unit": unit, "ledger": kind, "amount": render(amount, unit)}
            for (unit, kind), amount in sorted(sums.items())
        ],
        "totals": {unit: render(amount, unit) for unit, amount in sorted(units.items())},
    }


def revenue(books: Books, now: int, days: int) -> dict[str, Any]:
    """What was drawn, its list value, and what upstreams were paid, by day (UTC) and model, over all accounts.

    Reads every hourly sum there is: its cost grows with hours, accounts and models, not with requests.
    """
    first, last = (now - days * DAY) // HOUR_MICROSECONDS, now // HOUR_MICROSECONDS
    total = Rollup()
    by_day: dict[tuple[str, str], Rollup] = {}
    accounts: set[str] = set()
    for key, sums in books.rollups():
        if not first <= key.hour <= last:
            continue
        day = render_instant(key.hour * HOUR_MICROSECONDS)[:10]
        fold(by_day.setdefault((day, key.model), Rollup()), sums)
        fold(total, sums)
        accounts.add(key.account)
    return {
        "days": days,
        "accounts": len(accounts),
        "total": rollup_view(total, True),
        "by_day": [
            {"day": day, "model": model, **rollup_view(sums, True)}
            for (day, model), sums in sorted(by_day.items(), reverse=True)
        ],
    }
