"""One log, read by its tool's reader, whatever goes wrong with it.

Owns which reader reads what, and that no file, however broken, ends a reading.
"""

from __future__ import annotations

from collections.abc import Callable
from io import FileIO, RawIOBase
from typing import IO, NamedTuple, cast

from faregate.readers import chats, claude_code, codex, opencode, table, usage_lines
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.copies import Fork
from faregate.readers.lines import LONGEST_LINE
from faregate.readers.log_file import CLAUDE_CODE, CODEX, CSV, OPENCODE, USAGE_LINES, LogFile
from faregate.readers.records import Records

Step = Callable[[int], None]
"""Called with the bytes read since the last call."""

_LINE_READERS = {CLAUDE_CODE: claude_code.read, CSV: table.read, USAGE_LINES: usage_lines.read}


class FileReading(NamedTuple):
    """What one log says: its requests, and how many of its lines repeated one of them."""

    records: Records
    broken: BrokenLines
    repeats: int = 0
    fork: Fork | None = None


def read_file(log: LogFile, step: Step) -> FileReading:
    """Read one log. What cannot be read is counted in ``broken``; nothing is raised."""
    reading = FileReading(Records(), BrokenLines())
    try:
        return _read(log, step, reading)
    except OSError as problem:
        reading.broken.add(log.path, 0, "cannot_read", problem.strerror or str(problem))
    except Broken as problem:
        reading.broken.add(log.path, 0, problem.reason, problem.detail)
    return reading


def _read(log: LogFile, step: Step, reading: FileReading) -> FileReading:
    path, records, broken = log.path, reading.records, reading.broken
    if log.tool == OPENCODE and path.suffix == ".db":
        opencode.read_database(path, records, broken)
        step(log.size)
        return reading
    with path.open("rb", buffering=0) as opened:
        source = cast("IO[bytes]", _Counted(opened, step))
        if log.tool == OPENCODE:
            opencode.read_message(source.read(LONGEST_LINE), path, records)
            return reading
        if log.tool == CODEX:
            return reading._replace(fork=codex.read(source, path, records, broken))
        reader = _LINE_READERS.get(log.tool)
        if reader is None:
            return reading._replace(repeats=chats.read(source, path, log.tool, records, broken))
        return reading._replace(repeats=reader(source, path, records, broken))


class _Counted(RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, source: IO[bytes], step: Step) -> None:
        self._source = source
        self._step = step

    def read(self, size: int = -1, /) -> bytes:
        block = self._source.read(size)
        self._step(len(block))
        return block

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        count = cast("FileIO", self._source).readinto(buffer) or 0
        self._step(count)
        return count
