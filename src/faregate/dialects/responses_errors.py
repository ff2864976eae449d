"""Refusals and failures in the form of OpenAI's Responses, as Codex and the SDKs take them.

Owns what differs from the rest of OpenAI's family: the type that stops Codex, and the event that ends a stream.
"""

from __future__ import annotations

from typing import Any

import msgspec

from faregate.dialects.dialect import ErrorReply
from faregate.dialects.instant import SECOND
from faregate.dialects.openai_errors import request_id_header
from faregate.dialects.problem import Problem
from faregate.dialects.quota import (
    PAYMENT_REQUIRED,
    QuotaRefusal,
    RefusalKind,
    has_to_pay,
    header_value,
    is_waitable,
    message_of,
    refusal_headers,
)
from faregate.dialects.responses_stream import ResponsesScanner
from faregate.dialects.stream import StreamScanner

_STATUS = 429
_OWN_TOOL = "codex"
_RATE = "rate_limit_exceeded"
_USED_UP = "usage_limit_reached"
_QUOTA = "insufficient_quota"


def refusal(refused: QuotaRefusal, now: int, *, tool: str = "", request_id: str = "") -> ErrorReply:
    """429 with the seconds to wait. Beyond a minute the type is `usage_limit_reached`, with the time in `resets_at`:
    Codex stops at it, and shows the time and `x-codex-promo-message`; any other type it would sleep out. Other coding
    tools would sleep out that one too, so they are told 402."""
    message = message_of(refused, now)
    waitable = is_waitable(refused, now)
    status = PAYMENT_REQUIRED if has_to_pay(refused, now, tool, _OWN_TOOL) else _STATUS
    is_rate = refused.kind in (RefusalKind.RATE, RefusalKind.CONCURRENCY)
    shape: dict[str, Any] = {
        "refused_by": refused.subject,
        "message": message,
        "type": _RATE if waitable else _USED_UP,
        "param": None,
        "code": _RATE if is_rate or waitable else _QUOTA,
    }
    headers = [(b"content-type", b"application/json")]
    if request_id:
        headers.append((request_id_header, request_id.encode()))
    if not waitable:
        if status == _STATUS:
            headers.append((b"x-codex-promo-message", header_value(message.rstrip("."))))
        if refused.retry_at is not None:
            shape["resets_at"] = -(-refused.retry_at // SECOND)
    headers += refusal_headers(refused, now, retry_after=status == _STATUS)
    return ErrorReply(status, tuple(headers), msgspec.json.encode({"error": shape}))


def error_event(
    problem: Problem, message: str, *, request_id: str = "", stream: StreamScanner | None = None
) -> bytes:
    """`response.failed`, the next event of ``stream``. Its code is one that Codex tries again."""
    seen = stream if isinstance(stream, ResponsesScanner) else ResponsesScanner()
    response = {
        "id": seen.id or f"resp_{request_id}",
        "object": "response",
        "created_at": seen.created_at,
        "status": "failed",
        "error": {"code": "server_error", "message": message},
        "incomplete_details": None,
        "instructions": None,
        "model": seen.model,
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
        "metadata": {},
    }
    payload = {"type": "response.failed", "sequence_number": seen.sequence + 1, "response": response}
    return b"event: response.failed\ndata: " + msgspec.json.encode(payload) + b"\n\n"
