"""Whatever bytes a log holds, reading it ends, and says what it could not read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.readers import REASONS, TOOLS, LogFile, read
from faregate.readers.log_file import GEMINI, OPENCODE
from tests.readers.logs import answer, at, prompt

USE = {"input_tokens": 3, "cached_input_tokens": 1, "output_tokens": 2, "total_tokens": 5}
INFO = {"last_token_usage": USE, "total_token_usage": USE}
LINES: list[dict[str, Any]] = [
    prompt("hi"),
    answer("a", 5, use={"iterations": [{"type": "advisor_message", "model": "m", "input_tokens": 1}]}),
    {
        "timestamp": at(1),
        "type": "session_meta",
        "payload": {"id": "t1", "source": {"subagent": {"thread_spawn": {}}}},
    },
    {"timestamp": at(2), "type": "event_msg", "payload": {"type": "token_count", "info": INFO}},
    {"timestamp": at(2), "type": "event_msg", "payload": {"type": "item_completed", "item": {"type": "UserMessage"}}},
    {
        "id": "m",
        "sessionID": "s",
        "role": "assistant",
        "tokens": {"input": 1},
        "time": {"created": 1_793_613_600_000},
    },
    {"sessionId": "s", "messages": [{"id": "1", "type": "gemini", "timestamp": at(1), "tokens": {"input": 4}}]},
    {"uuid": "1", "type": "assistant", "timestamp": at(1), "usageMetadata": {"promptTokenCount": 4}},
    {"at": at(1), "model": "m", "input": 3},
]
TEXTS = [json.dumps(line, separators=(",", ":")).encode() for line in LINES]
TEXTS.append(b"at,model,input\n2026-11-02T10:00:00Z,m,4")
SCRAPS = st.sampled_from(
    [b"null", b"[]", b"{}", b'""', b"-1", b"1e400", b"9" * 30, b"\xff", b"\n", b"true", b'"\\ud800"']
)


@st.composite
def mangled(draw: Callable[[Any], Any]) -> bytes:
    """Lines of any tool, some with a piece replaced by something else."""
    parts = []
    for text in draw(st.lists(st.sampled_from(TEXTS), max_size=6)):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(len(text), begin + 12)))
        parts.append(
            text[:begin] + draw(SCRAPS | st.binary(max_size=6)) + text[end:] if draw(st.booleans()) else text
        )
    return b"\n".join(parts)


@pytest.mark.parametrize("tool", TOOLS)
@given(data=mangled() | st.binary(max_size=80))
def test_any_bytes_are_read_or_told(tmp_path_factory: pytest.TempPathFactory, tool: str, data: bytes) -> None:
    for suffix in {GEMINI: (".json", ".jsonl"), OPENCODE: (".json", ".db")}.get(tool, (".log",)):
        path: Path = tmp_path_factory.getbasetemp() / f"any{suffix}"
        path.write_bytes(data)
        reading = read([LogFile(tool, path, len(data))], workers=1)
        assert all(min(request.usage) >= 0 for request in reading.requests)
        assert {broken.reason for broken in reading.first_broken} <= set(REASONS)
