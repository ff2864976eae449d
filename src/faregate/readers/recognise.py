"""Which tool wrote a log, by what stands in it.

Owns the marks. Does not trust names: a folder given by hand may hold anything.
"""

from __future__ import annotations

import re
from pathlib import Path

from faregate.readers.discover import is_opencode
from faregate.readers.folders import Unreadable, files_below, no_matter
from faregate.readers.log_file import CLAUDE_CODE, CODEX, CSV, GEMINI, OPENCODE, QWEN, USAGE_LINES, LogFile

_LOOKED_AT = (16 << 10, 512 << 10)
"""So many bytes at the beginning of a file tell what it is; more only where the first do not."""
_SUFFIXES = frozenset((".jsonl", ".json", ".csv", ".db"))
_SQLITE = b"SQLite format 3\0"

_MARKS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    (CODEX, re.compile(rb'"type":\s*"(session_meta|turn_context|event_msg|response_item)"')),
    (QWEN, re.compile(rb'"usageMetadata":\s*\{|"subtype":\s*"ui_telemetry"|"parts":\s*\[\s*\{"text"[^\n]*"cwd":')),
    (GEMINI, re.compile(rb'"type":\s*"gemini"|"projectHash":')),
    (
        CLAUDE_CODE,
        re.compile(
            rb'"(parentUuid|isSidechain|leafUuid)":|"requestId":\s*"req_|"type":\s*"(queue-operation|summary|'
            rb'file-history-snapshot)"|"type":\s*"assistant"[^\n]*"usage":\s*\{'
        ),
    ),
    (USAGE_LINES, re.compile(rb'\{[^{}\n]*"at":\s*"[^"\n]*"[^{}\n]*\}')),
)
"""The first that is found decides."""
_BEFORE_CLAUDE = [tool for tool, _ in _MARKS].index(CLAUDE_CODE)
_ANY_BEFORE = re.compile(b"|".join(mark.pattern for _, mark in _MARKS[:_BEFORE_CLAUDE]))
"""Most logs are Claude Code's, where none of these is found: looked for at once they take half of the time."""


def recognise(path: Path, unreadable: Unreadable = no_matter) -> list[LogFile]:
    """The logs at ``path``: a file, or everything below a folder. What is no log of a known tool is left out.

    ``unreadable`` hears of files and folders that cannot be opened.
    """
    found: list[LogFile] = []
    for each, size in files_below(path, unreadable):
        if each.suffix in _SUFFIXES or each == path:
            try:
                tool = tool_of(each)
            except OSError:
                unreadable(each)
                continue
            if tool is not None:
                found.append(LogFile(tool, each, size))
    return found


def tool_of(path: Path) -> str | None:
    """The tool whose log this file is; None if of none. Raises OSError."""
    with path.open("rb") as source:
        head = b""
        for size in _LOOKED_AT:
            more = source.read(size)
            head += more
            tool = _told_by(head, path)
            if tool is not None or not more:
                return tool
    return None


def _told_by(head: bytes, path: Path) -> str | None:
    if head.startswith(_SQLITE):
        return OPENCODE if is_opencode(path) else None
    if is_opencode(path) and b'"sessionID"' in head:
        return OPENCODE
    if path.suffix == ".csv":
        return CSV if _is_table(head) else None
    for tool, mark in _MARKS if _ANY_BEFORE.search(head) else _MARKS[_BEFORE_CLAUDE:]:
        if mark.search(head):
            # Qwen Code's older chats are of its ancestor's shape.
            return QWEN if tool == GEMINI and ".qwen" in path.parts else tool
    return None


def _is_table(head: bytes) -> bool:
    first, _, _ = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    columns = {name.strip(b' "\r').lower() for name in re.split(rb"[,;\t]", first)}
    return b"at" in columns and b"model" in columns
