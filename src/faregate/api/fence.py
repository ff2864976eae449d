"""The headers that fence in every answer to a browser, whatever made it: a page, a file, the API, an error.

Owns what they are where the answer brings none of its own. Knows no operation and no file.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from faregate.app.control import Control

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

EVERYWHERE: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
OVER_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
UNKEPT = (b"cache-control", b"no-store")


class Fence:
    """``behind`` with the headers of every answer filled up. HSTS is said where browsers come over TLS."""

    def __init__(self, behind: Application, control: Control) -> None:
        self._behind = behind
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def fenced(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                told = {bytes(name).lower() for name, _ in given}
                message = {**message, "headers": given + [each for each in self._wanted() if each[0] not in told]}
            await send(message)

        await self._behind(scope, receive, fenced if scope["type"] == "http" else send)

    def _wanted(self) -> tuple[tuple[bytes, bytes], ...]:
        more = (OVER_TLS,) if self._control.front.is_secure else ()
        return (*EVERYWHERE, UNKEPT, *more)
