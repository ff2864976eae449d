"""The operations of passkeys: one's own, and signing in with one.

Owns one row each and their bodies. The page's origin is the one that the call was let in by.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from faregate.api.bodies import Body
from faregate.api.console_operation import ConsoleOperation
from faregate.api.console_schemas import ANYTHING, SESSION
from faregate.api.own_schemas import INSTANT, MAYBE_INSTANT, TEXT, Schema, list_of, object_of
from faregate.api.seating import seat
from faregate.api.visiting import Visit
from faregate.app.attempts import FREE_OF_ADDRESS

PASSKEYS: Schema = object_of(
    passkeys=list_of(object_of(id=TEXT, name=TEXT, created_at=INSTANT, last_used_at=MAYBE_INSTANT))
)


class NewPasskey(Body):
    name: str = Field(min_length=1, max_length=100)
    credential: dict[str, Any] = Field(description="What the browser made, as its toJSON() gives it.")


class PasskeySignIn(Body):
    credential: dict[str, Any] = Field(description="What the browser answered, as its toJSON() gives it.")


async def _passkeys(visit: Visit) -> Any:
    return visit.control.passkeys.view(visit.user)


async def _creation(visit: Visit) -> Any:
    return visit.control.passkeys.creation(visit.user, visit.origin, visit.write.now)


async def _register(visit: Visit) -> Any:
    body: NewPasskey = visit.body
    visit.control.passkeys.register(visit.user, body.name, body.credential, visit.origin, visit.write.now)
    return visit.control.passkeys.view(visit.user)


async def _drop(visit: Visit) -> Any:
    visit.control.passkeys.drop(visit.user, visit.path["passkey"], visit.control.identities.known)
    return visit.control.passkeys.view(visit.user)


async def _request(visit: Visit) -> Any:
    control, now = visit.control, visit.write.now
    control.users.attempts.begin("passkey-options", visit.address, 4 * FREE_OF_ADDRESS, now)
    return control.passkeys.request(visit.origin, now)


async def _sign_in(visit: Visit) -> Any:
    control, now = visit.control, visit.write.now
    control.users.attempts.begin("address", visit.address, FREE_OF_ADDRESS, now)
    return seat(visit, control.passkeys.sign_in(visit.body.credential, visit.origin, now))


_P = "/session/passkeys"
PASSKEY_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation("GET", _P, "list_passkeys", "One's own passkeys", _passkeys, answer=PASSKEYS),
    ConsoleOperation(
        "POST", _P + "/options", "begin_passkey", "What a browser makes a passkey by", _creation, answer=ANYTHING
    ),
    ConsoleOperation("POST", _P, "add_passkey", "Keep a passkey", _register, NewPasskey, 201, answer=PASSKEYS),
    ConsoleOperation("DELETE", _P + "/{passkey}", "drop_passkey", "Forget a passkey", _drop, answer=PASSKEYS),
    ConsoleOperation(
        "POST",
        _P + "/sign-in/options",
        "begin_passkey_sign_in",
        "What a browser signs in with a passkey by",
        _request,
        answer=ANYTHING,
        open=True,
    ),
    ConsoleOperation(
        "POST",
        _P + "/sign-in",
        "sign_in_with_passkey",
        "Sign in with a passkey",
        _sign_in,
        PasskeySignIn,
        answer=SESSION,
        open=True,
    ),
)
