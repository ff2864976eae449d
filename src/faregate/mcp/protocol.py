"""The two questions that clients ask over MCP: which tools there are, and to use one.

Owns turning tools and what metering tells into the protocol's results. A refusal and a failed back end are results
that say so, never failures of the protocol.
"""

from __future__ import annotations

from typing import Any, Final

from mcp import MCPError, types
from mcp.server.lowlevel import Server
from mcp.types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams

from faregate import __version__
from faregate.app.tool_allowance import Allowance, allowance_of
from faregate.core.request import Asker
from faregate.mcp.metering import Metering, Told
from faregate.mcp.ports import Ports
from faregate.mcp.tool import Tool, ToolCaller
from faregate.mcp.toolbox import Toolbox

SCOPE_CALLER: Final = "faregate.caller"
SCOPE_ADDRESS: Final = "faregate.address"
SCOPE_IDEMPOTENCY: Final = "faregate.idempotency_key"
"""Where the door writes into the ASGI scope who calls what."""

META: Final = "faregate/"
"""What our names in ``_meta`` begin with."""
_INSTRUCTIONS: Final = "Each use of a tool counts against your plan; what is left stands in its description."


class ToolServer:
    """``server`` is the SDK's, with the handlers of this class."""

    def __init__(self, ports: Ports, toolbox: Toolbox, metering: Metering) -> None:
        self._ports = ports
        self._toolbox = toolbox
        self._metering = metering
        self.server: Server[dict[str, Any]] = Server(
            "faregate",
            version=__version__,
            title="Faregate",
            instructions=_INSTRUCTIONS,
            # No argument of ours is to be repeated in a header, so there is nothing to compare.
            get_tool_input_schema=lambda name: None,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        self.server.middleware.clear()

    async def _list(self, context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        scope = context.request.scope
        caller: ToolCaller = scope[SCOPE_CALLER]
        tools = await self._toolbox.at(scope[SCOPE_ADDRESS])
        now = self._ports.clock()
        state = self._ports.ledger.current(caller.account, now)
        # Its client is taken at its word: see ``mcp_clients``.
        asker = Asker(caller.client, billing=caller.billing, kind=caller.key_kind)
        shown = []
        for tool in tools:
            allowance = allowance_of(state, tool.model, asker, self._ports.ledger.market, now)
            if allowance is not None:
                shown.append(_shown(tool, allowance))
        return ListToolsResult(tools=shown)

    async def _call(self, context: Any, params: CallToolRequestParams) -> CallToolResult:
        scope = context.request.scope
        tool = await self._toolbox.named(params.name, scope[SCOPE_ADDRESS])
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool `{params.name[:200]}` here.")
        told_key = (context.meta or {}).get(f"{META}idempotency-key")
        key = told_key if isinstance(told_key, str) else scope[SCOPE_IDEMPOTENCY]
        return _result(await self._metering.call(tool, params.arguments or {}, scope[SCOPE_CALLER], key))


def _shown(tool: Tool, allowance: Allowance) -> types.Tool:
    left = _left(allowance)
    return types.Tool.model_validate(
        {
            "name": tool.name,
            "title": tool.title,
            "description": f"{tool.description}\n{left}".strip(),
            "inputSchema": tool.input_schema,
            "outputSchema": tool.output_schema,
            "annotations": {"title": tool.title},
            "_meta": {f"{META}model": tool.model, f"{META}windows": list(allowance.windows)},
        }
    )


def _left(allowance: Allowance) -> str:
    """What is left, in words; '' where nothing limits it."""
    if not allowance.serves_caller:
        return "Your plan does not serve this client."
    told = []
    for row in allowance.windows:
        until = f", until {row['reopens_at']}" if row["reopens_at"] is not None else ""
        told.append(f"{row['remaining']} of {row['limit']} {row['unit']} ({row['id']}{until})")
    return f"Left in your plan: {'; '.join(told)}." if told else ""


def _result(told: Told) -> CallToolResult:
    meta = {"request": told.request, "refused-by": told.refused_by, "reopens-at": told.reopens_at}
    answer = told.answer
    content = answer.content if answer is not None else [{"type": "text", "text": told.problem}]
    return CallToolResult.model_validate(
        {
            "content": content,
            "structuredContent": answer.structured if answer is not None else None,
            "isError": answer is None or answer.is_error,
            "_meta": {META + name: value for name, value in meta.items() if value},
        }
    )
