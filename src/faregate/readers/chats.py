"""Chats of Gemini CLI (`~/.gemini/tmp/*/chats`) and of Qwen Code (`~/.qwen`), which began as a copy of it.

Owns their two shapes: one JSON object a chat, and a line a message. A message of the model's that says what it used
is a request; where a message was written again as it grew, the one with the most tokens counts.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import msgspec

from faregate.core.usage import Usage
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.decoding import an_object, decoded
from faregate.readers.instants import instant
from faregate.readers.lines import LONGEST_LINE, blocks_of_lines
from faregate.readers.prompts import Waiting, asked
from faregate.readers.records import Records, Row, key_of

_WANTED = (b'"tokens"', b'"usageMetadata"', b'"user"', b'"sessionId"')


class _Tokens(msgspec.Struct, gc=False):
    """Gemini CLI's words. The cached part of the input is inside the input; thoughts are apart from the output."""

    input: int | None = 0
    output: int | None = 0
    cached: int | None = 0
    thoughts: int | None = 0
    tool: int | None = 0


class _UseMetadata(msgspec.Struct, gc=False):
    """The API's words, which Qwen Code keeps. Thoughts of other makers' models may be inside the output: the total
    tells."""

    promptTokenCount: int | None = 0  # noqa: N815
    candidatesTokenCount: int | None = 0  # noqa: N815
    cachedContentTokenCount: int | None = 0  # noqa: N815
    thoughtsTokenCount: int | None = 0  # noqa: N815
    totalTokenCount: int | None = 0  # noqa: N815


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    uuid: str | None = None
    type: str | None = None
    subtype: str | None = None
    kind: str | None = None
    sessionId: str | None = None  # noqa: N815
    timestamp: str | None = None
    startTime: str | None = None  # noqa: N815
    model: str | None = None
    content: Any = None
    message: Any = None
    tokens: _Tokens | None = None
    usageMetadata: _UseMetadata | None = None  # noqa: N815
    agentId: str | None = None  # noqa: N815


class _Chat(msgspec.Struct, gc=False):
    sessionId: str = ""  # noqa: N815
    startTime: str | None = None  # noqa: N815
    kind: str | None = None
    messages: list[_Message] = []


_MESSAGE = msgspec.json.Decoder(_Message)
_CHAT = msgspec.json.Decoder(_Chat)


def read(source: IO[bytes], path: Path, tool: str, records: Records, broken: BrokenLines) -> int:
    """Add the requests of one chat to ``records``; how many lines repeated a message."""
    heard = _Listener(path, tool, records)
    if path.suffix == ".json":
        _read_whole(source, path, heard, broken)
    else:
        for first, lines in blocks_of_lines(source):
            for number, raw in enumerate(lines, first):
                try:
                    line = an_object(raw, number)
                    if any(mark in line for mark in _WANTED):
                        heard.hear(decoded(_MESSAGE, line))
                except Broken as problem:
                    broken.add(path, number, problem.reason, problem.detail)
    return heard.repeats


def _read_whole(source: IO[bytes], path: Path, heard: _Listener, broken: BrokenLines) -> None:
    raw = b"".join(iter(lambda: source.read(1 << 20), b""))
    try:
        if len(raw) > LONGEST_LINE:
            raise Broken("too_long")
        chat = decoded(_CHAT, raw)
        heard.begin(chat.sessionId, chat.startTime, chat.kind)
    except Broken as problem:
        broken.add(path, 0, problem.reason, problem.detail)
        return
    for number, message in enumerate(chat.messages, 1):
        try:
            heard.hear(message)
        except Broken as problem:
            broken.add(path, number, problem.reason, problem.detail)


class _Listener:
    """One chat while it is read."""

    def __init__(self, path: Path, tool: str, records: Records) -> None:
        self._tool = tool
        self._records = records
        self._waiting = Waiting()
        self._rows: dict[str, int] = {}
        self._session = path.stem
        self._begun = ""
        self._by_machine = False
        self._model = ""
        self.repeats = 0

    def begin(self, session: str | None, at: str | None, kind: str | None) -> None:
        """What is said of the whole chat."""
        self._session = session or self._session
        self._begun = at or self._begun
        self._by_machine = self._by_machine or kind == "subagent"

    def hear(self, message: _Message) -> None:
        """One message. Raises Broken."""
        self.begin(message.sessionId, message.startTime, message.kind)
        if message.type == "user":
            if not self._by_machine and not message.agentId and message.subtype is None:
                self._waiting.hear(asked(_texts(message.content) or _texts(message.message)))
        elif message.type in ("gemini", "assistant"):
            self._answer(message)

    def _answer(self, message: _Message) -> None:
        self._model = message.model or self._model
        if message.tokens is not None:
            usage = _by_tokens(message.tokens)
        elif message.usageMetadata is not None:
            usage = _by_metadata(message.usageMetadata)
        else:
            return
        if not any(usage[:5]):
            return
        name = message.id or message.uuid or ""
        index = self._rows.get(name) if name else None
        at = message.timestamp or self._begun
        if not at:
            raise Broken("bad_time")
        key = key_of(self._tool, self._session, name) if name else 0
        row = Row(instant(at), self._model, self._session, self._tool, usage, key)
        if index is not None:
            self.repeats += 1
            if sum(usage[:5]) > self._records.tokens(index):
                self._records.put(index, row)
            return
        by_person = not self._by_machine and not message.agentId
        opens = self._waiting.take() if by_person else 0
        index = self._records.add(row._replace(usage=usage._replace(prompts=opens)))
        if name:
            self._rows[name] = index


def _by_tokens(tokens: _Tokens) -> Usage:
    read = (tokens.input or 0) + (tokens.tool or 0)
    cached = min(tokens.cached or 0, read)
    return Usage(read - cached, cached, output=(tokens.output or 0) + (tokens.thoughts or 0))


def _by_metadata(use: _UseMetadata) -> Usage:
    read, output, thoughts = use.promptTokenCount or 0, use.candidatesTokenCount or 0, use.thoughtsTokenCount or 0
    cached = min(use.cachedContentTokenCount or 0, read)
    total = use.totalTokenCount or 0
    if not total or total >= read + output + thoughts:
        output += thoughts
    return Usage(read - cached, cached, output=output)


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return _texts(content.get("parts"))
    if isinstance(content, list):
        return [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return []
