"""Patience: every client is told by a known time, whatever the store does.

Owns the deadlines of requests that wait for the books. Who waits too long hears that the books cannot be written;
what the store does with the request afterwards is for whoever hears of it to undo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from faregate.wire.exchange import Exchange

Tell = Callable[[], None]


class Patience:
    """``seconds``: how long a request may wait; 0 for a store that answers in the same turn of the loop.

    All wait equally long: who began first is due first, and one timer serves all.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[Exchange, tuple[float, Tell]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, exchange: Exchange, tell: Tell) -> None:
        """``exchange`` waits from now on, unless it waits already; ``tell`` when it has waited too long."""
        if not self._seconds or exchange in self._waiting:
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + self._seconds
        self._waiting[exchange] = (due, tell)
        if self._timer is None:
            self._timer = loop.call_at(due, self._look)

    def end(self, exchange: Exchange) -> None:
        """It waits no more."""
        self._waiting.pop(exchange, None)

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._waiting:
            exchange, (due, tell) = next(iter(self._waiting.items()))
            if due > now:
                self._timer = loop.call_at(due, self._look)
                return
            del self._waiting[exchange]
            tell()
