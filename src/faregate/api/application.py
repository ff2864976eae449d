"""The control-plane API as an ASGI application.

Owns authentication of operators, the reading of bodies, idempotency keys and the answering of failures. The routes
come from the table of operations.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from faregate.api.auditing import noted
from faregate.api.console_application import console_routes
from faregate.api.console_document import whole_document
from faregate.api.failures import BadBody, Forbidden, Unauthenticated, answer_to
from faregate.api.openapi import BASE
from faregate.api.operation import Bytes, Call, Operation
from faregate.api.operations import OPERATIONS
from faregate.api.own_application import own_routes
from faregate.api.reading import body_of, idempotency_key
from faregate.api.roles import is_allowed
from faregate.api.visiting import check_write, signed_in
from faregate.api.welcome import welcome
from faregate.app.control import Control
from faregate.app.receipts import Write

log = logging.getLogger("faregate.api")

WEBHOOK_BYTES = 256 * 1024


def build_api(control: Control) -> Starlette:
    """The application over ``control``. Every route but the OpenAPI documents and health asks for an admin token;
    those of self-service ask for an API key.
    """
    routes = [
        Route(BASE + operation.path, _endpoint(control, operation), methods=[operation.method])
        for operation in OPERATIONS
    ]
    routes.append(Route(BASE + "/payments/{payer}/webhook", _webhook(control), methods=["POST"]))
    routes += own_routes(control)
    routes += console_routes(control)
    routes.append(Route(BASE + "/openapi.json", _openapi, methods=["GET"]))
    routes.append(Route("/", welcome, methods=["GET"]))
    routes.append(Route("/health", _health(control), methods=["GET"]))
    return Starlette(routes=routes, exception_handlers={404: _no_route, 405: _no_method})


def _time(control: Control, account: str | None) -> int:
    """What time it is; under a test clock, for the account that the path names."""
    if control.test_clock is None or account is None:
        return control.now()
    return control.test_clock.of(control.office.find_account(account).id)


def _endpoint(control: Control, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            who = _operator(control, request, operation)
            body = await body_of(request, operation.body)
            write = Write(idempotency_key(control, request), _time(control, request.path_params.get("account")))
            call = Call(control, request.path_params, request.query_params, body, write)
            return _answer(await noted(control, who, operation, call), operation.status)
        except Exception as problem:
            status, answer = answer_to(problem, request.headers.get("accept-language", ""))
            if status == 500:
                log.exception("%s %s failed", operation.method, request.url.path)
            return JSONResponse(answer, status)

    return endpoint


def _operator(control: Control, request: Request, operation: Operation) -> str:
    """Who calls, as the audit log names them: an admin token, or a user whose role may.

    Raises Unauthenticated, Forbidden, CsrfRefused.
    """
    authorization = request.headers.get("authorization", "")
    signed = signed_in(control, request) if not authorization else None
    if signed is None:
        return "token:" + authenticate(control, authorization)
    check_write(control, request, signed)
    if not is_allowed(operation.name, signed.user.role):
        raise Forbidden(operation.name)
    return f"user:{signed.user.id}"


def _answer(answer: Any, status: int) -> Response:
    if isinstance(answer, Bytes):
        headers = {"content-disposition": f'attachment; filename="{answer.file}"'}
        return Response(answer.body, status, headers, answer.media_type)
    return JSONResponse(answer, status)


def authenticate(control: Control, authorization: str) -> str:
    """The name of the admin token in ``authorization``. Raises Unauthenticated unless it is a live one."""
    scheme, _, token = authorization.partition(" ")
    digest = sha256(token.strip().encode()).digest()
    known = None
    for row in control.store.admin_tokens():
        if compare_digest(row.hash, digest) and row.revoked_at is None:
            known = row.name
    if scheme.lower() != "bearer" or known is None:
        raise Unauthenticated("send an admin token: Authorization: Bearer fga-…")
    return known


def _webhook(control: Control) -> Callable[[Request], Awaitable[Response]]:
    """What payment providers tell, without a token: its signature is checked before anything of it is read."""

    async def webhook(request: Request) -> Response:
        try:
            body = await request.body()
            if len(body) > WEBHOOK_BYTES:
                raise BadBody("the body is larger than a webhook is")
            headers = {name.lower(): value for name, value in request.headers.items()}
            answer = await control.webhook(request.path_params["payer"], headers, body)
            return Response(answer.body, answer.status, media_type=answer.content_type)
        except Exception as problem:
            status, told = answer_to(problem)
            if status == 500:
                log.exception("a webhook failed")
            return JSONResponse(told, status)

    return webhook


async def _openapi(request: Request) -> Response:
    return JSONResponse(whole_document())


def _health(control: Control) -> Callable[[Request], Awaitable[Response]]:
    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "now": control.now()})

    return health


async def _no_route(request: Request, problem: Exception) -> Response:
    message = f"there is nothing at {request.url.path}; see {BASE}/openapi.json"
    return JSONResponse({"error": {"code": "not_found", "message": message}}, 404)


async def _no_method(request: Request, problem: Exception) -> Response:
    message = f"{request.method} is not for {request.url.path}; see {BASE}/openapi.json"
    return JSONResponse({"error": {"code": "method_not_allowed", "message": message}}, 405)
