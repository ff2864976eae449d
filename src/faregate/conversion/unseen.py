"""Hints that a dialect has no place for: they change nothing of the content, and are told.

Owns the table by upstream. What does change the content is refused where it is written.
"""

from __future__ import annotations

from typing import Final

from faregate.conversion.ask import Ask, Result

_UNSEEN: Final = {
    "openai_chat": ("top_k",),
    "anthropic_messages": ("cache_key",),
    "openai_responses": ("top_k",),
    "google_generate": ("parallel", "user", "cache_key"),
}
_NAMES: Final = {"parallel": "parallel_tool_calls", "cache_key": "prompt_cache_key"}
_FLAGLESS: Final = ("openai_chat", "openai_responses")


def unseen(ask: Ask, upstream: str) -> tuple[str, ...]:
    """The hints of ``ask`` that ``upstream``, the name of a dialect, is not told."""
    found = [_NAMES.get(name, name) for name in _UNSEEN[upstream] if getattr(ask, name) not in (None, "")]
    if upstream in _FLAGLESS and any(
        isinstance(part, Result) and part.failed for turn in ask.turns for part in turn.parts
    ):
        found.append("is_error")
    return tuple(found)
