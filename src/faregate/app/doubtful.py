"""Doubtful: what a store that went away may have taken in, or not.

Owns two questions. A hold whose append failed may be in the journal nevertheless, or come to be there late, with
nobody to close it: it is given back as soon as the store shows it. A settlement that failed may be in as well: when
it is tried again, its hold is gone, and that is no fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from faregate.app.group_commit import Work
from faregate.app.store_errors import StoreError
from faregate.core.errors import UnknownHold

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
LATE_SECONDS = 30.0
"""For how long after the store answers again an append that was cut off may still go in there."""

Release = Callable[[str, str, int, str], asyncio.Future[Any]]
"""Gives a hold back: account, request, microseconds UTC, reason."""


class Doubtful:
    """Asks by ``release``, in the loop of the ledger."""

    def __init__(self, release: Release, late_seconds: float = LATE_SECONDS) -> None:
        self._release = release
        self._late_seconds = late_seconds
        self._closings: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, work: Work) -> None:
        """The append of ``work`` failed."""
        if work.closes is not None:
            self._closings.add(work.closes)
        if work.opens is not None:
            task = asyncio.get_running_loop().create_task(self._give_back(work.account, work.opens, work.now))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def was_closed(self, request: str) -> bool:
        """Whether a hold that is not open may be closed by an append that was thought to have failed."""
        if request in self._closings:
            self._closings.discard(request)
            return True
        return False

    @property
    def waiting(self) -> bool:
        """Whether a hold may be open that nobody knows of."""
        return bool(self._tasks)

    async def _give_back(self, account: str, request: str, now: int) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE_SECONDS
        away = loop.time()
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            try:
                await self._release(account, request, now, "not_admitted")
            except UnknownHold:
                if loop.time() - away >= self._late_seconds:
                    return  # it never went in
            except StoreError:
                away = loop.time()
            else:
                return

    async def stop(self) -> None:
        """Ask no more; what is left is closed when its worker is found dead."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
