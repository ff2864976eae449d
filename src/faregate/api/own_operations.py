"""Self-service: what the owner of an account does with one of its own API keys, one row each.

Owns what each operation gives and calls. The account is that of the key and never named; what is the operator's alone
(upstreams, their cost, reasons of segments, what flags counted) is left out here, by naming what is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from faregate.api import own_schemas as schemas
from faregate.api.bodies import Body, ExtraUsage, Restore, RestoreMode
from faregate.api.operation import whole
from faregate.app.catalogue_port import ApiKey
from faregate.app.control import Control
from faregate.app.ids import account_of
from faregate.app.office_errors import NotFound
from faregate.app.receipts import Write
from faregate.app.views import usage_view
from faregate.core.instants import render_instant

LARGEST_PAGE = 200


class OwnCall(NamedTuple):
    """One call with an API key: ``key`` says whose account it is."""

    control: Control
    key: ApiKey
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    write: Write


@dataclass(frozen=True, slots=True)
class OwnOperation:
    """``answer`` is the JSON Schema of what it gives; ``query`` describes query parameters by name."""

    method: str
    path: str
    name: str
    summary: str
    handler: Callable[[OwnCall], Awaitable[Any]]
    answer: dict[str, Any]
    body: type[Body] | None = None
    query: tuple[tuple[str, str], ...] = ()


async def _usage(call: OwnCall) -> Any:
    view = call.control.views.account(call.key.account, call.write.now)
    plans = [picked(each, schemas.PLAN) for each in view["subscriptions"]]
    return {
        "account": call.key.account,
        "at": render_instant(call.write.now),
        "key": call.key.id,
        "plans": plans,
        "open_requests": view["open_holds"],
        "notices": [picked(flag, schemas.NOTICE) for flag in view["flags"] if is_told(flag)],
        "keys": [picked(each, schemas.KEY) for each in view["keys"]],
    }


def is_told(flag: Mapping[str, Any]) -> bool:
    """Whether an account's owner is told of a flag: it does something, and is in force."""
    return bool(flag["in_force"]) and flag["action"] != "none"


async def _explain(call: OwnCall) -> Any:
    request = call.path["request"]
    if account_of(request) != call.key.account:
        # In the words of one that never was: nobody learns whether it is another account's.
        raise NotFound("request", request)
    return picked(call.control.views.explain(request), schemas.EXPLANATION)


async def _requests(call: OwnCall) -> Any:
    account, before = call.key.account, call.query.get("before")
    limit = whole(call.query, "limit", 50, LARGEST_PAGE)
    if before is not None:
        row = call.control.store.usage_row(before)
        if row is None or row.account != account:
            raise NotFound("request", before)
    rows = call.control.store.usage_page(account, before, limit)
    return {
        "requests": [picked(usage_view(row), schemas.REQUEST) for row in rows],
        "next": rows[-1].request if len(rows) == limit else None,
    }


async def _restore(call: OwnCall) -> Any:
    body: Restore = call.body
    return await call.control.office.restore(call.key.account, call.write, body.plan, body.pool)


async def _restore_mode(call: OwnCall) -> Any:
    body: RestoreMode = call.body
    return await call.control.office.restore_mode(call.key.account, body.automatic, call.write, body.plan, body.pool)


async def _extra_usage(call: OwnCall) -> Any:
    body: ExtraUsage = call.body
    done, secret = await call.control.keys.choose(
        call.key.account, body.on, call.write, body.plan, body.key, body.new_key
    )
    call.control.keyring.follow()
    return done if secret is None else {**done, "secret": secret}


def picked(value: Any, schema: dict[str, Any]) -> Any:
    """``value`` with what ``schema`` names, and nothing else: what is added inside does not leave by itself."""
    if isinstance(value, dict) and "properties" in schema:
        named = schema["properties"]
        return {name: picked(each, named[name]) for name, each in value.items() if name in named}
    if isinstance(value, list) and "items" in schema:
        return [picked(each, schema["items"]) for each in value]
    return value


OWN_OPERATIONS: tuple[OwnOperation, ...] = (
    OwnOperation("GET", "/usage", "get_usage", "What is used, left and reopens when; keys", _usage, schemas.USAGE),
    OwnOperation(
        "GET",
        "/explain/{request}",
        "explain_request",
        "Why a request of this account cost what it did",
        _explain,
        schemas.EXPLANATION,
    ),
    OwnOperation(
        "GET",
        "/requests",
        "list_requests",
        "Settled requests of this account, newest first",
        _requests,
        schemas.REQUESTS,
        query=(
            ("before", "Id of the last request of the page before."),
            ("limit", f"Rows on the page, {LARGEST_PAGE} at most."),
        ),
    ),
    OwnOperation("POST", "/restores", "restore", "Restore a pool to its cap", _restore, schemas.DONE, body=Restore),
    OwnOperation(
        "POST",
        "/restore-mode",
        "set_restore_mode",
        "Whether a pool restores itself when it is empty",
        _restore_mode,
        schemas.DONE,
        body=RestoreMode,
    ),
    OwnOperation(
        "POST",
        "/extra-usage",
        "set_extra_usage",
        "Switch Extra Usage on or off; choose the key it is billed to",
        _extra_usage,
        schemas.DONE,
        body=ExtraUsage,
    ),
)
