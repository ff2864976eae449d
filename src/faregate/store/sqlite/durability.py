"""Making committed transactions durable, away from the thread that commits, and keeping the WAL short.

Owns the descriptor on the WAL file and the checkpoints. Why this is sound: a commit has written its frames to the WAL
when it returns; SQLite replays a WAL up to the last whole commit whose frames are all there; so once the file is
synced, everything committed before is found again, and never half of it. A checkpoint syncs the WAL before it copies
pages into the database and the database after, so frames that leave the WAL are durable as well. While a connection
of ours is open nobody deletes the WAL or puts another in its place (checked at every sync nevertheless).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import apsw

from faregate.app.store_errors import StoreBroken, StoreError
from faregate.store.sqlite.failures import translated
from faregate.store.sqlite.file import open_checkpointer

CHECKPOINT_FRAMES = 4_000
"""After how many new WAL frames (4 KiB pages) a flush copies pages into the database: 16 MiB."""

RESTART_FRAMES = 16_000
"""WAL frames from which the writer is held up for the last pages, so that the WAL starts again: 64 MiB."""


def _sync_function() -> Callable[[int], None]:
    """What makes a file's data durable here. On macOS only F_FULLFSYNC reaches the disk itself."""
    if sys.platform == "darwin":
        import fcntl

        return lambda descriptor: _full_fsync(fcntl, descriptor)
    return os.fdatasync


def _full_fsync(fcntl: object, descriptor: int) -> None:
    fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # type: ignore[attr-defined]


class Durability:
    """Syncs and checkpoints for one writer connection.

    ``frames`` is the length of the WAL, kept by the writer's hook; ``fault`` is the last failure of a checkpoint (the
    journal in the WAL is safe then, but the WAL grows), None when the last one passed.
    """

    def __init__(self, path: Path, writer: apsw.Connection, writing: Lock) -> None:
        self.path = path
        self.frames = 0
        self.fault: StoreError | None = None
        self._copied = 0  # frames of the present WAL that are in the database already
        self._writing = writing
        self._flushing = Lock()
        self._broken: StoreBroken | None = None
        self._sync: Callable[[int], None] = _sync_function()
        self._wal = Path(f"{path}-wal")
        writer.execute("SELECT 1 FROM sqlite_schema").fetchall()  # makes the WAL if there is none yet
        writer.set_wal_hook(self._count)
        self._descriptor = os.open(self._wal, os.O_RDWR)
        self._inode = os.fstat(self._descriptor).st_ino
        self._checkpointer = open_checkpointer(path)
        self._sync_folder()

    def _count(self, _connection: apsw.Connection, _database: str, frames: int) -> int:
        self.frames = frames
        return 0

    def _sync_folder(self) -> None:
        """Make the names of new files durable."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def check(self) -> None:
        """Raise StoreBroken once a sync has failed: what the system then still has in memory cannot be trusted."""
        if self._broken is not None:
            raise self._broken

    def flush(self) -> None:
        """Make every commit before the call durable; checkpoint when the WAL has grown long."""
        with self._flushing:
            self.check()
            try:
                if self._wal.stat().st_ino != self._inode:
                    raise OSError("the WAL file beside it was replaced")
                self._sync(self._descriptor)
            except OSError as error:
                problem = f"writes could not be made durable ({error}); stop, look at the disk, start again"
                self._broken = StoreBroken(str(self.path), problem)
                raise self._broken from error
            fresh = self.frames - self._copied if self.frames >= self._copied else self.frames
            if fresh >= CHECKPOINT_FRAMES:
                self._checkpoint()

    def _checkpoint(self) -> None:
        """Copy pages into the database while the writer goes on; if the WAL is long past due, hold it for the rest.

        The writer starts the WAL again by itself when it finds everything copied.
        """
        try:
            self._passive()
            if self.frames >= RESTART_FRAMES:
                with self._writing:
                    self._passive()
            self.fault = None
        except apsw.BusyError:
            return  # another process is at it
        except apsw.Error as error:
            self.fault = translated(error, str(self.path))

    def _passive(self) -> None:
        _, self._copied = self._checkpointer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def close(self) -> None:
        """Let go of the files. Closing the last connection checkpoints, so the descriptor goes first."""
        os.close(self._descriptor)
        self._checkpointer.close()
