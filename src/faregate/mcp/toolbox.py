"""All tools that are served, built from the settings, and which of them stand at which address.

Owns making and closing them. Does not know plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from faregate.mcp.ports import Ports
from faregate.mcp.remote_server import PREFIX, RemoteServer
from faregate.mcp.settings import McpSettings
from faregate.mcp.tool import Tool
from faregate.mcp.vision import Vision
from faregate.mcp.web_read import WebRead
from faregate.mcp.web_search import WebSearch
from faregate.wire.client import Client
from faregate.wire.egress import EgressGuard, Resolver, system_resolver
from faregate.wire.fetching import Fetcher, FetchLimits

ALL: Final = ""
_ADDRESSES: Final = {
    "web-search": "web_search",
    "web-read": "web_read",
    "web-reader": "web_read",
    "vision": "vision",
}
"""Last part of an address -> the one tool that is served there."""


class Toolbox:
    """Make it inside the loop it serves; ``close`` it at the end. ``resolver`` is for tests."""

    def __init__(self, settings: McpSettings, ports: Ports, resolver: Resolver = system_resolver) -> None:
        self._own: dict[str, Tool] = {}
        self._servers = {each.name: RemoteServer(each, ports.clock) for each in settings.servers}
        self._client = Client()
        self._web_read: WebRead | None = None
        guard = EgressGuard(settings.egress, resolver)
        if settings.web_search is not None:
            self._add(WebSearch(settings.web_search, self._client))
        if settings.web_read is not None:
            read = settings.web_read
            self._web_read = WebRead(read, Fetcher(guard, read.user_agent, read.limits), ports.clock)
            self._add(self._web_read)
        if settings.vision is not None:
            vision = settings.vision
            fetcher = Fetcher(guard, "Faregate", FetchLimits(vision.seconds, vision.largest_bytes))
            self._add(Vision(vision, fetcher, ports.upstreams, ports.clock))

    def serves(self, address: str) -> bool:
        """Whether there is anything at ``address``: the last part of a path, ALL for the address of all tools."""
        return address == ALL or address in self._servers or _ADDRESSES.get(address) in self._own

    async def at(self, address: str) -> Sequence[Tool]:
        """The tools served at ``address``."""
        if address in _ADDRESSES:
            tool = self._own.get(_ADDRESSES[address])
            return [] if tool is None else [tool]
        if address != ALL:
            return await self._servers[address].tools() if address in self._servers else []
        found: list[Tool] = list(self._own.values())
        for server in self._servers.values():
            found += await server.tools()
        return found

    async def named(self, name: str, address: str) -> Tool | None:
        """The tool called ``name`` at ``address``."""
        own = self._own.get(name)
        if own is not None:
            return own if address == ALL or _ADDRESSES.get(address) == name else None
        server_name, found, _ = name.partition(PREFIX)
        server = self._servers.get(server_name) if found and address in (ALL, server_name) else None
        listed = await server.tools() if server is not None else []
        return next((tool for tool in listed if tool.name == name), None)

    async def close(self) -> None:
        """Close all connections."""
        if self._web_read is not None:
            await self._web_read.close()
        for server in self._servers.values():
            await server.close()
        await self._client.close()

    def _add(self, tool: Tool) -> None:
        self._own[tool.name] = tool
