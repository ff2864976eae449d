"""Items of a JSON array from its last on, without reading what stands before them.

Owns finding them. Relies on the array being valid JSON (``read_fields`` has read it). What it finds is certain; where
it cannot be certain it finds nothing, and the rest is for a reader from the front.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Raw

from faregate.dialects.body import UNREADABLE

TAIL_BYTES = 16_384
_OPENING = b'{"role"'
_OBJECT = b'{"'
_MOST_PARTS = 16
_COMMA, _SPACE = b", "

Item = TypeVar("Item")


def tail_of(array: Raw) -> bytes:
    """As much of the end of an array as its last items usually take."""
    return bytes(array) if len(array) <= TAIL_BYTES else bytes(memoryview(array)[-TAIL_BYTES:])


def item_before(text: bytes, end: int, decoder: msgspec.json.Decoder[Item]) -> tuple[Item, int] | None:
    """The item that ends at ``end`` in the tail ``text``, and where it starts; None if that is not certain. The last
    one ends where the array's bracket stands.

    Only objects that begin with `role` are found. Inside a JSON string a `{` cannot stand before a quotation mark
    that is not escaped unless that one ends the string, and then no letter may follow: so what is found is an
    object's opening. When that object is whole right where its array goes on or ends, it is an item of that array
    and of no deeper one.
    """
    start = text.rfind(_OPENING, 0, end)
    if start < 1:
        return None
    try:
        return decoder.decode(text[start:end]), start
    except (*UNREADABLE, RecursionError):
        return None


def item_with_parts_before(text: bytes, end: int, decoder: msgspec.json.Decoder[Item]) -> tuple[Item, int] | None:
    """As ``item_before``, for items that hold objects of their own and may begin with any name.

    A brace before a quotation mark opens an object, or stands at the end of a string: read from there, strings and
    what is between them would be taken for each other up to the end of the item, which closes outside of any string.
    So what is read whole is the item; an object inside it ends before the item does.
    """
    start = end
    for _ in range(_MOST_PARTS):
        start = text.rfind(_OBJECT, 0, start)
        if start < 1:
            return None
        try:
            return decoder.decode(text[start:end]), start
        except (*UNREADABLE, RecursionError):
            continue
    return None


def end_before(text: bytes, start: int) -> int:
    """Where the item before the one at ``start`` ends; 0 if there is none or that is not certain."""
    end = start - 2 if text[start - 1] == _SPACE else start - 1
    return end if text[end] == _COMMA else 0
