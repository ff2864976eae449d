"""Logs of Claude Code: `projects/**/*.jsonl`, a session or a sub-agent a file.

Owns their lines: which of them is a request, which a prompt, and which lines of one file are the same request. Claude
Code writes a line for each block of an answer, all with the message's id and its use so far: the line with the most
tokens counts. Copies in other files are the merge's.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

import msgspec

from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.decoding import an_object, compact, decoded
from faregate.readers.instants import instant
from faregate.readers.lines import windows
from faregate.readers.log_file import CLAUDE_CODE
from faregate.readers.prompts import Asked, Waiting, asked
from faregate.readers.records import Records, key_of

_NEWLINE = b"\n"
_USER_BEGINS = b'"type":"user","message":{"role":"user"'
_BEGINNING = 640
"""Within so many bytes a user's line of Claude Code says that it is one."""
_HELD = 20_000
"""Of so many requests the lines are held, for their repeats."""
_USE = b'"usage":{'
_USER = b'"role":"user"'
_TOOL_RESULT = b'"tool_result"'
_QUEUED = b'"queued_command"'
_NAMED = b'":'
_BLANKS = b" \t"
_ADVISOR = b'"advisor_message"'
_SYNTHETIC = "<synthetic>"
"""The model of answers that Claude Code made up itself, such as what went wrong: no request."""
_NO_ITERATIONS = msgspec.Raw()
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
    # As it stands in the line: a view of the buffer, to be let go before that is filled again.
    iterations: msgspec.Raw = _NO_ITERATIONS


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
_decode_line = _LINE.decode
_ITERATIONS = msgspec.json.Decoder(_IterationsLine)
_USER_LINE = msgspec.json.Decoder(_UserLine)
_ATTACHMENT = msgspec.json.Decoder(_Attachment)


class _Told(msgspec.Struct, gc=False):
    """What a line says of a request. ``number`` is the line's."""

    message: str | None
    request: str | None
    session: str
    at: str
    side: bool
    model: str
    use: _Use
    tokens: int
    number: int
    prompts: int = 0


def read(source: IO[bytes], path: Path, records: Records, broken: BrokenLines) -> int:
    """Add the requests of one file to ``records``; how many lines repeated a request of this file."""
    session = _SessionFile(path, records, broken)
    for window in windows(source):
        session.hear(window)
    session.hand_over()
    return session.repeats


