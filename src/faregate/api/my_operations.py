"""What a signed-in customer does with their own account: operators' operations bound to it, and its views.

Owns the one table of what is bound: what stands in none of its rows, no customer does. The account is that of the
session and never named; keys and requests of others are told in the words of those that never were. Why they do it
is nobody's business: no note goes along.
"""

from __future__ import annotations

import asyncio
from typing import Any

from faregate.api import own_schemas
from faregate.api.bodies import without_note
from faregate.api.console_operation import ConsoleOperation, Streamed
from faregate.api.console_schemas import ANALYSIS, MY_ACCOUNT, MY_REQUESTS, MY_USAGE
from faregate.api.failures import BadBody
from faregate.api.my_chat import CHAT_OPERATIONS
from faregate.api.notice_operations import NOTICE_OPERATIONS
from faregate.api.operation import Bytes, Call, Operation, whole
from faregate.api.operations import OPERATIONS
from faregate.api.own_operations import LARGEST_PAGE, is_told, picked
from faregate.api.studio_operations import STUDIO_OPERATIONS
from faregate.api.visiting import Visit
from faregate.app.analysis import DIMENSIONS, analysis_csv, focus_csv
from faregate.app.control import Control
from faregate.app.ids import account_of
from faregate.app.office_errors import NotFound
from faregate.app.receipts import Write
from faregate.app.usage_filter import Wanted
from faregate.app.views import usage_view
from faregate.core.instants import DAY, parse_instant, render_instant

BOUND = (
    "list_keys",
    "create_key",
    "rotate_key",
    "revoke_key",
    "limit_key",
    "set_extra_usage",
    "restore",
    "set_restore_mode",
    "switch_wallet",
    "preview_order",
    "place_order",
    "list_orders",
    "get_order",
    "withdraw_order",
    "top_up",
    "preview_change",
    "change_plan",
    "change_agreement",
    "preview_refund",
    "ask_refund",
    "list_refunds",
    "redeem_gift_code",
    "join",
    "get_invitations",
    "list_documents",
    "get_document",
    "get_document_pdf",
    "set_buyer",
    "get_statement",
    "get_statement_csv",
)
"""Operators' operations that a customer may carry out on their own account."""

_ACCOUNT = "/accounts/{account}"
_SELF = "/me"
_BUYS = {"preview_order": "plan", "place_order": "plan", "preview_change": "to", "change_plan": "to"}
"""Operations that buy, and the field that says what."""
MOST_DAYS = 400


def _bound(operation: Operation) -> ConsoleOperation:
    path = operation.path.removeprefix(_ACCOUNT) if operation.path.startswith(_ACCOUNT) else operation.path

    async def handler(visit: Visit) -> Any:
        control, account = visit.control, visit.account
        if "key" in visit.path and control.keys.find(visit.path["key"]).account != account:
            raise NotFound("key", visit.path["key"])
        if "order" in visit.path:
            control.shop.order(account, visit.path["order"], visit.write.now)
        _check_sold(visit, operation.name)
        # Somebody else's idempotency keys are not this account's.
        write = Write(f"{account}:{visit.write.key}", visit.write.now)
        call = Call(control, {**visit.path, "account": account}, visit.query, visit.body, write)
        return await operation.handler(call)

    return ConsoleOperation(
        operation.method,
        _SELF + path,
        f"my_{operation.name}",
        operation.summary.replace("an account", "one's account").replace("the account", "one's account"),
        handler,
        without_note(operation.body) if operation.body is not None else None,
        operation.status,
        operation.query,
        operation.gives,
    )


def _check_sold(visit: Visit, operation: str) -> None:
    """Customers buy what is sold to them now: another version, or family, is the operator's to give."""
    for name in ("plan", "to"):
        plan = str(getattr(visit.body, name, None) or "")
        if "@" in plan:
            raise BadBody(f"{name}: name the plan without a version")
    bought = getattr(visit.body, _BUYS.get(operation, ""), None)
    if bought is not None and not visit.control.front.sells(str(bought).partition("/")[0]):
        raise BadBody(f"{bought} is not sold here")


def account_view(control: Control, account: str, now: int) -> dict[str, Any]:
    """Everything on the account that is its owner's to see, as of ``now``."""
    view = control.views.account(account, now)
    return {
        "account": account,
        "name": view["name"],
        "created_at": view["created_at"],
        "at": render_instant(now),
        "plans": picked(view["subscriptions"], MY_ACCOUNT["properties"]["plans"]),
        "open_requests": picked(view["open_holds"], MY_ACCOUNT["properties"]["open_requests"]),
        "notices": [picked(flag, own_schemas.NOTICE) for flag in view["flags"] if is_told(flag)],
        "keys": picked(view["keys"], MY_ACCOUNT["properties"]["keys"]),
    }


async def _account(visit: Visit) -> Any:
    return account_view(visit.control, visit.account, visit.write.now)


