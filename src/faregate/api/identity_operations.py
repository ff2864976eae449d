"""Signing in by an issuer of identities: the browser goes there, and comes back.

Owns the two steps, where a browser ends up, and what its cookie keeps meanwhile. What is refused is told to the page
behind a #, which no server sees.
"""

from __future__ import annotations

from typing import Any

from faregate.api.console_operation import ConsoleOperation, Led
from faregate.api.openapi import BASE
from faregate.api.seating import seat
from faregate.api.visiting import Visit
from faregate.app.attempts import FREE_OF_ADDRESS
from faregate.app.passkeys import decoded, encoded
from faregate.app.people_errors import PeopleError, TooManyAttempts

CONSOLE = "/console"
LONGEST_NEXT = 500


def _redirect(visit: Visit) -> str:
    name = visit.path["name"]
    return f"{visit.control.front.public_url.rstrip('/')}{BASE}/session/oidc/{name}/callback"


def _next(wanted: str) -> str:
    """A page of the console, and nothing else: no other host, nothing that a browser reads as one."""
    inside = wanted == CONSOLE or wanted.startswith((CONSOLE + "/", CONSOLE + "?"))
    odd = "\\" in wanted or "//" in wanted or not wanted.isascii() or not wanted.isprintable() or " " in wanted
    return wanted if inside and not odd and len(wanted) <= LONGEST_NEXT else CONSOLE


def _decoded(kept: str) -> str:
    try:
        return decoded(kept).decode()
    except ValueError:
        return ""


async def _start(visit: Visit) -> Any:
    control, now = visit.control, visit.write.now
    control.users.attempts.begin("oidc", visit.address, 4 * FREE_OF_ADDRESS, now)
    following = _next(visit.query.get("next", ""))
    user = visit.signed.user.id if visit.signed is not None else ""
    try:
        way, token = await control.identities.begin(visit.path["name"], user, _redirect(visit), now)
    except PeopleError as problem:
        return Led(f"{CONSOLE}/sign-in#refused={problem.code}")
    return Led(way, errand=f"{token}.{encoded(following.encode())}")


async def _callback(visit: Visit) -> Any:
    control, query = visit.control, visit.query
    token, _, following = visit.errand.partition(".")
    try:
        control.users.attempts.begin("address", visit.address, 4 * FREE_OF_ADDRESS, visit.write.now)
        user = await control.identities.finish(
            visit.path["name"],
            token,
            query.get("state", ""),
            query.get("code", "") if "error" not in query else "",
            _redirect(visit),
            visit.signed.user if visit.signed is not None else None,
            control.front.sign_up,
            visit.write,
        )
    except TooManyAttempts:
        raise
    except PeopleError as problem:
        return Led(f"{CONSOLE}/sign-in#refused={problem.code}")
    return Led(_next(_decoded(following)), token=seat(visit, user).token)


_NAME = "/session/oidc/{name}"
IDENTITY_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "GET",
        _NAME + "/start",
        "begin_identity",
        "Go to an issuer of identities to sign in, or to connect it",
        _start,
        status=303,
        query=(("next", "The page of the console to come back to."),),
        open=True,
    ),
    ConsoleOperation(
        "GET",
        _NAME + "/callback",
        "end_identity",
        "Come back from an issuer of identities",
        _callback,
        status=303,
        query=(
            ("state", "What the issuer was given."),
            ("code", "What the issuer gives."),
            ("error", "Why the issuer refused."),
        ),
        open=True,
    ),
)
