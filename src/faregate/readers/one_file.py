"""One log, read by its tool's reader, whatever goes wrong with it.

Owns which reader reads what, and that no file, however broken, ends a reading.
"""

from __future__ import annotations

from collections.abc import Callable
from io import FileIO, RawIOBase
from typing import IO, NamedTuple, cast

from faregate.readers import claude_code
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.copies import Fork
from faregate.readers.lines import LONGEST_LINE
from faregate.readers.log_file import CLAUDE_CODE, CODEX, CSV, OPENCODE, USAGE_LINES, LogFile
from faregate.readers.records import Records

Step = Callable[[int], None]
"""Called with the bytes read since the last call."""


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
    """The same, by the tool's reader. Most people have logs of Claude Code: other readers are loaded where they are
    needed."""
    path, records, broken = log.path, reading.records, reading.broken
    if log.tool == OPENCODE and path.suffix == ".db":
        from faregate.readers import opencode

        opencode.read_database(path, records, broken)
        step(log.size)
        return reading
    with path.open("rb", buffering=0) as opened:
        source = cast("IO[bytes]", _Counted(opened, step))
        if log.tool == OPENCODE:
            from faregate.readers import opencode

            opencode.read_message(source.read(LONGEST_LINE), path, records)
            return reading
        if log.tool == CODEX:
            from faregate.readers import codex

            return reading._replace(fork=codex.read(source, path, records, broken))
        return reading._replace(repeats=_read_lines(log, source, reading))


def _read_lines(log: LogFile, source: IO[bytes], reading: FileReading) -> int:
    """How many lines of the log repeat a request of it."""
    path, records, broken = log.path, reading.records, reading.broken
    if log.tool == CLAUDE_CODE:
        return claude_code.read(source, path, records, broken)
    if log.tool == CSV:
        from faregate.readers import table

        return table.read(source, path, records, broken)
    if log.tool == USAGE_LINES:
        from faregate.readers import usage_lines

        return usage_lines.read(source, path, records, broken)
    from faregate.readers import chats

    return chats.read(source, path, log.tool, records, broken)


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
