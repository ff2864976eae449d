"""Upstream answers whose client has gone: read on for the usage, within bounds.

Owns the bounds and the cutting off. What is charged in the end is the hold's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from faregate.gate.counters import Counters


@dataclass(frozen=True, slots=True)
class DrainLimits:
    """``seconds`` and ``bytes`` bound one drain, ``concurrent`` all at a time."""

    seconds: float = 60.0
    bytes: int = 16 * 1024 * 1024
    concurrent: int = 256


class Drained(Protocol):
    """An answer being drained."""

    def cut_drain(self) -> None:
        """The bounds are reached: stop reading and close the hold by what was seen."""


class Drains:
    """The drains under way."""

    def __init__(self, limits: DrainLimits, counters: Counters) -> None:
        self.limits = limits
        self._counters = counters
        self._timers: dict[Drained, asyncio.TimerHandle] = {}

    def begin(self, drained: Drained) -> bool:
        """Let ``drained`` read on; False when too many do already."""
        if len(self._timers) >= self.limits.concurrent:
            return False
        loop = asyncio.get_running_loop()
        self._timers[drained] = loop.call_later(self.limits.seconds, drained.cut_drain)
        self._counters.draining = len(self._timers)
        return True

    def end(self, drained: Drained) -> None:
        """``drained`` has come to its end."""
        timer = self._timers.pop(drained, None)
        if timer is not None:
            timer.cancel()
            self._counters.draining = len(self._timers)

    def cut_all(self) -> None:
        """The service ends: nothing is read on for."""
        for drained in tuple(self._timers):
            drained.cut_drain()
