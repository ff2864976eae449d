"""What can go wrong for a caller, as stable codes, and the typed error of a bad request body.

Owns the codes. Does not know statuses or error shapes: each dialect has one total table for those.
"""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """Stable codes; every dialect maps every one of them to a status and its own error type."""

    BAD_REQUEST = "bad_request"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    UNKNOWN_MODEL = "unknown_model"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA = "unsupported_media"
    UNSUPPORTED = "unsupported"
    QUOTA_REFUSED = "quota_refused"
    RATE_LIMITED = "rate_limited"
    UPSTREAM_FAILED = "upstream_failed"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    INTERNAL = "internal"


class BadBody(ValueError):
    """A request body that cannot be served. ``problem`` is always ``BAD_REQUEST``.

    ``code`` is one of ``body_not_json``, ``body_not_object``, ``body_not_multipart``, ``too_many_fields``,
    ``field_missing``, ``field_wrong_type``, ``field_out_of_range``; ``field`` names the field,
    None for the body itself. ``str(error)`` is a message fit for the caller.
    """

    problem = Problem.BAD_REQUEST

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
