"""Passkeys: registered by who is signed in, and signed in with by whoever has one.

Owns the challenges, each good for one try within minutes, and which passkey is whose. What an answer proves is the
verifier's to say. No secret is kept: the row of a passkey is its public key.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from faregate.app.ids import Randomness
from faregate.app.office_errors import NotFound
from faregate.app.people_errors import LastWayIn, PasskeyRefused, PasskeyTaken, PasskeyUnknown, TooManyPasskeys
from faregate.app.people_port import Link, Passkey, People, User
from faregate.core.instants import MINUTE, render_instant

LASTS = 5 * MINUTE
REGISTER, SIGN_IN = "passkey", "passkey-sign-in"
MOST = 20


class Proven(NamedTuple):
    """What a browser's answer proves: the passkey's id, base64url, its public key, and how often it was used."""

    id: str
    public_key: bytes
    uses: int


class Verifier(Protocol):
    """Knows WebAuthn. Raises PasskeyRefused for what proves nothing. ``origin`` is the page's, as https://host."""

    def creation(self, origin: str, user: User, challenge: bytes, known: list[str]) -> dict[str, Any]:
        """PublicKeyCredentialCreationOptionsJSON."""

    def request(self, origin: str, challenge: bytes) -> dict[str, Any]:
        """PublicKeyCredentialRequestOptionsJSON, for passkeys that know their user."""

    def registered(self, origin: str, credential: dict[str, Any], challenge: bytes) -> Proven: ...
    def signed(self, origin: str, credential: dict[str, Any], challenge: bytes, passkey: Passkey) -> Proven: ...


class Passkeys:
    """Over one store. ``randomness(n)`` gives n bytes."""

    def __init__(self, store: People, randomness: Randomness) -> None:
        self._store = store
        self._randomness = randomness
        self.verifier: Callable[[], Verifier] | None = None
        """Gives who knows WebAuthn; None where this process has nobody."""

    def _known(self) -> Verifier:
        if self.verifier is None:
            raise PasskeyRefused("passkeys are not to be had here")
        return self.verifier()

    def creation(self, user: User, origin: str, now: int) -> dict[str, Any]:
        """What the browser is asked to make a passkey by."""
        known = [each.id for each in self._store.passkeys_of(user.id)]
        return self._known().creation(origin, user, self._challenge(REGISTER, user.id, now), known)

    def register(self, user: User, name: str, credential: dict[str, Any], origin: str, now: int) -> None:
        """Keep the passkey that the browser made. Raises PasskeyRefused, PasskeyTaken, TooManyPasskeys."""
        challenge = self._taken(credential, REGISTER, user.id, now)
        proven = self._known().registered(origin, credential, challenge)
        if len(self._store.passkeys_of(user.id)) >= MOST:
            raise TooManyPasskeys(MOST)
        if not self._store.add_passkey(Passkey(proven.id, user.id, name, proven.public_key, proven.uses, now)):
            raise PasskeyTaken

    def request(self, origin: str, now: int) -> dict[str, Any]:
        """What the browser is asked to sign in by."""
        return self._known().request(origin, self._challenge(SIGN_IN, "", now))

    def sign_in(self, credential: dict[str, Any], origin: str, now: int) -> User:
        """Whose passkey signed. Raises PasskeyUnknown, in the same words for whatever is wrong."""
        try:
            challenge = self._taken(credential, SIGN_IN, "", now)
            passkey = self._store.passkey(str(credential.get("id", "")))
            user = self._store.user(passkey.user) if passkey is not None else None
            if passkey is None or user is None or user.disabled_at is not None:
                raise PasskeyUnknown
            proven = self._known().signed(origin, credential, challenge, passkey)
        except PasskeyRefused:
            raise PasskeyUnknown from None
        self._store.use_passkey(passkey.id, proven.uses, now)
        return user

    def drop(self, user: User, passkey: str, issuers: Sequence[str]) -> None:
        """Forget a passkey of the user, who may sign in by ``issuers`` too. Raises NotFound, LastWayIn."""
        dropped = self._store.drop_passkey(user.id, passkey, issuers)
        if dropped == "unknown":
            raise NotFound("passkey", passkey)
        if dropped == "last":
            raise LastWayIn

    def view(self, user: User) -> dict[str, Any]:
        """The user's passkeys."""
        return {
            "passkeys": [
                {
                    "id": each.id,
                    "name": each.name,
                    "created_at": render_instant(each.created_at),
                    "last_used_at": render_instant(each.used_at) if each.used_at is not None else None,
                }
                for each in self._store.passkeys_of(user.id)
            ]
        }

    def _challenge(self, kind: str, user: str, now: int) -> bytes:
        challenge = self._randomness(32)
        self._store.add_link(Link(sha256(challenge).digest(), kind, user, now + LASTS))
        return challenge

    def _taken(self, credential: dict[str, Any], kind: str, user: str, now: int) -> bytes:
        """The challenge that the answer is to, used up by this."""
        challenge = _challenge_in(credential)
        link = self._store.take_link(sha256(challenge).digest(), kind)
        if link is None or link.user != user or link.expires_at <= now:
            raise PasskeyRefused("this was asked too long ago, or was answered before: begin again")
        return challenge


def _challenge_in(credential: dict[str, Any]) -> bytes:
    """The challenge that the browser says it answers. What is signed is checked by the verifier."""
    try:
        told = json.loads(decoded(credential["response"]["clientDataJSON"]))
        return decoded(told["challenge"])
    except (KeyError, TypeError, ValueError):
        raise PasskeyRefused("this is no answer of a passkey") from None


def decoded(text: str) -> bytes:
    """The bytes of what ``encoded`` made. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(raw: bytes) -> str:
    """Bytes as WebAuthn's JSON has them."""
    return urlsafe_b64encode(raw).decode().rstrip("=")
