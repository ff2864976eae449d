"""A browser of the console without a socket: it keeps its cookie and shows the session's word on every write."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from faregate.api.visiting import CSRF_HEADER
from tests.api.door import Door

ORIGIN = "http://fare.test"


class Page(NamedTuple):
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.body["error"]["code"])


class Browser:
    """``cookie`` is what the server set last; ``csrf`` what the last session told."""

    def __init__(self, door: Door, address: str = "192.0.2.1") -> None:
        self.door, self.address = door, address
        self.cookie = self.csrf = ""

    async def call(
        self, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None, **headers: Any
    ) -> Page:
        """Call ``/api/v1`` + ``path``; ``headers`` are text, and one that is None is left out."""
        named: dict[str, str | None] = {"host": "fare.test", "cookie": self.cookie or None, "user-agent": "Test/1"}
        if method != "GET":
            named |= {"origin": ORIGIN, CSRF_HEADER: self.csrf or None}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        status, answered, pieces, asked = 0, {}, [], False

        async def receive() -> MutableMapping[str, Any]:
            nonlocal asked
            if asked:  # nothing more is said, and nobody leaves
                await asyncio.Event().wait()
            asked = True
            raw = b"" if body is None else json.dumps(body).encode()
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                pieces.append(message.get("body", b""))

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": "/api/v1" + path,
            "query_string": urlencode(query or {}).encode(),
            "client": (self.address, 1),
            "headers": [(name.encode(), value.encode()) for name, value in named.items() if value is not None],
        }
        await self.door.application(scope, receive, send)
        page = Page(status, answered, b"".join(pieces))
        self._keep(page)
        return page

    def _keep(self, page: Page) -> None:
        given = page.headers.get("set-cookie")
        if given is not None:
            self.cookie = given.partition(";")[0]
        if page.headers.get("content-type") == "application/json" and page.raw:
            told = page.body
            if isinstance(told, dict) and "csrf" in told:
                self.csrf = told["csrf"] or ""

    async def done(self, method: str, path: str, body: Any = None, **settings: Any) -> Any:
        """The body of a call that went well."""
        page = await self.call(method, path, body, **settings)
        assert page.status in (200, 201), (method, path, page)
        return page.body

    async def sign_up(self, email: str, password: str = "correct horse", **more: Any) -> Any:
        return await self.done("POST", "/session/sign-up", {"email": email, "password": password, **more})

    async def sign_in(self, email: str, password: str = "correct horse") -> Page:
        return await self.call("POST", "/session/sign-in", {"email": email, "password": password})
