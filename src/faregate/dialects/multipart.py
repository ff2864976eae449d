"""Bodies of `multipart/form-data`: where each field stands, and its value put right in place.

Owns the framing, read so strictly that no two readers can take it apart in different ways: whoever pays for one model
must not run another. Does not know what a dialect's fields mean, and does not look into files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from faregate.dialects.body import MAX_FIELDS, too_many_fields, wrong_type
from faregate.dialects.problem import BadBody
from faregate.dialects.splice import Edit, apply

_TYPE = re.compile(rb'multipart/form-data\s*;\s*boundary=("?)([A-Za-z0-9\'()+_,./:=?-]{1,70})\1', re.IGNORECASE)
_DISPOSITION = re.compile(rb'form-data\s*;\s*name="([^"\\\r\n]{1,200})"((?:\s*;[^\r\n]*)?)', re.IGNORECASE)
_FILE = re.compile(rb"filename\s*\*?=", re.IGNORECASE)
_NAMED_AGAIN = re.compile(rb"(?:^|;)\s*name\s*\*?=", re.IGNORECASE)
_LONGEST_VALUE = 1 << 20


class Part(NamedTuple):
    """A field: its value is ``body[start:end]``. ``is_file``: it has a name of a file."""

    name: str
    start: int
    end: int
    is_file: bool


def boundary_of(content_type: bytes) -> bytes | None:
    """The boundary that a content type names; None where it is no form, or says more than that."""
    found = _TYPE.fullmatch(content_type.strip())
    return None if found is None else found[2]


def parts_of(body: bytes, boundary: bytes) -> list[Part]:
    """All fields in order. Raises BadBody on whatever is not plainly a form with nothing before or after it."""
    delimiter = b"\r\n--" + boundary
    opening = delimiter[2:] + b"\r\n"
    if not body.startswith(opening):
        raise _broken("it does not begin with the boundary of its content type")
    parts: list[Part] = []
    position = len(opening)
    while len(parts) < MAX_FIELDS:
        end = body.find(delimiter, position)
        if end < 0:
            raise _broken("it does not end with its boundary")
        parts.append(_part(body, position, end))
        position = end + len(delimiter)
        after = body[position : position + 2]
        if after == b"--":
            if body[position + 2 :] not in (b"", b"\r\n"):
                raise _broken("something follows its last boundary")
            return parts
        if after != b"\r\n":
            raise _broken("a boundary is not the end of its line")
        position += 2
    raise too_many_fields()


def text_of(body: bytes, parts: Sequence[Part], name: str) -> str | None:
    """The last value of a text field; None where it is missing. Raises BadBody where it is no text."""
    found = [part for part in parts if part.name == name]
    if not found:
        return None
    part = found[-1]
    try:
        if part.is_file or part.end - part.start > _LONGEST_VALUE:
            raise wrong_type(name, "a text")
        return body[part.start : part.end].decode()
    except UnicodeDecodeError:
        raise wrong_type(name, "a text") from None


def replaced(body: bytes, parts: Sequence[Part], name: str, value: bytes) -> bytes:
    """The body with ``value`` for every field of this name. Everything else is byte for byte the same."""
    return apply(body, [Edit(part.start, part.end, value) for part in parts if part.name == name])


def _part(body: bytes, start: int, end: int) -> Part:
    blank = body.find(b"\r\n\r\n", start, end)
    if blank < 0:
        raise _broken("a part has no headers")
    found: re.Match[bytes] | None = None
    for line in body[start:blank].split(b"\r\n"):
        name, colon, value = line.partition(b":")
        kind = name.strip().lower()
        if not colon or line[:1] in b" \t" or kind == b"content-transfer-encoding":
            raise _broken("a part has a header that is not understood")
        if kind == b"content-disposition":
            if found is not None:
                raise _broken("a part is named twice")
            found = _DISPOSITION.fullmatch(value.strip())
            if found is None or _NAMED_AGAIN.search(found[2]):
                raise _broken("a part has no plain name")
    if found is None:
        raise _broken("a part has no name")
    return Part(found[1].decode("utf-8", "replace"), blank + 4, end, bool(_FILE.search(found[2])))


def _broken(what: str) -> BadBody:
    return BadBody("body_not_multipart", f"The request body is not valid multipart/form-data: {what}.")
