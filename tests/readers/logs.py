"""Logs for tests, as the tools write them, with nobody's words in them.

Owns the lines of each tool, and reading a folder of them in one step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from faregate.core.logged_request import LoggedRequest
from faregate.readers import Reading, read, recognise


def at(seconds: int) -> str:
    """An instant of the morning all these logs are of."""
    return f"2026-11-02T10:{seconds // 60:02}:{seconds % 60:02}.000Z"


def answer(message: str, output: int, seconds: int = 0, **more: Any) -> dict[str, Any]:
    """A line of Claude Code's of one block of an answer. ``use``, ``model``, ``request`` and fields of the line."""
    use = {"input_tokens": 10, "cache_read_input_tokens": 1000, "output_tokens": output} | more.pop("use", {})
    model = more.pop("model", "claude-opus-4-8")
    request = more.pop("request", f"req_{message}")
    told = {
        "id": f"msg_{message}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "usage": use,
    }
    line = {"parentUuid": None, "isSidechain": False, "message": told, "type": "assistant"}
    named = {"requestId": request} if request else {}
    return line | named | {"timestamp": at(seconds), "sessionId": "s1", "version": "2.1.197"} | more


def prompt(text: Any, **more: Any) -> dict[str, Any]:
    """A line of Claude Code's of something that stands in the user's place."""
    message = {"role": "user", "content": text}
    line = {"parentUuid": None, "isSidechain": False, "type": "user", "message": message}
    return line | {"timestamp": at(0), "sessionId": "s1", "version": "2.1.197"} | more


def tool_result(text: str = "done") -> dict[str, Any]:
    """What a tool gave back."""
    return prompt([{"tool_use_id": "t1", "type": "tool_result", "content": text}], toolUseResult={"stdout": text})


def write(path: Path, lines: Iterable[dict[str, Any] | str | bytes]) -> Path:
    """A file of these lines, compact as the tools write them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for line in lines:
            text = json.dumps(line, separators=(",", ":")) if isinstance(line, dict) else line
            file.write((text.encode() if isinstance(text, str) else text) + b"\n")
    return path


def reading_of(folder: Path) -> Reading:
    """All logs in a folder, read in this process."""
    return read(recognise(folder), workers=1)


def requests_in(folder: Path) -> list[LoggedRequest]:
    """The requests of a folder in which nothing is broken."""
    reading = reading_of(folder)
    assert reading.first_broken == ()
    return list(reading.requests)
