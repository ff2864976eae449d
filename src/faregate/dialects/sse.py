"""Server-sent events as bytes: where an event ends and what data it carries.

Lines end in LF or CRLF (a lone CR, which no API sends, is not taken for a line end).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BOUNDARY = re.compile(rb"\n\r?\n")


def complete_length(buffer: bytes | bytearray) -> int:
    """Length of the part of ``buffer`` made of whole events; 0 when none is whole."""
    plain = buffer.rfind(b"\n\n")
    carriage = buffer.rfind(b"\n\r\n")
    return max(plain + 2 if plain >= 0 else 0, carriage + 3 if carriage >= 0 else 0)


def events(buffer: bytes) -> Iterator[bytes]:
    """Whole events with their closing blank line; a rest without one comes last."""
    start = 0
    for boundary in _BOUNDARY.finditer(buffer):
        yield buffer[start : boundary.end()]
        start = boundary.end()
    if start < len(buffer):
        yield buffer[start:]


def data(event: bytes) -> bytes:
    """The event's data: its `data:` lines joined by LF; empty when it has none."""
    if event.startswith(b"data:") and event.count(b"\n") == 2 and event.endswith(b"\n\n"):
        return event[5:-2].removeprefix(b" ")
    lines = [
        line[5:].removeprefix(b" ")
        for line in event.replace(b"\r\n", b"\n").split(b"\n")
        if line.startswith(b"data:")
    ]
    return lines[0] if len(lines) == 1 else b"\n".join(lines)


def data_lines(buffer: bytes) -> int:
    """How many `data:` lines stand in whole events; content cannot hold a raw line break."""
    return buffer.count(b"\ndata:") + buffer.startswith(b"data:")
