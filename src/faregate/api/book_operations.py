"""The operations of lists over all of the books: coupons, gift codes, documents of every account, rates.

Owns one row each. What reads every account does so in a thread of its own.
"""

from __future__ import annotations

import asyncio
from typing import Any

from faregate.api.operation import Call, Operation
from faregate.app.book_lists import coupons_view, documents_view, gift_codes_view, rates_view, subscriptions_view
from faregate.core.instants import DAY


async def _coupons(call: Call) -> Any:
    control, now = call.control, call.write.now
    return {"coupons": await asyncio.to_thread(coupons_view, control.store, control.ledger.shelf, now)}


async def _gift_codes(call: Call) -> Any:
    control, now = call.control, call.write.now
    return {"gift_codes": await asyncio.to_thread(gift_codes_view, control.store, control.ledger.shelf, now)}


async def _documents(call: Call) -> Any:
    control, now = call.control, call.write.now
    days = call.whole("days", 31, 3660)
    shelf = control.ledger.shelf
    rows = await asyncio.to_thread(
        documents_view, control.store, control.paperwork, shelf, now, now - days * DAY, now + 1_000_000
    )
    return {"days": days, "documents": rows}


async def _subscriptions(call: Call) -> Any:
    control, plan = call.control, call.query.get("plan")
    return await asyncio.to_thread(subscriptions_view, control.store, control.ledger.shelf, call.write.now, plan)


async def _rates(call: Call) -> Any:
    return await asyncio.to_thread(rates_view, call.control.ledger.shelf, call.write.now)


BOOK_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/coupons", "list_coupons", "Every coupon, and how often it was used", _coupons),
    Operation("GET", "/gift-codes", "list_gift_codes", "Every gift code: its worth and who had it", _gift_codes),
    Operation(
        "GET",
        "/documents",
        "list_all_documents",
        "Invoices and credit notes of all accounts, newest first",
        _documents,
        query=(("days", "Days back from now."),),
    ),
    Operation(
        "GET",
        "/subscriptions",
        "list_subscriptions",
        "How many run each version of each plan, and who runs one",
        _subscriptions,
        query=(("plan", "The plan whose subscriptions are told, too."),),
    ),
    Operation("GET", "/rates", "list_rates", "What models cost since when, and multiplier schedules", _rates),
)
