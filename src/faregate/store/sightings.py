"""Sightings of the watch for sharing in SQL that SQLite and PostgreSQL both take.

Owns their statements. How a statement is run is the engine's (``SqlSession``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from faregate.app.sightings_port import Sighting
from faregate.store.session import SqlSession

AT_ONCE = 200
MOST_ROWS = 10_000
_SECRET = "sharing.secret"
_ADD = """
    INSERT INTO sightings (subject, signal, mark, at, until) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (subject, signal, mark) DO UPDATE SET at = excluded.at, until = excluded.until
    WHERE excluded.at > sightings.at
"""


class SqlSightings:
    """See ``app.sightings_port.Sightings``. An engine's store gives the ways in."""

    def _writing_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def _reading_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def _noting(self) -> AbstractContextManager[SqlSession]:
        """A transaction of writes that nobody follows."""
        raise NotImplementedError

    def sharing_secret(self, fresh: bytes) -> bytes:
        with self._writing_catalogue() as session:
            session.write(
                "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", (_SECRET, fresh.hex())
            )
            return bytes.fromhex(session.read("SELECT value FROM settings WHERE name = ?", (_SECRET,))[0][0])

    def add_sightings(self, rows: Sequence[Sighting]) -> None:
        if rows:
            with self._noting() as session:
                session.write_many(_ADD, sorted(rows))  # in one order, so that two workers never wait in a circle

    def sightings(self, subjects: Sequence[str], now: int) -> list[Sighting]:
        found: list[Sighting] = []
        for start in range(0, len(subjects), AT_ONCE):
            some = subjects[start : start + AT_ONCE]
            sql = f"""
                SELECT subject, signal, mark, at, until FROM sightings
                WHERE subject IN ({", ".join("?" * len(some))}) AND until > ? ORDER BY at DESC LIMIT {MOST_ROWS}
            """
            with self._reading_catalogue() as session:
                found += [Sighting(*row) for row in session.read(sql, (*some, now))]
        return found

    def drop_sightings(self, now: int) -> None:
        with self._noting() as session:
            session.write("DELETE FROM sightings WHERE until <= ?", (now,))
