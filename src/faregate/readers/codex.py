"""Logs of Codex: `sessions/**/rollout-*.jsonl` and those it archived, a thread a file.

Owns their lines: each token count that moves the thread's total on is a request; a compaction that leaves no count is
one by its own record. Replays of a parent's requests at the head of a fork are found by the merge, from what is told
here of the fork.
"""

from __future__ import annotations

import re
from array import array
from operator import sub
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from faregate.core.usage import Usage
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.copies import Fork
from faregate.readers.decoding import an_object, decoded
from faregate.readers.instants import instant
from faregate.readers.lines import windows
from faregate.readers.log_file import CODEX
from faregate.readers.prompts import Waiting, asked
from faregate.readers.records import MOST, Records, Row, key_of

_HEAD = re.compile(
    rb'\{"timestamp":"[^"]*",(?:"ordinal":\d+,)?"type":"(?P<type>\w+)","payload":\{(?:"type":"(?P<payload>\w+)")?'
)
_NEWLINE = b"\n"
_OPEN, _CLOSE = ord("{"), ord("}")
_TIMESTAMP = b'{"timestamp":"'
_ITEM = b'","type":"response_item","payload":{'
"""What was said and what tools gave back: most of a file, and none of it is wanted."""
_QUOTE = b'"'
_NAMED = len(_TIMESTAMP)
_USUAL = _NAMED + len("2026-11-02T10:00:00.000Z")
"""How far into a line its type begins as Codex writes times."""
_HELD = 20_000
"""Of so many requests the figures are held before they are put into the columns."""
_HASH = 2**64 - 1
_TYPES = frozenset((b"session_meta", b"turn_context", b"token_usage_record", b"compacted"))
_EVENTS = frozenset((b"token_count", b"user_message", b"item_completed"))
_COMPACTED = b'"compaction_response_id"'
_USER_MESSAGE = b'"UserMessage"'
_UNNAMED = "gpt-5"
"""The model of the first logs, which did not name it."""
_BURST_MICROSECONDS = 1_000_000
"""Codex writes a replay in one go; requests of one's own are further apart."""


class Use(msgspec.Struct, gc=False, frozen=True):
    """Use as Codex counts it: the cached and the written part of the input are inside the input."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0
    total_tokens: int = 0

    def since(self, before: Use) -> Use:
        """What was used after ``before``, of two totals."""
        return Use(*(max(0, mine - theirs) for mine, theirs in zip(self.numbers, before.numbers, strict=True)))

    @property
    def numbers(self) -> tuple[int, ...]:
        return msgspec.structs.astuple(self)

    @property
    def usage(self) -> Usage:
        """In disjoint classes. Reasoning is inside the output."""
        cached = min(self.cached_input_tokens, self.input_tokens)
        written = min(self.cache_write_input_tokens, self.input_tokens - cached)
        return Usage(self.input_tokens - cached - written, cached, written, 0, self.output_tokens)


class _Info(msgspec.Struct, gc=False):
    last_token_usage: Use | None = None
    total_token_usage: Use | None = None
    model: str | None = None


class _Text(msgspec.Struct, gc=False):
    type: str = ""
    text: str = ""


class _Item(msgspec.Struct, gc=False):
    type: str = ""
    content: Any = None


class _Payload(msgspec.Struct, gc=False):
    type: str = ""
    id: str | None = None
    forked_from_id: str | None = None
    source: Any = None
    thread_source: str | None = None
    model: str | None = None
    info: _Info | None = None
    message: Any = None
    images: list[Any] | None = None
    item: _Item | None = None
    response_id: str | None = None
    compaction_response_id: str | None = None
    usage: Use | None = None
    thread_token_usage: Use | None = None


class _Line(msgspec.Struct, gc=False):
    timestamp: str = ""
    type: str = ""
    payload: _Payload | None = None


class _Pending(NamedTuple):
    """A request's own record, until it is known whether a token count tells of it too."""

    row: Row
    use: Use
    total: Use | None


_LINE = msgspec.json.Decoder(_Line)
_NOTHING = Use()


def read(source: IO[bytes], path: Path, records: Records, broken: BrokenLines) -> Fork:
    """Add the requests of one file to ``records``; tells where the thread came from."""
    thread = _Thread(path, records, broken)
    for window in windows(source):
        thread.hear(window)
    return thread.fork()


