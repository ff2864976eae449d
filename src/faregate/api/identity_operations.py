"""Signing in by an issuer of identities: the browser goes there, and comes back.

Owns the two steps, where a browser ends up, what its cookie keeps meanwhile, and the list of what is connected. What
is refused is told to the page behind a #, which no server sees.
"""

from __future__ import annotations

from typing import Any

from faregate.api.console_operation import ConsoleOperation, Led
from faregate.api.openapi import BASE
from faregate.api.own_schemas import MAYBE_INSTANT, TEXT, TRUTH, Schema, list_of, object_of
from faregate.api.seating import seat
from faregate.api.visiting import Visit
from faregate.app.attempts import FREE_OF_ADDRESS
from faregate.app.passkeys import decoded, encoded
from faregate.app.people_errors import PeopleError, TooManyAttempts

IDENTITIES: Schema = object_of(
    identities=list_of(object_of(name=TEXT, label=TEXT, connected=TRUTH, connected_at=MAYBE_INSTANT, available=TRUTH))
)
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


def _refused(visit: Visit, problem: PeopleError) -> Led:
    """To the page where it was begun."""
    page = "settings" if visit.signed is not None else "sign-in"
    return Led(f"{CONSOLE}/{page}#refused={problem.code}")


async def _start(visit: Visit) -> Any:
    control, now = visit.control, visit.write.now
    control.users.attempts.begin("oidc", visit.address, 4 * FREE_OF_ADDRESS, now)
    following = _next(visit.query.get("next", ""))
    user = visit.signed.user.id if visit.signed is not None else ""
    try:
        way, token = await control.identities.begin(visit.path["name"], user, _redirect(visit), now)
    except PeopleError as problem:
        return _refused(visit, problem)
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
        return _refused(visit, problem)
    return Led(_next(_decoded(following)), token=seat(visit, user).token)


async def _identities(visit: Visit) -> Any:
    return visit.control.identities.view(visit.user)


async def _drop(visit: Visit) -> Any:
    visit.control.identities.drop(visit.user, visit.path["name"])
    return visit.control.identities.view(visit.user)


_NAME = "/session/oidc/{name}"
_OWN = "/session/identities"
IDENTITY_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "GET",
        _OWN,
        "list_identities",
        "Issuers of identities, and which one is connected to",
        _identities,
        answer=IDENTITIES,
    ),
    ConsoleOperation(
        "DELETE", _OWN + "/{name}", "drop_identity", "Disconnect an issuer of identities", _drop, answer=IDENTITIES
    ),
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
