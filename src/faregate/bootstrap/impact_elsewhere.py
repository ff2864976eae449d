"""The impact port's replay, in a process of its own, so that whoever serves is not kept from serving.

Owns that process, how long it may take, and that there is one at a time. What it does stands in impact.py.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from faregate.app.impact_port import ImpactBusy, ImpactFailed, ImpactTooLarge
from faregate.app.publishing import Publishing
from faregate.planfile import load_family
from faregate.ratecards import NoRate

log = logging.getLogger("faregate")

PROCESS = "faregate.bootstrap.impact_process"
MOST_SECONDS = 55
"""For as long a call may take: what stands in between often gives up after a minute."""


class ImpactElsewhere:
    """The port's replay over the journal of ``database``, one at a time, each in a process of its own."""

    def __init__(
        self, database: str, price_files: Iterable[Path], publishing: Publishing, now: Callable[[], int]
    ) -> None:
        self._job = {"database": database, "price_files": [str(path) for path in price_files]}
        self._publishing, self._now = publishing, now
        self._busy = False

    async def __call__(self, document: str, days: int, currency: str | None) -> dict[str, Any]:
        if self._busy:
            raise ImpactBusy
        self._busy = True
        try:
            now = self._now()
            await asyncio.to_thread(self._check, document, now)
            job = {**self._job, "document": document, "days": days, "currency": currency, "now": now}
            return _answer(await _worked(json.dumps(job).encode()))
        finally:
            self._busy = False

    def _check(self, document: str, now: int) -> None:
        """Raises what publishing the document would."""
        self._publishing.shelf([load_family(document, file="document")], now)


async def _worked(job: bytes) -> bytes:
    """What the process makes of ``job``. It does not outlive the call."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", PROCESS, stdin=-1, stdout=-1, stderr=-1
    )
    try:
        answer, errors = await asyncio.wait_for(process.communicate(job), MOST_SECONDS)
    except TimeoutError as problem:
        raise ImpactTooLarge(f"not done after {MOST_SECONDS} seconds") from problem
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log.error("the replay of a proposed plan failed: %s", errors.decode(errors="replace"))
        raise ImpactFailed
    return answer


def _answer(told: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(told)
    if "no_rate" in read:
        raise NoRate(*read["no_rate"])
    if "too_large" in read:
        raise ImpactTooLarge(read["too_large"])
    answer: dict[str, Any] = read["answer"]
    return answer
