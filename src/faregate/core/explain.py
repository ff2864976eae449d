"""Explanation: why a request cost what it did, from its own journal entries.

Owns turning a hold and its settlement (or release) into an account a person can follow. Computes nothing anew:
every figure was recorded when it was decided.
"""

from __future__ import annotations

from typing import Any

from faregate.core.amounts import render
from faregate.core.entry import Entry
from faregate.core.grace import MARK
from faregate.core.instants import render_instant
from faregate.core.request import Block, Slice
from faregate.core.terms import Terms
from faregate.core.usage import USAGE_CLASSES
from faregate.core.window import Window


def explain(hold: Entry, close: Entry | None, windows: dict[str, str]) -> dict[str, Any]:
    """The story of one request, JSON-able. ``windows`` gives the unit of each window by key.

    ``state`` is held, settled or released; amounts are exact decimal strings, instants RFC 3339.
    """
    data = hold.data
    settled = close is not None and close.kind == "settle"
    told: dict[str, Any] = {
        "request": data["request"],
        "account": hold.account,
        "state": "held" if close is None else "settled" if settled else "released",
        "model": data["model"],
        "client": data["client"],
        "evidence": list(data["evidence"]) if "evidence" in data else None,
        "billing": data.get("billing", ""),
        "key": data["key"],
        "key_kind": data.get("kind", ""),
        "extra_usage": _extra(data),
        "grace": _grace(data),
        "admitted_at": render_instant(hold.at),
        "hold": {
            "entry": hold.seq,
            "estimate": dict(zip(USAGE_CLASSES, data["estimate"], strict=True)),
            "slices": [_slice(piece, windows) for piece in data["slices"]],
            "passed_over": [_block(block) for block in data.get("passed", ())],
            "expires_at": render_instant(data["expires_at"]),
        },
    }
    if close is None:
        return told
    told["closed_at"] = render_instant(close.at)
    if settled:
        told["key"], told["extra_usage"] = close.data["key"], _extra(close.data)
        told["settlement"] = _settlement(close, windows)
    else:
        told["released"] = {"entry": close.seq, "reason": close.data["reason"]}
    return told


def _extra(data: dict[str, Any]) -> dict[str, str] | None:
    """For which plan Extra Usage paid, the key that was billed, and the one that the request was made with."""
    mark = data.get("extra")
    if mark is None:
        return None
    plan = mark["subscription"].partition("#")[0]
    return {"plan": plan, "billed_key": mark["key"], "asked_with": mark["asked_with"]}


def _grace(data: dict[str, Any]) -> dict[str, Any] | None:
    """How a request that was admitted while the books were away was booked; ``at``: when it was, if not as booked."""
    mark = data.get(MARK)
    if mark is None:
        return None
    return {"booked": mark["booked"], "at": render_instant(mark["at"]) if "at" in mark else None}


def _settlement(close: Entry, windows: dict[str, str]) -> dict[str, Any]:
    data = close.data
    return {
        "entry": close.seq,
        "outcome": data.get("outcome", "ok"),
        "estimated": bool(data.get("estimated", False)),
        "upstream": data.get("upstream", ""),
        "usage": dict(zip(USAGE_CLASSES, data["usage"], strict=True)),
        "slices": [_slice(piece, windows) for piece in data["slices"]],
        "windows": [
            {
                "id": window_name(key),
                "used": render(used, windows.get(key, "")),
                "limit": render(limit, windows.get(key, "")),
                "unit": windows.get(key, ""),
                "reopens_at": render_instant(reopens) if reopens is not None else None,
            }
            for key, used, limit, reopens in data.get("after", ())
        ],
        "postings": [
            {"ledger": ledger, "unit": unit, "amount": render(amount, unit)}
            for ledger, unit, amount in close.postings
        ],
    }


def _slice(piece: Any, windows: dict[str, str]) -> dict[str, Any]:
    paid = piece if isinstance(piece, Slice) else Slice(*piece)
    return {
        "source": paid.plan,
        "payer": paid.payer,
        "pool": paid.pool,
        "amount": render(paid.amount, paid.unit),
        "unit": paid.unit,
        "multiplier": paid.multiplier,
        "factors": [{"name": name, "value": value} for name, value in paid.factors],
        "list_value": render(paid.list_value, paid.currency or ""),
        "currency": paid.currency,
        "debt": render(paid.debt, paid.unit),
        "rate_card": paid.card,
        "lots": [{"lot": lot, "amount": render(part, paid.unit)} for lot, part in paid.lots],
        "windows": [
            {
                "id": window_name(key),
                "opened_at": render_instant(anchor),
                "drawn": render(amount, windows.get(key, paid.unit)),
            }
            for key, anchor, amount in paid.windows
        ],
    }


def _block(block: Any) -> dict[str, Any]:
    passed = block if isinstance(block, Block) else Block(*block)
    return {
        "source": passed.payer,
        "reason": passed.reason,
        "subject": window_name(passed.subject),
        "until": render_instant(passed.retry_at) if passed.retry_at is not None else None,
    }


def window_name(key: str) -> str:
    """``88code/plus#2:day`` without the number of the subscription: ``88code/plus:day``."""
    plan, hash_sign, rest = key.partition("#")
    if not hash_sign:
        return key
    for mark in (":", "/"):
        number, found, name = rest.partition(mark)
        if found and number.isdigit():
            return f"{plan}{mark}{name}"
    return plan if rest.isdigit() else key


def window_units(terms: Terms, subscription: str) -> dict[str, str]:
    """Unit of every window of a subscription by window key."""
    return {f"{subscription}:{window.id}": window.unit for window in terms.windows}


def window_row(window: Window, now: int) -> dict[str, Any]:
    """One window as it stands at ``now``: limit, used, remaining, when it reopens."""
    terms = window.terms
    used = window.used_at(now)
    reopens = window.reopens_at(now)
    return {
        "id": window_name(window.key),
        "kind": terms.kind,
        "guard": terms.guard,
        "meter": terms.meter.name if terms.meter is not None else "drawn",
        "unit": terms.unit,
        "limit": render(window.limit, terms.unit),
        "used": render(used, terms.unit),
        "remaining": render(max(window.limit - used, 0), terms.unit),
        "reopens_at": render_instant(reopens) if reopens is not None else None,
    }
