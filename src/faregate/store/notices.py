"""Notices in SQL that SQLite and PostgreSQL both take.

Owns their statements. How a statement is run is the engine's (``SqlSession``).
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from faregate.app.notices_port import Notice, NoticeSettings
from faregate.store.session import SqlSession

_SETTINGS = "account, email, webhook, generation, unwanted"
_NOTICE = "account, event, channel, kind, facts, at, state, tries, due_at"
_THIS = "account = ? AND event = ? AND channel = ?"


class SqlNotices:
    """See ``app.notices_port.NoticeRows``. An engine's store gives the two ways in."""

    def _writing_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def _reading_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def notice_settings(self, account: str) -> NoticeSettings | None:
        with self._reading_catalogue() as session:
            rows = session.read(f"SELECT {_SETTINGS} FROM notice_settings WHERE account = ?", (account,))
        return NoticeSettings(*rows[0]) if rows else None

    def put_notice_settings(self, settings: NoticeSettings) -> None:
        kept = "email = excluded.email, webhook = excluded.webhook, generation = excluded.generation"
        sql = (
            f"INSERT INTO notice_settings ({_SETTINGS}) VALUES (?, ?, ?, ?, ?)"
            f" ON CONFLICT (account) DO UPDATE SET {kept}, unwanted = excluded.unwanted"
        )
        with self._writing_catalogue() as session:
            session.write(sql, settings)

    def add_notice(self, notice: Notice) -> bool:
        sql = f"INSERT INTO notices ({_NOTICE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        with self._writing_catalogue() as session:
            return session.write(sql, notice) > 0

    def claim_notice(self, notice: Notice, due_at: int) -> bool:
        sql = f"""
            UPDATE notices SET tries = tries + 1, due_at = ? WHERE {_THIS} AND state = 'waiting' AND tries = ?
        """
        with self._writing_catalogue() as session:
            return session.write(sql, (due_at, *notice[:3], notice.tries)) > 0

    def delay_notice(self, notice: Notice, due_at: int) -> None:
        with self._writing_catalogue() as session:
            session.write(f"UPDATE notices SET due_at = ? WHERE {_THIS}", (due_at, *notice[:3]))

    def end_notice(self, notice: Notice, state: str) -> None:
        with self._writing_catalogue() as session:
            session.write(f"UPDATE notices SET state = ? WHERE {_THIS}", (state, *notice[:3]))

    def due_notices(self, now: int, limit: int) -> list[Notice]:
        sql = f"SELECT {_NOTICE} FROM notices WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at LIMIT ?"
        with self._reading_catalogue() as session:
            return [Notice(*row) for row in session.read(sql, (now, limit))]

    def notices_of(self, account: str, limit: int) -> list[Notice]:
        sql = f"SELECT {_NOTICE} FROM notices WHERE account = ? ORDER BY at DESC, event, channel LIMIT ?"
        with self._reading_catalogue() as session:
            return [Notice(*row) for row in session.read(sql, (account, limit))]

    def drop_notices(self, before: int) -> None:
        with self._writing_catalogue() as session:
            session.write("DELETE FROM notices WHERE at < ? AND state <> 'waiting'", (before,))
