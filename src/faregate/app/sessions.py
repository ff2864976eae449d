"""Sessions of the console: begun, found by their token, ended.

Owns how long they last and what is kept of them: the token's hash, never the token. Knows no cookies.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import NamedTuple

from faregate.app.ids import Randomness
from faregate.app.people_port import People, Session, User
from faregate.core.instants import DAY, HOUR, MINUTE

IDLE = 30 * DAY
IDLE_OF_OPERATORS = 12 * HOUR
LONGEST = 180 * DAY
LONGEST_OF_OPERATORS = 7 * DAY
TOUCHED_AFTER = 5 * MINUTE
MOST = 50
"""Sessions of one user; the oldest ends when another begins."""
_AGENT = 120


class SignedIn(NamedTuple):
    """Who calls: a live session and its user. ``csrf`` is what a write has to show."""

    user: User
    session: Session
    csrf: str


class Sessions:
    """Over one store. ``randomness(n)`` gives n bytes."""

    def __init__(self, store: People, randomness: Randomness) -> None:
        self._store = store
        self._randomness = randomness

    def begin(self, user: User, agent: str, now: int) -> str:
        """The token of a new session."""
        live = [each for each in self._store.sessions_of(user.id) if each.expires_at > now]
        for each in live[: max(0, len(live) - MOST + 1)]:
            self._store.end_session(user.id, each.id)
        token = urlsafe_b64encode(self._randomness(32)).decode().rstrip("=")
        shown = "".join(each for each in agent if each.isprintable())[:_AGENT]
        id = f"ses_{self._randomness(8).hex()}"
        self._store.add_session(Session(id, _hash(token), user.id, now, now, now + _idle(user), shown))
        return token

    def find(self, token: str, now: int) -> SignedIn | None:
        """Who comes with ``token``; None unless its session lives and its user is not disabled."""
        session = self._store.session(_hash(token)) if token else None
        if session is None or not session.created_at <= now < session.expires_at:
            return None
        user = self._store.user(session.user)
        if user is None or user.disabled_at is not None:
            return None
        if now - session.seen_at >= TOUCHED_AFTER:
            ends = min(now + _idle(user), session.created_at + _longest(user))
            session = session._replace(seen_at=now, expires_at=ends)
            self._store.touch_session(session.id, now, ends)
        return SignedIn(user, session, csrf_of(token))


def csrf_of(token: str) -> str:
    """What a write with the session of ``token`` has to show; tells nothing of the token."""
    return hmac.new(token.encode(), b"faregate csrf", "sha256").hexdigest()[:40]


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _idle(user: User) -> int:
    return IDLE if user.role == "customer" else IDLE_OF_OPERATORS


def _longest(user: User) -> int:
    return LONGEST if user.role == "customer" else LONGEST_OF_OPERATORS
