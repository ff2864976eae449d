"""The operations of the control-plane API: one row each, from which routes and the OpenAPI document are made.

Owns what each operation on accounts, keys and plans calls; those of money stand beside it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from faregate.api.bodies import (
    Cancellation,
    ExtraUsage,
    Grant,
    KeyLimit,
    MultiplierChange,
    NewAccount,
    NewKey,
    NewSubscription,
    PlanComparison,
    PlanDocument,
    PlanReplay,
    Renewal,
    Reset,
    Restore,
    RestoreMode,
    Segment,
    Switch,
    TermsChange,
)
from faregate.api.book_operations import BOOK_OPERATIONS
from faregate.api.clock_operations import CLOCK_OPERATIONS
from faregate.api.flag_operations import FLAG_OPERATIONS
from faregate.api.ledger_operations import LEDGER_OPERATIONS
from faregate.api.operation import Call, Operation
from faregate.api.paper_operations import PAPER_OPERATIONS
from faregate.api.promotion_operations import PROMOTION_OPERATIONS
from faregate.api.system_operations import SYSTEM_OPERATIONS
from faregate.api.trade_operations import TRADE_OPERATIONS
from faregate.api.user_operations import USER_OPERATIONS
from faregate.app.plan_documents import document_of
from faregate.app.views import key_view
from faregate.core.instants import parse_instant, render_instant


def _at(text: str | None) -> int | None:
    return parse_instant(text) if text is not None else None


async def _create_account(call: Call) -> Any:
    return await call.control.office.create_account(call.body.name, call.write)


async def _accounts(call: Call) -> Any:
    limit = call.whole("limit", 100, 1000)
    find, after = call.query.get("find", "").strip(), call.query.get("after", "")
    store = call.control.store
    rows = store.accounts_found(find, after, limit) if find else store.accounts(after, limit)
    return {
        "accounts": [{"id": row.id, "name": row.name, "created_at": render_instant(row.created_at)} for row in rows],
        "next": rows[-1].id if len(rows) == limit else None,
    }


async def _account(call: Call) -> Any:
    return call.control.views.account(call.account, call.write.now)


async def _subscribe(call: Call) -> Any:
    body: NewSubscription = call.body
    return await call.control.office.subscribe(call.account, body.plan, call.write, body.price, body.once)


async def _grant(call: Call) -> Any:
    body: Grant = call.body
    return await call.control.office.grant(
        call.account,
        body.amount,
        call.write,
        body.plan,
        body.pool,
        _at(body.expires_at),
        body.priority,
        body.reason,
    )


async def _reset(call: Call) -> Any:
    return await call.control.office.reset(call.account, call.write, call.body.plan, call.body.window)


async def _renew(call: Call) -> Any:
    return await call.control.office.renew(call.account, call.write, call.body.plan)


async def _restore(call: Call) -> Any:
    return await call.control.office.restore(call.account, call.write, call.body.plan, call.body.pool)


async def _restore_mode(call: Call) -> Any:
    body: RestoreMode = call.body
    return await call.control.office.restore_mode(call.account, body.automatic, call.write, body.plan, body.pool)


async def _cancel(call: Call) -> Any:
    return await call.control.office.cancel(call.account, call.write, call.body.plan, call.body.at_once)


async def _switch(call: Call) -> Any:
    return await call.control.office.switch(call.account, call.body.plan, call.body.on, call.write)


async def _terms(call: Call) -> Any:
    return await call.control.office.change_terms(call.account, call.body.plan, call.body.to, call.write)


async def _segment(call: Call) -> Any:
    body: Segment = call.body
    return await call.control.office.segment(
        call.account, body.segment, call.write, _at(body.begins), _at(body.until), body.reason
    )


async def _create_key(call: Call) -> Any:
    key, secret = call.control.keys.create(call.account, call.body.name, call.write, call.body.kind)
    call.control.keyring.follow()
    return {**key_view(key), "secret": secret}


async def _keys(call: Call) -> Any:
    return {"keys": [key_view(key) for key in call.control.store.keys_of(call.account)]}


async def _rotate_key(call: Call) -> Any:
    key, secret = await call.control.keys.rotate(call.path["key"], call.write)
    call.control.keyring.follow()
    return {**key_view(key), "secret": secret}


async def _revoke_key(call: Call) -> Any:
    key = await call.control.keys.revoke(call.path["key"], call.write)
    call.control.keyring.follow()
    return key_view(key)


async def _limit_key(call: Call) -> Any:
    body: KeyLimit = call.body
    return await call.control.keys.limit(call.path["key"], body.requests, call.write, body.window)


async def _extra_usage(call: Call) -> Any:
    body: ExtraUsage = call.body
    done, secret = await call.control.keys.choose(
        call.account, body.on, call.write, body.plan, body.key, body.new_key
    )
    call.control.keyring.follow()
    return done if secret is None else {**done, "secret": secret}


async def _usage(call: Call) -> Any:
    return call.control.views.usage(
        call.account,
        call.write.now,
        call.whole("days", 30, 3660),
        call.query.get("before"),
        call.whole("limit", 50, 500),
        for_operator=True,
    )


async def _explain(call: Call) -> Any:
    return call.control.views.explain(call.path["request"], for_operator=True)


async def _upstreams(call: Call) -> Any:
    return call.control.upstreams()


async def _plans(call: Call) -> Any:
    return {"plans": call.control.plans()}


async def _plan(call: Call) -> Any:
    version = call.query.get("version")
    return call.control.plan(f"{call.path['family']}/{call.path['plan']}" + (f"@{version}" if version else ""))


async def _versions(call: Call) -> Any:
    return call.control.versions(f"{call.path['family']}/{call.path['plan']}")


async def _document(call: Call) -> Any:
    version = call.query.get("version")
    plan = f"{call.path['family']}/{call.path['plan']}" + (f"@{version}" if version else "")
    return document_of(call.control.store, call.control.ledger.shelf, plan)


async def _preview(call: Call) -> Any:
    # Every account is looked at: not in the thread that serves requests.
    return await asyncio.to_thread(call.control.preview, call.body.document)


async def _diff(call: Call) -> Any:
    body: PlanComparison = call.body
    return await asyncio.to_thread(call.control.diff, body.document, body.against)


async def _impact(call: Call) -> Any:
    body: PlanReplay = call.body
    return await call.control.impact(body.document, body.days, body.currency)


async def _publish(call: Call) -> Any:
    return {"published": call.control.publish(call.body.document)}


async def _change_multiplier(call: Call) -> Any:
    body: MultiplierChange = call.body
    begins = _at(body.begins)
    return call.control.change_multiplier(body.plan, body.name, body.value, begins, call.write)


async def _multipliers(call: Call) -> Any:
    return {"changes": call.control.multiplier_changes()}


_PAGE = (("limit", "Rows on the page."),)
_ACCOUNT = "/accounts/{account}"

OPERATIONS: tuple[Operation, ...] = (
    Operation("POST", "/accounts", "create_account", "Create an account", _create_account, NewAccount, 201),
    Operation(
        "GET",
        "/accounts",
        "list_accounts",
        "List accounts by id",
        _accounts,
        query=(
            ("find", "Only those with this in their id, name or a user's e-mail address."),
            ("after", "Id of the last account of the page before."),
            *_PAGE,
        ),
    ),
    Operation("GET", _ACCOUNT, "get_account", "One account: plans, pools, windows, keys", _account),
    Operation(
        "POST", _ACCOUNT + "/subscriptions", "subscribe", "Put a plan on an account", _subscribe, NewSubscription, 201
    ),
    Operation("POST", _ACCOUNT + "/grants", "grant", "Put an amount into a pool", _grant, Grant, 201),
    Operation("POST", _ACCOUNT + "/resets", "reset_windows", "Set windows to unused", _reset, Reset),
    Operation("POST", _ACCOUNT + "/renewals", "renew", "Begin the next paid period now", _renew, Renewal),
    Operation("POST", _ACCOUNT + "/restores", "restore", "Restore a pool to its cap", _restore, Restore),
    Operation(
        "POST",
        _ACCOUNT + "/restore-mode",
        "set_restore_mode",
        "Restore a pool by itself or by its owner's wish",
        _restore_mode,
        RestoreMode,
    ),
    Operation("POST", _ACCOUNT + "/cancellations", "cancel", "End a subscription", _cancel, Cancellation),
    Operation("POST", _ACCOUNT + "/switches", "switch_wallet", "Switch a wallet on or off", _switch, Switch),
    Operation("POST", _ACCOUNT + "/terms", "change_terms", "Put other terms under a plan", _terms, TermsChange),
    Operation("POST", _ACCOUNT + "/segments", "set_segment", "Put an account into a segment", _segment, Segment),
    Operation(
        "POST", _ACCOUNT + "/keys", "create_key", "Create a key; its secret is shown once", _create_key, NewKey, 201
    ),
    Operation("GET", _ACCOUNT + "/keys", "list_keys", "Keys of an account", _keys),
    Operation("POST", "/keys/{key}/rotate", "rotate_key", "Replace a key by a new one", _rotate_key, None, 201),
    Operation("DELETE", "/keys/{key}", "revoke_key", "Revoke a key", _revoke_key),
    Operation("POST", "/keys/{key}/limits", "limit_key", "Give a key a limit of its own", _limit_key, KeyLimit),
    Operation(
        "POST",
        _ACCOUNT + "/extra-usage",
        "set_extra_usage",
        "Switch a plan's Extra Usage on or off; choose the key it is billed to",
        _extra_usage,
        ExtraUsage,
    ),
    Operation(
        "GET",
        _ACCOUNT + "/usage",
        "get_usage",
        "What an account used: sums and requests",
        _usage,
        query=(
            ("days", "Days the sums go back."),
            ("before", "Id of the last request of the page before."),
            *_PAGE,
        ),
    ),
    Operation(
        "GET", "/upstreams", "list_upstreams", "Upstreams: how they are, and counts of their requests", _upstreams
    ),
    Operation("GET", "/requests/{request}", "explain_request", "Why a request cost what it did", _explain),
    Operation("GET", "/plans", "list_plans", "Plans on sale", _plans),
    Operation("POST", "/plans", "publish_plans", "Publish a plan file", _publish, PlanDocument, 201),
    Operation(
        "POST",
        "/plans/preview",
        "preview_plans",
        "What publishing a plan file would do to running subscriptions",
        _preview,
        PlanDocument,
    ),
    Operation(
        "POST",
        "/plans/diff",
        "diff_plans",
        "What differs between a plan file and a published version, in words",
        _diff,
        PlanComparison,
    ),
    Operation(
        "POST",
        "/plans/impact",
        "impact_plans",
        "The journal's real traffic under a plan file: money, refusals, who would be hurt",
        _impact,
        PlanReplay,
    ),
    Operation(
        "GET",
        "/plans/{family}/{plan}",
        "get_plan",
        "One plan in words and figures",
        _plan,
        query=(("version", "The version; the one sold now when left out."),),
    ),
    Operation(
        "GET", "/plans/{family}/{plan}/versions", "list_versions", "Versions of a plan side by side", _versions
    ),
    Operation(
        "GET",
        "/plans/{family}/{plan}/document",
        "get_plan_document",
        "The plan file that a version was published with",
        _document,
        query=(("version", "The version; the one sold last when left out."),),
    ),
    Operation(
        "POST",
        "/multipliers",
        "change_multiplier",
        "Change a plan's multiplier schedule from a time on",
        _change_multiplier,
        MultiplierChange,
        201,
    ),
    Operation("GET", "/multipliers", "list_multipliers", "Changes of multiplier schedules", _multipliers),
    *TRADE_OPERATIONS,
    *PROMOTION_OPERATIONS,
    *PAPER_OPERATIONS,
    *CLOCK_OPERATIONS,
    *FLAG_OPERATIONS,
    *LEDGER_OPERATIONS,
    *SYSTEM_OPERATIONS,
    *BOOK_OPERATIONS,
    *USER_OPERATIONS,
)
