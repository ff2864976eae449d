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


_ANSWERS = {
    "openai_chat": ("choices",),
    "anthropic_messages": ("content",),
    "openai_responses": ("output",),
    "google_generate": ("candidates", "promptFeedback"),
}
_OTHER_ANSWERS = ("data", "output", "choices")
"""One of these is in every reply. Some upstreams tell an error with status 200 in words of their own,
`{"code": 500, "msg": …}`, `{"choices": null, "base_resp": …}`."""


def flaw_of_reply(body: bytes, dialect: str) -> str:
    """Why ``body`` is no reply in the dialect named, as a stable code; '' where nothing speaks against it."""
    try:
        said = msgspec.json.decode(body)
    except (*UNREADABLE, RecursionError):
        return "not_json"
    if not isinstance(said, dict):
        return "not_an_object"
    if said.get("error"):
        return "error_in_reply"
    answers = _ANSWERS.get(dialect, _OTHER_ANSWERS)
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
