"""The operations on flags: lists, one flag, its review.

Owns what each takes and calls.
"""

from __future__ import annotations

from typing import Any

from faregate.api.flag_bodies import FlagVerdict
from faregate.api.operation import Call, Operation
from faregate.app.desk import with_names
from faregate.app.flag_review import PAGE, Verdict
from faregate.core.instants import parse_instant


async def _flags(call: Call) -> Any:
    limit = call.whole("limit", PAGE, 1000)
    told = call.control.flags.flags(call.write.now, call.query.get("state"), call.query.get("after", ""), limit)
    return {**told, "flags": with_names(call.control.store, told["flags"])}


async def _flags_of(call: Call) -> Any:
    return {"flags": call.control.flags.flags_of(call.account, call.write.now)}


async def _flag(call: Call) -> Any:
    return call.control.flags.flag(call.account, call.path["flag"], call.write.now)


async def _review(call: Call) -> Any:
    body: FlagVerdict = call.body
    until = parse_instant(body.until) if body.until is not None else None
    verdict = Verdict(body.verdict, body.by, body.reason, body.action, body.segment, until)
    return await call.control.flags.review(call.account, call.path["flag"], verdict, call.write)


_OF_ACCOUNT = "/accounts/{account}/flags"

FLAG_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/flags",
        "list_flags",
        "Flags of all accounts that look shared or forwarded",
        _flags,
        query=(
            ("state", "Only flags that are open, confirmed, dismissed or lifted."),
            ("after", "Id of the last account of the page before."),
            ("limit", "Flagged accounts on the page."),
        ),
    ),
    Operation("GET", _OF_ACCOUNT, "list_account_flags", "Flags of an account, the newest first", _flags_of),
    Operation("GET", _OF_ACCOUNT + "/{flag}", "get_flag", "One flag", _flag),
    Operation(
        "POST",
        _OF_ACCOUNT + "/{flag}/reviews",
        "review_flag",
        "Confirm, dismiss or lift a flag",
        _review,
        FlagVerdict,
        201,
    ),
)
