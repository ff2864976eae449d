"""Listening, and ending well.

Owns the listening sockets, the set of connections and the graceful drain. Does not parse.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import partial

from faregate.wire.exchange import Headers
from faregate.wire.headers import status_line
from faregate.wire.request_reader import ServerLimits
from faregate.wire.server_connection import Handler, Refuser, ServerConnection
from faregate.wire.sweeper import Sweeper


def plain_refusal(status: int, path: bytes) -> tuple[Headers, bytes]:
    """The reason phrase as text: what a server without dialects says."""
    return ((b"content-type", b"text/plain"),), status_line(status)[9:]


class Server:
    """Serves ``handler`` on as many sockets as asked for.

    ``refuser`` words the errors of requests that never reach the handler.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        limits: ServerLimits | None = None,
        refuser: Refuser = plain_refusal,
        sweep_seconds: float = 0.25,
    ) -> None:
        self.handler = handler
        self.refuser = refuser
        self.limits = limits or ServerLimits()
        self.sweeper = Sweeper(asyncio.get_running_loop(), sweep_seconds)
        self.connections: set[ServerConnection] = set()
        self.draining = False
        self._listeners: list[asyncio.Server] = []
        self._emptied: asyncio.Event = asyncio.Event()

    async def listen(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        backlog: int = 4096,
        listener: socket.socket | None = None,
    ) -> int:
        """Bind and accept; port 0 takes a free one. Returns the port bound. Raises OSError.

        ``listener``: accept on this socket, which listens already, in place of binding one.
        """
        loop = asyncio.get_running_loop()
        accept = partial(ServerConnection, self)
        if listener is not None:
            server = await loop.create_server(accept, sock=listener, ssl=tls, backlog=backlog)
        else:
            server = await loop.create_server(accept, host, port, ssl=tls, backlog=backlog)
        self._listeners.append(server)
        return int(server.sockets[0].getsockname()[1])

    def forget(self, connection: ServerConnection) -> None:
        """``connection`` is lost."""
        self.connections.discard(connection)
        if not self.connections:
            self._emptied.set()

    async def close(self, grace_seconds: float = 30.0) -> None:
        """Stop accepting, let standing responses end, then reset what is left after the grace."""
        self.draining = True
        for listener in self._listeners:
            listener.close()
        for connection in tuple(self.connections):
            connection.drain()
        await self._wait_until_empty(grace_seconds)
        for connection in tuple(self.connections):
            connection.abort()
        await self._wait_until_empty(1.0)
        self.sweeper.close()

    async def _wait_until_empty(self, seconds: float) -> None:
        self._emptied.clear()
        if not self.connections:
            return
        try:
            await asyncio.wait_for(self._emptied.wait(), seconds)
        except TimeoutError:
            return
