"""The catalogue in SQL that SQLite and PostgreSQL both take.

Owns its statements, the same for every engine: placeholders are ``?`` in order. How a statement is run, and that each
write is a transaction of its own which no other write of the catalogue runs beside, is the engine's (``SqlSession``).
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.catalogue_port import (
    Account,
    AdminToken,
    ApiKey,
    Deed,
    Matter,
    PlanVersion,
    Receipt,
    ScheduleChange,
)
from faregate.store.callers import SqlCallers
from faregate.store.notices import SqlNotices
from faregate.store.people import SqlPeople
from faregate.store.sightings import SqlSightings
from faregate.store.studio import SqlConversations

_KEY = "id, account, name, prefix, hash, created_at, last_used_at, revoked_at, rotated_from, kind"
_NEXT_REVISION = "(SELECT coalesce(max(revision), 0) + 1 FROM api_keys)"
_INSERT_KEY = (
    f"INSERT INTO api_keys ({_KEY}, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {_NEXT_REVISION})"
    " ON CONFLICT DO NOTHING"
)
_REVOKE_KEY = f"UPDATE api_keys SET revoked_at = ?, revision = {_NEXT_REVISION} WHERE id = ? AND revoked_at IS NULL"
_PLAN = "plan, version, family, document, hash, published_at"
_PLANS = f"SELECT {_PLAN} FROM plan_versions JOIN plan_documents USING (hash)"
_TOKEN = "id, name, prefix, hash, created_at, revoked_at"
_FOUND = """
    SELECT id, name, created_at FROM accounts WHERE id > ? AND (
        id LIKE ? ESCAPE '!' OR lower(name) LIKE ? ESCAPE '!'
        OR id IN (SELECT account FROM users WHERE email LIKE ? ESCAPE '!')
    ) ORDER BY id LIMIT ?
