"""Errors, quota headers and the models list in OpenAI's form. Shared by every dialect of OpenAI's
family.

Owns the total table from our codes to statuses, types and codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from faregate.dialects.dialect import ErrorReply, Model
from faregate.dialects.instant import SECOND, compact_span_of, seconds_until
from faregate.dialects.problem import Problem
from faregate.dialects.quota import (
    PAYMENT_REQUIRED,
    Headers,
    Quota,
    QuotaRefusal,
    RefusalKind,
    has_to_pay,
    message_of,
    quota_header,
    refusal_headers,
    tightest,
    whole_units,
)
from faregate.dialects.stream import StreamScanner

_INVALID = "invalid_request_error"
_SERVER = "server_error"

ERRORS: dict[Problem, tuple[int, str, str | None]] = {
    Problem.BAD_REQUEST: (400, _INVALID, None),
    Problem.UNAUTHENTICATED: (401, _INVALID, "invalid_api_key"),
    Problem.FORBIDDEN: (403, _INVALID, "permission_denied"),
    Problem.UNKNOWN_MODEL: (404, _INVALID, "model_not_found"),
    Problem.NOT_FOUND: (404, _INVALID, "not_found"),
    Problem.METHOD_NOT_ALLOWED: (405, _INVALID, "method_not_allowed"),
    Problem.CONFLICT: (409, _INVALID, "idempotency_conflict"),
    Problem.IDEMPOTENCY_MISMATCH: (422, _INVALID, "idempotency_mismatch"),
    Problem.TOO_LARGE: (413, _INVALID, "request_too_large"),
    Problem.UNSUPPORTED_MEDIA: (415, _INVALID, "unsupported_media_type"),
    Problem.UNSUPPORTED: (400, _INVALID, "unsupported"),
    Problem.QUOTA_REFUSED: (429, "insufficient_quota", "insufficient_quota"),
    Problem.RATE_LIMITED: (429, "rate_limit_exceeded", "rate_limit_exceeded"),
    Problem.UPSTREAM_FAILED: (502, _SERVER, "upstream_failed"),
    Problem.OVERLOADED: (503, _SERVER, "server_is_overloaded"),
    Problem.UNAVAILABLE: (503, _SERVER, "unavailable"),
    Problem.TIMEOUT: (504, _SERVER, "timeout"),
    Problem.INTERNAL: (500, _SERVER, "internal_error"),
}
"""Our code -> (HTTP status, `error.type`, `error.code`)."""

request_id_header: Final = b"x-request-id"

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
    """A whole error response. ``extra`` joins the error object (a receipt, say)."""
    status = ERRORS[problem][0]
    body = msgspec.json.encode({"error": _error_object(problem, message, field, code, extra)})
    # SDKs repeat a 409 by themselves; ours means that the first one counts.
    settled = _SETTLED if problem is Problem.CONFLICT else ()
    return ErrorReply(status, (*_JSON, *_request_id(request_id), *settled), body)


def error_event(
    problem: Problem, message: str, *, request_id: str = "", stream: StreamScanner | None = None
) -> bytes:
    """An error chunk. The connection must be dropped after it: a clean end would read as a full
    answer."""
    payload = {"error": _error_object(problem, message, None, None, None)}
    return b"data: " + msgspec.json.encode(payload) + b"\n\n"


def refusal(refused: QuotaRefusal, now: int, *, tool: str = "", request_id: str = "") -> ErrorReply:
    """429 for waits up to a minute. Beyond: 402 for coding tools, which all stop at it and show the
    message, and 429 with `x-should-retry: false` for the rest."""
    is_rate = refused.kind in (RefusalKind.RATE, RefusalKind.CONCURRENCY)
    problem = Problem.RATE_LIMITED if is_rate else Problem.QUOTA_REFUSED
    status = PAYMENT_REQUIRED if has_to_pay(refused, now, tool) else ERRORS[problem][0]
    extra = {"refused_by": refused.subject}
    payload = {"error": _error_object(problem, message_of(refused, now), None, None, extra)}
    headers = refusal_headers(refused, now, retry_after=status != PAYMENT_REQUIRED)
    return ErrorReply(status, (*_JSON, *_request_id(request_id), *headers), msgspec.json.encode(payload))


def quota_headers(quota: Quota, now: int) -> Headers:
    """`x-ratelimit-*` of the tightest window on requests and on tokens, and our own for all."""
    headers: list[tuple[bytes, bytes]] = []
    for meter in ("requests", "tokens"):
        window = tightest(quota.windows, meter)
        if window is None:
            continue
        name = meter.encode()
        limit, remaining = window.limit // window.scale, whole_units(window.remaining, window.scale)
        headers.append((b"x-ratelimit-limit-" + name, b"%d" % limit))
        headers.append((b"x-ratelimit-remaining-" + name, b"%d" % remaining))
        if window.reopens_at is not None:
            reset = compact_span_of(seconds_until(window.reopens_at, now))
            headers.append((b"x-ratelimit-reset-" + name, reset.encode()))
    return (*headers, *quota_header(quota))


def models_list(models: Sequence[Model]) -> bytes:
    """`{"object": "list", "data": […]}`."""
    return msgspec.json.encode({"object": "list", "data": [_entry(model) for model in models]})


def model_entry(model: Model) -> bytes:
    """One model."""
    return msgspec.json.encode(_entry(model))


def _entry(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created_at // SECOND,
        "owned_by": model.owner,
    }


def _request_id(request_id: str) -> Headers:
    return ((request_id_header, request_id.encode()),) if request_id else ()


def _error_object(
    problem: Problem,
    message: str,
    field: str | None,
    code: str | None,
    extra: Mapping[str, Any] | None,
) -> dict[str, Any]:
    _, kind, usual_code = ERRORS[problem]
    shape = {"message": message, "type": kind, "param": field, "code": code or usual_code}
    return {**(extra or {}), **shape}
