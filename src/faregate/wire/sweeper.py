"""Timeouts for very many connections by one coarse timer.

Owns when a deadline is noticed: never early, late by at most two intervals. A timer handle a request
costs more than everything else a request does here. Does not know what a deadline is for.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

NEVER = float("inf")


class Watched(Protocol):
    """Something with a deadline, in the loop's seconds (``NEVER`` for none)."""

    deadline: float

    def on_deadline(self) -> None:
        """The deadline has passed. Called again each sweep until the deadline moves."""


class Sweeper:
    """Looks at every watched object each ``interval_seconds``.

    ``base`` is the coarse present: set ``deadline = sweeper.base + seconds``.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, interval_seconds: float = 0.25) -> None:
        self._loop = loop
        self._interval = interval_seconds
        self._watched: set[Watched] = set()
        self._closed = False
        self.base = loop.time() + interval_seconds
        self._timer = loop.call_later(interval_seconds, self._sweep)

    def watch(self, watched: Watched) -> None:
        """Begin to look at ``watched``."""
        self._watched.add(watched)

    def forget(self, watched: Watched) -> None:
        """Stop looking at ``watched``; nothing happens if it was not watched."""
        self._watched.discard(watched)

    def close(self) -> None:
        """Stop the timer; no deadline is noticed any more."""
        self._closed = True
        self._timer.cancel()
        self._watched.clear()

    def _sweep(self) -> None:
        now = self._loop.time()
        self.base = now + self._interval
        try:
            for watched in [each for each in self._watched if each.deadline <= now]:
                if watched in self._watched:
                    watched.on_deadline()
        finally:
            if not self._closed:
                self._timer = self._loop.call_later(self._interval, self._sweep)
