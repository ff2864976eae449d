"""What clients say outright about a request's part in a turn, in headers of theirs.

Owns their reading. Broken metadata says nothing and is no error.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from faregate.callers.facts import Headers


class Kind(StrEnum):
    """What a request is for."""

    PROMPT = "prompt"
    TOOL = "tool"
    SIDE = "side"
    COMPACTION = "compaction"
    SUBAGENT = "subagent"


class Signals(NamedTuple):
    """``kind``: None when who spoke last must decide; ``prompt_id``: '' when the client gives
    none."""

    kind: Kind | None = None
    prompt_id: str = ""
    reason: str = ""


class _CodexTurn(msgspec.Struct):
    turn_id: str = ""
    root_turn_id: str = ""
    thread_source: str = ""
    request_kind: str = ""


_CODEX_TURN: msgspec.json.Decoder[_CodexTurn] = msgspec.json.Decoder(_CodexTurn)

_CLAUDE_CLASSES: dict[bytes, Kind] = {
    b"subagent": Kind.SUBAGENT,
    b"workflow": Kind.SUBAGENT,
    b"compaction": Kind.COMPACTION,
    b"auxiliary": Kind.SIDE,
    b"side_reply": Kind.SIDE,
}
_SILENT = Signals()


def signals_of(headers: Headers) -> Signals:
    """The client's own word on a request."""
    if metadata := headers.get(b"x-codex-turn-metadata"):
        return _codex(metadata, headers)
    prompt_id = headers.get(b"x-claude-code-prompt-id", b"").decode("latin-1")
    key = f"claude:{prompt_id}" if prompt_id else ""
    if b"x-claude-code-compaction" in headers:
        return Signals(Kind.COMPACTION, key, "claude_compaction")
    if request_class := headers.get(b"x-claude-code-request-class"):
        return Signals(_CLAUDE_CLASSES.get(request_class), key, "claude_request_class")
    if headers.get(b"x-session-id", b"").startswith(b"title-"):
        return Signals(Kind.SIDE, "", "title_session")
    if headers.get(b"x-initiator") == b"agent":
        return Signals(Kind.TOOL, "", "initiator_agent")
    return Signals(None, key) if key else _SILENT


def _codex(metadata: bytes, headers: Headers) -> Signals:
    try:
        turn = _CODEX_TURN.decode(metadata)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _SILENT
    root = turn.root_turn_id or turn.turn_id
    key = f"codex:{root}" if root else ""
    if turn.request_kind == "compaction":
        return Signals(Kind.COMPACTION, key, "codex_request_kind")
    if turn.thread_source == "subagent" or b"x-openai-subagent" in headers:
        return Signals(Kind.SUBAGENT, key, "codex_thread_source")
    if turn.thread_source == "thread_title" or turn.request_kind == "prewarm":
        return Signals(Kind.SIDE, "", "codex_thread_source")
    return Signals(None, key)
