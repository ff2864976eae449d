"""The door of MCP as an ASGI application: keys, origins and addresses, before the protocol's own server.

Owns who comes in and under which name. Keeps nothing of a caller between two requests: what a session must remember,
the client's name, stands in the session's id, which clients send back with each request.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from faregate.app.ids import Randomness
from faregate.callers.caller import OTHER
from faregate.callers.credentials import secret_of
from faregate.callers.mcp_clients import mcp_client
from faregate.core.billing import API, PLAN
from faregate.mcp.metering import Metering
from faregate.mcp.ports import Ports
from faregate.mcp.protocol import SCOPE_ADDRESS, SCOPE_CALLER, SCOPE_IDEMPOTENCY, ToolServer
from faregate.mcp.settings import McpSettings
from faregate.mcp.tool import ToolCaller
from faregate.mcp.toolbox import ALL, Toolbox
from faregate.wire.asgi import Message, Receive, Send
from faregate.wire.egress import Resolver, system_resolver

logger = logging.getLogger(__name__)

PATH: Final = "/mcp"
_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_SESSION: Final = re.compile(r"([a-z0-9-]{1,40})\.[0-9a-f]{32}")
_INVALID_REQUEST: Final = -32600
_BILLING: Final = b"x-faregate-billing"
_BODY_BYTES: Final = 64 * 1024 * 1024
_CLOSE_SECONDS: Final = 10.0

Scope = MutableMapping[str, Any]


class _Info(msgspec.Struct):
    name: str = ""


class _Params(msgspec.Struct, rename="camel"):
    client_info: _Info = msgspec.field(default_factory=_Info)
    meta: dict[str, Any] = msgspec.field(default_factory=dict, name="_meta")


class _Asked(msgspec.Struct):
    method: str = ""
    params: _Params = msgspec.field(default_factory=_Params)


class McpDoor:
    """Serves PATH and what is below it. ``metering.counters`` say what it did.

    To be run by an ASGI server with its lifespan. ``resolver`` is for tests.
    """

    def __init__(
        self, settings: McpSettings, ports: Ports, randomness: Randomness, resolver: Resolver = system_resolver
    ) -> None:
        self.metering = Metering(ports)
        self._settings = settings
        self._ports = ports
        self._randomness = randomness
        self._resolver = resolver
        self._manager: StreamableHTTPSessionManager | None = None
        self._toolbox: Toolbox | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._toolbox = Toolbox(self._settings, self._ports, self._resolver)
        server = ToolServer(self._ports, self._toolbox, self.metering).server
        self._manager = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=_BODY_BYTES)
        async with self._manager.run():
            await send({"type": "lifespan.startup.complete"})
            await receive()
            left = await self.metering.finish(_CLOSE_SECONDS)
            if left:
                logger.error("%s holds of tools could not be closed; the next start closes them", left)
        await self._toolbox.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._toolbox is not None, "it lives"
        assert self._manager is not None, "it lives"
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        refused = self._refusal(scope, headers)
        if refused is not None:
            await _answer(send, *refused)
            return
        secret = secret_of(headers)
        key = self._ports.keyring.authenticate(secret, self._ports.clock()) if secret is not None else None
        if key is None:
            said = "No API key was given." if secret is None else "This API key is not known here, or was revoked."
            await _answer(send, 401, said, (b"www-authenticate", b"Bearer"))
            return
        if scope["method"] == "DELETE":
            # A session holds nothing that could be ended.
            await _answer(send, 204, "")
            return
        if scope["method"] != "POST":
            await _answer(send, 405, "Only POST is served here: nothing is sent unasked.", (b"allow", b"POST"))
            return
        message = await receive()
        asked = _read(message.get("body", b""))
        session = headers.get(b"mcp-session-id", b"").decode("latin-1")
        client = _client_of(asked, session, headers)
        billing = headers.get(_BILLING, b"").decode("latin-1").strip().lower()
        if billing not in ("", API, PLAN):
            await _answer(send, 400, f"`x-faregate-billing` is `{API}` or `{PLAN}`, not `{billing[:40]}`.")
            return
        scope[SCOPE_CALLER] = ToolCaller(key.account, key.id, client, session, key.kind, billing)
        scope[SCOPE_ADDRESS] = _address(scope["path"])
        scope[SCOPE_IDEMPOTENCY] = headers.get(b"idempotency-key", b"").decode("latin-1")
        told: list[tuple[bytes, bytes]] = []
        if asked.method == "initialize":
            told = [(b"mcp-session-id", f"{client}.{self._randomness(16).hex()}".encode())]
        elif asked.method == "tools/call" and self._ports.watch is not None:
            seen = self._ports.watch.look(key.account, _peer(scope), headers, self._ports.clock())
            told = [(b"x-faregate-notice", said) for said in seen]
        await self._manager.handle_request(scope, _replayed(message, receive), _with_headers(send, told))

    def _refusal(self, scope: Scope, headers: Mapping[bytes, bytes]) -> tuple[int, str] | None:
        """Why nobody gets any further, whoever it is."""
        assert self._toolbox is not None, "it lives"
        if not self._toolbox.serves(_address(scope["path"])):
            return 404, f"There are no tools at {scope['path'][:200]}."
        origin = headers.get(b"origin")
        if origin is not None and not self._is_let_in(origin.decode("latin-1").lower()):
            return 403, "Pages of this origin are not let in."
        return None

    def _is_let_in(self, origin: str) -> bool:
        """A page of this machine, or one that the operator lets in: any other may be somebody's trap."""
        if origin in self._settings.origins:
            return True
        try:
            return urlsplit(origin).hostname in _LOOPBACK
        except ValueError:
            return False


def _address(path: str) -> str:
    """The part of ``path`` below PATH; a trailing slash says nothing."""
    return path.removeprefix(PATH).strip("/") or ALL


def _read(body: bytes) -> _Asked:
    """What the door itself needs of a request; the protocol's server judges it."""
    try:
        return msgspec.json.decode(body, type=_Asked)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Asked()


def _client_of(asked: _Asked, session: str, headers: Mapping[bytes, bytes]) -> str:
    """The caller's own name, from wherever its version of the protocol says it."""
    told = asked.params.meta.get("io.modelcontextprotocol/clientInfo")
    name = told.get("name") if isinstance(told, dict) else None
    for each in (asked.params.client_info.name, name if isinstance(name, str) else ""):
        if each:
            return mcp_client(each)
    remembered = _SESSION.fullmatch(session)
    if remembered is not None:
        return remembered[1]
    agent = headers.get(b"user-agent", b"").decode("latin-1")
    return mcp_client(agent) if agent else OTHER


def _replayed(message: Message, receive: Receive) -> Receive:
    """``receive`` with ``message`` before it."""
    first: list[Message] = [message]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again


def _with_headers(send: Send, told: list[tuple[bytes, bytes]]) -> Send:
    """``send`` with ``told`` in the head of a good answer; itself where there is nothing to tell."""
    if not told:
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            message = {**message, "headers": [*message.get("headers", ()), *told]}
        await send(message)

    return sending


def _peer(scope: Scope) -> str:
    """The address of whoever is connected, '' where it has none."""
    client = scope.get("client")
    return str(client[0]) if client else ""


async def _answer(send: Send, status: int, said: str, *headers: tuple[bytes, bytes]) -> None:
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": _INVALID_REQUEST, "message": said}}
    body = msgspec.json.encode(error) if said else b""
    kind = ((b"content-type", b"application/json"),) if said else ()
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *headers]})
    await send({"type": "http.response.body", "body": body})
