"""An MCP server of somebody else's, behind the gate: its tools under a prefix, with the operator's credentials.

Owns connecting, the list of its tools for a while, and calling. A call has a connection of its own, so that no two
accounts share a session there. What the server says passes on, but for the operator's secret.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import Implementation
from pydantic import ValidationError

from faregate.core.usage import Usage
from faregate.core.wildcard import matches
from faregate.mcp.ports import Clock
from faregate.mcp.settings import ServerSettings
from faregate.mcp.tool import ONE_CALL, Answer, BackEndFailure, ToolCaller

logger = logging.getLogger(__name__)

PREFIX: Final = "__"
"""Between a server's name and its tool's: `docs__search`."""
_KEPT_MICROSECONDS: Final = 60_000_000
_REST_MICROSECONDS: Final = 10_000_000
_LIST_SECONDS: Final = 10.0
_MOST_PAGES: Final = 20
_MOST_TOOLS: Final = 200
_SELF: Final = Implementation(name="faregate", version="1")


class RemoteTool:
    """A tool of a remote server, paid for as ``tool/<server>.<name>``."""

    def __init__(self, server: RemoteServer, told: Mapping[str, Any]) -> None:
        self._server = server
        self.own_name = str(told["name"])
        self.name = f"{server.name}{PREFIX}{self.own_name}"
        self.model = f"tool/{server.name}.{self.own_name}"
        self.title = str(told.get("title") or self.own_name)
        self.description = str(told.get("description") or "")
        self.input_schema: dict[str, Any] = told["inputSchema"]
        self.output_schema: dict[str, Any] | None = told.get("outputSchema")

    def estimate(self, arguments: Mapping[str, Any]) -> Usage:
        """One call; the server judges the arguments."""
        return ONE_CALL

    async def use(self, arguments: Mapping[str, Any], caller: ToolCaller) -> Answer:
        """Call it. Raises BackEndFailure."""
        return await self._server.call(self.own_name, arguments)


class RemoteServer:
    """One server. ``close`` at the end."""

    def __init__(self, settings: ServerSettings, clock: Clock) -> None:
        self.name = settings.name
        self._settings = settings
        self._clock = clock
        headers = dict(settings.headers)
        secret = settings.secret.value
        if secret:
            headers[settings.key_header] = f"Bearer {secret}" if settings.key_header == "authorization" else secret
        self._http = httpx2.AsyncClient(headers=headers, timeout=settings.seconds)
        self._mode = "auto"
        self._known: list[RemoteTool] = []
        self._ask_at = 0
        self._listing: asyncio.Task[None] | None = None

    async def tools(self) -> list[RemoteTool]:
        """Its tools that the operator lets through; those known before while it does not answer."""
        now = self._clock()
        if now >= self._ask_at:
            if self._listing is None or self._listing.done():
                self._listing = asyncio.get_running_loop().create_task(self._list(now))
            await asyncio.shield(self._listing)
        return self._known

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """Call its tool ``name``. Raises BackEndFailure."""
        async with self._failures(), asyncio.timeout(self._settings.seconds), self._connected() as client:
            found = await client.call_tool(name, dict(arguments))
        told = self._settings.secret.hide_in(found.model_dump(mode="json", by_alias=True, exclude_none=True))
        structured = told.get("structuredContent")
        return Answer(
            told["content"],
            structured if isinstance(structured, dict) else None,
            upstream=self.name,
            is_error=found.is_error,
        )

    async def close(self) -> None:
        """Ask it nothing more."""
        if self._listing is not None:
            self._listing.cancel()
            await asyncio.gather(self._listing, return_exceptions=True)
        await self._http.aclose()

    async def _list(self, now: int) -> None:
        found: list[RemoteTool] = []
        seconds = min(self._settings.seconds, _LIST_SECONDS)
        try:
            async with self._failures(), asyncio.timeout(seconds), self._connected() as client:
                cursor: str | None = None
                for _ in range(_MOST_PAGES):
                    page = await client.list_tools(cursor=cursor)
                    found += [self._tool(each.model_dump(mode="json", by_alias=True)) for each in page.tools]
                    cursor = page.next_cursor
                    if cursor is None:
                        break
        except BackEndFailure:
            # What was known of it stands; nobody waits for it again at once.
            self._ask_at = now + _REST_MICROSECONDS
            return
        kept = [tool for tool in found if any(matches(pattern, tool.own_name) for pattern in self._settings.tools)]
        self._known, self._ask_at = kept[:_MOST_TOOLS], now + _KEPT_MICROSECONDS

    def _tool(self, told: dict[str, Any]) -> RemoteTool:
        return RemoteTool(self, self._settings.secret.hide_in(told))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        transport = streamable_http_client(self._settings.url, http_client=self._http)
        async with Client(transport, mode=self._mode, client_info=_SELF, cache=None) as client:
            # Once it is known which protocol the server speaks nobody needs to ask again.
            self._mode = "legacy" if client.session.initialize_result is not None else client.protocol_version
            yield client

    @asynccontextmanager
    async def _failures(self) -> AsyncIterator[None]:
        """Whatever goes wrong inside becomes a BackEndFailure without the server's address or credentials."""
        try:
            yield
        except TimeoutError:
            raise BackEndFailure("server_slow", f"The server `{self.name}` did not answer in time.") from None
        except Exception as problem:  # noqa: BLE001 - groups of whatever its client raises
            said = _said_in(problem)
            logger.warning("mcp server %s: %s", self.name, type(problem).__name__)
            if said is None:
                # The way it is spoken to may have changed.
                self._mode = "auto"
                raise BackEndFailure("server_failed", f"The server `{self.name}` cannot be reached.") from None
            words = self._settings.secret.hide_in(said)
            raise BackEndFailure("server_refused", f"The server `{self.name}` says: {words}") from None


def _said_in(problem: BaseException) -> str | None:
    """What the server itself says is wrong; None where it did not say anything."""
    if isinstance(problem, MCPError):
        return problem.message[:1_000]
    if isinstance(problem, ValidationError):
        return "(an answer that is not as the protocol says)"
    if isinstance(problem, BaseExceptionGroup):
        return next((said for each in problem.exceptions if (said := _said_in(each)) is not None), None)
    return None
