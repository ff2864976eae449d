"""The demo upstream on a socket of its own.

Owns starting and stopping it on the running loop. Does not own processes or threads.
"""

from __future__ import annotations

from faregate.demo_upstream.app import DemoUpstream
from faregate.wire.asgi import AsgiBridge
from faregate.wire.server import Server


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


async def serve_demo_upstream(upstream: DemoUpstream, host: str = "127.0.0.1", port: int = 0) -> ServedUpstream:
    """Listen on ``host`` and ``port`` (0: a free one). Raises OSError when that cannot be had."""
    bridge = AsgiBridge(upstream)
    server = Server(bridge)
    await bridge.start()
    bound = await server.listen(host, port)
    return ServedUpstream(upstream, bridge, server, f"http://{host}:{bound}")
