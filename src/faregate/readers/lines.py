"""A file as lines of bytes, a block of them at a time, whatever its size.

Owns reading by blocks, the longest line that is read, and the numbering. Does not know what a line says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

BLOCK_BYTES = 1 << 17
"""What stays in a core's own cache between being read and being searched: a megabyte costs a tenth more."""
LONGEST_LINE = 64 << 20
"""Longer lines are left out: no tool writes them, and each would have to be held whole."""


def windows(
    source: IO[bytes], block_bytes: int = BLOCK_BYTES, longest: int = LONGEST_LINE
) -> Iterator[tuple[bytearray, int] | None]:
    """(buffer, end): the bytes before ``end`` are whole lines, each with its newline; None for a line left out as too
    long. The same buffer is filled again and again: be done with it before asking for the next."""
    buffer = bytearray(block_bytes)
    filled, dropping = 0, False
    while True:
        if filled == len(buffer):
            if filled > longest:
                filled, dropping = 0, True
            else:
                buffer.extend(bytes(filled))
        with memoryview(buffer) as whole, whole[filled:] as free:
            count = source.readinto(free)  # type: ignore[attr-defined]
        if not count:
            break
        begin = 0
        if dropping:
            begin = buffer.find(b"\n", 0, count) + 1
            if not begin:
                continue
            dropping = False
            yield None
        end = buffer.rfind(b"\n", max(begin, filled), filled + count) + 1
        filled += count
        if end or begin:
            if begin:
                del buffer[:begin]
                buffer.extend(bytes(begin))
                end, filled = max(0, end - begin), filled - begin
            if end:
                yield buffer, end
                rest = filled - end
                buffer[:rest] = buffer[end:filled]
                filled = rest
    if dropping:
        yield None
    elif filled:
        del buffer[filled:]
        buffer.extend(b"\n")
        yield buffer, filled + 1


def blocks_of_lines(
    source: IO[bytes], block_bytes: int = BLOCK_BYTES, longest: int = LONGEST_LINE
) -> Iterator[tuple[int, list[bytes | None]]]:
    """(number of the first line, lines) for each block; a line that is too long is None. Empty lines are there too.

    The last line needs no newline at its end.
    """
    number = 1
    open_parts: list[bytes] = []
    open_bytes = 0
    too_long = False
    while block := source.read(block_bytes):
        cut = block.rfind(b"\n")
        if cut < 0:
            open_bytes += len(block)
            if open_bytes > longest:
                too_long, open_parts = True, []
            if not too_long:
                open_parts.append(block)
            continue
        lines: list[bytes | None] = [*block[:cut].split(b"\n")]
        if too_long or open_bytes + len(lines[0] or b"") > longest:
            lines[0] = None
        elif open_parts:
            lines[0] = b"".join((*open_parts, lines[0] or b""))
        yield number, lines
        number += len(lines)
        rest = block[cut + 1 :]
        open_parts, open_bytes, too_long = ([rest] if rest else []), len(rest), False
    if open_bytes:
        yield number, [None if too_long else b"".join(open_parts)]
