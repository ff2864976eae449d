"""Errors, quota refusals and the models list in Google's form.

Owns the total table from our codes to statuses, and the details that Google's clients read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from faregate.dialects.dialect import ErrorReply, Model
from faregate.dialects.problem import Problem
from faregate.dialects.quota import (
    PAYMENT_REQUIRED,
    Headers,
    Quota,
    QuotaRefusal,
    amount,
    has_to_pay,
    is_waitable,
    message_of,
    quota_header,
    refusal_headers,
    retry_after_seconds,
)

_INVALID = "INVALID_ARGUMENT"
_EXHAUSTED = "RESOURCE_EXHAUSTED"
_UNAVAILABLE = "UNAVAILABLE"

ERRORS: dict[Problem, tuple[int, str]] = {
    Problem.BAD_REQUEST: (400, _INVALID),
    Problem.UNAUTHENTICATED: (401, "UNAUTHENTICATED"),
    Problem.FORBIDDEN: (403, "PERMISSION_DENIED"),
    Problem.UNKNOWN_MODEL: (404, "NOT_FOUND"),
    Problem.NOT_FOUND: (404, "NOT_FOUND"),
    Problem.METHOD_NOT_ALLOWED: (405, _INVALID),
    Problem.CONFLICT: (409, "ALREADY_EXISTS"),
    Problem.IDEMPOTENCY_MISMATCH: (422, _INVALID),
    Problem.TOO_LARGE: (413, _INVALID),
    Problem.UNSUPPORTED_MEDIA: (415, _INVALID),
    Problem.UNSUPPORTED: (400, _INVALID),
    Problem.QUOTA_REFUSED: (429, _EXHAUSTED),
    Problem.RATE_LIMITED: (429, _EXHAUSTED),
    Problem.UPSTREAM_FAILED: (502, _UNAVAILABLE),
    Problem.OVERLOADED: (503, _UNAVAILABLE),
    Problem.UNAVAILABLE: (503, _UNAVAILABLE),
    Problem.TIMEOUT: (504, "DEADLINE_EXCEEDED"),
    Problem.INTERNAL: (500, "INTERNAL"),
}
"""Our code -> (HTTP status, `error.status`)."""

request_id_header: Final = b"x-request-id"

_JSON: Headers = ((b"content-type", b"application/json"),)
_SETTLED = ((b"x-should-retry", b"false"),)
_TYPES = "type.googleapis.com/google.rpc."
_OURS = "faregate"
_REFUSED = 429
_OWN_TOOL = "gemini-cli"
_UNDERSTOOD = "cloudcode-pa.googleapis.com"
"""Gemini CLI takes the reason QUOTA_EXHAUSTED for final under this domain alone; else it tries on and on."""
_METHODS = ("generateContent", "streamGenerateContent", "countTokens")


def error(
    problem: Problem,
    message: str,
    *,
    field: str | None = None,
    code: str | None = None,
    request_id: str = "",
    extra: Mapping[str, Any] | None = None,
) -> ErrorReply:
    """A whole error response. ``extra`` joins the error object; ``field`` and ``code`` stand in its details."""
    settled = _SETTLED if problem is Problem.CONFLICT else ()
    body = msgspec.json.encode({"error": _error_object(problem, message, _details(message, field, code), extra)})
    return ErrorReply(ERRORS[problem][0], (*_JSON, *_request_id(request_id), *settled), body)


def error_object(problem: Problem, message: str) -> bytes:
    """An answer of a stream that is an error."""
    return msgspec.json.encode({"error": _error_object(problem, message, [], None)})


def refusal(refused: QuotaRefusal, now: int, *, tool: str = "", request_id: str = "") -> ErrorReply:
    """429 with what is violated and, where waiting helps, how long. Gemini CLI waits by itself up to five minutes;
    for longer it is told by a reason of its own that it is to stop, and shows the message. Other coding tools would
    sleep, so they are told 402, without the word "exhausted": OpenCode takes that for an overload and tries on."""
    if has_to_pay(refused, now, tool, _OWN_TOOL):
        return _to_pay(refused, now, request_id)
    final = not is_waitable(refused, now)
    details = [_violation(refused)]
    seconds = retry_after_seconds(refused, now)
    if seconds is not None:
        details.append({"@type": _TYPES + "RetryInfo", "retryDelay": f"{seconds}s"})
    reason = "QUOTA_EXHAUSTED" if final else "RATE_LIMIT_EXCEEDED"
    domain = _UNDERSTOOD if tool and final else _OURS
    details.append(_reason(reason, domain, {"refused_by": refused.subject}))
    problem = Problem.QUOTA_REFUSED if final else Problem.RATE_LIMITED
    extra = {"refused_by": refused.subject}
    body = msgspec.json.encode({"error": _error_object(problem, message_of(refused, now), details, extra)})
    headers = refusal_headers(refused, now, retry_after=True)
    return ErrorReply(_REFUSED, (*_JSON, *_request_id(request_id), *headers), body)


def _to_pay(refused: QuotaRefusal, now: int, request_id: str) -> ErrorReply:
    shape = {
        "refused_by": refused.subject,
        "code": PAYMENT_REQUIRED,
        "message": message_of(refused, now),
        "status": "FAILED_PRECONDITION",
        "details": [_violation(refused), _reason("USAGE_LIMIT_REACHED", _OURS, {"refused_by": refused.subject})],
    }
    headers = refusal_headers(refused, now, retry_after=False)
    return ErrorReply(
        PAYMENT_REQUIRED, (*_JSON, *_request_id(request_id), *headers), msgspec.json.encode({"error": shape})
    )


def quota_headers(quota: Quota, now: int) -> Headers:
    """Our own header alone: Google has none."""
    return quota_header(quota)


def models_list(models: Sequence[Model]) -> bytes:
    """`{"models": […]}`: all of them, on one page."""
    return msgspec.json.encode({"models": [_entry(model) for model in models]})


def model_entry(model: Model) -> bytes:
    """One model."""
    return msgspec.json.encode(_entry(model))


def _entry(model: Model) -> dict[str, Any]:
    return {
        "name": f"models/{model.id}",
        "baseModelId": model.id,
        "version": "001",
        "displayName": model.display_name,
        "supportedGenerationMethods": list(_METHODS),
    }


def _violation(refused: QuotaRefusal) -> dict[str, Any]:
    violation = {
        "subject": _OURS,
        "quotaId": refused.subject,
        "description": f"The limit `{refused.subject}` is full.",
    }
    window = refused.window
    if window is not None:
        violation |= {"quotaMetric": window.meter, "quotaValue": amount(window.limit, window.scale)}
    return {"@type": _TYPES + "QuotaFailure", "violations": [violation]}


def _details(message: str, field: str | None, code: str | None) -> list[dict[str, Any]]:
    details: list[dict[str, Any]] = []
    if field is not None:
        violations = [{"field": field, "description": message}]
        details.append({"@type": _TYPES + "BadRequest", "fieldViolations": violations})
    if code is not None:
        details.append(_reason(code.upper(), _OURS, {}))
    return details


def _reason(reason: str, domain: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    return {"@type": _TYPES + "ErrorInfo", "reason": reason, "domain": domain, "metadata": dict(metadata)}


def _request_id(request_id: str) -> Headers:
    return ((request_id_header, request_id.encode()),) if request_id else ()


def _error_object(
    problem: Problem, message: str, details: list[dict[str, Any]], extra: Mapping[str, Any] | None
) -> dict[str, Any]:
    code, status = ERRORS[problem]
    shape: dict[str, Any] = {**(extra or {}), "code": code, "message": message, "status": status}
    return {**shape, "details": details} if details else shape
