"""The people who sign in to the console, in SQL that SQLite and PostgreSQL both take.

Owns its statements. How a statement is run is the engine's (``SqlSession``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from faregate.app.people_port import Dropped, Link, Passkey, Session, User
from faregate.store.session import Row, SqlSession

_USER = "id, email, name, language, password, role, account, created_at, verified_at, disabled_at"
_SESSION = "id, hash, user_id, created_at, seen_at, expires_at, agent"
_LINK = "hash, kind, user_id, expires_at"
_PASSKEY = "id, user_id, name, public_key, uses, created_at, used_at"
# '' for a way that needs no issuer.
_WAYS_IN = """
    SELECT '' FROM users WHERE id = ? AND password <> ''
    UNION ALL SELECT '' FROM passkeys WHERE user_id = ?
    UNION ALL SELECT issuer FROM identities WHERE user_id = ?"""


class _LastWayIn(Exception):
    """Takes back what the transaction did."""


class SqlPeople:
    """See ``app.people_port.People``. An engine's store gives the two ways in."""

    def _writing_catalogue(self) -> AbstractContextManager[SqlSession]:
        """A transaction that nobody else writes the catalogue beside."""
        raise NotImplementedError

    def _reading_catalogue(self) -> AbstractContextManager[SqlSession]:
        """For one statement that reads."""
        raise NotImplementedError

    def _write(self, sql: str, values: Sequence[Any]) -> bool:
        """Run one write; whether it changed a row."""
        with self._writing_catalogue() as session:
            return session.write(sql, values) > 0

    def _read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._reading_catalogue() as session:
            return session.read(sql, values)

    # ---- users

    def add_user(self, user: User) -> bool:
        sql = f"INSERT INTO users ({_USER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self._write(sql, user)

    def put_user(self, user: User) -> bool:
        sql = """
            UPDATE users SET name = ?, language = ?, password = ?, role = ?, account = ?, verified_at = ?,
                disabled_at = ? WHERE id = ?
        """
        return self._write(sql, (*user[2:7], user.verified_at, user.disabled_at, user.id))

    def user(self, user: str) -> User | None:
        rows = self._read(f"SELECT {_USER} FROM users WHERE id = ?", (user,))
        return User(*rows[0]) if rows else None

    def user_of_email(self, email: str) -> User | None:
        rows = self._read(f"SELECT {_USER} FROM users WHERE email = ?", (email,))
        return User(*rows[0]) if rows else None

    def users_of_account(self, account: str) -> list[User]:
        return [
            User(*row) for row in self._read(f"SELECT {_USER} FROM users WHERE account = ? ORDER BY id", (account,))
        ]

    def users(self, after: str = "", limit: int = 100) -> list[User]:
        rows = self._read(f"SELECT {_USER} FROM users WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [User(*row) for row in rows]

    # ---- sessions and links

    def add_session(self, session: Session) -> bool:
        return self._write(
            f"INSERT INTO sessions ({_SESSION}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", session
        )

    def session(self, hash: bytes) -> Session | None:
        rows = self._read(f"SELECT {_SESSION} FROM sessions WHERE hash = ?", (hash,))
        return Session(*rows[0]) if rows else None

    def sessions_of(self, user: str) -> list[Session]:
        sql = f"SELECT {_SESSION} FROM sessions WHERE user_id = ? ORDER BY created_at, id"
        return [Session(*row) for row in self._read(sql, (user,))]

    def touch_session(self, session: str, seen_at: int, expires_at: int) -> None:
        self._write("UPDATE sessions SET seen_at = ?, expires_at = ? WHERE id = ?", (seen_at, expires_at, session))

    def end_session(self, user: str, session: str) -> bool:
        return self._write("DELETE FROM sessions WHERE user_id = ? AND id = ?", (user, session))

    def end_sessions(self, user: str) -> None:
        with self._writing_catalogue() as session:
            session.write("DELETE FROM sessions WHERE user_id = ?", (user,))
            session.write("DELETE FROM one_time_links WHERE user_id = ?", (user,))

    def drop_people_rows(self, before: int) -> None:
        with self._writing_catalogue() as session:
            session.write("DELETE FROM sessions WHERE expires_at < ?", (before,))
            session.write("DELETE FROM one_time_links WHERE expires_at < ?", (before,))
            session.write("DELETE FROM attempts WHERE last_at < ?", (before,))

    def add_link(self, link: Link) -> bool:
        return self._write(f"INSERT INTO one_time_links ({_LINK}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", link)

    def take_link(self, hash: bytes, kind: str) -> Link | None:
        sql = f"SELECT {_LINK} FROM one_time_links WHERE hash = ? AND kind = ?"
        with self._writing_catalogue() as session:
            rows = session.read(sql, (hash, kind))
            session.write("DELETE FROM one_time_links WHERE hash = ? AND kind = ?", (hash, kind))
        return Link(*rows[0]) if rows else None

    def attempts(self, subject: bytes) -> tuple[int, int]:
        rows = self._read("SELECT failed, last_at FROM attempts WHERE subject = ?", (subject,))
        return (rows[0][0], rows[0][1]) if rows else (0, 0)

    def put_attempts(self, subject: bytes, failed: int, at: int) -> None:
        sql = """
            INSERT INTO attempts (subject, failed, last_at) VALUES (?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET failed = excluded.failed, last_at = excluded.last_at
        """
        self._write(sql, (subject, failed, at))

    # ---- passkeys, identities, what was told

    def add_passkey(self, passkey: Passkey) -> bool:
        sql = f"INSERT INTO passkeys ({_PASSKEY}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self._write(sql, passkey)

    def passkey(self, passkey: str) -> Passkey | None:
        rows = self._read(f"SELECT {_PASSKEY} FROM passkeys WHERE id = ?", (passkey,))
        return Passkey(*rows[0]) if rows else None

    def passkeys_of(self, user: str) -> list[Passkey]:
        sql = f"SELECT {_PASSKEY} FROM passkeys WHERE user_id = ? ORDER BY created_at, id"
        return [Passkey(*row) for row in self._read(sql, (user,))]

    def use_passkey(self, passkey: str, uses: int, at: int) -> None:
        self._write("UPDATE passkeys SET uses = ?, used_at = ? WHERE id = ?", (uses, at, passkey))

    def drop_passkey(self, user: str, passkey: str, issuers: Sequence[str]) -> Dropped:
        return self._dropped("DELETE FROM passkeys WHERE user_id = ? AND id = ?", user, passkey, issuers)

    def add_identity(self, issuer: str, subject: str, user: str, at: int) -> bool:
        sql = (
            "INSERT INTO identities (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        )
        return self._write(sql, (issuer, subject, user, at))

    def user_of_identity(self, issuer: str, subject: str) -> str | None:
        rows = self._read("SELECT user_id FROM identities WHERE issuer = ? AND subject = ?", (issuer, subject))
        return str(rows[0][0]) if rows else None

    def identities_of(self, user: str) -> list[tuple[str, int]]:
        sql = "SELECT issuer, min(created_at) FROM identities WHERE user_id = ? GROUP BY issuer ORDER BY issuer"
        return [(row[0], row[1]) for row in self._read(sql, (user,))]

    def drop_identities(self, user: str, issuer: str, issuers: Sequence[str]) -> Dropped:
        return self._dropped("DELETE FROM identities WHERE user_id = ? AND issuer = ?", user, issuer, issuers)

    def _dropped(self, sql: str, user: str, way: str, issuers: Sequence[str]) -> Dropped:
        """Carry ``sql`` out, unless ``user`` could then sign in no more: no other write comes in between."""
        try:
            with self._writing_catalogue() as session:
                if not session.write(sql, (user, way)):
                    return "unknown"
                rows = session.read(_WAYS_IN, (user, user, user))
                if not any(not issuer or issuer in issuers for (issuer,) in rows):
                    raise _LastWayIn
        except _LastWayIn:
            return "last"
        return "dropped"

    def add_told_event(self, account: str, event: str, at: int) -> bool:
        sql = "INSERT INTO told_events (account, event, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        return self._write(sql, (account, event, at))
