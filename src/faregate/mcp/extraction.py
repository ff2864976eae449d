"""From a page's bytes to the text worth reading, without the event loop waiting for it.

Owns the processes that take pages apart (``extraction_worker``): starting them when they are needed, bounding
the time of each page, and ending them. Fetches nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Final

import msgspec

from faregate.mcp.extraction_worker import SIZE, Ask, Extracted, decoded
from faregate.mcp.tool import BackEndFailure

_MARKUP: Final = frozenset(("text/html", "application/xhtml+xml"))
_WORKERS: Final = 2
_KEPT: Final = ("PATH", "PYTHONPATH", "LANG")
_COMMAND: Final = (sys.executable, "-m", "faregate.mcp.extraction_worker")


class Extraction:
    """Takes pages apart, a few at a time, none for longer than ``seconds``. ``close`` at the end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._free = asyncio.Semaphore(_WORKERS)
        self._idle: list[Process] = []
        self._all: set[Process] = set()

    async def text_of(self, body: bytes, kind: str, charset: str, url: str) -> Extracted:
        """The text of a page in Markdown; other texts as they are. Raises BackEndFailure."""
        if kind not in _MARKUP:
            return Extracted("", decoded(body, charset).strip())
        try:
            # Waiting for others' pages is no fault of this one.
            async with self._free, asyncio.timeout(self._seconds):
                return await self._asked(Ask(body, charset, url))
        except (TimeoutError, EOFError, ConnectionError):
            raise BackEndFailure("page_too_complex", "The page is too complex to be read.") from None

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(self._end(worker) for worker in tuple(self._all)))

    async def _asked(self, asked: Ask) -> Extracted:
        worker = self._idle.pop() if self._idle else await self._started()
        assert worker.stdin is not None, "it was started with one"
        assert worker.stdout is not None, "it was started with one"
        try:
            told = msgspec.msgpack.encode(asked)
            worker.stdin.write(SIZE.pack(len(told)) + told)
            await worker.stdin.drain()
            size = SIZE.unpack(await worker.stdout.readexactly(SIZE.size))[0]
            answer = msgspec.msgpack.decode(await worker.stdout.readexactly(size), type=Extracted)
        except BaseException:
            # In the middle of a page: no other could be told from it.
            await self._end(worker)
            raise
        self._idle.append(worker)
        return answer

    async def _started(self) -> Process:
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        worker = await asyncio.create_subprocess_exec(*_COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environ)
        self._all.add(worker)
        return worker

    async def _end(self, worker: Process) -> None:
        self._all.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if worker.returncode is None:
            worker.kill()
        await worker.wait()
