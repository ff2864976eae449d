"""The web chat's rows in SQL that SQLite and PostgreSQL both take.

Owns their statements. How a statement is run is the engine's (``SqlSession``).
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from faregate.app.studio_port import ChatMessage, Conversation
from faregate.store.session import SqlSession

_CONVERSATION = "account, id, title, model, billing, created_at, updated_at"
_MESSAGE = "account, conversation, seq, role, content, request, at"


class SqlConversations:
    """See ``app.studio_port.Conversations``. An engine's store gives the two ways in."""

    def _writing_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def _reading_catalogue(self) -> AbstractContextManager[SqlSession]:
        raise NotImplementedError

    def conversation(self, account: str, id: str) -> Conversation | None:
        sql = f"SELECT {_CONVERSATION} FROM conversations WHERE account = ? AND id = ?"
        with self._reading_catalogue() as session:
            rows = session.read(sql, (account, id))
        return Conversation(*rows[0]) if rows else None

    def conversations(self, account: str, before: Conversation | None, limit: int) -> list[Conversation]:
        place = (before.updated_at, before.id) if before is not None else (2**63 - 1, "")
        sql = f"""
            SELECT {_CONVERSATION} FROM conversations WHERE account = ? AND (updated_at, id) < (?, ?)
            ORDER BY updated_at DESC, id DESC LIMIT ?
        """
        with self._reading_catalogue() as session:
            return [Conversation(*row) for row in session.read(sql, (account, *place, limit))]

    def put_conversation(self, row: Conversation) -> None:
        kept = "title = excluded.title, model = excluded.model, billing = excluded.billing"
        sql = (
            f"INSERT INTO conversations ({_CONVERSATION}) VALUES (?, ?, ?, ?, ?, ?, ?)"
            f" ON CONFLICT (account, id) DO UPDATE SET {kept}, updated_at = excluded.updated_at"
        )
        with self._writing_catalogue() as session:
            session.write(sql, row)

    def delete_conversation(self, account: str, id: str) -> None:
        with self._writing_catalogue() as session:
            session.write("DELETE FROM chat_messages WHERE account = ? AND conversation = ?", (account, id))
            session.write("DELETE FROM conversations WHERE account = ? AND id = ?", (account, id))

    def chat_messages(self, account: str, conversation: str) -> list[ChatMessage]:
        sql = f"SELECT {_MESSAGE} FROM chat_messages WHERE account = ? AND conversation = ? ORDER BY seq"
        with self._reading_catalogue() as session:
            return [ChatMessage(*row) for row in session.read(sql, (account, conversation))]

    def put_chat_message(self, row: ChatMessage) -> None:
        kept = "role = excluded.role, content = excluded.content, request = excluded.request, at = excluded.at"
        sql = (
            f"INSERT INTO chat_messages ({_MESSAGE}) VALUES (?, ?, ?, ?, ?, ?, ?)"
            f" ON CONFLICT (account, conversation, seq) DO UPDATE SET {kept}"
        )
        with self._writing_catalogue() as session:
            session.write(sql, row)

    def drop_chat_messages(self, account: str, conversation: str, since: int) -> None:
        sql = "DELETE FROM chat_messages WHERE account = ? AND conversation = ? AND seq >= ?"
        with self._writing_catalogue() as session:
            session.write(sql, (account, conversation, since))
