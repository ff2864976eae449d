"""The operations about documents: invoices, credit notes, statements, who stands on them; and the audit log.

Owns one row each. What they say is the application's.
"""

from __future__ import annotations

import asyncio
from typing import Any

from faregate.api.bodies import with_note
from faregate.api.failures import BadBody
from faregate.api.operation import Bytes, Call, Operation
from faregate.api.paper_bodies import NewBuyer, NewSeller
from faregate.app.desk import with_people
from faregate.app.statement import statement_csv
from faregate.core.instants import DAY, parse_instant

_ACCOUNT = "/accounts/{account}"
_DOCUMENT = _ACCOUNT + "/documents/{number}"
LANGUAGES = ("en", "zh")
MONTH_DAYS = 31


async def _documents(call: Call) -> Any:
    return {"documents": call.control.paperwork.documents(call.account, call.write.now)}


async def _document(call: Call) -> Any:
    return call.control.paperwork.document(call.account, call.path["number"], call.write.now)


async def _pdf(call: Call) -> Any:
    language = call.query.get("language", "en")
    if language not in LANGUAGES:
        raise BadBody(f"language is one of {', '.join(LANGUAGES)}")
    view = await _document(call)
    paper = await asyncio.to_thread(call.control.paper, view, language)
    return Bytes(paper, "application/pdf", f"{view['number']}.pdf")


def _instant(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        raise BadBody(f"{name} is an RFC 3339 instant with a zone, not {text!r}") from None


async def _statement(call: Call) -> Any:
    until = _instant(call, "until", call.write.now + 1)
    since = _instant(call, "from", until - MONTH_DAYS * DAY)
    plan = call.query.get("plan")
    if plan is None:
        raise BadBody("plan is missing: the wallet that the statement is of")
    return call.control.paperwork.statements(
        call.account, plan, since, until, call.write.now, call.query.get("show_in")
    )


async def _statement_csv(call: Call) -> Any:
    found = await _statement(call)
    name = f"statement-{found['account']}.csv"
    return Bytes(statement_csv(found["pools"]).encode(), "text/csv; charset=utf-8", name)


async def _set_seller(call: Call) -> Any:
    body: NewSeller = call.body
    return call.control.parties.set_seller(body.name, body.address, body.tax_number, body.tax, body.rate, call.write)


async def _sellers(call: Call) -> Any:
    return {"sellers": call.control.parties.sellers()}


async def _set_buyer(call: Call) -> Any:
    body: NewBuyer = call.body
    return call.control.parties.set_buyer(call.account, body.name, body.address, body.tax_number, call.write)


async def _audit(call: Call) -> Any:
    query = call.query
    limit = call.whole("limit", 100, 1000)
    told = call.control.audit.page(
        query.get("before"), limit, query.get("who"), query.get("act"), query.get("account")
    )
    return {**told, "deeds": with_people(call.control.store, told["deeds"])}


_PERIOD = (
    ("plan", "The wallet, which runs."),
    ("from", "From when; 31 days before the end when left out."),
    ("until", "Up to when; now when left out."),
)

PAPER_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", _ACCOUNT + "/documents", "list_documents", "Invoices and credit notes, newest first", _documents
    ),
    Operation("GET", _DOCUMENT, "get_document", "One invoice or credit note", _document),
    Operation(
        "GET",
        _DOCUMENT + "/pdf",
        "get_document_pdf",
        "One invoice or credit note as PDF",
        _pdf,
        query=(("language", "en or zh."),),
        gives="application/pdf",
    ),
    Operation(
        "POST", _ACCOUNT + "/buyer", "set_buyer", "Who buys, on invoices from now on", _set_buyer, with_note(NewBuyer)
    ),
    Operation("POST", "/seller", "set_seller", "Who sells, on invoices from now on", _set_seller, NewSeller),
    Operation("GET", "/seller", "get_seller", "Who sold, since when", _sellers),
    Operation(
        "GET",
        _ACCOUNT + "/statement",
        "get_statement",
        "What went in and out of a wallet",
        _statement,
        query=(*_PERIOD, ("show_in", "Another currency that amounts are shown in too.")),
    ),
    Operation(
        "GET",
        _ACCOUNT + "/statement.csv",
        "get_statement_csv",
        "What went in and out of a wallet, as CSV",
        _statement_csv,
        query=_PERIOD,
        gives="text/csv",
    ),
    Operation(
        "GET",
        "/audit",
        "list_deeds",
        "Who did what, newest first",
        _audit,
        query=(
            ("account", "Only what was done to this account, by id."),
            ("who", "Only what this token, user or key did, as rows name it."),
            ("act", "Only this act, as rows name it."),
            ("before", "What `next` of the page before says."),
            ("limit", "Rows on the page."),
        ),
    ),
)
