"""Calls an ASGI application without a socket, and keeps what it sent.

Owns the call. ``finished`` is False where the application returned with the response open, which a server turns
into a dropped connection.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from faregate.wire.asgi import Application

AUTHORIZED = {"authorization": "Bearer test-key"}


@dataclass
class Answered:
    """A response as the application sent it, piece by piece."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    finished: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def value(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The data of every event that is JSON."""
        lines = [line for line in self.body.decode().split("\n") if line.startswith("data: {")]
        return [json.loads(line[6:]) for line in lines]

    @property
    def event_names(self) -> list[str]:
        lines = self.body.decode().split("\n")
        return [line[7:] for line in lines if line.startswith("event: ")]


async def ask(
    application: Application,
    path: str,
    body: Any = None,
    *,
    headers: dict[str, str] = AUTHORIZED,
    method: str | None = None,
    gone: asyncio.Event | None = None,
) -> Answered:
    """Send one request. ``gone`` set means that the client has left; by default it never does."""
    answered = Answered()
    asked = False
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": raw, "more_body": False}
        await (gone or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = {n.decode(): v.decode() for n, v in message["headers"]}
        else:
            answered.pieces.append(message.get("body", b""))
            answered.finished = not message.get("more_body", False)

    scope = {
        "type": "http",
        "method": method or ("GET" if body is None else "POST"),
        "path": path.partition("?")[0],
        "query_string": path.partition("?")[2].encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await application(scope, receive, send)
    return answered
