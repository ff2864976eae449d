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
_OPEN_BRACE, _CLOSE_BRACE, _COMMA, _SPACE = b"{}, "


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
    view = memoryview(body)  # the join is the only copy
    parts: list[bytes | memoryview] = []
    position = 0
    for start, end, new in edits:
        parts.append(view[position:start])
        parts.append(new)
        position = end
    parts.append(view[position:])
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
    """Edits that give every standing of a top-level key this value, so that no reader sees another."""
    return [Edit(start, end, value) for start, end in standings(body, fields, key)]


def replace_model(body: bytes, fields: Fields, current: str, model: str) -> list[Edit]:
    """Edits that make ``model`` the only model in the body; ``current`` is the last one there.

    A repeated `model` is mended even if its last value is right: a reader that takes the first would
    run another model than the one that is paid for.
    """
    if model == current and _spare(body, fields) < len('"model":1,'):
        return []
    found = standings(body, fields, "model")
    if model == current and len(found) == 1:
        return []
    value = msgspec.json.encode(model)
    return [Edit(start, end, value) for start, end in found]


def standings(body: bytes, fields: Fields, key: str) -> list[tuple[int, int]]:
    """(start, end) of the key's value each time it stands at the top level."""
    find = _plain_standing if _spare(body, fields) else _compact_standing
    found = find(body, fields, key)
    if found is not None:
        return [found]
    return [(span.start, span.end) for span in spans(body, fields) if span.key == key]


def _spare(body: bytes, fields: Fields) -> int:
    """Bytes of the body beyond the fewest that its fields take: its spaces, escapes in keys and repeated members.

    Too few for another member means that none is repeated; none at all, that all stand side by side in order.
    """
    return len(body) - 1 - 4 * len(fields) - sum(map(len, fields)) - sum(map(len, fields.values()))


def _compact_standing(body: bytes, fields: Fields, key: str) -> tuple[int, int] | None:
    """(start, end) of the value in a body with nothing to spare; None when the key is not there."""
    position = 1
    for name, raw in fields.items():
        position += len(name) + len('"":')
        end = position + len(raw)
        if name == key:
            return position, end
        position = end + 1
    return None


def _plain_standing(body: bytes, fields: Fields, key: str) -> tuple[int, int] | None:
    """(start, end) of the value in a body as encoders write it: no key repeated or escaped, at most
    one space after a separator. None in any other, which is for ``spans`` to walk."""
    found: tuple[int, int] | None = None
    position = 1
    closing = _OPEN_BRACE
    if body[0] != closing:
        return None
    for name, raw in fields.items():
        if closing == _CLOSE_BRACE:
            return None
        start = _plain_value(body, name, position)
        end = start + len(raw)
        if start < 0 or not body.startswith(raw, start):
            return None
        if name == key:
            found = start, end
        closing = body[end]
        # What follows a whole value is a separator; a number's beginning is followed by more of it.
        if closing not in (_COMMA, _CLOSE_BRACE):
            return None
        position = end + 1
    return found if closing == _CLOSE_BRACE else None


def _plain_value(body: bytes, name: str, position: int) -> int:
    """Where the value starts after a plainly written key; -1 when the key is not there or not
    plain."""
    if body[position] == _SPACE:
        position += 1
    written = b'"%b":' % name.encode()
    if not body.startswith(written, position):
        return -1
    position += len(written)
    return position + 1 if body[position] == _SPACE else position


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
        self._decoder = json.JSONDecoder(parse_int=_ignore, parse_float=_ignore, parse_constant=_ignore, strict=False)

    def end_of_value(self, start: int) -> int:
        return self._decoder.raw_decode(self._text, start)[1]
