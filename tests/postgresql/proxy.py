"""A TCP proxy before a server, for tests: it cuts connections, swallows answers, and stands still when told to."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Proxy:
    """Listens on ``port`` and passes everything to 127.0.0.1:``target``, until told otherwise.

    ``swallow``: the next answer does not come back, and its connection is cut. ``stall``: nothing passes either way.
    ``delay_seconds``: how long each piece of an answer is on its way. ``target`` may move: new connections follow.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay_seconds = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.swallow = threading.Event()
        self.away = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._links: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.away.is_set():
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self.target))
                except ConnectionError:
                    client.close()
                    continue
                self._links += [client, server]
                self._start(self._pump, client, server, False)
                self._start(self._pump, server, client, True)

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                self._running.wait()
                if answers and self.swallow.is_set():
                    self.swallow.clear()
                    break
                if answers and self.delay_seconds:
                    time.sleep(self.delay_seconds)
                sink.sendall(piece)
        for link in (source, sink):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def stall(self) -> None:
        """Let nothing pass."""
        self._running.clear()

    def go_on(self) -> None:
        """Let everything pass again."""
        self._running.set()

    def cut(self) -> None:
        """Break every connection there is."""
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()
        for link in self._links:
            link.close()
