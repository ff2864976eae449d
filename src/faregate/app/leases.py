"""Leases: which of the workers that serve one store are alive, and what the dead left open.

Owns this worker's number and its heartbeat, telling requests in flight elsewhere from lost ones, and closing the
holds of the dead: twice, a lease apart, since what a worker sent last may come in after its death. A worker judges
others only after it has itself beaten without a gap for the length of a lease: when the store was away, everybody was
silent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from faregate.app.ids import worker_of
from faregate.app.ledger import Ledger
from faregate.app.lost_holds import closing_lost
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Workers

log = logging.getLogger("faregate")

BEATS_A_LEASE: Final = 5


class Leases:
    """``start`` in the loop of the ledger, then ``stop``. Contains the requests in flight in other living workers."""

    def __init__(self, workers: Workers, number: int) -> None:
        self.number = number
        self.closed: list[tuple[str, str, str]] = []
        """(account, request, released | settled) of every hold of the dead that was closed here."""
        self._workers = workers
        self._lease_seconds = workers.lease_seconds
        self._beat_seconds = workers.lease_seconds / BEATS_A_LEASE
        self._living: frozenset[int] = frozenset({number})
        self._dead: frozenset[int] = frozenset()
        self._judges = False
        self._buried: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None

    def living(self) -> list[int]:
        """Numbers of the workers that are alive, this one among them."""
        return sorted(self._living | {self.number})

    def __contains__(self, request: object) -> bool:
        worker = worker_of(request) if isinstance(request, str) else None
        if worker is None or worker == self.number:
            return False
        return worker in self._living or not self._judges

    def start(self, ledger: Ledger, now: Callable[[], int]) -> None:
        """Begin to beat, and to close what the dead leave."""
        ledger.elsewhere = self
        self._task = asyncio.get_running_loop().create_task(self._beat_for_ever(ledger, now))

    async def stop(self, left_something: bool = False) -> None:
        """Beat no more. What was ``left`` open is closed by the others when the lease has run out."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if not left_something:
            try:
                await asyncio.to_thread(self._workers.dismiss, self.number)
            except StoreError:
                log.warning("the store did not hear that worker %s ends", self.number)

    async def _beat_for_ever(self, ledger: Ledger, now: Callable[[], int]) -> None:
        loop = asyncio.get_running_loop()
        since = last = loop.time()
        while True:
            try:
                living, dead = await asyncio.to_thread(self._workers.beat, self.number)
                moment = loop.time()
                if moment - last > self._lease_seconds / 2:
                    since = moment  # we were silent ourselves
                last = moment
                self._living, self._dead = living, dead - {self.number}
                self._judges = moment - since >= self._lease_seconds
                if self._judges:
                    await self._bury_in_turn(ledger, now, moment)
            except StoreError as problem:
                log.warning("no heartbeat: %s", problem)
                since = loop.time()
                self._judges = False
            except Exception:
                log.exception("what the dead left could not be closed; trying again")
            await asyncio.sleep(self._beat_seconds)

    async def _bury_in_turn(self, ledger: Ledger, now: Callable[[], int], moment: float) -> None:
        """Bury those who died, and a lease later once more; then they are struck off."""
        self._buried = {number: first for number, first in self._buried.items() if number in self._dead}
        new = self._dead - self._buried.keys()
        again = {number for number, first in self._buried.items() if moment - first >= self._lease_seconds}
        if new or again:
            await self.bury(new | again, ledger, now)
        self._buried |= dict.fromkeys(new, moment)
        for number in again:
            await asyncio.to_thread(self._workers.dismiss, number)

    async def bury(self, dead: frozenset[int], ledger: Ledger, now: Callable[[], int]) -> None:
        """Close every hold of the workers ``dead`` by its plan's rule."""
        for account in await asyncio.to_thread(ledger.store.accounts_with_open_holds):
            state = await ledger.fresh(account)
            for request in [request for request in state.holds if worker_of(request) in dead]:
                moment = now()
                how = await ledger.command(account, closing_lost(request, moment, ledger.market), moment)
                if how is not None:
                    self.closed.append((account, request, how))
                    log.warning("worker %s died and left request %s open: %s", worker_of(request), request, how)
