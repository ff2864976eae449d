"""The comparison port, in a process of its own, so that whoever serves is not kept from serving.

Owns that process, how long it may take, that there is one at a time, and how often one address may ask. What it does
stands in comparing.py.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from faregate.app.comparison_port import (
    ComparisonBusy,
    ComparisonFailed,
    ComparisonRefused,
    ComparisonTooLarge,
    Dropped,
)
from faregate.core.instants import MINUTE, SECOND

log = logging.getLogger("faregate")

PROCESS = "faregate.bootstrap.comparing_process"
MOST_SECONDS = 55
"""For as long a call may take: what stands in between often gives up after a minute."""
MOST_OFTEN, A_WHILE = 6, 10 * MINUTE
"""So many comparisons of one address within this time."""
_MOST_ADDRESSES = 10_000
_BUSY_SECONDS = 10


class ComparisonElsewhere:
    """The port over the shipped plans and those of ``plan_files``. ``now`` gives microseconds UTC."""

    def __init__(self, plan_files: Iterable[Path], price_files: Iterable[Path], now: Callable[[], int]) -> None:
        self._job = {
            "plan_files": [str(path) for path in plan_files],
            "price_files": [str(path) for path in price_files],
        }
        self._now = now
        self._busy = False
        self._asked: dict[str, list[int]] = {}

    async def __call__(self, dropped: Dropped) -> dict[str, Any]:
        if self._busy:
            raise ComparisonBusy("another comparison runs in this process", _BUSY_SECONDS)
        now = self._now()
        self._count(dropped.address, now)
        named = {"currency": dropped.currency, "zone": dropped.zone, "language": dropped.language, "now": now}
        self._busy = True
        try:
            return _answer(await _worked(json.dumps(self._job | named).encode() + b"\n" + dropped.logs))
        finally:
            self._busy = False

    def _count(self, address: str, now: int) -> None:
        """Raises ComparisonBusy for an address that asked too often."""
        if len(self._asked) >= _MOST_ADDRESSES:
            self._asked = {each: times for each, times in self._asked.items() if times[-1] > now - A_WHILE}
        times = [at for at in self._asked.get(address, ()) if at > now - A_WHILE]
        if len(times) >= MOST_OFTEN:
            wait = -(-(times[0] + A_WHILE - now) // SECOND)
            raise ComparisonBusy(f"{MOST_OFTEN} comparisons in {A_WHILE // MINUTE} minutes are enough", wait)
        self._asked[address] = [*times, now]


async def _worked(job: bytes) -> bytes:
    """What the process makes of ``job``. It does not outlive the call."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", PROCESS, stdin=-1, stdout=-1, stderr=-1
    )
    try:
        answer, errors = await asyncio.wait_for(process.communicate(job), MOST_SECONDS)
    except TimeoutError as problem:
        raise ComparisonTooLarge(f"not done after {MOST_SECONDS} seconds") from problem
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log.error("a comparison of dropped logs failed: %s", errors.decode(errors="replace"))
        raise ComparisonFailed
    return answer


def _answer(told: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(told)
    if "refused" in read:
        raise ComparisonRefused(read["refused"])
    if "too_large" in read:
        raise ComparisonTooLarge(read["too_large"])
    return read
