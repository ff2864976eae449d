"""Logs of Claude Code: `projects/**/*.jsonl`, a session or a sub-agent a file.

Owns their lines: which of them is a request, which a prompt, and which lines of one file are the same request. Claude
Code writes a line for each block of an answer, all with the message's id and its use so far: the line with the most
tokens counts. Copies in other files are the merge's.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from faregate.core.usage import Usage
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.decoding import an_object, decoded
from faregate.readers.instants import instant
from faregate.readers.lines import blocks_of_lines
from faregate.readers.log_file import CLAUDE_CODE
from faregate.readers.prompts import Asked, Waiting, asked
from faregate.readers.records import Records, Row, key_of

_USE = b'"usage":{'
_USER = b'"role":"user"'
_TOOL_RESULT = b'"tool_result"'
_QUEUED = b'"queued_command"'
_ADVISOR = b'"advisor_message"'
_SYNTHETIC = "<synthetic>"
"""The model of answers that Claude Code made up itself, such as what went wrong: no request."""
_OPEN, _CLOSE = ord("{"), ord("}")
_MACHINE_ORIGINS = ("task-notification", "coordinator", "peer", "auto-continuation")
_COUNTED_ALIKE = "msg_"
"""An id with this beginning is the model maker's own: equal ids are one message even without a request id."""


