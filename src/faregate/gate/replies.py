"""Replies that upstreams call JSON, or do not: whether a client can be given one, and as what.

Owns the look at replies that report no usage, and the content type that a client is told. Judges no contents.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from faregate.dialects.body import UNREADABLE
from faregate.wire.headers import Header

_JSON = b"application/json"
_ERROR_BYTES = 65_536


def flaw_of_reply(body: bytes, answers: Sequence[str]) -> str:
    """Why ``body`` is no reply that holds one of the fields ``answers``, as a stable code; '' where nothing speaks
    against it. Some upstreams tell an error with status 200 in words of their own, `{"code": 500, "msg": …}`,
    `{"choices": null, "base_resp": …}`."""
    try:
        said = msgspec.json.decode(body)
    except (*UNREADABLE, RecursionError):
        return "not_json"
    if not isinstance(said, dict):
        return "not_an_object"
    if said.get("error"):
        return "error_in_reply"
    return "" if any(said.get(name) is not None for name in answers) else "no_answer"


def is_error(body: bytes) -> bool:
    """Whether ``body`` is an error as APIs write them, fit for a client to read."""
    if len(body) > _ERROR_BYTES:
        return False
    try:
        said = msgspec.json.decode(body)
    except (*UNREADABLE, RecursionError):
        return False
    return isinstance(said, dict) and bool(said.get("error"))


def as_json(headers: Sequence[Header]) -> list[Header]:
    """``headers`` of what is JSON, whatever they call it."""
    for name, value in headers:
        if name == b"content-type" and b"json" in value:
            return list(headers)
    return with_content_type(headers, _JSON)


def with_content_type(headers: Sequence[Header], kind: bytes) -> list[Header]:
    """``headers`` with ``kind`` for a content type."""
    return [*((name, value) for name, value in headers if name != b"content-type"), (b"content-type", kind)]
