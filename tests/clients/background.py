"""Runs a server in a thread of its own, for clients that block.

Owns the thread and its event loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

Value = TypeVar("Value")


@contextmanager
def in_background(start: Callable[[], AbstractAsyncContextManager[Value]]) -> Iterator[Value]:
    """Enter ``start()`` on a loop in another thread, give its value, and leave it there at the end."""
    started: Future[tuple[Value, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with start() as value:
            started.set_result((value, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=run, name="served-for-clients", daemon=True)
    thread.start()
    value, loop, stop = started.result(timeout=30)
    try:
        yield value
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=30)
