"""What logs said when they were read last: a log that was not touched since need not be read again.

Owns the file in which that is kept, and when a log counts as untouched: it is the same file, of the same size, with
the same instants of its last changes. Kept are times, models, sessions and counts, but nobody's words; what is kept
of a log goes when the log does.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from stat import S_ISREG

import msgspec

from faregate import __version__
from faregate.app.kept_file import HOME, code_of, read_kept, write_kept
from faregate.readers.log_file import OPENCODE, LogFile
from faregate.readers.one_file import FileReading
from faregate.readers.packed import pack, unpack

NAME = "read-logs"
_CODE = ("callers", "readers")
AT_REST_SECONDS = 10
"""A file that was changed less long ago may well change again, and within one tick of the clock."""
_MOST_BYTES = 64 << 20
"""So much is kept, of some 15 gigabytes of logs."""

_Identity = tuple[int, int, int, int, int]


class _Entry(msgspec.Struct, array_like=True, gc=False):
    """``path`` as it was named, which a session may be called by; ``place`` is where that led."""

    path: bytes
    place: bytes
    tool: str
    identity: _Identity
    packed: bytes


_ENTRIES = msgspec.msgpack.Decoder(list[_Entry])


class KeptReadings:
    """What is kept in ``folder``, which is looked into when it is asked for. ``now`` in microseconds UTC."""

    def __init__(self, folder: Path, now: int) -> None:
        self._file = folder / NAME
        self._rested = (now - AT_REST_SECONDS * 1_000_000) * 1_000
        self._identities: dict[bytes, _Identity] = {}
        self._told: dict[bytes, _Entry] = {}
        self._room = _MOST_BYTES
        self._changed = False

    @cached_property
    def _stands_for(self) -> bytes:
        return _stands_for()

    @cached_property
    def _known(self) -> dict[bytes, _Entry]:
        return {entry.path: entry for entry in _entries(self._file, self._stands_for)}

    def find(self, log: LogFile) -> FileReading | None:
        """What the log said, where it is as it was then. To be asked before it is read."""
        # OpenCode's database is more than one file, and its messages are small.
        identity = None if log.tool == OPENCODE else _identity_of(log.path)
        if identity is None:
            return None
        path = os.fsencode(log.path)
        self._identities[path] = identity
        entry = self._known.get(path)
        if entry is None or entry.identity != identity or entry.tool != log.tool:
            return None
        try:
            reading = unpack(entry.packed, log.path)
        except ValueError:
            return None
        self._hold(entry)
        return reading

    def keep(self, log: LogFile, reading: FileReading, packed: bytes | None = None) -> None:
        """Keep what the log said, unless it may be changing, or could not be read. ``packed``: the same, as bytes."""
        path = os.fsencode(log.path)
        identity = self._identities.get(path)
        if identity is None or max(identity[-2:]) > self._rested:
            return
        if any(line.reason == "cannot_read" for line in reading.broken.first):
            return
        packed = pack(reading) if packed is None else packed
        if len(packed) <= self._room:
            self._hold(_Entry(path, os.fsencode(log.path.absolute()), log.tool, identity, packed))
            self._changed = True

    def _hold(self, entry: _Entry) -> None:
        self._room -= len(entry.packed)
        self._told[entry.path] = entry

    def save(self) -> None:
        """Write it down, with what is kept of other logs as long as these are there and untouched. That it cannot be
        written is no failure: all is read again."""
        others = [entry for path, entry in self._known.items() if path not in self._told]
        standing = [entry for entry in others if entry.identity == _identity_of(Path(os.fsdecode(entry.place)))]
        if not self._changed and len(standing) == len(others):
            return
        for entry in standing:
            if len(entry.packed) <= self._room:
                self._hold(entry)
        with suppress(OSError):
            write_kept(self._file, self._stands_for, msgspec.msgpack.encode(list(self._told.values())))


def _entries(file: Path, stands_for: bytes) -> list[_Entry]:
    try:
        content = read_kept(file, stands_for)
        return [] if content is None else _ENTRIES.decode(content)
    except (OSError, msgspec.MsgspecError):
        return []


def _stands_for() -> bytes:
    """A digest of what reads logs, and of how numbers stand in memory here."""
    machine = f"{platform.machine()} {sys.byteorder}"
    told = f"{__version__} {platform.python_version()} {machine}\n{code_of(HOME, _CODE)}"
    return hashlib.sha256(told.encode()).digest()


def _identity_of(path: Path) -> _Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    if not S_ISREG(status.st_mode):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
