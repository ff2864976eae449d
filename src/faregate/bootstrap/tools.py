"""Tools over MCP on the service's own port.

Owns putting their door before what else is behind the gate. Imports the protocol only where tools are configured.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from faregate.app.ids import RequestIds
from faregate.app.ledger import Ledger
from faregate.app.watch import Watch
from faregate.bootstrap.house import House
from faregate.gate.sender import Network
from faregate.gate.watching import Watching, notices_of
from faregate.mcp.settings import McpSettings
from faregate.upstreams.directory import Directory
from faregate.wire.asgi import AsgiBridge
from faregate.wire.exchange import Exchange
from faregate.wire.server_connection import Handler

_PATH = b"/mcp"


class ToolWatch:
    """The watch for sharing, as tools see it: the gate's rules of whom to believe, and the ledger's accounts."""

    def __init__(self, ledger: Ledger, watch: Watch) -> None:
        self.watching = Watching(watch)
        self._ledger = ledger

    def look(self, account: str, peer: str, headers: Mapping[bytes, bytes], now: int) -> Sequence[bytes]:
        """Show a use of a tool; what each flag says that warns the account's owner."""
        state = self._ledger.standing(account) or self._ledger.current(account, now)
        self.watching.look_at_tool_use(peer, headers, state, now)
        return notices_of(state)


class Tools:
    """A running door. ``stop`` after the server has closed."""

    def __init__(self, bridge: AsgiBridge, watch: ToolWatch) -> None:
        self._bridge = bridge
        self._watch = watch

    def trust(self, proxies: tuple[Network, ...]) -> None:
        """From now on these proxies in front of the gate are believed about addresses."""
        self._watch.watching.proxies = proxies

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
    settings: McpSettings | None,
    house: House,
    upstreams: Directory,
    request_ids: RequestIds,
    watch: Watch,
    clock: Callable[[], int],
    patience_seconds: float | None = None,
) -> Tools | None:
    """Open the door; None where no tools are configured."""
    if settings is None:
        return None
    # A second of imports.
    from faregate.mcp.door import McpDoor
    from faregate.mcp.ports import Ports

    seen = ToolWatch(house.ledger, watch)
    ports = Ports(house.keyring, house.ledger, house.store, upstreams, clock, request_ids, seen, patience_seconds)
    bridge = AsgiBridge(McpDoor(settings, ports, os.urandom))
    await bridge.start()
    return Tools(bridge, seen)
