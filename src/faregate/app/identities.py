"""Signing in by an issuer of identities: an errand of the browser there and back, and whose identity it is.

Owns the errand (good for one try within minutes, bound to the browser by a token in its cookie), which user an
identity is, and letting go of it, which never takes the last way in. An address that the issuer has not verified
proves nothing; one that a user here never verified is not handed over either, since whoever signed up with it may be
somebody else. Knows no HTTP and no tokens of issuers.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

from faregate.app.ids import Randomness
from faregate.app.office_errors import NotFound
from faregate.app.people_errors import (
    EmailTaken,
    EmailUnverified,
    IdentityRefused,
    LastWayIn,
    SignUpClosed,
    UserDisabled,
)
from faregate.app.people_port import Link, People, User
from faregate.app.receipts import Write
from faregate.app.users import Users
from faregate.core.instants import MINUTE, render_instant

LASTS = 10 * MINUTE


class Proof(NamedTuple):
    """What an issuer says of somebody. ``email`` is '' where it says none."""

    issuer: str
    subject: str
    email: str
    is_verified: bool
    name: str


class Errand(NamedTuple):
    """What goes with the browser: all made of one token, which its cookie keeps."""

    state: str
    nonce: str
    verifier: str
    redirect: str


class Issuer(Protocol):
    """One issuer of identities. Raises IdentityRefused."""

    @property
    def label(self) -> str: ...
    @property
    def issuer(self) -> str:
        """Its URL, as proofs of it name it."""

    async def way(self, errand: Errand) -> str:
        """Where the browser is to go."""

    async def proof(self, errand: Errand, code: str, now: int) -> Proof:
        """Who came back with ``code``."""


class Identities:
    """Over one store. ``issuers`` by name."""

    def __init__(self, store: People, users: Users, randomness: Randomness) -> None:
        self._store, self._users, self._randomness = store, users, randomness
        self.issuers: dict[str, Issuer] = {}

    def issuer(self, name: str) -> Issuer:
        """Raises NotFound."""
        if name not in self.issuers:
            raise NotFound("way to sign in", name)
        return self.issuers[name]

    async def begin(self, name: str, user: str, redirect: str, now: int) -> tuple[str, str]:
        """Where the browser goes, and the token that it keeps. ``user``: who wants to connect, '' for nobody."""
        token = urlsafe_b64encode(self._randomness(32)).decode().rstrip("=")
        way = await self.issuer(name).way(_errand(token, redirect))
        self._store.add_link(Link(sha256(token.encode()).digest(), f"oidc:{name}", user, now + LASTS))
        return way, token

    async def finish(
        self,
        name: str,
        token: str,
        state: str,
        code: str,
        redirect: str,
        signed: User | None,
        sign_up: Literal["open", "invited", "closed"],
        write: Write,
    ) -> User:
        """Who came back. Raises IdentityRefused, EmailUnverified, EmailTaken, SignUpClosed, UserDisabled."""
        issuer, errand = self.issuer(name), _errand(token, redirect)
        link = self._store.take_link(sha256(token.encode()).digest(), f"oidc:{name}") if token else None
        if link is None or link.expires_at <= write.now or not hmac.compare_digest(state, errand.state):
            raise IdentityRefused("this was begun too long ago, or in another browser: begin again")
        if not code:
            raise IdentityRefused("the issuer said no")
        proof = await issuer.proof(errand, code, write.now)
        known = self._store.user_of_identity(proof.issuer, proof.subject)
        if known is None:
            wanted = signed if signed is not None and link.user == signed.id else None
            found = wanted or await self._met(proof, sign_up, write)
            self._store.add_identity(proof.issuer, proof.subject, found.id, write.now)
            known = self._store.user_of_identity(proof.issuer, proof.subject)
        user = self._store.user(known) if known is not None else None
        if user is None:
            raise IdentityRefused("this identity belongs to nobody here any more")
        if user.disabled_at is not None:
            raise UserDisabled
        return user

    @property
    def known(self) -> list[str]:
        """The URLs of the issuers that can be signed in by."""
        return [issuer.issuer for issuer in self.issuers.values()]

    def view(self, user: User) -> dict[str, Any]:
        """The issuers there are, and those that the user was connected to while they were."""
        connected = dict(self._store.identities_of(user.id))
        rows = [(name, each.label, connected.pop(each.issuer, None)) for name, each in self.issuers.items()]
        rows += [(_former(issuer), urlsplit(issuer).netloc, at) for issuer, at in connected.items()]
        return {
            "identities": [
                {
                    "name": name,
                    "label": label,
                    "connected": at is not None,
                    "connected_at": None if at is None else render_instant(at),
                    "available": name in self.issuers,
                }
                for name, label, at in rows
            ]
        }

    def drop(self, user: User, name: str) -> None:
        """Disconnect the user from an issuer. Raises NotFound, LastWayIn."""
        issuer = self.issuers[name].issuer if name in self.issuers else ""
        for former, _ in self._store.identities_of(user.id):
            if name == _former(former):
                issuer = former
        dropped = self._store.drop_identities(user.id, issuer, self.known)
        if dropped == "unknown":
            raise NotFound("connected identity", name)
        if dropped == "last":
            raise LastWayIn

    async def _met(self, proof: Proof, sign_up: str, write: Write) -> User:
        """The user of an identity that comes for the first time."""
        if not proof.email or not proof.is_verified:
            raise EmailUnverified
        user = self._users.of_email(proof.email)
        if user is not None:
            if user.verified_at is None:
                raise EmailTaken(user.email)
            return user
        if sign_up != "open":
            raise SignUpClosed(sign_up == "invited")
        return await self._users.join(proof.email, proof.name[:100], write)


def _former(issuer: str) -> str:
    """What an issuer that is set up no more is called: names that are set up hold no underscore."""
    return "former_" + sha256(issuer.encode()).hexdigest()[:12]


def _errand(token: str, redirect: str) -> Errand:
    def made(what: str) -> str:
        return urlsafe_b64encode(hmac.digest(token.encode(), what.encode(), "sha256")).decode().rstrip("=")

    return Errand(made("state"), made("nonce"), made("verifier"), redirect)
