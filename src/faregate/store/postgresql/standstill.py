"""Standstill: a database that swallows questions is asked by one at a time; everybody else is told at once.

Owns knowing whether the database answers. Without it each of a hundred callers would find out for itself, a few at a
time, and the last of them when minutes have passed. A refusal of the server is an answer; so is a connection refused.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

import psycopg

from faregate.app.store_errors import StoreUnreachable

WAIT_SECONDS = 0.25
"""How long the others wait for the one that asks."""


class Standstill:
    """For any thread. ``slow_seconds``: a question that failed after so long was swallowed."""

    def __init__(self, where: str, slow_seconds: float) -> None:
        self._where = where
        self._slow_seconds = slow_seconds
        self._standing = False
        self._asked = False
        self._news = Condition()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask within. Raises StoreUnreachable, at once or soon, while another asks a database that stands still."""
        first = self._is_first()
        begun = time.monotonic()
        try:
            yield
        except BaseException as problem:
            swallowed = _is_silence(problem) and time.monotonic() - begun >= self._slow_seconds
            self._tell(self._standing or swallowed if _is_silence(problem) else False, first)
            raise
        if self._standing or first:
            self._tell(False, first)

    def _is_first(self) -> bool:
        """Whether this caller is the one that asks a database that stands still; False where it does not."""
        if not self._standing:
            return False
        in_loop = _holds_a_loop()
        with self._news:
            if in_loop or self._asked:
                if in_loop or not self._news.wait_for(self._answers, WAIT_SECONDS):
                    raise StoreUnreachable(self._where, "it does not answer")
                return False
            self._asked = True
        return True

    def _answers(self) -> bool:
        return not self._standing

    def _tell(self, standing: bool, first: bool) -> None:
        with self._news:
            self._standing = standing
            if first:
                self._asked = False
            self._news.notify_all()


def _is_silence(problem: BaseException) -> bool:
    return isinstance(problem, psycopg.OperationalError) and problem.sqlstate is None


def _holds_a_loop() -> bool:
    """Whether an event loop waits for this thread: it must not wait for what may not come."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