class _CacheWrites(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: int | None = 0
    ephemeral_1h_input_tokens: int | None = 0


class _ServerTools(msgspec.Struct, gc=False):
    web_search_requests: int | None = 0
    web_fetch_requests: int | None = 0


class _Use(msgspec.Struct, gc=False):
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_creation_input_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0
    cache_creation: _CacheWrites | None = None
    server_tool_use: _ServerTools | None = None


class _Answer(msgspec.Struct, gc=False):
    usage: _Use | None = None
    id: str | None = None
    model: str | None = None


class _Inner(msgspec.Struct, gc=False):
    message: _Answer
    timestamp: str = ""
    requestId: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815


class _Progress(msgspec.Struct, gc=False):
    message: _Inner | None = None


class _Line(msgspec.Struct, gc=False):
    message: _Answer | None = None
    timestamp: str = ""
    requestId: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    data: _Progress | None = None


class _Iteration(_Use, gc=False):
    type: str = ""
    model: str | None = None


class _IterationsUse(msgspec.Struct, gc=False):
    iterations: list[_Iteration] | None = None


class _IterationsAnswer(msgspec.Struct, gc=False):
    usage: _IterationsUse


class _IterationsLine(msgspec.Struct, gc=False):
    message: _IterationsAnswer


class _Block(msgspec.Struct, gc=False):
    type: str = ""
    text: str = ""


class _Question(msgspec.Struct, gc=False):
    content: str | list[_Block] = ""
    role: str = ""


class _Origin(msgspec.Struct, gc=False):
    kind: str = ""


class _UserLine(msgspec.Struct, gc=False):
    message: _Question | None = None
    type: str = ""
    isMeta: bool | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    isCompactSummary: bool | None = None  # noqa: N815
    origin: _Origin | None = None


class _Queued(msgspec.Struct, gc=False):
    type: str = ""
    prompt: str | list[_Block] = ""
    commandMode: str = ""  # noqa: N815
    isMeta: bool | None = None  # noqa: N815
    origin: _Origin | None = None


class _Attachment(msgspec.Struct, gc=False):
    attachment: _Queued | None = None
    isSidechain: bool | None = None  # noqa: N815


_LINE = msgspec.json.Decoder(_Line)
_ITERATIONS = msgspec.json.Decoder(_IterationsLine)
_USER_LINE = msgspec.json.Decoder(_UserLine)
_ATTACHMENT = msgspec.json.Decoder(_Attachment)


class _Told(NamedTuple):
    """What a line says of its request, besides its use."""

    message: str | None
    request: str | None
    session: str
    at: str
    side: bool
    model: str

    def row(self, usage: Usage) -> Row:
        """The request, with the keys by which its copies in other files are known."""
        key = route = 0
        if self.message:
            route = key_of("route", self.message, self.session)
            if self.request:
                key = key_of(self.message, self.request)
            elif self.message.startswith(_COUNTED_ALIKE):
                key = key_of(self.message, "", self.session)
            else:
                key = key_of(self.message, "", self.session, self.at)
        return Row(instant(self.at), self.model, self.session, CLAUDE_CODE, usage, key, route, self.side)


def read(source: IO[bytes], path: Path, records: Records, broken: BrokenLines) -> int:
    """Add the requests of one file to ``records``; how many lines repeated a request of this file."""
    session = _SessionFile(path, records, broken)
    for first, lines in blocks_of_lines(source):
        session.hear(first, lines)
    return session.repeats


class _SessionFile:
    """One file while it is read."""

    def __init__(self, path: Path, records: Records, broken: BrokenLines) -> None:
        self._path = path
        self._records = records
        self._broken = broken
        self._waiting = Waiting()
        self._rows: dict[tuple[str | None, str | None], int] = {}
        self._folder_session = _session_of(path)
        self.repeats = 0

    def hear(self, first: int, lines: list[bytes | None]) -> None:
        """Lines of the file; ``first`` is the number of the first."""
        for number, raw in enumerate(lines, first):
            try:
                line = raw if raw and raw[0] == _OPEN and raw[-1] == _CLOSE else an_object(raw, number)
                if _USE in line:
                    self._answer(line)
                elif _USER in line:
                    if _TOOL_RESULT not in line:
                        self._question(line)
                elif _QUEUED in line:
                    self._queued(line)
            except Broken as problem:
                self._broken.add(self._path, number, problem.reason, problem.detail)

    def _answer(self, raw: bytes) -> None:
        line = decoded(_LINE, raw)
        answer, at, request, side = line.message, line.timestamp, line.requestId, bool(line.isSidechain)
        if answer is None and line.data is not None and line.data.message is not None:
            inner = line.data.message
            answer, at, request, side = inner.message, inner.timestamp, inner.requestId, bool(inner.isSidechain)
        if answer is None or answer.usage is None or answer.model == _SYNTHETIC:
            return
        told = _Told(answer.id, request, line.sessionId or self._folder_session, at, side, answer.model or "")
        self._count(told, answer.usage)
        if _ADVISOR in raw:
            self._advisors(raw, told)

    def _count(self, told: _Told, use: _Use) -> None:
        """Add the request, unless an earlier line of this file tells as much of it."""
        records = self._records
        identity = (told.message, told.request) if told.message and told.request else None
        index = None if identity is None else self._rows.get(identity)
        usage = _usage(use)
        if index is not None:
            self.repeats += 1
            was_side = bool(records.columns["side"][index])
            if was_side > told.side or (was_side == told.side and sum(usage[:5]) > records.tokens(index)):
                records.put(index, told.row(usage))
            return
        if not told.side and self._waiting.take():
            usage = usage._replace(prompts=1)
        index = records.add(told.row(usage))
        if identity is not None:
            self._rows[identity] = index

    def _advisors(self, raw: bytes, told: _Told) -> None:
        """A second model that advised the first within the same request is a request of its own."""
        iterations = decoded(_ITERATIONS, raw).message.usage.iterations or []
        found = [each for each in iterations if each.type == "advisor_message" and each.model]
        for place, each in enumerate(found):
            name = f"{told.message}:advisor:{place}" if told.message else None
            self._count(told._replace(message=name, model=each.model or ""), each)

    def _question(self, raw: bytes) -> None:
        line = decoded(_USER_LINE, raw)
        if line.type != "user" or line.message is None or line.isMeta or line.isSidechain or line.isCompactSummary:
            return
        if line.origin is None or line.origin.kind not in _MACHINE_ORIGINS:
            self._waiting.hear(_asked(line.message.content))

    def _queued(self, raw: bytes) -> None:
        """What a person typed while the model worked is handed to it with the next tool result."""
        line = decoded(_ATTACHMENT, raw)
        queued = line.attachment
        if queued is None or queued.type != "queued_command" or queued.isMeta or line.isSidechain:
            return
        if queued.commandMode in ("", "prompt") and (queued.origin is None or queued.origin.kind == "human"):
            self._waiting.hear(_asked(queued.prompt))


def _usage(use: _Use) -> Usage:
    """Where the cache writes are told apart, that counts; an older line's are for 5 minutes."""
    writes, tools = use.cache_creation, use.server_tool_use
    short, long = use.cache_creation_input_tokens or 0, 0
    if writes is not None:
        short, long = writes.ephemeral_5m_input_tokens or 0, writes.ephemeral_1h_input_tokens or 0
    calls = 0 if tools is None else (tools.web_search_requests or 0) + (tools.web_fetch_requests or 0)
    return Usage(
        use.input_tokens or 0, use.cache_read_input_tokens or 0, short, long, use.output_tokens or 0, 0, calls
    )


def _asked(content: str | list[_Block]) -> Asked:
    if isinstance(content, str):
        return asked((content,))
    if any(block.type == "tool_result" for block in content):
        return Asked.NOTHING
    media = any(block.type in ("image", "document") for block in content)
    return asked([block.text for block in content if block.type == "text"], has_media=media)


def _session_of(path: Path) -> str:
    """The session that a file belongs to by its place: a sub-agent's file lies in its session's folder."""
    parent = path.parent
    return parent.parent.name if parent.name == "subagents" else path.stem
