"""Flushing: making what was appended durable, in a worker thread, many waits with one sync.

Owns who waits for the disk and tells them. Appends nothing.
"""

from __future__ import annotations

import asyncio

from faregate.app.group_commit import Work
from faregate.app.store_port import Store


class Flusher:
    """``start`` before use, ``stop`` after, both in one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._flush_for_ever())

    async def stop(self) -> None:
        """Flush once more and end."""
        self._stopping = True
        if self._task is not None:
            self._wake.set()
            await self._task

    def want(self) -> None:
        """Something was appended: flush soon."""
        self._wake.set()

    def durable(self) -> asyncio.Future[None]:
        """Done once everything appended before this call survives the loss of power."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._wake.set()
        if self._stopping and (self._task is None or self._task.done()):
            self.start()
        return future

    def tell_when_durable(self, work: Work) -> None:
        """Tell the caller of ``work`` once everything appended before this call survives the loss of power."""

        def flushed(future: asyncio.Future[None]) -> None:
            problem = asyncio.CancelledError() if future.cancelled() else future.exception()
            if problem is not None:
                work.fail(problem)
            else:
                work.tell()

        self.durable().add_done_callback(flushed)

    async def _flush_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._store.flush)
            except Exception as problem:  # noqa: BLE001 - handed to whoever waits
                for future in waiting:
                    if not future.done():
                        future.set_exception(problem)
            else:
                for future in waiting:
                    if not future.done():
                        future.set_result(None)
            if self._stopping and not self._waiting:
                return
