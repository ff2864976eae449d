"""The spool: entries that were made while the books were away, on this machine's disk until they are booked.

Owns a file of one worker: appending to it, synced before anybody relies on it, and finding the files of workers that
ended. A lock tells the living from the dead. Each line is the checksum of a piece and the piece as JSON, so that a
line that was torn off, or is damaged, is known for what it is. Books nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from faregate.app.catalogue_port import Receipt
from faregate.app.store_errors import StoreError
from faregate.core.entry import Entry

log = logging.getLogger("faregate")

SUFFIX: Final = ".spool"
DAMAGED: Final = ".damaged"
_CHECKSUM_CHARACTERS = 9


class SpoolUnusable(StoreError):
    """The folder for what is decided while the books are away cannot be written."""

    code = "grace_folder_unusable"


class Piece(NamedTuple):
    """Entries of one account, in order. ``base``: the last seq that the store was known to have of it.

    ``receipts`` go with the entries of their keys.
    """

    account: str
    base: int
    entries: list[Entry]
    receipts: dict[str, Receipt]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Piece).decode


def line_of(piece: Piece) -> bytes:
    """A piece as a line of a spool. Raises TypeError when its data holds something JSON has no word for."""
    body = _encode(piece)
    return b"%08x %b\n" % (crc32(body), body)


def pieces_in(content: bytes) -> tuple[list[Piece], bool]:
    """The pieces of a spool, and whether that is all of it but for a last line that was being written."""
    pieces: list[Piece] = []
    lines = content.split(b"\n")
    whole = True
    for line in lines[:-1]:
        piece = _piece_of(line)
        if piece is None:
            whole = False
        else:
            pieces.append(piece)
    return pieces, whole


def _piece_of(line: bytes) -> Piece | None:
    body = line[_CHECKSUM_CHARACTERS:]
    if line[:_CHECKSUM_CHARACTERS] != b"%08x " % crc32(body):
        return None
    try:
        return _decode(body)
    except msgspec.DecodeError:
        return None


class Spool:
    """One worker's file, from its making to ``close``; not for two event loops. Raises SpoolUnusable."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / (name + SUFFIX)
        fresh = folder / (name + ".new")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            # Locked before anybody can find it, so that nobody takes it for that of a dead worker.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fresh.rename(self.path)
            _sync_folder(folder)
        except OSError as problem:
            raise SpoolUnusable(str(folder), f"it cannot be written: {problem.strerror}") from problem
        self._end = 0
        self._broken = False
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "faregate-spool")

    async def keep(self, piece: Piece) -> None:
        """Return when ``piece`` survives the loss of power. Raises SpoolUnusable; then nothing of it is kept."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((line_of(piece), kept))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_all())
        await kept

    async def clear(self) -> None:
        """Everything in it is booked, but for what is kept after this call. Raises SpoolUnusable."""
        if self._writing is not None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._truncate, 0)
        except OSError as problem:
            raise SpoolUnusable(str(self.path), f"it cannot be emptied: {problem.strerror}") from problem

    async def close(self) -> None:
        """Let go of the file; an empty one goes."""
        if self._writing is not None:
            await asyncio.shield(self._writing)
        self._thread.shutdown()
        if self._end == 0:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                content = b"".join(line for line, _ in batch)
                problem: SpoolUnusable | None = None
                try:
                    await loop.run_in_executor(self._thread, self._write, content)
                except OSError as failure:
                    problem = SpoolUnusable(str(self.path), f"it cannot be written: {failure.strerror}")
                for _, kept in batch:
                    if kept.done():
                        continue
                    if problem is None:
                        kept.set_result(None)
                    else:
                        kept.set_exception(problem)
        finally:
            self._writing = None

    def _write(self, content: bytes) -> None:
        if self._broken:
            raise OSError(0, "an earlier write could not be undone")
        try:
            done = 0
            while done < len(content):
                done += os.pwrite(self._file, content[done:], self._end + done)
            os.fsync(self._file)
        except OSError:
            self._undo()
            raise
        self._end += len(content)

    def _undo(self) -> None:
        """Take back what a write that failed left: nobody may find it."""
        try:
            os.ftruncate(self._file, self._end)
            os.fsync(self._file)
        except OSError:
            self._broken = True

    def _truncate(self, end: int) -> None:
        os.ftruncate(self._file, end)
        os.fsync(self._file)
        self._end, self._broken = end, False


class LeftSpool:
    """The spool of a worker that ended, locked, until ``let_go``."""

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self._file = file
        with open(file, "rb", closefd=False) as content:
            self.pieces, self.whole = pieces_in(content.read())

    def booked(self) -> None:
        """All that can be read of it is in the books: it goes, or is laid aside where some of it was damaged."""
        if self.whole:
            self.path.unlink()
        else:
            aside = self.path.with_suffix(DAMAGED)
            self.path.rename(aside)
            log.error("%s: part of it was damaged; the rest is booked, and the file kept to be looked at", aside)

    def let_go(self) -> None:
        """Leave it as it is now to whoever comes."""
        os.close(self._file)


def left_spools(folder: Path) -> Iterator[LeftSpool]:
    """The spools in ``folder`` that no living worker has, oldest first; each is let go when the next is asked for."""
    for path in sorted(folder.glob("*" + SUFFIX), key=_made_at):
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file).st_nlink == 0:
                raise BlockingIOError  # somebody else booked it just now
        except BlockingIOError:
            os.close(file)
            continue
        left = LeftSpool(path, file)
        try:
            yield left
        finally:
            left.let_go()


def _made_at(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:
        return 0.0, path.name


def _sync_folder(folder: Path) -> None:
    """Make the file's name last too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
