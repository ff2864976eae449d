"""People who sign in to the console, as rows: users, their sessions, one-time links, passkeys, attempts in vain.

Owns the rows and the Protocol to read and write them; it stands in the same store as the catalogue. No row holds a
secret: a password is an argon2id hash, a token the SHA-256 of it, an address a keyed hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

Role = Literal["customer", "owner", "finance", "support", "read_only"]
Dropped = Literal["dropped", "unknown", "last"]
"""What came of taking a way to sign in away. ``last``: it stays, since no other is left."""


class User(NamedTuple):
    """``email`` is normalised and each one's own. ``password`` is '' where none is set, ``account`` where they have
    none; times are microseconds UTC.
    """

    id: str
    email: str
    name: str
    language: str
    password: str
    role: str
    account: str
    created_at: int
    verified_at: int | None = None
    disabled_at: int | None = None


class Session(NamedTuple):
    """``hash`` is the SHA-256 of the token in the cookie; ``agent`` what the browser calls itself, shortened."""

    id: str
    hash: bytes
    user: str
    created_at: int
    seen_at: int
    expires_at: int
    agent: str


class Link(NamedTuple):
    """``hash`` is the SHA-256 of a token that may be used once, for what ``kind`` says."""

    hash: bytes
    kind: str
    user: str
    expires_at: int


class Passkey(NamedTuple):
    """``id`` is the credential's, base64url; ``uses`` the counter that its authenticator last told."""

    id: str
    user: str
    name: str
    public_key: bytes
    uses: int
    created_at: int
    used_at: int | None = None


class People(Protocol):
    """Every ``add_…`` gives False, and changes nothing, when a row of that identity is there already."""

    def add_user(self, user: User) -> bool:
        """False as well when the e-mail address is taken."""

    def put_user(self, user: User) -> bool:
        """Write the whole row of a user who is there, but for address and time of creation."""

    def user(self, user: str) -> User | None: ...
    def user_of_email(self, email: str) -> User | None: ...
    def users_of_account(self, account: str) -> list[User]:
        """Those who act for ``account``, by id."""

    def users(self, after: str = "", limit: int = 100) -> list[User]:
        """By id, those after the id ``after``: pages by key."""

    def add_session(self, session: Session) -> bool: ...
    def session(self, hash: bytes) -> Session | None: ...
    def sessions_of(self, user: str) -> list[Session]: ...
    def touch_session(self, session: str, seen_at: int, expires_at: int) -> None: ...
    def end_session(self, user: str, session: str) -> bool: ...
    def end_sessions(self, user: str) -> None:
        """End all sessions of ``user``, and take back their links."""

    def drop_people_rows(self, before: int) -> None:
        """Forget sessions and links that were over, and attempts that were last made, before ``before``."""

    def add_link(self, link: Link) -> bool: ...
    def take_link(self, hash: bytes, kind: str) -> Link | None:
        """The link, which is there no more: only one caller ever gets it."""

    def attempts(self, subject: bytes) -> tuple[int, int]:
        """How often ``subject`` failed, and when last; (0, 0) when never."""

    def put_attempts(self, subject: bytes, failed: int, at: int) -> None: ...
    def add_passkey(self, passkey: Passkey) -> bool: ...
    def passkey(self, passkey: str) -> Passkey | None: ...
    def passkeys_of(self, user: str) -> list[Passkey]: ...
    def use_passkey(self, passkey: str, uses: int, at: int) -> None: ...
    def drop_passkey(self, user: str, passkey: str, issuers: Sequence[str]) -> Dropped:
        """``issuers``: those that can be signed in by now, in which the user may have another way in."""

    def add_identity(self, issuer: str, subject: str, user: str, at: int) -> bool: ...
    def user_of_identity(self, issuer: str, subject: str) -> str | None: ...
    def identities_of(self, user: str) -> list[tuple[str, int]]:
        """Issuers by whom ``user`` can be known, each with when it was first connected, by issuer."""

    def drop_identities(self, user: str, issuer: str, issuers: Sequence[str]) -> Dropped:
        """All identities of ``user`` at ``issuer``; ``issuers`` as for passkeys."""

    def add_told_event(self, account: str, event: str, at: int) -> bool:
        """Whether ``account`` was not told of ``event`` before."""
