"""The operations of the ledger explorer: entries, the trial balance, revenue and its cost.

Owns what each calls. What reads the whole of the books does so in a thread of its own.
"""

from __future__ import annotations

import asyncio
from typing import Any

from faregate.api.operation import Call, Operation
from faregate.app.general_ledger import Wanted, entries_view, revenue, trial_balance

_MOST_ENTRIES = 2**53


async def _entries(call: Call) -> Any:
    seqs = [call.whole(name, 1, _MOST_ENTRIES) if name in call.query else None for name in ("after", "before")]
    wanted = Wanted(call.query.get("kind"), call.instant("from", None), call.instant("until", None))
    limit = call.whole("limit", 50, 500)
    return entries_view(call.control.store, call.account, seqs[0], seqs[1], limit, wanted)


async def _trial_balance(call: Call) -> Any:
    def told() -> dict[str, Any]:
        with call.control.store.view() as books:
            return trial_balance(books)

    return await asyncio.to_thread(told)


async def _revenue(call: Call) -> Any:
    days = call.whole("days", 30, 3660)

    def told() -> dict[str, Any]:
        with call.control.store.view() as books:
            return revenue(books, call.write.now, days)

    return await asyncio.to_thread(told)


LEDGER_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/accounts/{account}/ledger",
        "list_entries",
        "Entries of an account's journal with their postings",
        _entries,
        query=(
            ("after", "Seq of an entry: those after it, oldest first."),
            ("before", "Seq of an entry: those before it, newest first."),
            ("limit", "Rows on the page."),
            ("kind", "Only entries of this kind."),
            ("from", "Only entries from then on."),
            ("until", "Only entries before then."),
        ),
    ),
    Operation(
        "GET", "/ledger/trial-balance", "get_trial_balance", "Sums of all postings by kind of ledger", _trial_balance
    ),
    Operation(
        "GET",
        "/revenue",
        "get_revenue",
        "What was drawn, and what upstreams were paid, by day and model",
        _revenue,
        query=(("days", "Days the sums go back."),),
    ),
)
