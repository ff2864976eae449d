"""The operator API without a socket: an application over real books, called straight through ASGI."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.applications import Starlette

from faregate.app.control import Control
from faregate.app.ids import RequestIds
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage
from faregate.store.sqlite.store import SqliteStore

MODEL = "anthropic/claude-sonnet-4"


class Answer(NamedTuple):
    status: int
    body: Any

    @property
    def code(self) -> str:
        """The code of a refusal or failure, which has a message too."""
        error = self.body["error"]
        assert error["message"]
        return str(error["code"])

    @property
    def fields(self) -> set[str]:
        """The fields that a bad body is told of."""
        return {each["field"] for each in self.body["error"].get("fields", [])}


class Sent(NamedTuple):
    """An answer as it is, header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Door:
    """``token`` goes with every call that names no other."""

    application: Starlette
    control: Control
    token: str
    made: int = field(default=0)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: dict[str, Any] | None = None,
        key: str | None = None,
        **headers: str,
    ) -> Answer:
        """Call ``/api/v1`` + ``path``; ``body`` is sent as JSON, or as it is where it is bytes."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        named = {"authorization": f"Bearer {self.token}", **headers}
        if key is not None:
            named["idempotency-key"] = key
        return await self.send(method, "/api/v1" + path, raw, urlencode(query or {}).encode(), named)

    async def send(self, method: str, path: str, raw: bytes, query: bytes, headers: dict[str, str]) -> Answer:
        sent = await self.sent(method, path, raw, query, headers)
        assert sent.headers["content-type"] == "application/json"
        return Answer(sent.status, json.loads(sent.body))

    async def file(self, path: str, **query: str) -> Sent:
        """What a GET of ``/api/v1`` + ``path`` gives, as it is."""
        named = {"authorization": f"Bearer {self.token}"}
        return await self.sent("GET", "/api/v1" + path, b"", urlencode(query).encode(), named)

    async def sent(self, method: str, path: str, raw: bytes, query: bytes, headers: dict[str, str]) -> Sent:
        status, pieces, asked, told = 0, [], False, dict[str, str]()

        async def receive() -> MutableMapping[str, Any]:
            nonlocal asked
            assert not asked, "the body was read already"
            asked = True
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                told.update((name.decode(), value.decode()) for name, value in message["headers"])
            else:
                pieces.append(message.get("body", b""))

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
        }
        await self.application(scope, receive, send)
        return Sent(status, told, b"".join(pieces))

    async def done(self, method: str, path: str, body: Any = None, **settings: Any) -> Any:
        """The body of a call that went well."""
        answer = await self.call(method, path, body, **settings)
        assert answer.status in (200, 201), answer
        return answer.body

    async def account(self, *plans: str) -> str:
        """A new account on ``plans``; its id."""
        self.made += 1
        made = await self.done("POST", "/accounts", {"name": f"account {self.made}"})
        for plan in plans:
            await self.done("POST", f"/accounts/{made['id']}/subscriptions", {"plan": plan})
        return str(made["id"])

    async def metered(self, account: str, usage: Usage | None = None) -> str:
        """The id of a settled request of ``account``."""
        used, now, ledger = usage or Usage(input=100_000, output=20_000), self.control.now(), self.control.ledger
        name = RequestIds(self.control.randomness).new(account, now)
        assert isinstance(await ledger.admit(account, Request(name, MODEL, used), now), Admitted)
        await ledger.settle(account, name, used, now, {"outcome": "ok", "upstream": "demo"})
        return name

    def books(self) -> tuple[Any, ...]:
        """Everything that a call which fails must leave alone."""
        store = self.control.store
        assert isinstance(store, SqliteStore)
        accounts = store.accounts()
        return (
            list(store.audit()),
            accounts,
            [store.keys_of(account.id) for account in accounts],
            store.schedule_changes(),
            store.admin_tokens(),
        )
