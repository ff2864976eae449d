"""What one log says, as bytes: to hand it from process to process, and to keep it.

Owns that form. It is of this machine alone: numbers stand as they do in memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path

import msgspec

from faregate.readers.broken_line import BrokenLine, BrokenLines
from faregate.readers.copies import Fork
from faregate.readers.one_file import FileReading
from faregate.readers.records import Records


class _Fork(msgspec.Struct, array_like=True, gc=False):
    session: bytes
    parent: bytes
    at: int
    uses: bytes
    burst: int


class _Packed(msgspec.Struct, array_like=True, gc=False):
    columns: list[bytes]
    models: list[bytes]
    sessions: list[bytes]
    clients: list[bytes]
    repeats: int
    broken: int
    first_broken: list[tuple[int, bytes, bytes]]
    fork: _Fork | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


def pack(reading: FileReading) -> bytes:
    """The reading of one log as bytes."""
    records, broken, fork = reading.records, reading.broken, reading.fork
    return _encode(
        _Packed(
            [column.tobytes() for column in records.columns.values()],
            _texts(records.models),
            _texts(records.sessions),
            _texts(records.clients),
            reading.repeats,
            broken.count,
            [(each.line, _text(each.reason), _text(each.detail)) for each in broken.first],
            None
            if fork is None
            else _Fork(_text(fork.session), _text(fork.parent), fork.at, array("Q", fork.uses).tobytes(), fork.burst),
        )
    )


def unpack(packed: bytes, path: Path) -> FileReading:
    """The reading of the log at ``path``. Raises ValueError where these bytes are none."""
    told = _decode(packed)
    records, broken = Records(), BrokenLines()
    for column, content in zip(records.columns.values(), told.columns, strict=True):
        column.frombytes(content)
    if any(len(column) != len(records) for column in records.columns.values()):
        raise ValueError("columns of several lengths")
    for names, texts in (
        (records.models, told.models),
        (records.sessions, told.sessions),
        (records.clients, told.clients),
    ):
        names.update((_read(text), number) for number, text in enumerate(texts))
    broken.count = told.broken
    broken.first = [
        BrokenLine(path, line, _read(reason), _read(detail)) for line, reason, detail in told.first_broken
    ]
    fork = told.fork
    if fork is None:
        return FileReading(records, broken, told.repeats)
    uses = array("Q")
    uses.frombytes(fork.uses)
    origin = Fork(_read(fork.session), _read(fork.parent), fork.at, uses, fork.burst)
    return FileReading(records, broken, told.repeats, origin)


def _texts(names: Iterable[str]) -> list[bytes]:
    return [_text(name) for name in names]


def _text(name: str) -> bytes:
    """Also of names that are no proper Unicode, as those of files need not be."""
    return name.encode("utf-8", "surrogatepass")


def _read(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")
