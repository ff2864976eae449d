"""Hints that a dialect has no place for: they change nothing of the content, and are told.

Owns the table by upstream. What does change the content is refused where it is written.
"""

from __future__ import annotations

from typing import Final

from faregate.conversion.ask import Ask, JsonObject, Result

_UNSEEN: Final = {
    "openai_chat": ("top_k",),
    "anthropic_messages": ("cache_key",),
    "openai_responses": ("top_k",),
    "google_generate": ("parallel", "user", "cache_key"),
}
_NAMES: Final = {"parallel": "parallel_tool_calls", "cache_key": "prompt_cache_key"}
_FLAGLESS: Final = ("openai_chat", "openai_responses")
_STRICTLESS: Final = ("anthropic_messages", "google_generate")
_MARKLESS: Final = ("openai_chat", "openai_responses", "google_generate")

_UNLESS_THINKING: Final = ("temperature", "top_p", "top_k")
"""Settings that a model which thinks does not take: whether they were written shows in the body."""


def unseen(ask: Ask, upstream: str, written: JsonObject) -> tuple[str, ...]:
    """The hints of ``ask`` that ``upstream``, the name of a dialect, is not told in the body ``written``."""
    found = [_NAMES.get(name, name) for name in _UNSEEN[upstream] if getattr(ask, name) not in (None, "")]
    parts = [part for turn in ask.turns for part in turn.parts]
    if upstream in _FLAGLESS and any(isinstance(part, Result) and part.failed for part in parts):
        found.append("is_error")
    if upstream in _STRICTLESS and any(tool.strict for tool in ask.tools):
        found.append("tools.strict")
    marked = any(getattr(each, "cache", None) for each in (*parts, *ask.tools))
    if upstream in _MARKLESS and marked:
        found.append("cache_control")
    if upstream in ("anthropic_messages", "openai_responses"):
        names = (name for name in _UNLESS_THINKING if name not in _UNSEEN[upstream])
        found += [name for name in names if getattr(ask, name) is not None and name not in written]
    if upstream == "anthropic_messages" and _thinks(ask) and "thinking" not in written:
        found.append("reasoning_effort")
    return tuple(found)


def _thinks(ask: Ask) -> bool:
    return ask.effort is not None and ask.effort.level != "none"
