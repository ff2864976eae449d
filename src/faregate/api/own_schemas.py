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


def object_of(**properties: Schema) -> Schema:
    """An object of exactly these properties."""
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def but(schema: Schema, *optional: str) -> Schema:
    """The same with some properties that may be missing."""
    return {**schema, "required": [name for name in schema["required"] if name not in optional]}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def list_of(items: Schema) -> Schema:
    """A list of such."""
    return {"type": "array", "items": items}


USED = object_of(
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
KEY = object_of(
    id=TEXT,
    name=TEXT,
    kind=MAYBE_TEXT,
    prefix=TEXT,
    created_at=INSTANT,
    last_used_at=MAYBE_INSTANT,
    revoked_at=MAYBE_INSTANT,
    rotated_from=MAYBE_TEXT,
)
_WINDOW = object_of(
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
_LOT = object_of(lot=TEXT, cause=TEXT, size=AMOUNT, balance=AMOUNT, expires_at=MAYBE_INSTANT)
_POOL = but(
    object_of(
        id=TEXT,
        unit=TEXT,
        available=AMOUNT,
        held=AMOUNT,
        owed=AMOUNT,
        next_refill=MAYBE_INSTANT,
        lots=list_of(_LOT),
        restores_left=COUNT,
        restore_mode={"enum": ["automatic", "manual"]},
    ),
    "restores_left",
    "restore_mode",
)
_EXTRA = maybe(
    object_of(
        on=TRUTH,
        wallet=TEXT,
        key=MAYBE_TEXT,
        revoked_key=MAYBE_TEXT,
        since=MAYBE_INSTANT,
        unit=TEXT,
        balance=AMOUNT,
        spent=AMOUNT,
        spent_this_month=AMOUNT,
        windows=list_of(object_of(id=TEXT, spent=AMOUNT)),
    )
)
PLAN = object_of(
    plan=TEXT,
    version=TEXT,
    wallet=TRUTH,
    switched_on=TRUTH,
    bought_at=INSTANT,
    period_start=INSTANT,
    period_end=MAYBE_INSTANT,
    ends_at=MAYBE_INSTANT,
    windows=list_of(_WINDOW),
    pools=list_of(_POOL),
    extra_usage=_EXTRA,
    key_limits=list_of(object_of(window=TEXT, key=TEXT, limit=AMOUNT, unit=TEXT)),
)
OPEN = object_of(request=TEXT, model=TEXT, since=INSTANT, expires_at=INSTANT)
NOTICE = object_of(
    flag=TEXT,
    plan=TEXT,
    signal=TEXT,
    state={"enum": ["open", "confirmed"]},
    action={"enum": ["warn", "slow", "restrict"]},
    raised_at=INSTANT,
)
"""What looks shared or forwarded on the account, and what comes of it until it is reviewed."""
USAGE = object_of(
    account=TEXT,
    at=INSTANT,
    key=TEXT,
    plans=list_of(PLAN),
    open_requests=list_of(OPEN),
    notices=list_of(NOTICE),
    keys=list_of(KEY),
)

REQUEST = object_of(
    request=TEXT,
    at=INSTANT,
    key=TEXT,
    model=TEXT,
    client=TEXT,
    usage=USED,
    list_value=AMOUNT,
    currency=MAYBE_TEXT,
    drawn=list_of(object_of(source=TEXT, pool=MAYBE_TEXT, amount=AMOUNT, unit=TEXT)),
    outcome=TEXT,
    estimated=TRUTH,
)
REQUESTS = object_of(requests=list_of(REQUEST), next=MAYBE_TEXT)

_SLICE = object_of(
    source=TEXT,
    payer=TEXT,
    pool=MAYBE_TEXT,
    amount=AMOUNT,
    unit=TEXT,
    multiplier=TEXT,
    factors=list_of(object_of(name=TEXT, value=TEXT)),
    list_value=AMOUNT,
    currency=MAYBE_TEXT,
    debt=AMOUNT,
    rate_card=MAYBE_TEXT,
    lots=list_of(object_of(lot=TEXT, amount=AMOUNT)),
    windows=list_of(object_of(id=TEXT, opened_at=INSTANT, drawn=AMOUNT)),
    version=MAYBE_TEXT,
)
_PASSED = object_of(source=TEXT, reason=TEXT, subject=TEXT, until=MAYBE_INSTANT)
_AFTER = object_of(id=TEXT, used=AMOUNT, limit=AMOUNT, unit=TEXT, reopens_at=MAYBE_INSTANT)
EXPLANATION = but(
    object_of(
        request=TEXT,
        account=TEXT,
        state={"enum": ["held", "settled", "released"]},
        model=TEXT,
        client=TEXT,
        billing=TEXT,
        key=TEXT,
        key_kind=TEXT,
        extra_usage=maybe(object_of(plan=TEXT, billed_key=TEXT, asked_with=TEXT)),
        grace=maybe(object_of(booked=TEXT, at=MAYBE_INSTANT)),
        admitted_at=INSTANT,
        closed_at=INSTANT,
        hold=object_of(
            entry=COUNT, estimate=USED, slices=list_of(_SLICE), passed_over=list_of(_PASSED), expires_at=INSTANT
        ),
        settlement=object_of(
            entry=COUNT, outcome=TEXT, estimated=TRUTH, usage=USED, slices=list_of(_SLICE), windows=list_of(_AFTER)
        ),
        released=object_of(entry=COUNT, reason=TEXT),
    ),
    "closed_at",
    "settlement",
    "released",
)
DONE = but(object_of(account=TEXT, done=TEXT, at=INSTANT, key=TEXT, secret=TEXT), "key", "secret")
_CODE: Schema = {**TEXT, "description": "Stable; see docs/errors.md."}
ERROR = object_of(error=but(object_of(code=_CODE, message=TEXT, fields=list_of({"type": "object"})), "fields"))
