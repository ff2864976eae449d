"""The JSON Schemas of what the console's API gives. What stands in none of them is not given.

Owns these shapes; those of an account are self-service's.
"""

from __future__ import annotations

from faregate.api.own_schemas import (
    AMOUNT,
    COUNT,
    INSTANT,
    KEY,
    MAYBE_INSTANT,
    MAYBE_TEXT,
    NOTICE,
    OPEN,
    PLAN,
    REQUEST,
    TEXT,
    TRUTH,
    USED,
    Schema,
    list_of,
    maybe,
    object_of,
)

ANYTHING: Schema = {}
NAMES: Schema = object_of(en=TEXT, zh=TEXT)
DONE: Schema = object_of(done=TRUTH)
USER: Schema = object_of(
    id=TEXT,
    email=TEXT,
    name=TEXT,
    language={"enum": ["en", "zh"]},
    role={"enum": ["customer", "owner", "finance", "support", "read_only"]},
    account=MAYBE_TEXT,
    verified=TRUTH,
    created_at=INSTANT,
)
SESSION: Schema = object_of(
    signed_in=TRUTH,
    user=maybe(USER),
    csrf=MAYBE_TEXT,
    expires_at=MAYBE_INSTANT,
    sign_up={"enum": ["open", "invited", "closed"]},
    mail=TRUTH,
    passkeys=TRUTH,
    password=maybe(TRUTH),
    oidc=list_of(object_of(name=TEXT, label=TEXT)),
    may=list_of(TEXT),
    payers=list_of(TEXT),
)
SESSIONS: Schema = object_of(
    sessions=list_of(
        object_of(
            id=TEXT,
            created_at=INSTANT,
            last_seen_at=INSTANT,
            expires_at=INSTANT,
            user_agent=TEXT,
            current=TRUTH,
        )
    )
)
PRICE: Schema = object_of(id=TEXT, amount=AMOUNT, currency=TEXT, period=MAYBE_TEXT)
AGREEMENT: Schema = object_of(
    renews=TRUTH,
    one_more_period=TRUTH,
    payer=MAYBE_TEXT,
    charged_without_customer=TRUTH,
    called_off_because=MAYBE_TEXT,
    binding=maybe(object_of(payer=TEXT, sign=ANYTHING, problem=MAYBE_TEXT)),
    next_charge=maybe(
        object_of(at=INSTANT, plan=TEXT, version=TEXT, price=MAYBE_TEXT, amount=AMOUNT, currency=TEXT, to_pay=AMOUNT)
    ),
    next=maybe(object_of(plan=TEXT, price=MAYBE_TEXT)),
    paused_since=MAYBE_INSTANT,
    refund=ANYTHING,
    renewal_order=MAYBE_TEXT,
    failed_charges=COUNT,
    orders=list_of(TEXT),
)
MY_PLAN: Schema = object_of(
    **PLAN["properties"],
    subscription=TEXT,
    price=maybe(PRICE),
    agreement=maybe(AGREEMENT),
    version_after_renewal=MAYBE_TEXT,
)
MY_ACCOUNT: Schema = object_of(
    account=TEXT,
    name=TEXT,
    created_at=INSTANT,
    at=INSTANT,
    plans=list_of(MY_PLAN),
    open_requests=list_of(OPEN),
    notices=list_of(NOTICE),
    keys=list_of(KEY),
)
SUM: Schema = object_of(**USED["properties"], estimated=COUNT, list_value=ANYTHING, drawn=list_of(ANYTHING))
MY_USAGE: Schema = object_of(
    account=TEXT,
    days=COUNT,
    total=SUM,
    by_day=list_of(object_of(day=TEXT, model=TEXT, **SUM["properties"])),
)
MY_REQUESTS: Schema = object_of(requests=list_of(REQUEST), next=MAYBE_TEXT)
ANALYSIS: Schema = object_of(by=TEXT, days=COUNT, rows=list_of(object_of(name=TEXT, **SUM["properties"])))
