"""The connections to one origin.

Owns reuse, the bound on connections and the queue of calls waiting for one. Does not speak HTTP.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from faregate.wire.call import Call
from faregate.wire.client_connection import ClientConnection
from faregate.wire.connector import Connector
from faregate.wire.failures import ClientClosedError, QueueFullError, WireError
from faregate.wire.origin import Origin
from faregate.wire.sweeper import NEVER, Sweeper


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Bounds for each origin. ``keep_seconds`` is how long an idle connection is kept, unless the
    peer asks for less; short, because a peer that closes as we write cannot be told from one that
    closes after reading."""

    connections: int = 1024
    waiting: int = 4096
    keep_seconds: float = 15.0


class Pool:
    """Gives each call a connection: an idle one, a new one, or the next to come free."""

    def __init__(self, origin: Origin, connector: Connector, sweeper: Sweeper, limits: PoolLimits) -> None:
        self.origin = origin
        self._connector = connector
        self._sweeper = sweeper
        self._limits = limits
        self._idle: list[ClientConnection] = []
        self._open: set[ClientConnection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._waiting: dict[Call, None] = {}
        self._closed = False
        self._retired = False

    @property
    def open_connections(self) -> int:
        """How many connections stand, idle or busy."""
        return len(self._open)

    @property
    def is_empty(self) -> bool:
        """Whether no connection stands or is under way."""
        return not self._open and not self._connecting

    def submit(self, call: Call) -> None:
        """Send ``call`` out now if a connection is idle, else as soon as one is there."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            # The coarse present moved: it has been idle for a while, so look before writing.
            if connection.idle_since != self._sweeper.base and connection.peer_has_closed():
                connection.close()
                continue
            connection.carry(call)
            return
        self._wait(call)

    def retire(self) -> None:
        """Keep no connection any more: idle ones close now, busy ones after their call."""
        self._retired = True
        for connection in tuple(self._idle):
            connection.close()

    def close(self) -> None:
        """Close every connection; calls in flight and waiting fail with ClientClosedError."""
        self._closed = True
        for task in tuple(self._connecting):
            task.cancel()
        for call in tuple(self._waiting):
            self._withdraw(call)
            call.fail(ClientClosedError("the client was closed", sent=False))
        for connection in tuple(self._open):
            connection.close()

    def _wait(self, call: Call) -> None:
        if self._closed:
            call.fail(ClientClosedError("the client was closed", sent=False))
            return
        if len(self._waiting) - len(self._connecting) >= self._limits.waiting:
            call.fail(QueueFullError(f"{self.origin.host_and_port}: the queue is full", sent=False))
            return
        self._waiting[call] = None
        call.withdraw = self._withdraw
        call.deadline = self._sweeper.base + call.limits.connect_seconds
        self._sweeper.watch(call)
        self._connect_more(call.limits.connect_seconds)

    def _withdraw(self, call: Call) -> None:
        self._waiting.pop(call, None)
        call.withdraw = None
        call.deadline = NEVER
        self._sweeper.forget(call)

    def _connect_more(self, seconds: float) -> None:
        """As many connections under way as calls wait, within the bound."""
        standing = len(self._open) + len(self._connecting)
        if len(self._connecting) < len(self._waiting) and standing < self._limits.connections:
            task = asyncio.get_running_loop().create_task(self._connect(seconds))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _connect(self, seconds: float) -> None:
        connection: ClientConnection | None = None
        failure: WireError | None = None
        try:
            connection = await self._connector.connect(
                self.origin, lambda: ClientConnection(self._sweeper, self._freed, self.submit), seconds
            )
        except WireError as error:
            failure = error
        task = asyncio.current_task()
        if task is not None:
            self._connecting.discard(task)
        if connection is not None:
            self._open.add(connection)
            self._freed(connection, True)
        elif failure is not None and self._waiting:  # any of them: they all want the same peer
            call = next(iter(self._waiting))
            self._withdraw(call)
            call.fail(failure)
            if self._waiting:
                self._connect_more(seconds)

    def _freed(self, connection: ClientConnection, reusable: bool) -> None:
        """A connection finished its call, was just opened, or is gone."""
        if self._closed and reusable:
            connection.close()
            return
        if not reusable:
            self._open.discard(connection)
            if connection in self._idle:
                self._idle.remove(connection)
            if self._waiting:
                self._connect_more(next(iter(self._waiting)).limits.connect_seconds)
            return
        if self._waiting:
            call = next(iter(self._waiting))
            self._withdraw(call)
            connection.carry(call)
            return
        if self._retired:
            connection.close()
            return
        keep = self._limits.keep_seconds
        if connection.keep_seconds is not None:
            keep = min(keep, connection.keep_seconds)
        connection.idle_since = self._sweeper.base
        connection.deadline = self._sweeper.base + keep
        self._idle.append(connection)
