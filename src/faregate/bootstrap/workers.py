"""Several serving processes on one machine: a supervisor and its workers, on one listening socket.

Owns binding the socket, starting the workers, starting dead ones again (later and later when they die young), and
passing signals on: SIGTERM and SIGINT drain all, SIGHUP has all read their configuration. Serves nothing itself.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

LOOK_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
OLD_SECONDS = 30.0
"""A worker that lived so long did not die of its start."""

Serve = Callable[[int, socket.socket], int]
"""What a worker does: its place (0 …) and the socket to accept on; gives its exit code."""

Tell = Callable[[int, int], None]
"""Hears that the worker of a place died, and how (its exit code, negative for a signal)."""


def listening(host: str, port: int, backlog: int = 4096) -> socket.socket:
    """A socket that listens, to be shared by workers. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


class Supervisor:
    """Keeps ``count`` workers running until it is told to stop. For the main thread, before any other is started."""

    def __init__(self, count: int, listener: socket.socket, serve: Serve, tell: Tell) -> None:
        self._count = count
        self._listener = listener
        self._serve = serve
        self._tell = tell
        self._places: dict[int, int] = {}
        self._born: dict[int, float] = {}
        self._pauses: dict[int, float] = {}
        self._due: dict[int, float] = dict.fromkeys(range(count), 0.0)
        self._stopping = False
        # Held open by nobody else: its end tells the workers that there is no supervisor any more.
        self._alive = os.pipe()

    def hear_signals(self) -> None:
        """Obey signals from now on: before anybody is told that this serves."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._pass_on)

    def run(self) -> int:
        """Start the workers and stay until all of them ended after a signal to stop; 0 when all ended well."""
        worst = 0
        while self._places or not self._stopping:
            self._start_due()
            time.sleep(LOOK_SECONDS)
            for place, code in self._reaped():
                if self._stopping:
                    # One that was told to stop before it served anything just ends.
                    worst = max(worst, abs(code) if code != -signal.SIGTERM else 0)
                else:
                    self._mourn(place, code)
        return worst

    def _start_due(self) -> None:
        now = time.monotonic()
        for place in [place for place, due in self._due.items() if due <= now and not self._stopping]:
            del self._due[place]
            self._start(place)

    def _start(self, place: int) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._places[pid] = place
            self._born[pid] = time.monotonic()
            if self._stopping:
                # The signal came before this one was known.
                self._send(signal.SIGTERM)
            return
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            for number in (signal.SIGINT, signal.SIGHUP):  # until it listens to them: Ctrl-C reaches it as well
                signal.signal(number, signal.SIG_IGN)
            if self._stopping:
                # The signal came to this one while it still obeyed as the supervisor does.
                os._exit(0)
            os.close(self._alive[1])
            threading.Thread(target=_end_with, args=(self._alive[0],), daemon=True).start()
            if os.getppid() == parent:
                code = self._serve(place, self._listener)
        finally:
            os._exit(code)

    def _reaped(self) -> Sequence[tuple[int, int]]:
        """(place, exit code) of the workers that ended since the last look."""
        ended: list[tuple[int, int]] = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            if pid in self._places:
                ended.append((self._places.pop(pid), os.waitstatus_to_exitcode(status)))
                self._age(pid, ended[-1][0])

    def _age(self, pid: int, place: int) -> None:
        if time.monotonic() - self._born.pop(pid) > OLD_SECONDS:
            self._pauses.pop(place, None)

    def _mourn(self, place: int, code: int) -> None:
        pause = self._pauses.get(place, FIRST_PAUSE_SECONDS)
        self._pauses[place] = min(2 * pause, LONGEST_PAUSE_SECONDS)
        self._due[place] = time.monotonic() + pause
        self._tell(place, code)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._send(signal.SIGTERM)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._send(signal.SIGHUP)

    def _send(self, number: int) -> None:
        for pid in tuple(self._places):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def _end_with(pipe: int) -> None:
    """Stop this worker in good order when nobody holds the other end of ``pipe`` any more."""
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
