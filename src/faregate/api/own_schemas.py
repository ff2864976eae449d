"""The JSON Schemas of what self-service gives. What stands in none of them is not given.

Owns these shapes. Amounts are exact decimals as strings, instants RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
MAYBE_INSTANT: Schema = {"type": ["string", "null"], "format": "date-time"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _but(schema: Schema, *optional: str) -> Schema:
    """The same with some properties that may be missing."""
    return {**schema, "required": [name for name in schema["required"] if name not in optional]}


def _maybe(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_USED = _object(
    input=COUNT,
    cached=COUNT,
    cache_write_5m=COUNT,
    cache_write_1h=COUNT,
    output=COUNT,
    images=COUNT,
    tool_calls=COUNT,
    requests=COUNT,
    prompts=COUNT,
)
KEY = _object(
    id=TEXT,
    name=TEXT,
    kind=MAYBE_TEXT,
    prefix=TEXT,
    created_at=INSTANT,
    last_used_at=MAYBE_INSTANT,
    revoked_at=MAYBE_INSTANT,
    rotated_from=MAYBE_TEXT,
)
_WINDOW = _object(
    id=TEXT,
    kind=TEXT,
    guard=TRUTH,
    meter=TEXT,
    unit=TEXT,
    limit=AMOUNT,
    used=AMOUNT,
    remaining=AMOUNT,
    reopens_at=MAYBE_INSTANT,
)
_LOT = _object(lot=TEXT, cause=TEXT, size=AMOUNT, balance=AMOUNT, expires_at=MAYBE_INSTANT)
_POOL = _but(
    _object(
        id=TEXT,
        unit=TEXT,
        available=AMOUNT,
        held=AMOUNT,
        owed=AMOUNT,
        next_refill=MAYBE_INSTANT,
        lots=_list(_LOT),
        restores_left=COUNT,
        restore_mode={"enum": ["automatic", "manual"]},
    ),
    "restores_left",
    "restore_mode",
)
_EXTRA = _maybe(
    _object(
        on=TRUTH,
        wallet=TEXT,
        key=MAYBE_TEXT,
        revoked_key=MAYBE_TEXT,
        since=MAYBE_INSTANT,
        unit=TEXT,
        balance=AMOUNT,
        spent=AMOUNT,
        spent_this_month=AMOUNT,
        windows=_list(_object(id=TEXT, spent=AMOUNT)),
    )
)
PLAN = _object(
    plan=TEXT,
    version=TEXT,
    wallet=TRUTH,
    switched_on=TRUTH,
    bought_at=INSTANT,
    period_start=INSTANT,
    period_end=MAYBE_INSTANT,
    ends_at=MAYBE_INSTANT,
    windows=_list(_WINDOW),
    pools=_list(_POOL),
    extra_usage=_EXTRA,
    key_limits=_list(_object(window=TEXT, key=TEXT, limit=AMOUNT, unit=TEXT)),
)
_OPEN = _object(request=TEXT, model=TEXT, since=INSTANT, expires_at=INSTANT)
NOTICE = _object(
    flag=TEXT,
    plan=TEXT,
    signal=TEXT,
    state={"enum": ["open", "confirmed"]},
    action={"enum": ["warn", "slow", "restrict"]},
    raised_at=INSTANT,
)
"""What looks shared or forwarded on the account, and what comes of it until it is reviewed."""
USAGE = _object(
    account=TEXT,
    at=INSTANT,
    key=TEXT,
    plans=_list(PLAN),
    open_requests=_list(_OPEN),
    notices=_list(NOTICE),
    keys=_list(KEY),
)

REQUEST = _object(
    request=TEXT,
    at=INSTANT,
    key=TEXT,
    model=TEXT,
    client=TEXT,
    usage=_USED,
    list_value=AMOUNT,
    currency=MAYBE_TEXT,
    drawn=_list(_object(source=TEXT, pool=MAYBE_TEXT, amount=AMOUNT, unit=TEXT)),
    outcome=TEXT,
    estimated=TRUTH,
)
REQUESTS = _object(requests=_list(REQUEST), next=MAYBE_TEXT)

_SLICE = _object(
    source=TEXT,
    payer=TEXT,
    pool=MAYBE_TEXT,
    amount=AMOUNT,
    unit=TEXT,
    multiplier=TEXT,
    factors=_list(_object(name=TEXT, value=TEXT)),
    list_value=AMOUNT,
    currency=MAYBE_TEXT,
    debt=AMOUNT,
    rate_card=MAYBE_TEXT,
    lots=_list(_object(lot=TEXT, amount=AMOUNT)),
    windows=_list(_object(id=TEXT, opened_at=INSTANT, drawn=AMOUNT)),
    version=MAYBE_TEXT,
)
_PASSED = _object(source=TEXT, reason=TEXT, subject=TEXT, until=MAYBE_INSTANT)
_AFTER = _object(id=TEXT, used=AMOUNT, limit=AMOUNT, unit=TEXT, reopens_at=MAYBE_INSTANT)
EXPLANATION = _but(
    _object(
        request=TEXT,
        account=TEXT,
        state={"enum": ["held", "settled", "released"]},
        model=TEXT,
        client=TEXT,
        billing=TEXT,
        key=TEXT,
        key_kind=TEXT,
        extra_usage=_maybe(_object(plan=TEXT, billed_key=TEXT, asked_with=TEXT)),
        admitted_at=INSTANT,
        closed_at=INSTANT,
        hold=_object(
            entry=COUNT, estimate=_USED, slices=_list(_SLICE), passed_over=_list(_PASSED), expires_at=INSTANT
        ),
        settlement=_object(
            entry=COUNT, outcome=TEXT, estimated=TRUTH, usage=_USED, slices=_list(_SLICE), windows=_list(_AFTER)
        ),
        released=_object(entry=COUNT, reason=TEXT),
    ),
    "closed_at",
    "settlement",
    "released",
)
DONE = _but(_object(account=TEXT, done=TEXT, at=INSTANT, key=TEXT, secret=TEXT), "key", "secret")
ERROR = _object(error=_but(_object(code=TEXT, message=TEXT, fields=_list({"type": "object"})), "fields"))
