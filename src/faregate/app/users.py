"""Users: who may sign in, signing up, passwords and one-time links.

Owns these rules. A password that changes ends every session; an address that nobody signed up with costs the same
time and gets the same answer as a wrong password. Knows no cookies, no HTTP and sends no mail.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from faregate.app.attempts import FREE_OF_ADDRESS, FREE_OF_USER, Attempts
from faregate.app.ids import Randomness
from faregate.app.office import Office
from faregate.app.office_errors import NotFound
from faregate.app.passwords import LONGEST, SHORTEST, Passwords
from faregate.app.people_errors import BadEmail, BadPassword, EmailTaken, LastOwner, LinkOver, WrongCredentials
from faregate.app.people_port import Link, User
from faregate.app.receipts import Write
from faregate.app.sessions import Sessions
from faregate.app.store_port import Store
from faregate.core.instants import DAY, render_instant

CUSTOMER = "customer"
OPERATOR_ROLES = ("owner", "finance", "support", "read_only")
ROLES = (CUSTOMER, *OPERATOR_ROLES)
LANGUAGES = ("en", "zh")
RESET, VERIFY = "reset", "verify"
_LASTS = {RESET: DAY, VERIFY: 7 * DAY}
_EMAIL = re.compile(r"[^\s@,;<>\"()]{1,64}@[^\s@,;<>\"()]+\.[^\s@,;<>\"().]{2,}")
_LONGEST_EMAIL = 254


class Users:
    """Over one store."""

    def __init__(self, store: Store, office: Office, randomness: Randomness) -> None:
        self._store = store
        self._office = office
        self._randomness = randomness
        self.passwords = Passwords()
        self.attempts = Attempts(store, randomness)
        self.sessions = Sessions(store, randomness)

    # ---- by themselves

    async def sign_up(self, email: str, password: str, name: str, language: str, address: str, write: Write) -> User:
        """A new customer with an account of their own; the same write again gives the same one.

        Raises BadEmail, BadPassword, EmailTaken, TooManyAttempts.
        """
        wanted = normal_email(email)
        check_password(password, wanted)
        self.attempts.begin("sign-up", address, FREE_OF_ADDRESS, write.now)
        known = self._store.user_of_email(wanted)
        if known is not None:
            return await self._again(known, password)
        key = "sign-up:" + sha256(f"{wanted}|{write.key}".encode()).hexdigest()
        made = await self._office.create_account(name or wanted, Write(key, write.now))
        hashed = await self.passwords.hashed(password)
        user = User(self._new_id(), wanted, name, language, hashed, CUSTOMER, str(made["id"]), write.now)
        if not self._store.add_user(user):
            other = self._store.user_of_email(wanted)
            return await self._again(other or user, password)
        return user

    async def _again(self, known: User, password: str) -> User:
        if known.disabled_at is None and await self.passwords.fits(password, known.password):
            return known
        raise EmailTaken(known.email)

    async def sign_in(self, email: str, password: str, address: str, now: int) -> User:
        """The user of that address and password. Raises WrongCredentials, TooManyAttempts."""
        wanted = loose_email(email)
        self.attempts.begin("address", address, FREE_OF_ADDRESS, now)
        self.attempts.begin("user", wanted, FREE_OF_USER, now)
        user = self._store.user_of_email(wanted)
        fits = await self.passwords.fits(password[: LONGEST + 1], user.password if user is not None else "")
        if user is None or not fits or user.disabled_at is not None:
            raise WrongCredentials
        self.attempts.went_well("user", wanted, now)
        if self.passwords.is_old(user.password):
            user = user._replace(password=await self.passwords.hashed(password))
            self._store.put_user(user)
        return user

    async def change_password(self, user: User, old: str, new: str, now: int) -> User:
        """Set another password, by who knows the old one; every session ends."""
        check_password(new, user.email)
        self.attempts.begin("user", user.email, FREE_OF_USER, now)
        if not await self.passwords.fits(old[: LONGEST + 1], user.password):
            raise WrongCredentials
        self.attempts.went_well("user", user.email, now)
        return await self._set_password(user, new)

    def of_email(self, email: str) -> User | None:
        """The user of that address, if any."""
        return self._store.user_of_email(loose_email(email))

    async def join(self, email: str, name: str, write: Write) -> User:
        """A new customer whose address an issuer of identities verified, without a password. Raises BadEmail,
        EmailTaken.
        """
        wanted = normal_email(email)
        key = "join:" + sha256(f"{wanted}|{write.key}".encode()).hexdigest()
        made = await self._office.create_account(name or wanted, Write(key, write.now))
        user = User(self._new_id(), wanted, name, "en", "", CUSTOMER, str(made["id"]), write.now, write.now)
        if not self._store.add_user(user):
            raise EmailTaken(wanted)
        return user

    async def _set_password(self, user: User, new: str) -> User:
        changed = user._replace(password=await self.passwords.hashed(new))
        self._store.put_user(changed)
        self._store.end_sessions(user.id)
        return changed

    def change_profile(self, user: User, name: str | None, language: str | None) -> User:
        """Another name or language; None: as before."""
        changed = user._replace(name=user.name if name is None else name, language=language or user.language)
        self._store.put_user(changed)
        return changed

    # ---- links

    def link(self, user: User, kind: str, now: int) -> str:
        """A token that may be used once for ``kind`` (RESET, VERIFY)."""
        token = urlsafe_b64encode(self._randomness(32)).decode().rstrip("=")
        self._store.add_link(Link(sha256(token.encode()).digest(), kind, user.id, now + _LASTS[kind]))
        return token

    def ask_reset(self, email: str, address: str, now: int) -> tuple[User, str] | None:
        """Whom to mail a link to set a password, and its token; None for an address that nobody signed up with.

        Raises TooManyAttempts.
        """
        wanted = loose_email(email)
        self.attempts.begin("reset-address", address, FREE_OF_ADDRESS, now)
        self.attempts.begin("reset", wanted, FREE_OF_USER, now)
        user = self._store.user_of_email(wanted)
        return None if user is None or user.disabled_at is not None else (user, self.link(user, RESET, now))

    async def reset(self, token: str, password: str, now: int) -> User:
        """Set the password by a link; whoever has it reads the user's mail, or was given it by an operator."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadPassword(SHORTEST, LONGEST)  # before the link is used up
        user = self._taken(token, RESET, now)
        return await self._set_password(user._replace(verified_at=user.verified_at or now), password)

    def verify(self, token: str, now: int) -> User:
        """Note that the user reads the mail of their address."""
        user = self._taken(token, VERIFY, now)
        verified = user._replace(verified_at=user.verified_at or now)
        self._store.put_user(verified)
        return verified

    def _taken(self, token: str, kind: str, now: int) -> User:
        link = self._store.take_link(sha256(token.encode()).digest(), kind)
        user = self._store.user(link.user) if link is not None and link.expires_at > now else None
        if user is None or user.disabled_at is not None:
            raise LinkOver
        return user

    # ---- by operators

    def find(self, named: str) -> User:
        """The user of that id or e-mail address. Raises NotFound."""
        found = self._store.user(named) or self._store.user_of_email(loose_email(named))
        if found is None:
            raise NotFound("user", named)
        return found

    async def add(
        self, email: str, name: str, role: str, account: str | None, language: str, write: Write
    ) -> tuple[User, str]:
        """A user whom an operator adds, and the token of a link to set a password.

        A customer without ``account`` gets a new one. Raises BadEmail, EmailTaken, NotFound.
        """
        wanted = normal_email(email)
        if self._store.user_of_email(wanted) is not None:
            raise EmailTaken(wanted)
        if account is not None:
            account = self._office.find_account(account).id
        elif role == CUSTOMER:
            key = "user:" + sha256(f"{wanted}|{write.key}".encode()).hexdigest()
            account = str((await self._office.create_account(name or wanted, Write(key, write.now)))["id"])
        user = User(self._new_id(), wanted, name, language, "", role, account or "", write.now)
        if not self._store.add_user(user):
            raise EmailTaken(wanted)
        return user, self.link(user, RESET, write.now)

    def set_role(self, user: User, role: str) -> User:
        """Another role; every session ends. Raises LastOwner."""
        if role != "owner":
            self._keep_an_owner(user)
        return self._changed(user._replace(role=role))

    def disable(self, user: User, now: int) -> User:
        """No more signing in; every session ends. Raises LastOwner."""
        self._keep_an_owner(user)
        return self._changed(user._replace(disabled_at=user.disabled_at or now))

    def enable(self, user: User) -> User:
        """May sign in again."""
        return self._changed(user._replace(disabled_at=None))

    def _changed(self, user: User) -> User:
        self._store.put_user(user)
        self._store.end_sessions(user.id)
        return user

    def _keep_an_owner(self, user: User) -> None:
        if user.role == "owner" and user.disabled_at is None and len(self.owners()) < 2:
            raise LastOwner

    def owners(self) -> list[User]:
        """Owners who may sign in."""
        found: list[User] = []
        after = ""
        while rows := self._store.users(after, 500):
            found += [row for row in rows if row.role == "owner" and row.disabled_at is None]
            after = rows[-1].id
        return found

    def _new_id(self) -> str:
        return f"usr_{self._randomness(8).hex()}"


def normal_email(text: str) -> str:
    """An e-mail address as it is kept. Raises BadEmail."""
    wanted = loose_email(text)
    if len(wanted) > _LONGEST_EMAIL or _EMAIL.fullmatch(wanted) is None:
        raise BadEmail
    return wanted


def loose_email(text: str) -> str:
    """What may be an e-mail address, as it would be kept."""
    return unicodedata.normalize("NFKC", text).strip().casefold()[: _LONGEST_EMAIL + 1]


def check_password(password: str, email: str) -> None:
    """Raises BadPassword for one that is too short, too long, or the address itself."""
    if not SHORTEST <= len(password) <= LONGEST or password.casefold() == email:
        raise BadPassword(SHORTEST, LONGEST)


def user_view(user: User) -> dict[str, Any]:
    """A user as it may be shown: never a password's hash."""
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "role": user.role,
        "account": user.account or None,
        "verified": user.verified_at is not None,
        "created_at": render_instant(user.created_at),
    }
