"""Putting somebody into a session, and telling a page who sits before it.

Owns the view of a session.
"""

from __future__ import annotations

from typing import Any

from faregate.api.console_operation import Seated
from faregate.api.roles import may
from faregate.api.visiting import Visit, can_have_passkeys
from faregate.app.people_port import User
from faregate.app.sessions import SignedIn, csrf_of
from faregate.app.users import user_view
from faregate.core.instants import render_instant


def session_view(visit: Visit, signed: SignedIn | None) -> dict[str, Any]:
    """Who is signed in, and what this server offers to those who are not."""
    control = visit.control
    user = signed.user if signed is not None else None
    return {
        "signed_in": signed is not None,
        "user": user_view(user) if user is not None else None,
        "csrf": signed.csrf if signed is not None else None,
        "expires_at": render_instant(signed.session.expires_at) if signed is not None else None,
        "sign_up": control.front.sign_up,
        "mail": control.mail is not None,
        "passkeys": control.passkeys.verifier is not None and can_have_passkeys(visit.host, control.front),
        "oidc": [{"name": name, "label": each.label} for name, each in control.identities.issuers.items()],
        "password": bool(user.password) if user is not None else None,
        "may": may(user.role) if user is not None else [],
        "payers": sorted(control.payers),
    }


def seat(visit: Visit, user: User) -> Seated:
    """A session for ``user``, in place of the one that the browser had."""
    if visit.signed is not None:
        visit.control.store.end_session(visit.signed.user.id, visit.signed.session.id)
    sessions = visit.control.users.sessions
    token = sessions.begin(user, visit.agent, visit.write.now)
    signed = sessions.find(token, visit.write.now)
    assert signed is not None and signed.csrf == csrf_of(token)
    return Seated(session_view(visit, signed), token)
