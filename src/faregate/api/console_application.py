"""The console's API as routes: for browsers, by the session in their cookie.

Owns the endpoint around a handler: who calls, whether a write is the console's own, the audit log, cookies and the
headers of every answer. The routes come from the tables of operations.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from faregate.api.auditing import noted
from faregate.api.console_operation import ConsoleOperation, Led, Seated, Streamed
from faregate.api.console_operations import CONSOLE_OPERATIONS
from faregate.api.failures import Unauthenticated, answer_to
from faregate.api.openapi import BASE
from faregate.api.operation import Bytes
from faregate.api.reading import body_of, bytes_of, idempotency_key
from faregate.api.visiting import Visit, address_of, check_write, errand_of, give_cookie, give_errand, signed_in
from faregate.app.control import Control
from faregate.app.receipts import Write

log = logging.getLogger("faregate.api")

PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


def console_routes(control: Control) -> list[Route]:
    """The routes of the console's API over ``control``."""
    return [
        Route(BASE + operation.path, _endpoint(control, operation), methods=[operation.method])
        for operation in CONSOLE_OPERATIONS
    ]


def _endpoint(control: Control, operation: ConsoleOperation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            visit = await _visit(control, operation, request)
            who = f"user:{visit.signed.user.id}" if visit.signed is not None else "nobody"
            subject = visit.signed.user.account if visit.signed is not None else ""
            answer = await noted(control, who, operation, visit, subject)
            return _response(control, operation, request, answer)
        except Exception as problem:  # noqa: BLE001 - answered
            return failed(problem, operation.method, request)

    return endpoint


async def _visit(control: Control, operation: ConsoleOperation, request: Request) -> Visit:
    signed = signed_in(control, request)
    check_write(control, request, signed)
    if signed is None and not operation.open:
        # Before anything of the call is read: nobody learns what a body should be.
        raise Unauthenticated("sign in first")
    most = operation.largest
    body = await bytes_of(request, most) if operation.unread else await body_of(request, operation.body, most)
    moment = control.now()
    if control.test_clock is not None and signed is not None and signed.user.account:
        moment = control.test_clock.of(signed.user.account)
    write = Write(idempotency_key(control, request), moment)
    agent = request.headers.get("user-agent", "")
    address = address_of(control, request)
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    return Visit(
        control,
        signed,
        request.path_params,
        request.query_params,
        body,
        write,
        address,
        agent,
        origin,
        host,
        errand_of(request),
    )


def _response(control: Control, operation: ConsoleOperation, request: Request, answer: Any) -> Response:
    if isinstance(answer, Streamed):
        headers = {**PRIVATE, **_named(answer.file)}
        return StreamingResponse(answer.events, headers=headers, media_type=answer.media_type)
    if isinstance(answer, Bytes):
        return Response(answer.body, operation.status, {**PRIVATE, **_named(answer.file)}, answer.media_type)
    if isinstance(answer, Seated):
        response = JSONResponse(answer.body, operation.status, PRIVATE)
        give_cookie(control, response, answer.token)
        return response
    if isinstance(answer, Led):
        led = RedirectResponse(answer.url, operation.status, PRIVATE)
        give_errand(control, led, answer.errand)
        if answer.token:
            give_cookie(control, led, answer.token)
        return led
    if operation.cached:
        return _cached(operation, request, answer)
    return JSONResponse(answer, operation.status, PRIVATE)


def _named(file: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{file}"'} if file else {}


def _cached(operation: ConsoleOperation, request: Request, answer: Any) -> Response:
    """An answer that everybody may keep for a while, and ask whether it is still the same."""
    raw = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
    tag = f'"{sha256(raw).hexdigest()[:32]}"'
    headers = {**PRIVATE, "cache-control": f"public, max-age={operation.cached}", "etag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(raw, operation.status, headers, "application/json")


def failed(problem: Exception, method: str, request: Request) -> Response:
    """The answer to a call that failed."""
    status, answer = answer_to(problem, request.headers.get("accept-language", ""))
    if status == 500:
        log.error("%s %s failed", method, request.url.path, exc_info=problem)
    seconds = getattr(problem, "seconds", None)
    wait = {"retry-after": str(seconds)} if seconds is not None else {}
    return JSONResponse(answer, status, PRIVATE | wait)
