"""Reloading: the configuration file read again while the service runs.

Owns when it is read (at SIGHUP, and when the file has changed and then stood still) and what becomes of it: checked
first, taken whole or not at all. What a setting means stands elsewhere.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faregate.bootstrap.serving import Service
from faregate.bootstrap.settings import Settings, SettingsError

POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What became of a reading. ``problem``: why nothing was taken, '' when all was.

    ``changed``: the upstreams that came, went or changed, by name. ``at_start``: settings that differ now, but take
    effect at the next start only.
    """

    problem: str = ""
    changed: tuple[str, ...] = ()
    at_start: tuple[str, ...] = ()


_Fingerprint = tuple[int, int, int]


class Reloading:
    """Reads ``path`` again for ``service`` by ``read`` (raises SettingsError); ``tell`` hears what became of it.

    ``start`` inside the loop of the service, ``stop`` in the same one.
    """

    def __init__(
        self,
        service: Service,
        path: Path,
        read: Callable[[], Settings],
        tell: Callable[[Reloaded], None],
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._service = service
        self._path = path
        self._settings = read
        self._tell = tell
        self._poll_seconds = poll_seconds
        self._asked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._read = self._fingerprint()

    def start(self) -> None:
        """Begin to listen for SIGHUP and to look at the file."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._asked.set)
        self._tasks = [loop.create_task(self._obey()), loop.create_task(self._look())]

    async def stop(self) -> None:
        """Read no more."""
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def reload(self) -> Reloaded:
        """Read the file now; on any mistake all stays as it is."""
        self._read = self._fingerprint()
        try:
            settings = await asyncio.to_thread(self._settings)
        except SettingsError as problem:
            return Reloaded(str(problem))
        changed, at_start = self._service.take(settings)
        return Reloaded("", changed, at_start)

    async def _obey(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            self._tell(await self.reload())

    async def _look(self) -> None:
        """A file is read once it has stood still for a turn: editors write it in pieces."""
        seen = self._read
        while True:
            await asyncio.sleep(self._poll_seconds)
            current = self._fingerprint()
            if current is not None and current == seen and current != self._read:
                self._asked.set()
                self._read = current
            seen = current

    def _fingerprint(self) -> _Fingerprint | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
