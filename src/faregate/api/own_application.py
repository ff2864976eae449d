"""Self-service as routes beside the operator API: `/v1/usage` and the rest, with an API key of the account.

Owns authentication by API key, the pace of its calls, and the OpenAPI document of these operations. The routes come
from the table of operations.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from faregate.api.auditing import noted
from faregate.api.failures import TooOften, Unauthenticated, answer_to
from faregate.api.openapi import add_operation, frame
from faregate.api.own_operations import OWN_OPERATIONS, OwnCall, OwnOperation
from faregate.api.reading import body_of, idempotency_key
from faregate.app.catalogue_port import ApiKey
from faregate.app.control import Control
from faregate.app.receipts import Write
from faregate.callers.credentials import secret_of

log = logging.getLogger("faregate.api")

OWN_BASE = "/v1"
OWN_DOCUMENT = "/v1/self-service.json"
CALLS_A_MINUTE = 120
_MINUTE = 60_000_000
_REMEMBERED = 10_000


class Pace:
    """How often each key calls: so many in a minute that begins with its first call."""

    def __init__(self, calls: int = CALLS_A_MINUTE) -> None:
        self._calls = calls
        self._minutes: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def count(self, key: str, now: int) -> None:
        """Count a call of ``key``. Raises TooOften."""
        begun, calls = self._minutes.pop(key, (now, 0))
        if not begun <= now < begun + _MINUTE:
            begun, calls = now, 0
        self._minutes[key] = begun, min(calls + 1, self._calls + 1)
        if len(self._minutes) > _REMEMBERED:
            self._minutes.popitem(last=False)
        if calls >= self._calls:
            raise TooOften(self._calls, -(-(begun + _MINUTE - now) // 1_000_000))


def own_routes(control: Control, pace: Pace | None = None) -> list[Route]:
    """The routes of self-service. Every one but the OpenAPI document asks for an API key."""
    paced = pace or Pace()
    routes = [
        Route(OWN_BASE + operation.path, _endpoint(control, operation, paced), methods=[operation.method])
        for operation in OWN_OPERATIONS
    ]
    return [*routes, Route(OWN_DOCUMENT, _document, methods=["GET"])]


def _endpoint(control: Control, operation: OwnOperation, pace: Pace) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            key = _authenticate(control, request)
            pace.count(key.id, control.now())
            body = await body_of(request, operation.body)
            write = Write(idempotency_key(control, request), control.now())
            call = OwnCall(control, key, request.path_params, request.query_params, body, write)
            return JSONResponse(await noted(control, f"key:{key.id}", operation, call, key.account), headers=_PRIVATE)
        except Exception as problem:
            status, answer = answer_to(problem)
            if status == 500:
                log.exception("%s %s failed", operation.method, request.url.path)
            wait = {"retry-after": str(problem.seconds)} if isinstance(problem, TooOften) else {}
            return JSONResponse(answer, status, headers=_PRIVATE | wait)

    return endpoint


_PRIVATE = {"cache-control": "no-store"}


def _authenticate(control: Control, request: Request) -> ApiKey:
    """The live key that the gate would take from these headers. Raises Unauthenticated."""
    headers = {name.lower(): value for name, value in request.headers.raw}
    secret = secret_of(headers)
    key = control.keyring.authenticate(secret, control.now()) if secret is not None else None
    if key is None:
        raise Unauthenticated("send a live API key: Authorization: Bearer KEY, or x-api-key: KEY")
    return key


async def _document(request: Request) -> Response:
    return JSONResponse(own_document())


def own_document() -> dict[str, Any]:
    """The OpenAPI document of self-service, OpenAPI 3.1."""
    key = {"type": "http", "scheme": "bearer", "description": "An API key of the account."}
    made = frame("Faregate self-service", "key", key)
    for operation in OWN_OPERATIONS:
        add_operation(made, OWN_BASE, operation, "200", {"application/json": {"schema": operation.answer}})
    return made
