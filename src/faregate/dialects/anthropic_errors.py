"""Errors, quota headers and the models list in Anthropic's form.

Owns the total table from our codes to statuses and error types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from faregate.dialects.dialect import ErrorReply, Model
from faregate.dialects.instant import SECOND, rfc3339, rfc3339_ceil
from faregate.dialects.problem import Problem
from faregate.dialects.quota import (
    PAYMENT_REQUIRED,
    Headers,
    Quota,
    QuotaRefusal,
    has_to_pay,
    message_of,
    quota_header,
    refusal_headers,
    tightest,
    whole_units,
)
from faregate.dialects.stream import StreamScanner

_INVALID = "invalid_request_error"
_BILLING = "billing_error"
_REFUSED = 429
_OWN_TOOL = "claude-code"

ERRORS: dict[Problem, tuple[int, str]] = {
    Problem.BAD_REQUEST: (400, _INVALID),
    Problem.UNAUTHENTICATED: (401, "authentication_error"),
    Problem.FORBIDDEN: (403, "permission_error"),
    Problem.UNKNOWN_MODEL: (404, "not_found_error"),
    Problem.NOT_FOUND: (404, "not_found_error"),
    Problem.METHOD_NOT_ALLOWED: (405, _INVALID),
    Problem.CONFLICT: (409, _INVALID),
    Problem.IDEMPOTENCY_MISMATCH: (422, _INVALID),
    Problem.TOO_LARGE: (413, "request_too_large"),
    Problem.UNSUPPORTED_MEDIA: (415, _INVALID),
    Problem.UNSUPPORTED: (400, _INVALID),
    Problem.QUOTA_REFUSED: (429, "rate_limit_error"),
    Problem.RATE_LIMITED: (429, "rate_limit_error"),
    Problem.UPSTREAM_FAILED: (502, "api_error"),
    Problem.OVERLOADED: (529, "overloaded_error"),
    Problem.UNAVAILABLE: (503, "overloaded_error"),
    Problem.TIMEOUT: (504, "timeout_error"),
    Problem.INTERNAL: (500, "api_error"),
}
"""Our code -> (HTTP status, `error.type`)."""

request_id_header: Final = b"request-id"

_JSON: Headers = ((b"content-type", b"application/json"),)
_SETTLED = ((b"x-should-retry", b"false"),)


def error(
    problem: Problem,
    message: str,
    *,
    field: str | None = None,
    code: str | None = None,
    request_id: str = "",
    extra: Mapping[str, Any] | None = None,
) -> ErrorReply:
    """A whole error response. ``extra``, ``field`` and ``code`` join the error object."""
    details = {**(extra or {}), **_details(field, code)}
    # SDKs repeat a 409 by themselves; ours means that the first one counts.
    settled = _SETTLED if problem is Problem.CONFLICT else ()
    headers = (*_JSON, *_request_id(request_id), *settled)
    return ErrorReply(ERRORS[problem][0], headers, _body(problem, message, request_id, details))


def error_event(
    problem: Problem, message: str, *, request_id: str = "", stream: StreamScanner | None = None
) -> bytes:
    """An `error` event."""
    return b"event: error\ndata: " + _body(problem, message, request_id, {}) + b"\n\n"


def refusal(refused: QuotaRefusal, now: int, *, tool: str = "", request_id: str = "") -> ErrorReply:
    """429 with whole seconds to wait; beyond a minute also `x-should-retry: false`, or SDKs sleep it out. Claude Code
    stops there too; other coding tools sleep, so they are told 402."""
    status = PAYMENT_REQUIRED if has_to_pay(refused, now, tool, _OWN_TOOL) else _REFUSED
    kind = _BILLING if status == PAYMENT_REQUIRED else ERRORS[Problem.RATE_LIMITED][1]
    body = _error_body(kind, message_of(refused, now), request_id, {"refused_by": refused.subject})
    headers = refusal_headers(refused, now, retry_after=status == _REFUSED)
    return ErrorReply(status, (*_JSON, *_request_id(request_id), *headers), body)


def quota_headers(quota: Quota, now: int) -> Headers:
    """`anthropic-ratelimit-*` of the tightest window on requests and on tokens, and our own for
    all."""
    headers: list[tuple[bytes, bytes]] = []
    for meter in ("requests", "tokens"):
        window = tightest(quota.windows, meter)
        if window is None:
            continue
        name = b"anthropic-ratelimit-" + meter.encode()
        headers.append((name + b"-limit", b"%d" % (window.limit // window.scale)))
        remaining = whole_units(window.remaining, window.scale)
        headers.append((name + b"-remaining", b"%d" % remaining))
        if window.reopens_at is not None:
            headers.append((name + b"-reset", rfc3339_ceil(window.reopens_at).encode()))
    return (*headers, *quota_header(quota))


def models_list(models: Sequence[Model]) -> bytes:
    """`{"data": […], "has_more": false, "first_id", "last_id"}`: all of them, whatever `limit`
    says."""
    return msgspec.json.encode(
        {
            "data": [_entry(model) for model in models],
            "has_more": False,
            "first_id": models[0].id if models else None,
            "last_id": models[-1].id if models else None,
        }
    )


def model_entry(model: Model) -> bytes:
    """One model."""
    return msgspec.json.encode(_entry(model))


def _entry(model: Model) -> dict[str, Any]:
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.display_name,
        "created_at": rfc3339(model.created_at // SECOND),
        "lifecycle": "active",
    }


def _details(field: str | None, code: str | None) -> dict[str, str]:
    pairs = (("param", field), ("code", code))
    return {name: value for name, value in pairs if value is not None}


def _request_id(request_id: str) -> Headers:
    return ((request_id_header, request_id.encode()),) if request_id else ()


def _body(problem: Problem, message: str, request_id: str, details: Mapping[str, Any]) -> bytes:
    return _error_body(ERRORS[problem][1], message, request_id, details)


def _error_body(kind: str, message: str, request_id: str, details: Mapping[str, Any]) -> bytes:
    shape = {**details, "type": kind, "message": message}
    return msgspec.json.encode({"type": "error", "error": shape, "request_id": request_id or None})