"""
INSERT_RECEIPT = (
    "INSERT INTO receipts (scope, key, body_hash, response, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


class SqlCatalogue(SqlPeople, SqlConversations, SqlNotices, SqlCallers, SqlSightings):
    """See ``app.catalogue_port.Catalogue``. An engine's store gives the two ways in."""

    def add_account(self, account: Account) -> bool:
        sql = "INSERT INTO accounts (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        return self._write(sql, account)

    def account(self, account: str) -> Account | None:
        rows = self._read("SELECT id, name, created_at FROM accounts WHERE id = ?", (account,))
        return Account(*rows[0]) if rows else None

    def accounts_named(self, name: str) -> list[Account]:
        sql = "SELECT id, name, created_at FROM accounts WHERE name = ? ORDER BY id"
        return [Account(*row) for row in self._read(sql, (name,))]

    def accounts(self, after: str = "", limit: int = 1000) -> list[Account]:
        sql = "SELECT id, name, created_at FROM accounts WHERE id > ? ORDER BY id LIMIT ?"
        return [Account(*row) for row in self._read(sql, (after, limit))]

    def accounts_found(self, text: str, after: str = "", limit: int = 1000) -> list[Account]:
        escaped = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values = (after, *(f"%{escaped}%",) * 3, limit)
        return [Account(*row) for row in self._read(_FOUND, values)]

    def add_key(self, key: ApiKey) -> bool:
        return self._write(_INSERT_KEY, key)

    def rotate_key(self, old: str, new: ApiKey, at: int) -> bool:
        with self._writing_catalogue() as session:
            taken = session.read("SELECT 1 FROM api_keys WHERE id = ? OR hash = ?", (new.id, new.hash))
            if taken or session.write(_REVOKE_KEY, (at, old)) == 0:
                return False
            session.write(_INSERT_KEY, new)
            return True

    def revoke_key(self, key: str, at: int) -> bool:
        return self._write(_REVOKE_KEY, (at, key))

    def key(self, key: str) -> ApiKey | None:
        rows = self._read(f"SELECT {_KEY} FROM api_keys WHERE id = ?", (key,))
        return ApiKey(*rows[0]) if rows else None

    def keys_of(self, account: str) -> list[ApiKey]:
        sql = f"SELECT {_KEY} FROM api_keys WHERE account = ? ORDER BY created_at, id"
        return [ApiKey(*row) for row in self._read(sql, (account,))]

    def keys_changed(self, after: int, limit: int = 1000) -> tuple[int, list[ApiKey]]:
        sql = f"SELECT {_KEY}, revision FROM api_keys WHERE revision > ? ORDER BY revision LIMIT ?"
        rows = self._read(sql, (after, limit))
        return (rows[-1][-1] if rows else after), [ApiKey(*row[:-1]) for row in rows]

    def touch_keys(self, used: Mapping[str, int]) -> None:
        sql = "UPDATE api_keys SET last_used_at = ? WHERE id = ? AND coalesce(last_used_at, -1) < ?"
        with self._writing_catalogue() as session:
            session.write_many(sql, [(at, key, at) for key, at in used.items()])

    def publish_plans(self, versions: list[PlanVersion]) -> bool:
        known = "SELECT 1 FROM plan_versions WHERE plan = ? AND version = ?"
        with self._writing_catalogue() as session:
            if any(session.read(known, row[:2]) for row in versions):
                return False
            session.write_many(
                "INSERT INTO plan_documents (hash, document) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(row.hash, row.document) for row in versions],
            )
            session.write_many(
                "INSERT INTO plan_versions (plan, version, family, hash, published_at) VALUES (?, ?, ?, ?, ?)",
                [(row.plan, row.version, row.family, row.hash, row.published_at) for row in versions],
            )
        return True

    def plan_version(self, plan: str, version: int) -> PlanVersion | None:
        rows = self._read(f"{_PLANS} WHERE plan = ? AND version = ?", (plan, version))
        return PlanVersion(*rows[0]) if rows else None

    def plan_versions(self, plan: str) -> list[PlanVersion]:
        rows = self._read(f"{_PLANS} WHERE plan = ? ORDER BY version", (plan,))
        return [PlanVersion(*row) for row in rows]

    def newest_plans(self) -> list[PlanVersion]:
        newest = "SELECT plan, max(version) FROM plan_versions GROUP BY plan"
        rows = self._read(f"{_PLANS} WHERE (plan, version) IN ({newest}) ORDER BY plan")
        return [PlanVersion(*row) for row in rows]

    def add_schedule_change(self, change: ScheduleChange) -> None:
        columns = "plan, name, from_at, value, written_at"
        self._write(f"INSERT INTO schedule_changes ({columns}) VALUES (?, ?, ?, ?, ?)", change)

    def schedule_changes(self, plan: str | None = None) -> list[ScheduleChange]:
        sql = """
            SELECT plan, name, from_at, value, written_at FROM schedule_changes
            WHERE plan = coalesce(?, plan) ORDER BY plan, name, from_at, id"""
        return [ScheduleChange(*row) for row in self._read(sql, (plan,))]

    def add_admin_token(self, token: AdminToken) -> bool:
        sql = f"INSERT INTO admin_tokens ({_TOKEN}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self._write(sql, token)

    def admin_tokens(self) -> list[AdminToken]:
        rows = self._read(f"SELECT {_TOKEN} FROM admin_tokens ORDER BY created_at, id")
        return [AdminToken(*row) for row in rows]

    def revoke_admin_token(self, token: str, at: int) -> bool:
        sql = "UPDATE admin_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
        return self._write(sql, (at, token))

    def add_flagged(self, account: str, at: int) -> bool:
        sql = "INSERT INTO flagged_accounts (account, first_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
        return self._write(sql, (account, at))

    def flagged_accounts(self, after: str = "", limit: int = 1000) -> list[str]:
        sql = "SELECT account FROM flagged_accounts WHERE account > ? ORDER BY account LIMIT ?"
        return [str(row[0]) for row in self._read(sql, (after, limit))]

    def receipt(self, scope: str, key: str) -> Receipt | None:
        sql = "SELECT scope, key, body_hash, response, at FROM receipts WHERE scope = ? AND key = ?"
        rows = self._read(sql, (scope, key))
        return Receipt(*rows[0]) if rows else None

    def add_receipt(self, receipt: Receipt) -> bool:
        return self._write(INSERT_RECEIPT, receipt)

    def drop_receipts(self, before: int) -> int:
        with self._writing_catalogue() as session:
            return session.write("DELETE FROM receipts WHERE at < ?", (before,))

    def agenda(self, until: int, limit: int = 100) -> list[tuple[str, int]]:
        sql = "SELECT account, due_at FROM agenda WHERE due_at <= ? ORDER BY due_at, account LIMIT ?"
        return [(row[0], row[1]) for row in self._read(sql, (until, limit))]

    def put_agenda(self, account: str, due_at: int | None, seq: int, orphaned: int) -> None:
        older = "(agenda.seq <= ? OR agenda.due_at <= ?)"
        if due_at is None:
            self._write(f"DELETE FROM agenda WHERE account = ? AND {older}", (account, seq, orphaned))
            return
        kept = f"ON CONFLICT (account) DO UPDATE SET due_at = excluded.due_at, seq = excluded.seq WHERE {older}"
        sql = f"INSERT INTO agenda (account, due_at, seq) VALUES (?, ?, ?) {kept}"
        self._write(sql, (account, due_at, seq, seq, orphaned))

    def put_matters(self, account: str, matters: list[Matter]) -> None:
        with self._writing_catalogue() as session:
            session.write("DELETE FROM matters WHERE account = ?", (account,))
            columns = "account, id, kind, since, detail"
            session.write_many(f"INSERT INTO matters ({columns}) VALUES (?, ?, ?, ?, ?)", matters)

    def matters(self, kind: str | None = None, after: Matter | None = None, limit: int = 100) -> list[Matter]:
        place = (after.kind, after.since, after.account, after.id) if after is not None else ("", -1, "", "")
        of_kind, kinds = ("kind = ? AND ", (kind,)) if kind is not None else ("", ())
        sql = f"""
            SELECT account, id, kind, since, detail FROM matters
            WHERE {of_kind}(kind, since, account, id) > (?, ?, ?, ?)
            ORDER BY kind, since, account, id LIMIT ?
        """
        return [Matter(*row) for row in self._read(sql, (*kinds, *place, limit))]

    def add_deed(self, deed: Deed) -> bool:
        columns = "id, at, who, act, subject, about, key, outcome, note"
        sql = f"INSERT INTO deeds ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self._write(sql, deed)

    def deeds(
        self,
        before: str | None = None,
        limit: int = 100,
        who: str | None = None,
        act: str | None = None,
        subject: str | None = None,
    ) -> list[Deed]:
        wanted = (("id <", before), ("who =", who), ("act =", act), ("subject =", subject))
        given = [(test, value) for test, value in wanted if value is not None]
        where = " AND ".join(f"{test} ?" for test, _ in given) or "0 = 0"
        sql = f"""
            SELECT id, at, who, act, subject, about, key, outcome, note FROM deeds
            WHERE {where} ORDER BY id DESC LIMIT ?
        """
        return [Deed(*row) for row in self._read(sql, (*(value for _, value in given), limit))]

    def setting(self, name: str) -> str | None:
        rows = self._read("SELECT value FROM settings WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def put_setting(self, name: str, value: str) -> None:
        sql = (
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        self._write(sql, (name, value))
