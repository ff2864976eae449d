"""OpenCode's messages: its SQLite database, and the folders of JSON files that it kept before.

Owns both stores. An answer of a model is a request; it opens a turn when it is the first to answer a message of a
person's, in a session that no other session started.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from faregate.core.usage import Usage
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.decoding import decoded
from faregate.readers.instants import of_milliseconds
from faregate.readers.log_file import OPENCODE
from faregate.readers.records import Records, Row, key_of

_SUMMARIES = ("compaction", "summary", "title")
_UNPARENTED = ""


class _Cache(msgspec.Struct, gc=False):
    read: int | None = 0
    write: int | None = 0


class _Tokens(msgspec.Struct, gc=False):
    input: int | None = 0
    output: int | None = 0
    reasoning: int | None = 0
    cache: _Cache | None = None


class _Time(msgspec.Struct, gc=False):
    created: int | float | None = None


class _Model(msgspec.Struct, gc=False):
    id: str | None = None
    modelID: str | None = None  # noqa: N815


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    sessionID: str | None = None  # noqa: N815
    parentID: str | None = None  # noqa: N815
    role: str | None = None
    type: str | None = None
    agent: str | None = None
    mode: str | None = None
    summary: Any = None
    modelID: str | None = None  # noqa: N815
    model: _Model | None = None
    tokens: _Tokens | None = None
    time: _Time | None = None


class _Session(msgspec.Struct, gc=False):
    id: str = ""
    parentID: str | None = None  # noqa: N815


class _Stored(NamedTuple):
    """A row of the database."""

    number: int
    id: str
    session: str
    data: bytes
    started_by: str


_MESSAGE = msgspec.json.Decoder(_Message)
_SESSION = msgspec.json.Decoder(_Session)

_QUERIES = {
    "message": (
        "SELECT m.rowid, m.id, m.session_id, m.data, {parent} FROM message m {join} ORDER BY m.session_id, m.id"
    ),
    "session_message": (
        "SELECT m.rowid, m.id, m.session_id, m.data, {parent} FROM session_message m {join} "
        "WHERE m.type = 'assistant' ORDER BY m.session_id, m.id"
    ),
}


def read_message(raw: bytes, path: Path, records: Records) -> None:
    """Add the request of one message's file. Raises Broken."""
    message = decoded(_MESSAGE, raw)
    session = message.sessionID or path.parent.name
    turns = _Turns(records)
    turns.add(message, message.id or path.stem, session, by_machine=_started_by_session(path, session))


def read_database(path: Path, records: Records, broken: BrokenLines) -> None:
    """Add the requests of a database. Raises OSError."""
    turns = _Turns(records)
    try:
        connection = _opened(path)
        try:
            for stored in _stored(connection):
                try:
                    message = decoded(_MESSAGE, stored.data)
                    turns.add(message, stored.id, stored.session, by_machine=bool(stored.started_by))
                except Broken as problem:
                    broken.add(path, stored.number, problem.reason, problem.detail)
        finally:
            connection.close()
    except sqlite3.Error as problem:
        raise OSError(f"SQLite: {problem}") from problem


class _Turns:
    """Which messages of persons were answered already."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._answered: set[str] = set()

    def add(self, message: _Message, name: str, session: str, *, by_machine: bool) -> None:
        """Add an answer; other messages are left out. Raises Broken."""
        if (message.role or message.type or "assistant") != "assistant" or message.tokens is None:
            return
        usage = _usage(message.tokens)
        if not any(usage[:5]):
            return
        model = message.modelID or (message.model and (message.model.id or message.model.modelID)) or ""
        created = message.time.created if message.time is not None else None
        if created is None:
            raise Broken("bad_time")
        parent = message.parentID or _UNPARENTED
        summary = message.summary is True or message.agent in _SUMMARIES or message.mode in _SUMMARIES
        if parent and not by_machine and not summary and parent not in self._answered:
            self._answered.add(parent)
            usage = usage._replace(prompts=1)
        self._records.add(
            Row(of_milliseconds(int(created)), model, session, OPENCODE, usage, key_of("opencode", name))
        )


def _usage(tokens: _Tokens) -> Usage:
    """OpenCode counts reasoning apart from the output, and does not say for how long the cache was written."""
    cache = tokens.cache or _Cache()
    output = (tokens.output or 0) + (tokens.reasoning or 0)
    return Usage(tokens.input or 0, cache.read or 0, cache.write or 0, 0, output)


def _opened(path: Path) -> sqlite3.Connection:
    """Read only; where the folder may not be written either, without the log that SQLite keeps beside."""
    place = f"file:{quote(str(path.absolute()))}"
    try:
        connection = sqlite3.connect(f"{place}?mode=ro", uri=True)
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        connection = sqlite3.connect(f"{place}?immutable=1", uri=True)
    return connection


def _stored(connection: sqlite3.Connection) -> Iterator[_Stored]:
    connection.text_factory = bytes
    tables = {name.decode() for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    columns = {row[1] for row in connection.execute("PRAGMA table_info(session)")} if "session" in tables else set()
    joined = b"parent_id" in columns
    for table, query in _QUERIES.items():
        if table in tables:
            parent = "s.parent_id" if joined else "NULL"
            join = "LEFT JOIN session s ON s.id = m.session_id" if joined else ""
            for number, name, session, data, started_by in connection.execute(query.format(parent=parent, join=join)):
                yield _Stored(number, _text(name), _text(session), bytes(data or b""), _text(started_by))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _started_by_session(path: Path, session: str) -> bool:
    """Whether another session started this one: `storage/session/*/SESSION.json` says so."""
    for info in (path.parents[2] / "session").glob(f"*/{session}.json"):
        try:
            return bool(decoded(_SESSION, info.read_bytes()).parentID)
        except (OSError, Broken):
            return False
    return False
