"""What comes with a call, read: its body and its idempotency key.

Owns the bounds of both. Knows no operation.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from faregate.api.bodies import Body
from faregate.api.failures import BadBody
from faregate.app.control import Control

KEY_LENGTH = 200
LARGEST_BODY = 1_000_000


def idempotency_key(control: Control, request: Request) -> str:
    """The caller's idempotency key, or one made for this call. Raises BadBody."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return "own:" + control.randomness(12).hex()
    if not key or len(key) > KEY_LENGTH:
        raise BadBody(f"Idempotency-Key has 1 to {KEY_LENGTH} characters")
    return key


async def bytes_of(request: Request, largest: int) -> bytes:
    """The body, of ``largest`` bytes. Raises BadBody."""
    raw = await request.body()
    if len(raw) > largest:
        raise BadBody(f"the body is larger than {largest // 1_000_000} MB")
    return raw


async def body_of(request: Request, shape: type[Body] | None, largest: int = LARGEST_BODY) -> Any:
    """The body, of ``largest`` bytes, as ``shape``; None where none is wanted. Raises BadBody, ValidationError."""
    if shape is None:
        return None
    raw = await bytes_of(request, largest)
    try:
        data = await request.json() if raw.strip() else {}
    except (ValueError, RecursionError) as problem:
        # Also numbers with too many digits, and lists nested too deep.
        raise BadBody(f"the body is not JSON that can be read: {problem}") from problem
    if not isinstance(data, dict):
        raise BadBody("the body is a JSON object")
    return shape.model_validate(data)
