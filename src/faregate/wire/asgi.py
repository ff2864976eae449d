"""An ASGI application behind the same port.

Owns the translation between an exchange and ASGI's http and lifespan messages. Does not do websockets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from faregate.wire.exchange import Exchange
from faregate.wire.headers import Header

logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_FRAMING = frozenset((b"content-length", b"transfer-encoding", b"connection"))


class LifespanError(RuntimeError):
    """The application said that it could not start or stop."""


class AsgiBridge:
    """A server handler that runs ``application`` in a task for each exchange."""

    def __init__(self, application: Application, *, scheme: str = "http") -> None:
        self._application = application
        self._scheme = scheme
        self._tasks: set[asyncio.Task[None]] = set()
        self._lifespan = _Lifespan(application)

    def __call__(self, exchange: Exchange) -> None:
        """Serve ``exchange`` (a wire ``Handler``)."""
        task = asyncio.get_running_loop().create_task(_Cycle(exchange, self._scheme).run(self._application))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def start(self) -> None:
        """Lifespan startup. Raises LifespanError with the application's own message."""
        await self._lifespan.start()

    async def stop(self) -> None:
        """Cancel what still runs, then lifespan shutdown."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._lifespan.stop()


class _Cycle:
    """One http scope."""

    def __init__(self, exchange: Exchange, scheme: str) -> None:
        self._exchange = exchange
        self._scheme = scheme
        self._body_given = False
        self._gone = asyncio.Event()
        self._head: tuple[int, list[Header], int | None] | None = None
        exchange.on_disconnect = self._gone.set

    async def run(self, application: Application) -> None:
        exchange = self._exchange
        try:
            await application(self._scope(), self._receive, self._send)
        except Exception:
            if not exchange.disconnected:
                logger.exception("an ASGI application failed")
        if exchange.finished:
            return
        if exchange.started:
            exchange.abort()
        else:
            exchange.send(500, ((b"content-type", b"text/plain"),), b"Internal Server Error")

    def _scope(self) -> MutableMapping[str, Any]:
        exchange = self._exchange
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.0" if exchange.http_10 else "1.1",
            "method": exchange.method.decode("ascii"),
            "scheme": self._scheme,
            "path": unquote_to_bytes(exchange.path).decode("utf-8", "replace"),
            "raw_path": exchange.path,
            "query_string": exchange.query,
            "root_path": "",
            "headers": list(exchange.headers.items()),
            "client": exchange.peer_address,
            "server": exchange.local_address,
            "state": {},
        }

    async def _receive(self) -> Message:
        if not self._body_given:
            self._body_given = True
            return {"type": "http.request", "body": self._exchange.body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        exchange = self._exchange
        if message["type"] == "http.response.start":
            self._head = _split_head(message)
            return
        if exchange.disconnected:
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if not exchange.started:
            if self._head is None:
                raise RuntimeError("http.response.body before http.response.start")
            status, headers, length = self._head
            if not more and (exchange.method != b"HEAD" or length is None):
                exchange.send(status, headers, body)
                return
            exchange.start(status, headers, length)
        exchange.write(body)
        if more:
            await exchange.drain()
        else:
            exchange.finish()


def _split_head(message: Message) -> tuple[int, list[Header], int | None]:
    """Status, headers without framing, and the content-length the application gave."""
    headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
    lengths = [value for name, value in headers if name == b"content-length"]
    kept = [header for header in headers if header[0] not in _FRAMING]
    return message["status"], kept, int(lengths[0]) if lengths else None


class _Lifespan:
    """The lifespan scope, in a task of its own."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())
        await self._ask("startup")

    async def stop(self) -> None:
        if self._task is None:
            return
        if not self._task.done():
            await self._ask("shutdown")
        await self._task

    async def _ask(self, phase: str) -> None:
        await self._inbox.put({"type": f"lifespan.{phase}"})
        answer = await self._outbox.get()
        if answer["type"] == f"lifespan.{phase}.failed":
            raise LifespanError(answer.get("message", phase))

    async def _run(self) -> None:
        scope: MutableMapping[str, Any] = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": {},
        }
        try:
            await self._application(scope, self._inbox.get, self._outbox.put)
        except Exception:  # the specification's way to say "no lifespan here"
            logger.debug("the application has no lifespan", exc_info=True)
        finally:
            await self._outbox.put({"type": "lifespan.ended"})