class _SessionFile:
    """One file while it is read."""

    def __init__(self, path: Path, records: Records, broken: BrokenLines) -> None:
        self._path = path
        self._records = records
        self._broken = broken
        self._waiting = Waiting()
        self._told: dict[tuple[str | None, str | None], _Told] = {}
        self._alone: list[_Told] = []
        # (model, session) -> what stands for them in the records: a file has few of either.
        self._names: dict[tuple[str, str], tuple[int, int, int]] = {}
        self._folder_session = _session_of(path)
        self._line = 0
        self.repeats = 0

    def hear(self, window: tuple[bytearray, int] | None) -> None:
        """The next lines of the file."""
        if window is None:
            self._line += 1
            self._broken.add(self._path, self._line, "too_long")
            return
        buffer, all_end = window
        find, rfind, answer = buffer.find, buffer.rfind, self._answer
        begin, number = 0, self._line
        with memoryview(buffer) as view:
            while begin < all_end:
                end = find(_NEWLINE, begin)
                number += 1
                try:
                    # Most bytes stand in results of tools, which are told by their beginning and passed by unread.
                    user = find(_USER_BEGINS, begin, begin + _BEGINNING)
                    if 0 <= user < end and user < find(_TOOL_RESULT, user, user + _BEGINNING) < end:
                        if buffer[end - 1] != _CLOSE:
                            an_object(bytes(buffer[begin:end]), number)
                    elif begin < end and (buffer[begin] != _OPEN or buffer[end - 1] != _CLOSE):
                        self._entry(an_object(bytes(buffer[begin:end]), number), number)
                    elif rfind(_USE, begin, end) >= 0:
                        # From the end, where it stands: what was said comes first and is longest.
                        answer(view[begin:end], number)
                    elif find(_USER, begin, end) >= 0 or find(_QUEUED, begin, end) >= 0:
                        self._entry(bytes(view[begin:end]), number)
                    elif (name := find(_NAMED, begin, end)) >= 0 and buffer[name + 2] in _BLANKS:
                        # No line of Claude Code's own, but of somebody who wrote it anew, with blanks.
                        self._entry(compact(bytes(view[begin:end])), number)
                except Broken as problem:
                    self._broken.add(self._path, number, problem.reason, problem.detail)
                begin = end + 1
        self._line = number
        if len(self._told) > _HELD or len(self._alone) > _HELD:
            self.hand_over()

    def hand_over(self) -> None:
        """Put what was told so far into the records. Lines that repeat it later are copies like those of other files,
        so little is held however long the file."""
        rows = []
        for told in (*self._told.values(), *self._alone):
            try:
                rows.append(self._row(told))
            except Broken as problem:
                self._broken.add(self._path, told.number, problem.reason, problem.detail)
        for wrong in self._records.add_all(rows):
            self._broken.add(self._path, 0, wrong.reason, wrong.detail)
        self._told.clear()
        self._alone.clear()

    def _row(self, told: _Told) -> tuple[int, ...]:
        """The request as the records have it, with the keys by which its copies in other files are known.

        Raises Broken.
        """
        message, request, session = told.message, told.request, told.session
        at = instant(told.at)
        key = route = 0
        if message:
            route = key_of(message, session)
            if request:
                key = key_of(message, request)
            elif message.startswith(_COUNTED_ALIKE):
                key = key_of(message, "", session)
            else:
                key = key_of(message, "", session, told.at)
        names = self._names.get((told.model, session))
        if names is None:
            names = self._records.numbers_of(told.model, session, CLAUDE_CODE)
            self._names[told.model, session] = names
        return (at, *names, *_counts(told.use), told.prompts, key, route, told.side)

    def _entry(self, line: bytes, number: int) -> None:
        """One line of any kind. Raises Broken."""
        if _USE in line:
            self._answer(line, number)
        elif _USER in line:
            if _TOOL_RESULT not in line:
                self._question(line)
        elif _QUEUED in line:
            self._queued(line)

    def _answer(self, raw: bytes | memoryview, number: int) -> None:
        try:
            line = _decode_line(raw)
        except (ValueError, RecursionError):
            line = decoded(_LINE, raw)  # and so in words what is wrong with it
        answer, request = line.message, line.requestId
        inner = line.data.message if answer is None and line.data is not None else None
        if inner is not None:
            answer, request = inner.message, inner.requestId
        if answer is None or (use := answer.usage) is None or answer.model == _SYNTHETIC:
            return
        at, side = (line.timestamp, line.isSidechain) if inner is None else (inner.timestamp, inner.isSidechain)
        message, session, model = answer.id, line.sessionId or self._folder_session, answer.model or ""
        advised = False
        if use.iterations:
            advised, use.iterations = _ADVISOR in bytes(use.iterations), _NO_ITERATIONS
        if not advised and (known := self._told.get((message, request))) is not None:
            self._again(known, session, at, bool(side), model, use, number)
            return
        told = _Told(message, request, session, at, bool(side), model, use, _tokens(use), number)
        self._keep(told)
        if advised:
            self._advisors(raw, told)

    def _again(self, known: _Told, session: str, at: str, side: bool, model: str, use: _Use, number: int) -> None:
        """Another line tells of ``known``. A chain's line is better than a side chain's, then the one with more
        tokens."""
        self.repeats += 1
        tokens = _tokens(use)
        if known.side > side or (known.tokens < tokens and known.side == side):
            known.session, known.at, known.side, known.model = session, at, side, model
            known.use, known.tokens, known.number = use, tokens, number

    def _keep(self, told: _Told) -> None:
        """Keep the request, unless an earlier line of this file tells as much of it."""
        message, request = told.message, told.request
        if not message or not request:
            self._alone.append(told)
        else:
            known = self._told.get((message, request))
            if known is not None:
                self._again(known, told.session, told.at, told.side, told.model, told.use, told.number)
                return
            self._told[message, request] = told
        if not told.side and self._waiting.take():
            told.prompts = 1

    def _advisors(self, raw: bytes | memoryview, told: _Told) -> None:
        """A second model that advised the first within the same request is a request of its own."""
        iterations = decoded(_ITERATIONS, bytes(raw)).message.usage.iterations or []
        found = [each for each in iterations if each.type == "advisor_message" and each.model]
        for place, use in enumerate(found):
            name = f"{told.message}:advisor:{place}" if told.message else None
            own = {"message": name, "model": use.model or "", "use": use, "tokens": _tokens(use), "prompts": 0}
            self._keep(msgspec.structs.replace(told, **own))

    def _question(self, raw: bytes | memoryview) -> None:
        line = decoded(_USER_LINE, raw)
        if line.type != "user" or line.message is None or line.isMeta or line.isSidechain or line.isCompactSummary:
            return
        if line.origin is None or line.origin.kind not in _MACHINE_ORIGINS:
            self._waiting.hear(_asked(line.message.content))

    def _queued(self, raw: bytes | memoryview) -> None:
        """What a person typed while the model worked is handed to it with the next tool result."""
        line = decoded(_ATTACHMENT, raw)
        queued = line.attachment
        if queued is None or queued.type != "queued_command" or queued.isMeta or line.isSidechain:
            return
        if queued.commandMode in ("", "prompt") and (queued.origin is None or queued.origin.kind == "human"):
            self._waiting.hear(_asked(queued.prompt))


def _tokens(use: _Use) -> int:
    written = use.cache_creation
    return (
        (use.input_tokens or 0)
        + (use.output_tokens or 0)
        + (use.cache_read_input_tokens or 0)
        + (
            (use.cache_creation_input_tokens or 0)
            if written is None
            else (written.ephemeral_5m_input_tokens or 0) + (written.ephemeral_1h_input_tokens or 0)
        )
    )


def _counts(use: _Use) -> tuple[int, ...]:
    """In the order of the columns. Where the cache writes are told apart, that counts; an older line's are for 5
    minutes."""
    writes, tools = use.cache_creation, use.server_tool_use
    short, long = use.cache_creation_input_tokens or 0, 0
    if writes is not None:
        short, long = writes.ephemeral_5m_input_tokens or 0, writes.ephemeral_1h_input_tokens or 0
    calls = 0 if tools is None else (tools.web_search_requests or 0) + (tools.web_fetch_requests or 0)
    uncached, cached, output = use.input_tokens or 0, use.cache_read_input_tokens or 0, use.output_tokens or 0
    return uncached, cached, short, long, output, 0, calls


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
