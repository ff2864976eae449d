"""Tools over MCP on the service's own port.

Owns putting their door before what else is behind the gate. Imports the protocol only where tools are configured.
"""

from __future__ import annotations

import os

from faregate.app.ids import RequestIds
from faregate.bootstrap.clock import now
from faregate.bootstrap.house import House
from faregate.mcp.settings import McpSettings
from faregate.upstreams.directory import Directory
from faregate.wire.asgi import AsgiBridge
from faregate.wire.exchange import Exchange
from faregate.wire.server_connection import Handler

_PATH = b"/mcp"


class Tools:
    """A running door. ``stop`` after the server has closed."""

    def __init__(self, bridge: AsgiBridge) -> None:
        self._bridge = bridge

    def before(self, behind: Handler) -> Handler:
        """A handler that takes what is for tools and leaves the rest to ``behind``."""
        bridge = self._bridge

        def serve(exchange: Exchange) -> None:
            path = exchange.path
            if path.startswith(_PATH) and path[len(_PATH) :][:1] in (b"", b"/"):
                bridge(exchange)
            else:
                behind(exchange)

        return serve

    async def stop(self) -> None:
        """Let calls end, close the holds and all connections."""
        await self._bridge.stop()


async def open_tools(
    settings: McpSettings | None, house: House, upstreams: Directory, request_ids: RequestIds
) -> Tools | None:
    """Open the door; None where no tools are configured."""
    if settings is None:
        return None
    # A second of imports.
    from faregate.mcp.door import McpDoor
    from faregate.mcp.ports import Ports

    ports = Ports(house.keyring, house.ledger, house.store, upstreams, now, request_ids)
    bridge = AsgiBridge(McpDoor(settings, ports, os.urandom))
    await bridge.start()
    return Tools(bridge)
