"""The watchdog: connections whose answer does not come are cut.

Owns one thread that looks at the deadlines. A server may be gone without a word (a network that swallows packets, a
machine that froze); then no setting of the server helps, and libpq waits for ever.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOOK_SECONDS = 0.1


class Watchdog:
    """``close`` ends its thread."""

    def __init__(self) -> None:
        self._deadlines: dict[int, tuple[float, socket.socket]] = {}
        self._numbers = itertools.count()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @contextmanager
    def watching(self, link: socket.socket, seconds: float) -> Iterator[None]:
        """Shut ``link`` down when this is not over after ``seconds``: whoever waits on it gets an error then."""
        number = next(self._numbers)
        with self._lock:
            self._deadlines[number] = (time.monotonic() + seconds, link)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._look, name="faregate-postgresql", daemon=True)
                self._thread.start()
        self._wake.set()
        try:
            yield
        finally:
            with self._lock:
                del self._deadlines[number]

    def _look(self) -> None:
        while not self._closed:
            if not self._deadlines:
                self._wake.wait()
                self._wake.clear()
                continue
            now = time.monotonic()
            with self._lock:
                late = [link for deadline, link in self._deadlines.values() if deadline <= now]
            for link in late:
                with suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
            time.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
