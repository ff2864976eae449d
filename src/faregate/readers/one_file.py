"""One log, read by its tool's reader, whatever goes wrong with it.

Owns which reader reads what, and that no file, however broken, ends a reading.
"""

from __future__ import annotations

from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import IO, NamedTuple, Protocol, cast

from faregate.readers import claude_code
from faregate.readers.broken_line import BrokenLines
from faregate.readers.copies import Fork
from faregate.readers.log_file import CLAUDE_CODE, LogFile
from faregate.readers.records import Records

Step = Callable[[int], None]
"""Called with the bytes read since the last call."""


class FileReading(NamedTuple):
    """What one log says: its requests, and how many of its lines repeated one of them."""

    records: Records
    broken: BrokenLines
    repeats: int
    fork: Fork | None = None


class _LineReader(Protocol):
    def __call__(self, source: IO[bytes], path: Path, records: Records, broken: BrokenLines) -> int: ...


_LINE_READERS: dict[str, _LineReader] = {CLAUDE_CODE: claude_code.read}


def read_file(log: LogFile, step: Step) -> FileReading:
    """Read one log. What cannot be read is counted in ``broken``; nothing is raised."""
    records, broken = Records(), BrokenLines()
    repeats, fork = 0, None
    try:
        with log.path.open("rb", buffering=0) as source:
            repeats = _LINE_READERS[log.tool](cast("IO[bytes]", _Counted(source, step)), log.path, records, broken)
    except OSError as problem:
        broken.add(log.path, 0, "cannot_read", problem.strerror or type(problem).__name__)
    return FileReading(records, broken, repeats, fork)


class _Counted(RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, source: IO[bytes], step: Step) -> None:
        self._source = source
        self._step = step

    def read(self, size: int = -1, /) -> bytes:
        block = self._source.read(size)
        self._step(len(block))
        return block
