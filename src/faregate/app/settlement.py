"""Closing holds: every one exactly once, off the client's path.

Owns the trying again while the books cannot be written, and the waiting for the last ones at the end. What to charge
is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from faregate.app.store_errors import StoreError
from faregate.core.entry import Entry
from faregate.core.usage import Usage

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


Post = Callable[[], asyncio.Future[Any]]


class Counted(Protocol):
    """Counts of whoever holds: ``open`` is how many holds are out, the others rise."""

    open: int
    settled: int
    estimated: int
    released: int
    postings_retried: int


class Books(Protocol):
    """The ledger, as far as holds are closed in it."""

    def settle(
        self, account: str, request: str, usage: Usage, now: int, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Charge ``usage`` on the hold of ``request``."""

    def release(
        self, account: str, request: str, now: int, reason: str, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Give the hold of ``request`` back."""


class _Closing(NamedTuple):
    request: str
    post: Post
    then: Callable[[], None] | None


class Settlement:
    """Settles and releases through the ledger; what the store cannot take now is tried until it can.

    A hold whose closing is lost with the process is closed at the next start by its plan's rule.
    """

    def __init__(
        self, ledger: Books, clock: Callable[[], int], counters: Counted, first_pause_seconds: float
    ) -> None:
        self._first_pause = first_pause_seconds
        self._ledger = ledger
        self._clock = clock
        self._counters = counters
        self._open = 0
        self._idle: asyncio.Future[None] | None = None

    def settle(
        self, account: str, request: str, usage: Usage, facts: dict[str, Any], then: Callable[[], None] | None = None
    ) -> None:
        """Charge ``usage`` on the hold of ``request``; ``then`` is called when that is written, or never will be."""
        self._counters.settled += 1
        if facts.get("estimated"):
            self._counters.estimated += 1
        self._post(request, lambda: self._ledger.settle(account, request, usage, self._clock(), facts), then)

    def release(
        self,
        account: str,
        request: str,
        reason: str,
        then: Callable[[], None] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Give the hold of ``request`` back; ``then`` as in ``settle``."""
        self._counters.released += 1
        self._post(request, lambda: self._ledger.release(account, request, self._clock(), reason, facts), then)

    async def finish(self, seconds: float) -> int:
        """Wait up to ``seconds`` for what is on its way; returns how many are still not written."""
        if self._open:
            self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._idle,), timeout=seconds)
        return self._open

    def _post(self, request: str, post: Post, then: Callable[[], None] | None) -> None:
        self._open += 1
        self._counters.open -= 1
        self._try(_Closing(request, post, then), self._first_pause)

    def _try(self, closing: _Closing, pause: float) -> None:
        try:
            future = closing.post()
        except Exception as problem:  # noqa: BLE001 - one hold that cannot be closed must not stop the others
            self._failed(closing, pause, problem)
            return

        def written(future: asyncio.Future[Any]) -> None:
            problem = asyncio.CancelledError() if future.cancelled() else future.exception()
            if problem is None:
                self._done(closing)
            else:
                self._failed(closing, pause, problem)

        if future.done():
            written(future)
        else:
            future.add_done_callback(written)

    def _failed(self, closing: _Closing, pause: float, problem: BaseException) -> None:
        if not isinstance(problem, StoreError):
            logger.error("the hold of %s could not be closed", closing.request, exc_info=problem)
            self._done(closing)
            return
        logger.warning("the hold of %s is not closed yet: %s", closing.request, problem)
        self._counters.postings_retried += 1
        longer = min(pause * 2, LONGEST_PAUSE_SECONDS)
        asyncio.get_running_loop().call_later(pause, self._try, closing, longer)

    def _done(self, closing: _Closing) -> None:
        self._open -= 1
        if closing.then is not None:
            closing.then()
        if not self._open and self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