async def _usage(visit: Visit) -> Any:
    days = whole(visit.query, "days", 30, MOST_DAYS)
    usage = visit.control.views.usage(visit.account, visit.write.now, days, None, 1)
    return picked(usage, MY_USAGE)


async def _requests(visit: Visit) -> Any:
    control, account, query = visit.control, visit.account, visit.query
    wanted = Wanted(query.get("model", ""), query.get("key", ""), query.get("outcome", ""), *_day(query.get("day")))
    page = await asyncio.to_thread(
        wanted.page, control.store, account, query.get("before"), whole(query, "limit", 50, LARGEST_PAGE)
    )
    if page is None:
        raise NotFound("request", str(query.get("before")))
    rows, following = page
    return {"requests": [picked(usage_view(row), own_schemas.REQUEST) for row in rows], "next": following}


def _day(text: str | None) -> tuple[int, int]:
    """The first moment of a day, UTC, and that of the next; (0, 0) for no day."""
    if text is None:
        return 0, 0
    try:
        begins = parse_instant(f"{text}T00:00:00Z")
    except (ValueError, OverflowError):
        raise BadBody(f"day is a date as 2026-03-02, not {text!r}") from None
    return begins, begins + DAY


async def _explain(visit: Visit) -> Any:
    request = visit.path["request"]
    if account_of(request) != visit.account:
        raise NotFound("request", request)
    return picked(visit.control.views.explain(request), own_schemas.EXPLANATION)


async def _analysis(visit: Visit) -> Any:
    by = visit.query.get("by", "day")
    if by not in DIMENSIONS:
        raise BadBody(f"by is one of {', '.join(DIMENSIONS)}")
    days = whole(visit.query, "days", 30, MOST_DAYS)
    return await visit.control.analysis.sums(visit.account, by, days, visit.write.now)


async def _analysis_csv(visit: Visit) -> Any:
    found = await _analysis(visit)
    return Bytes(analysis_csv(found).encode(), "text/csv; charset=utf-8", f"usage-by-{found['by']}.csv")


async def _focus(visit: Visit) -> Any:
    days = whole(visit.query, "days", 30, MOST_DAYS)
    rows = visit.control.analysis.charges(visit.account, days, visit.write.now)
    return Streamed(focus_csv(visit.account, rows), "text/csv; charset=utf-8", "focus.csv")


_DAYS = ("days", f"How many days back, {MOST_DAYS} at most; 30 when left out.")
_BY = ("by", f"One of {', '.join(DIMENSIONS)}; day when left out.")
_VIEWS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "GET",
        _SELF + "/account",
        "my_account",
        "One's account: plans, pools, windows, keys",
        _account,
        answer=MY_ACCOUNT,
    ),
    ConsoleOperation(
        "GET",
        _SELF + "/usage",
        "my_usage",
        "What one used, by day and model",
        _usage,
        query=(_DAYS,),
        answer=MY_USAGE,
    ),
    ConsoleOperation(
        "GET",
        _SELF + "/requests",
        "my_requests",
        "One's settled requests, newest first",
        _requests,
        query=(
            ("before", "What `next` of the page before says."),
            ("limit", f"Rows on the page, {LARGEST_PAGE} at most."),
            ("day", "Only those settled on this day, UTC."),
            ("model", "Only those of this model."),
            ("key", "Only those with the key of this id."),
            ("outcome", "Only those that ended so."),
        ),
        answer=MY_REQUESTS,
    ),
    ConsoleOperation(
        "GET",
        _SELF + "/requests/{request}",
        "my_explain_request",
        "Why one of one's requests cost what it did",
        _explain,
        answer=own_schemas.EXPLANATION,
    ),
    ConsoleOperation(
        "GET",
        _SELF + "/analysis",
        "my_analysis",
        "What one used, summed by day, model, client or key",
        _analysis,
        query=(_BY, _DAYS),
        answer=ANALYSIS,
    ),
    ConsoleOperation(
        "GET",
        _SELF + "/analysis.csv",
        "my_analysis_csv",
        "The same as CSV",
        _analysis_csv,
        query=(_BY, _DAYS),
        gives="text/csv",
    ),
    ConsoleOperation(
        "GET",
        _SELF + "/focus.csv",
        "my_focus_csv",
        "What one was charged, in columns of the FinOps FOCUS specification",
        _focus,
        query=(_DAYS,),
        gives="text/csv",
    ),
)
_OF_OPERATORS = {operation.name: operation for operation in OPERATIONS}
MY_OPERATIONS: tuple[ConsoleOperation, ...] = (
    *_VIEWS,
    *(_bound(_OF_OPERATORS[name]) for name in BOUND),
    *(_bound(operation) for operation in STUDIO_OPERATIONS),
    *CHAT_OPERATIONS,
    *NOTICE_OPERATIONS,
)
