"""The operations of signing up, in and out, and of one's own sessions.

Owns one row each. The rules are the application's; nobody learns here whether an address is known.
"""

from __future__ import annotations

import contextlib
from typing import Any

from faregate.api import session_bodies as bodies
from faregate.api.console_operation import ConsoleOperation, Seated
from faregate.api.console_schemas import DONE, SESSION, SESSIONS
from faregate.api.identity_operations import IDENTITY_OPERATIONS
from faregate.api.passkey_operations import PASSKEY_OPERATIONS
from faregate.api.seating import seat, session_view
from faregate.api.visiting import Visit
from faregate.app.office_errors import NotFound, OfficeError
from faregate.app.people_errors import SignUpClosed
from faregate.app.receipts import Write
from faregate.app.users import VERIFY
from faregate.core.errors import CoreError
from faregate.core.instants import render_instant
from faregate.core.trade.referring import inviter_of


async def _session(visit: Visit) -> Any:
    return session_view(visit, visit.signed)


async def _sign_up(visit: Visit) -> Any:
    control, body = visit.control, visit.body
    _check_open(visit, body)
    user = await control.users.sign_up(
        body.email, body.password, body.name, body.language, visit.address, visit.write
    )
    if body.invitation is not None:
        await _join(visit, user.account, body)
    if control.mail is not None:
        control.mail.verify(user, control.users.link(user, VERIFY, visit.write.now))
    return seat(visit, user)


def _check_open(visit: Visit, body: bodies.SignUp) -> None:
    """Raise SignUpClosed, or NotFound for an invitation of nobody, before anything is made."""
    how = visit.control.front.sign_up
    if how == "closed" or (how == "invited" and body.invitation is None):
        raise SignUpClosed(how == "invited")
    if body.invitation is not None and visit.control.store.account(inviter_of(body.invitation)) is None:
        raise NotFound("invitation", body.invitation)


async def _join(visit: Visit, account: str, body: bodies.SignUp) -> None:
    """Join by the invitation. One that does not hold any more keeps nobody from signing up."""
    promotions, now = visit.control.promotions, visit.write.now
    families = [body.family] if body.family is not None else visit.control.families()
    for family in families:
        if body.family is None and promotions.referral_terms(family, now) is None:
            continue
        with contextlib.suppress(CoreError, OfficeError):
            await promotions.join(account, str(body.invitation), family, Write(f"{account}:sign-up", now))
        return


async def _sign_in(visit: Visit) -> Any:
    body: bodies.SignIn = visit.body
    user = await visit.control.users.sign_in(body.email, body.password, visit.address, visit.write.now)
    return seat(visit, user)


async def _sign_out(visit: Visit) -> Any:
    if visit.signed is not None:
        visit.control.store.end_session(visit.signed.user.id, visit.signed.session.id)
    return Seated(session_view(visit, None), "")


async def _sign_out_everywhere(visit: Visit) -> Any:
    visit.control.store.end_sessions(visit.user.id)
    return Seated(session_view(visit, None), "")


async def _profile(visit: Visit) -> Any:
    body: bodies.Profile = visit.body
    user = visit.control.users.change_profile(visit.user, body.name, body.language)
    assert visit.signed is not None
    return session_view(visit, visit.signed._replace(user=user))


async def _password(visit: Visit) -> Any:
    body: bodies.PasswordChange = visit.body
    user = await visit.control.users.change_password(visit.user, body.old, body.new, visit.write.now)
    return seat(visit, user)


async def _verify(visit: Visit) -> Any:
    visit.control.users.verify(visit.body.token, visit.write.now)
    return {"done": True}


async def _ask_reset(visit: Visit) -> Any:
    control = visit.control
    found = control.users.ask_reset(visit.body.email, visit.address, visit.write.now)
    if found is not None and control.mail is not None:
        control.mail.reset(*found)
    return {"done": True}


async def _reset(visit: Visit) -> Any:
    body: bodies.PasswordReset = visit.body
    user = await visit.control.users.reset(body.token, body.password, visit.write.now)
    return seat(visit, user)


async def _sessions(visit: Visit) -> Any:
    signed, now = visit.signed, visit.write.now
    rows = [row for row in visit.control.store.sessions_of(visit.user.id) if row.expires_at > now]
    return {
        "sessions": [
            {
                "id": row.id,
                "created_at": render_instant(row.created_at),
                "last_seen_at": render_instant(row.seen_at),
                "expires_at": render_instant(row.expires_at),
                "user_agent": row.agent,
                "current": signed is not None and row.id == signed.session.id,
            }
            for row in rows
        ]
    }


async def _end_session(visit: Visit) -> Any:
    session = visit.path["session"]
    if not visit.control.store.end_session(visit.user.id, session):
        raise NotFound("session", session)
    return {"done": True}


_S = "/session"
SESSION_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation("GET", _S, "get_session", "Who is signed in", _session, answer=SESSION, open=True),
    ConsoleOperation(
        "POST",
        _S + "/sign-up",
        "sign_up",
        "Sign up as a customer",
        _sign_up,
        bodies.SignUp,
        201,
        answer=SESSION,
        open=True,
    ),
    ConsoleOperation(
        "POST", _S + "/sign-in", "sign_in", "Sign in", _sign_in, bodies.SignIn, answer=SESSION, open=True
    ),
    ConsoleOperation("POST", _S + "/sign-out", "sign_out", "Sign out", _sign_out, answer=SESSION, open=True),
    ConsoleOperation(
        "POST",
        _S + "/sign-out-everywhere",
        "sign_out_everywhere",
        "End every session of one's own",
        _sign_out_everywhere,
        answer=SESSION,
    ),
    ConsoleOperation(
        "POST",
        _S + "/profile",
        "set_profile",
        "Change one's name or language",
        _profile,
        bodies.Profile,
        answer=SESSION,
    ),
    ConsoleOperation(
        "POST",
        _S + "/password",
        "change_password",
        "Change one's password; other sessions end",
        _password,
        bodies.PasswordChange,
        answer=SESSION,
    ),
    ConsoleOperation(
        "POST",
        _S + "/verify",
        "verify_email",
        "Verify an e-mail address by a link",
        _verify,
        bodies.Verification,
        answer=DONE,
        open=True,
    ),
    ConsoleOperation(
        "POST",
        _S + "/reset-request",
        "ask_password_reset",
        "Have a link mailed to set a password",
        _ask_reset,
        bodies.ResetRequest,
        answer=DONE,
        open=True,
    ),
    ConsoleOperation(
        "POST",
        _S + "/reset",
        "reset_password",
        "Set a password by a link; every session ends",
        _reset,
        bodies.PasswordReset,
        answer=SESSION,
        open=True,
    ),
    ConsoleOperation("GET", _S + "/sessions", "list_sessions", "One's own sessions", _sessions, answer=SESSIONS),
    ConsoleOperation(
        "DELETE", _S + "/sessions/{session}", "end_session", "End one session of one's own", _end_session, answer=DONE
    ),
    *PASSKEY_OPERATIONS,
    *IDENTITY_OPERATIONS,
)
