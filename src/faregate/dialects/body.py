"""Partial decoding of a request body: its top-level fields as raw bytes, and typed reads of a few.

Owns the common ``Request`` and its errors. Does not know what a dialect's fields mean.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from faregate.dialects.problem import BadBody

MAX_FIELDS = 1000
"""No client sends more top-level fields; a body that does is made to be slow."""
MAX_COUNT = 2**53 - 1
"""What every JSON reader holds exactly."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
"""What decoding raises on bytes that are not the JSON asked for."""

Fields = dict[str, Raw]

_FIELDS: msgspec.json.Decoder[Fields] = msgspec.json.Decoder(Fields)
_TEXT: msgspec.json.Decoder[str | None] = msgspec.json.Decoder(str | None)
_FLAG: msgspec.json.Decoder[bool | None] = msgspec.json.Decoder(bool | None)
_WHOLE: msgspec.json.Decoder[int | None] = msgspec.json.Decoder(int | None)
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class Request(msgspec.Struct, frozen=True, gc=False):
    """What the gate needs of a request. ``fields`` are views into ``body``, the last of repeated
    names.

    ``wants_usage``: the client asked its stream to report usage (always true where the dialect
    always does). ``max_output``: bound on output tokens, None when unbounded. ``choices``: answers
    asked for. ``images``: pictures asked for. ``follows``: id of the answer that this request goes on from, kept by
    the upstream that gave it; '' when the request says all by itself. ``media``: (pieces, bytes) of pictures and
    files in the body, None where nobody has counted them.
    """

    body: bytes
    fields: Fields
    model: str
    stream: bool
    wants_usage: bool
    max_output: int | None
    choices: int = 1
    images: int = 0
    follows: str = ""
    media: tuple[int, int] | None = None


def read_fields(body: bytes) -> Fields:
    """Top-level fields of a JSON object, undecoded. Raises BadBody."""
    try:
        fields = _FIELDS.decode(body)
    except msgspec.ValidationError:
        raise BadBody("body_not_object", "The request body must be a JSON object.") from None
    except UNREADABLE as error:
        raise BadBody("body_not_json", f"The request body is not valid JSON: {error}.") from None
    except RecursionError:
        raise BadBody("body_not_json", "The request body is nested too deeply.") from None
    if len(fields) > MAX_FIELDS:
        raise too_many_fields()
    return fields


def too_many_fields() -> BadBody:
    return BadBody("too_many_fields", f"The request body has more than {MAX_FIELDS} fields.")


def wrong_type(field: str, wanted: str) -> BadBody:
    return BadBody("field_wrong_type", f"`{field}` must be {wanted}.", field)


def read_model(fields: Fields) -> str:
    """The model asked for. Raises BadBody when missing, empty or not a string."""
    raw = fields.get("model")
    if raw is None:
        raise BadBody("field_missing", "`model` is missing.", "model")
    try:
        model = _TEXT.decode(raw)
    except UNREADABLE:
        raise wrong_type("model", "a string") from None
    if not model:
        raise BadBody("field_missing", "`model` must not be empty.", "model")
    return model


def read_flag(fields: Fields, field: str, path: str = "") -> bool:
    """A boolean field; missing and null are false. ``path`` is its name in an error."""
    raw = fields.get(field)
    if raw is None:
        return False
    try:
        return bool(_FLAG.decode(raw))
    except UNREADABLE:
        raise wrong_type(path or field, "true or false") from None


def read_count(fields: Fields, field: str) -> int | None:
    """A whole number from 1 to ``MAX_COUNT``; missing and null are None."""
    raw = fields.get(field)
    if raw is None:
        return None
    try:
        value = _WHOLE.decode(raw)
    except UNREADABLE:
        raise wrong_type(field, "a whole number") from None
    if value is not None and not 1 <= value <= MAX_COUNT:
        bounds = f"between 1 and {MAX_COUNT}"
        raise BadBody("field_out_of_range", f"`{field}` must be {bounds}.", field)
    return value


def require_list(fields: Fields, field: str) -> None:
    """Raises BadBody unless the field is there and a list; its items are not looked at."""
    raw = fields.get(field)
    if raw is None:
        raise BadBody("field_missing", f"`{field}` is missing.", field)
    if memoryview(raw)[0] != 0x5B:
        raise wrong_type(field, "a list")


def read_any(raw: Raw | bytes | None) -> Any:
    """A field decoded to plain values; None when missing or broken inside. For small, optional
    fields."""
    if raw is None:
        return None
    try:
        return _ANY.decode(raw)
    except (*UNREADABLE, RecursionError):
        return None
