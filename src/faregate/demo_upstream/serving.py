"""The demo upstream on a socket of its own.

Owns starting and stopping it on the running loop. Does not own processes or threads.
"""

from __future__ import annotations

from contextvars import ContextVar

from faregate.demo_upstream.app import DemoUpstream
from faregate.wire.asgi import AsgiBridge
from faregate.wire.exchange import Exchange
from faregate.wire.server import Server

_answering: ContextVar[Exchange] = ContextVar("the exchange that the current task answers")


class ServedUpstream:
    """A demo upstream that listens. ``url`` is its base URL without ``/v1``."""

    def __init__(self, upstream: DemoUpstream, bridge: AsgiBridge, server: Server, url: str) -> None:
        self.upstream = upstream
        self.url = url
        self._bridge = bridge
        self._server = server

    async def close(self) -> None:
        """Stop listening and drop what is still being answered."""
        await self._bridge.stop()
        await self._server.close(grace_seconds=0.0)


def _hang_up() -> None:
    exchange = _answering.get(None)
    if exchange is not None:
        exchange.abort()


async def serve_demo_upstream(upstream: DemoUpstream, host: str = "127.0.0.1", port: int = 0) -> ServedUpstream:
    """Listen on ``host`` and ``port`` (0: a free one). Raises OSError when that cannot be had."""
    bridge = AsgiBridge(upstream)

    def answer(exchange: Exchange) -> None:
        _answering.set(exchange)  # the bridge's task starts with a copy of this context
        bridge(exchange)

    upstream.hang_up = _hang_up
    server = Server(answer)
    await bridge.start()
    bound = await server.listen(host, port)
    return ServedUpstream(upstream, bridge, server, f"http://{host}:{bound}")
