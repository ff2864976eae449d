"""What the conversation asks for now: last user text, tool round, newest tool results.

Owns reading messages of both dialects into a ``Turn``. Does not decide the answer.

The turn's prompt is the text of the last user message that holds any; blocks that are wholly a
``<system-reminder>`` do not count, and trailing system or developer messages are passed over.
``round`` is the number of assistant messages with tool calls since then. ``results`` are the
tool results after the last of those, without such blocks, which clients put there too.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_REMINDER = re.compile(r"\s*(<system-reminder>.*?</system-reminder>\s*)+", re.DOTALL)
_CALL_TYPES = ("tool_use", "server_tool_use")


class Turn(NamedTuple):
    """See the module's docstring. ``results`` are texts, in the order of the messages."""

    prompt: str
    round: int
    results: tuple[str, ...]


def read_turn(messages: list[dict[str, Any]]) -> Turn:
    """Read the current turn from a list of messages (objects; every other field is optional)."""
    rounds = 0
    results: list[str] = []
    for message in reversed(messages):
        role = message.get("role")
        if role == "assistant":
            rounds += _calls_tools(message)
        elif role in ("user", "tool", "function"):
            if rounds == 0:
                results[:0] = _tool_results(message)
            text = _prompt_text(message) if role == "user" else ""
            if text:
                return Turn(text, rounds, tuple(results))
    return Turn("", rounds, tuple(results))


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    return [
        str(block.get("text", "")) for block in content if isinstance(block, dict) and block.get("type") == "text"
    ]


def _prompt_text(message: dict[str, Any]) -> str:
    texts = [text for text in _texts(message.get("content")) if not _REMINDER.fullmatch(text)]
    return "\n".join(texts).strip()


def _tool_results(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    if message.get("role") in ("tool", "function"):
        return [_result_text(content)]
    if not isinstance(content, list):
        return []
    return [
        _result_text(block.get("content"))
        for block in content
        if isinstance(block, dict) and block.get("type") == "tool_result"
    ]


def _result_text(content: Any) -> str:
    return _REMINDER.sub("", "\n".join(_texts(content))).strip()


def _calls_tools(message: dict[str, Any]) -> bool:
    if message.get("tool_calls") or message.get("function_call"):
        return True
    content = message.get("content")
    return isinstance(content, list) and any(
        isinstance(block, dict) and block.get("type") in _CALL_TYPES for block in content
    )