class _Thread:
    """One file while it is read."""

    def __init__(self, path: Path, records: Records, broken: BrokenLines) -> None:
        self._path = path
        self._records = records
        self._broken = broken
        self._line = 0
        self._waiting = Waiting()
        self._session = path.stem
        self._known = False
        self._parent = ""
        self._forked_at = 0
        self._by_machine = False
        self._model = ""
        self._total: Use | None = None
        self._uses = array("Q")
        # Requests that are not in the records yet: when, by which model, what was used (as Use has it), prompts, key.
        self._held: list[tuple[int, str, tuple[int, ...], int, int]] = []
        self._model_keys: dict[str, int] = {}
        self._pending: dict[str, _Pending] = {}
        self._compacted: set[str] = set()
        self._told: set[str] = set()
        self._latest = ""

    def hear(self, window: tuple[bytearray, int] | None) -> None:
        """The next lines of the file."""
        if window is None:
            self._line += 1
            self._broken.add(self._path, self._line, "too_long")
            return
        buffer, all_end = window
        find, starts = buffer.find, buffer.startswith
        begin, number = 0, self._line
        with memoryview(buffer) as view:
            while begin < all_end:
                end = find(_NEWLINE, begin)
                number += 1
                try:
                    if begin == end or buffer[end - 1] != _CLOSE or buffer[begin] != _OPEN:
                        line = an_object(bytes(view[begin:end]), number)
                        if line and _is_wanted(line, 0, len(line)):
                            self._entry(decoded(_LINE, line))
                    elif (
                        starts(_ITEM, begin + _USUAL)
                        and starts(_TIMESTAMP, begin)
                        and find(_QUOTE, begin + _NAMED) == begin + _USUAL
                    ):
                        pass
                    elif _is_wanted(buffer, begin, end):
                        self._entry(decoded(_LINE, view[begin:end]))
                except Broken as problem:
                    self._broken.add(self._path, number, problem.reason, problem.detail)
                begin = end + 1
        self._line = number
        if len(self._held) > _HELD:
            self._hand_over()

    def fork(self) -> Fork:
        """Where the thread came from, when all was heard."""
        self._hand_over()
        instants = self._records.columns["at"]
        burst, count = 0, len(self._uses)
        while burst + 1 < count and 0 <= instants[burst + 1] - instants[burst] <= _BURST_MICROSECONDS:
            burst += 1
        return Fork(
            self._session if self._known else "", self._parent, self._forked_at, self._uses, burst + 1 if burst else 0
        )

    def _entry(self, line: _Line) -> None:
        payload = line.payload
        if payload is None:
            return
        if line.type == "session_meta":
            self._begin(line.timestamp, payload)
        elif line.type == "turn_context":
            self._model = payload.model or self._model
        elif line.type == "token_usage_record":
            self._record(line.timestamp, payload)
        elif line.type == "compacted":
            self._compaction(payload.compaction_response_id or "")
        elif line.type == "event_msg":
            self._event(line.timestamp, payload)

    def _event(self, at: str, payload: _Payload) -> None:
        if payload.type == "token_count":
            self._count(at, payload)
        elif payload.type == "user_message" and isinstance(payload.message, str):
            self._ask([payload.message], has_media=bool(payload.images))
        elif payload.type == "item_completed" and payload.item is not None and payload.item.type == "UserMessage":
            parts = payload.item.content if isinstance(payload.item.content, list) else []
            texts = [part for part in parts if isinstance(part, dict)]
            self._ask(
                [str(part.get("text", "")) for part in texts if part.get("type") == "text"],
                has_media=any("image" in str(part.get("type")) for part in texts),
            )

    def _ask(self, texts: list[str], *, has_media: bool) -> None:
        if not self._by_machine:
            self._waiting.hear(asked(texts, has_media=has_media))

    def _begin(self, at: str, payload: _Payload) -> None:
        """The first tells of this thread; further ones were copied from the thread that it was forked from."""
        if self._known or not payload.id:
            return
        self._hand_over()
        self._known = True
        self._session = payload.id
        spawn = payload.source.get("subagent") if isinstance(payload.source, dict) else None
        self._by_machine = spawn is not None or payload.thread_source in ("subagent", "thread_title")
        thread = spawn.get("thread_spawn") if isinstance(spawn, dict) else None
        parent = payload.forked_from_id or (thread.get("parent_thread_id") if isinstance(thread, dict) else None)
        if isinstance(parent, str) and parent != payload.id:
            self._parent = parent
            self._forked_at = instant(at)

    def _count(self, at: str, payload: _Payload) -> None:
        info = payload.info
        if info is None:
            return
        before, total = self._total, info.total_token_usage
        moved_on = total is None or total != before
        self._total = total or before
        if info.last_token_usage is not None and moved_on:
            use = info.last_token_usage
        elif total is not None:
            use = total.since(before or _NOTHING)
        else:
            return
        numbers = use.numbers
        if not any(numbers[:5]):
            return
        if moved_on and self._pending:
            self._leave_to_count(use, total)
        model = self._model = payload.model or info.model or self._model or _UNNAMED
        when, prompts = instant(at), self._waiting.take()
        named = self._model_keys.get(model)
        if named is None:
            named = self._model_keys[model] = key_of(model)
        # Of integers alone these are the same in every process.
        told = hash(numbers) & _HASH
        key = hash((when, named, told)) & _HASH or 1
        if min(numbers) >= 0 and max(numbers) <= MOST:
            self._held.append((when, model, numbers, prompts, key))
        else:
            self._hand_over()
            self._records.add(Row(when, model, self._session, CODEX, use.usage._replace(prompts=prompts), key))
        self._uses.append(told)

    def _hand_over(self) -> None:
        """Put what is held into the records."""
        held, records = self._held, self._records
        if not held:
            return
        at, models, used, prompts, keys = zip(*held, strict=True)
        known = {model: records.numbers_of(model, self._session, CODEX) for model in dict.fromkeys(models)}
        named = zip(*map(known.__getitem__, models), strict=True)
        # As Use.usage has it.
        whole, cached_inside, written_inside, output, _, _ = zip(*used, strict=True)
        cached = list(map(min, cached_inside, whole))
        rest = list(map(sub, whole, cached))
        written = list(map(min, written_inside, rest))
        none = (0,) * len(held)
        counts = (list(map(sub, rest, written)), cached, written, none, output, none, none)
        records.add_columns([at, *named, *counts, prompts, keys, none, none])
        held.clear()

    def _row(self, at: str, model: str, usage: Usage, key: int) -> Row:
        return Row(instant(at), model, self._session, CODEX, usage, key)

    def _record(self, at: str, payload: _Payload) -> None:
        self._latest = ""
        name, use = payload.response_id or "", payload.usage
        if not name or use is None or name in self._told or not any(use.numbers):
            return
        row = self._row(at, payload.model or self._model or _UNNAMED, use.usage, key_of("response", name))
        self._latest = name
        self._pending.setdefault(name, _Pending(row, use, payload.thread_token_usage))
        if name in self._compacted:
            self._compaction(name)

    def _compaction(self, name: str) -> None:
        """The request of this name wrote a summary: count its record, unless a token count told of it."""
        if not name:
            return
        self._compacted.add(name)
        pending = self._pending.pop(name, None)
        if pending is not None and name not in self._told:
            self._told.add(name)
            self._hand_over()
            self._records.add(pending.row)
            # Not one of the requests that a fork replays one by one.
            self._uses.append(0)

    def _leave_to_count(self, use: Use, total: Use | None) -> None:
        pending = self._pending.get(self._latest)
        if pending is not None and (pending.use == use or (total is not None and pending.total == total)):
            del self._pending[self._latest]
            self._told.add(self._latest)


def _is_wanted(lines: bytes | bytearray, begin: int, end: int) -> bool:
    """Whether the line from ``begin`` to ``end`` must be read; one that begins unlike Codex's own is."""
    head = _HEAD.match(lines, begin, end)
    if head is None:
        return True
    kind = head["type"]
    if kind == b"event_msg":
        event = head["payload"]
        if event == b"item_completed":
            return lines.find(_USER_MESSAGE, begin, end) >= 0
        return event is None or event in _EVENTS
    if kind == b"compacted":
        return lines.find(_COMPACTED, begin, end) >= 0
    return kind in _TYPES
