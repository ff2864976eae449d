"""Columns of a statement as PostgreSQL's own binary arrays, made in a few calls whatever their length.

Owns those bytes. psycopg asks of every value how it is to be written; a column here is of one type, and known.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Final

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD: Final = struct.Struct("!iiIii").pack
_INTEGER: Final = struct.Struct("!iq").pack
_LENGTH: Final = struct.Struct("!i").pack
_LENGTHS: Final = tuple(_LENGTH(length) for length in range(4096))
"""Lengths as they are written, for nearly all values."""

_TEXT, _INT8, _BYTEA = 25, 20, 17


class Column:
    """One parameter of a statement: a whole array as it goes over the wire."""

    __slots__ = ("wire",)

    def __init__(self, wire: bytes) -> None:
        self.wire = wire


class Texts(Column):
    """A ``text[]``."""

    __slots__ = ()


class Integers(Column):
    """A ``bigint[]``."""

    __slots__ = ()


class Blobs(Column):
    """A ``bytea[]``."""

    __slots__ = ()


def texts(values: Sequence[str]) -> Texts:
    """``values`` as one parameter."""
    return Texts(_array(_TEXT, [value.encode() for value in values]))


def blobs(values: Sequence[bytes]) -> Blobs:
    """``values`` as one parameter."""
    return Blobs(_array(_BYTEA, values))


def integers(values: Sequence[int]) -> Integers:
    """``values`` as one parameter. Raises OverflowError when one does not fit 64 bits."""
    try:
        return Integers(_head(_INT8, len(values)) + b"".join(map(_INTEGER, repeat(8), values)))
    except struct.error as error:
        raise OverflowError("an integer does not fit 64 bits") from error


def _array(kind: int, values: Sequence[bytes]) -> bytes:
    known = len(_LENGTHS)
    parts = [b""] * (2 * len(values) + 1)
    parts[0] = _head(kind, len(values))
    parts[1::2] = [_LENGTHS[len(value)] if len(value) < known else _LENGTH(len(value)) for value in values]
    parts[2::2] = values
    return b"".join(parts)


def _head(kind: int, count: int) -> bytes:
    """One dimension from 1, no nulls; an empty array has no dimension."""
    return _HEAD(1, 0, kind, count, 1) if count else _HEAD(0, 0, kind, 0, 0)[:12]


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: Column) -> Buffer:
        return obj.wire


class _TextsDumper(_AsItIs):
    oid = 1009


class _IntegersDumper(_AsItIs):
    oid = 1016


class _BlobsDumper(_AsItIs):
    oid = 1001


def understand_arrays(connection: psycopg.Connection[Any]) -> None:
    """Have ``connection`` send arrays as they are."""
    for kind, dumper in ((Texts, _TextsDumper), (Integers, _IntegersDumper), (Blobs, _BlobsDumper)):
        connection.adapters.register_dumper(kind, dumper)
