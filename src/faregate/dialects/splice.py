"""Edits of a JSON object's top-level values in its original bytes, nothing else touched.

Owns finding where a top-level value stands. Relies on ``body`` being valid JSON (``read_fields``
has read it) and on ``fields`` being its fields: their known lengths let the walk step over
megabytes in one comparison.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from faregate.dialects.body import MAX_FIELDS, Fields, too_many_fields

_KEY = re.compile(rb'[ \t\r\n]*"((?:[^"\\]|\\.)*)"[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_NEXT = re.compile(rb"[ \t\r\n]*([,}])")


class Edit(NamedTuple):
    """Replace ``body[start:end]`` by ``new``."""

    start: int
    end: int
    new: bytes


class Span(NamedTuple):
    """A top-level value: ``body[start:end]`` under ``key`` (unescaped)."""

    key: str
    start: int
    end: int


def apply(body: bytes, edits: list[Edit]) -> bytes:
    """The body with all edits made; edits are in order and do not overlap."""
    if not edits:
        return body
    parts: list[bytes] = []
    position = 0
    for start, end, new in edits:
        parts.append(body[position:start])
        parts.append(new)
        position = end
    parts.append(body[position:])
    return b"".join(parts)


def insert_first(body: bytes, member: bytes, empty: bool) -> Edit:
    """The edit that puts ``member`` (`"key":value`) in front of an object's members."""
    start = body.index(b"{") + 1
    return Edit(start, start, member if empty else member + b",")


def spans(body: bytes, fields: Fields) -> Iterator[Span]:
    """Every top-level value in order, repeated keys each time they stand. Raises BadBody on too
    many."""
    position = body.index(b"{") + 1
    if not fields:
        return
    repeats: _Repeats | None = None
    for _ in range(MAX_FIELDS):
        key_match = _KEY.match(body, position)
        assert key_match is not None, "spans() needs a body that has been read"
        key = _unescaped(key_match[1])
        start = key_match.end()
        raw = fields[key]
        end = start + len(raw)
        # A number may be the beginning of a longer one, so what follows must be a separator.
        after = _NEXT.match(body, end) if body.startswith(raw, start) else None
        if after is None:
            # A repeated key: ``fields`` holds only its last value.
            repeats = repeats or _Repeats(body)
            end = repeats.end_of_value(start)
            after = _NEXT.match(body, end)
        yield Span(key, start, end)
        assert after is not None, "spans() needs a body that has been read"
        if after[1] == b"}":
            return
        position = after.end()
    raise too_many_fields()


def replace_all(body: bytes, fields: Fields, key: str, value: bytes) -> list[Edit]:
    """Edits that give every standing of a top-level key this value, so that no reader sees
    another."""
    return [Edit(span.start, span.end, value) for span in spans(body, fields) if span.key == key]


def _unescaped(key: bytes) -> str:
    if b"\\" in key:
        return msgspec.json.decode(b'"' + key + b'"', type=str)
    return key.decode()


def _ignore(_: str) -> None:
    return None


class _Repeats:
    """Ends of values whose length is not known. Rare, so the standard library may build and drop
    them."""

    def __init__(self, body: bytes) -> None:
        # One character a byte: positions stay true, and JSON's own structure is ASCII.
        self._text = body.decode("latin-1")
        self._decoder = json.JSONDecoder(
            parse_int=_ignore, parse_float=_ignore, parse_constant=_ignore, strict=False
        )

    def end_of_value(self, start: int) -> int:
        return self._decoder.raw_decode(self._text, start)[1]
