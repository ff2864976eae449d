"""Logs of Claude Code: `projects/**/*.jsonl`, a session or a sub-agent a file.

Owns their lines: which of them is a request, which a prompt, and which lines of one file are the same request. Claude
Code writes a line for each block of an answer, all with the message's id and its use so far: the line with the most
tokens counts. Copies in other files are the merge's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.claude_code_lines import (
    ATTACHMENT,
    ITERATIONS,
    LINE,
    NO_ITERATIONS,
    USER_LINE,
    Answer,
    Block,
    Line,
    Use,
    decode_line,
)
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
_OPEN, _CLOSE = ord("{"), ord("}")
_MACHINE_ORIGINS = ("task-notification", "coordinator", "peer", "auto-continuation")
_COUNTED_ALIKE = "msg_"
"""An id with this beginning is the model maker's own: equal ids are one message even without a request id."""


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
        # Whether anything was heard since the last request.
        self._heard = False
        # By request: the line that tells most of it, the answer and the use in it, its number, and the prompts.
        self._lines: list[Line] = []
        self._answers: list[Answer] = []
        self._uses: list[Use] = []
        self._numbers: list[int] = []
        self._prompts = bytearray()
        # (message, request) -> the place of the request that they name, in those.
        self._places: dict[tuple[str, str], int] = {}
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
        if len(self._lines) > _HELD:
            self.hand_over()

    def hand_over(self) -> None:
        """Put what was told so far into the records. Lines that repeat it later are copies like those of other files,
        so little is held however long the file."""
        at = self._instants()
        columns = [at, *self._named(), *_counted(self._uses), self._prompts, *self._keys()]
        columns.append([bool(line.isSidechain) for line in self._lines])
        for wrong in self._records.add_columns(columns):
            self._broken.add(self._path, 0, wrong.reason, wrong.detail)
        for held in (self._lines, self._answers, self._uses, self._numbers, self._prompts, self._places):
            held.clear()

    def _instants(self) -> list[int]:
        """When each request was made; those whose time cannot be read are told as broken, and let go."""
        at: list[int] = []
        timeless: list[int] = []
        for place, line in enumerate(self._lines):
            try:
                at.append(instant(line.timestamp))
            except Broken as problem:
                self._broken.add(self._path, self._numbers[place], problem.reason, problem.detail)
                timeless.append(place)
        for place in reversed(timeless):
            del self._lines[place], self._answers[place], self._uses[place], self._prompts[place]
        return at

    def _named(self) -> Sequence[Sequence[int]]:
        """What stands for the model, the session and the tool of each request in the records."""
        known, folder = self._names, self._folder_session
        names: list[tuple[int, int, int]] = []
        for line, answer in zip(self._lines, self._answers, strict=True):
            name = answer.model or "", line.sessionId or folder
            numbers = known.get(name)
            if numbers is None:
                numbers = known[name] = self._records.numbers_of(*name, CLAUDE_CODE)
            names.append(numbers)
        return list(zip(*names, strict=True)) or [(), (), ()]

    def _keys(self) -> tuple[list[int], list[int]]:
        """(keys, routes) by which copies of each request in other files are known."""
        keys, routes, folder = [], [], self._folder_session
        for line, answer in zip(self._lines, self._answers, strict=True):
            message, request, session = answer.id, line.requestId, line.sessionId or folder
            key = route = 0
            if message:
                route = key_of(message, session)
                if request:
                    key = key_of(message, request)
                elif message.startswith(_COUNTED_ALIKE):
                    key = key_of(message, "", session)
                else:
                    key = key_of(message, "", session, line.timestamp)
            keys.append(key)
            routes.append(route)
        return keys, routes

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
            line = decode_line(raw)
        except (ValueError, RecursionError):
            line = decoded(LINE, raw)  # and so in words what is wrong with it
        answer = line.message
        if answer is None:
            # Of a sub-agent, as old versions tell of it.
            inner = line.data.message if line.data is not None else None
            if inner is None:
                return
            answer = inner.message
            line.timestamp, line.requestId, line.isSidechain = inner.timestamp, inner.requestId, inner.isSidechain
        use = answer.usage
        if use is None or answer.model == _SYNTHETIC:
            return
        if not use.iterations:
            self._keep(line, answer, use, number)
            return
        advised, use.iterations = _ADVISOR in bytes(use.iterations), NO_ITERATIONS
        self._keep(line, answer, use, number)
        if advised:
            self._advisors(raw, line, answer, number)

    def _keep(self, line: Line, answer: Answer, use: Use, number: int) -> None:
        """Keep the request, unless an earlier line of this file tells as much of it."""
        lines, message, request = self._lines, answer.id, line.requestId
        if message and request:
            place = self._places.setdefault((message, request), len(lines))
            if place < len(lines):
                self._again(place, line, answer, use, number)
                return
        lines.append(line)
        self._answers.append(answer)
        self._uses.append(use)
        self._numbers.append(number)
        prompts = 0
        if self._heard and not line.isSidechain:
            prompts, self._heard = self._waiting.take(), False
        self._prompts.append(prompts)

    def _again(self, place: int, line: Line, answer: Answer, use: Use, number: int) -> None:
        """Another line tells of the request at ``place``. A chain's line is better than a side chain's, then the one
        with more tokens."""
        self.repeats += 1
        known, side = bool(self._lines[place].isSidechain), bool(line.isSidechain)
        if known > side or (known == side and _tokens(self._uses[place]) < _tokens(use)):
            self._lines[place], self._answers[place], self._uses[place] = line, answer, use
            self._numbers[place] = number

    def _advisors(self, raw: bytes | memoryview, line: Line, answer: Answer, number: int) -> None:
        """A second model that advised the first within the same request is a request of its own."""
        iterations = decoded(ITERATIONS, bytes(raw)).message.usage.iterations or []
        found = [each for each in iterations if each.type == "advisor_message" and each.model]
        for place, use in enumerate(found):
            name = f"{answer.id}:advisor:{place}" if answer.id else None
            self._keep(line, Answer(use, name, use.model), use, number)

    def _question(self, raw: bytes | memoryview) -> None:
        line = decoded(USER_LINE, raw)
        if line.type != "user" or line.message is None or line.isMeta or line.isSidechain or line.isCompactSummary:
            return
        if line.origin is None or line.origin.kind not in _MACHINE_ORIGINS:
            self._hear(_asked(line.message.content))

    def _queued(self, raw: bytes | memoryview) -> None:
        """What a person typed while the model worked is handed to it with the next tool result."""
        line = decoded(ATTACHMENT, raw)
        queued = line.attachment
        if queued is None or queued.type != "queued_command" or queued.isMeta or line.isSidechain:
            return
        if queued.commandMode in ("", "prompt") and (queued.origin is None or queued.origin.kind == "human"):
            self._hear(_asked(queued.prompt))

    def _hear(self, what: Asked) -> None:
        self._waiting.hear(what)
        self._heard = True


def _tokens(use: Use) -> int:
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


def _counted(uses: Sequence[Use]) -> Sequence[Sequence[int]]:
    """In the order of the columns. Where the cache writes are told apart, that counts; an older line's are for 5
    minutes."""
    told = [(use.cache_creation, use) for use in uses]
    tools = [use.server_tool_use for use in uses]
    return (
        [use.input_tokens or 0 for use in uses],
        [use.cache_read_input_tokens or 0 for use in uses],
        [(use.cache_creation_input_tokens if by is None else by.ephemeral_5m_input_tokens) or 0 for by, use in told],
        [0 if by is None else by.ephemeral_1h_input_tokens or 0 for by, _ in told],
        [use.output_tokens or 0 for use in uses],
        [0] * len(uses),
        [0 if each is None else (each.web_search_requests or 0) + (each.web_fetch_requests or 0) for each in tools],
    )


def _asked(content: str | list[Block]) -> Asked:
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
