"""Matching of names against patterns with ``*``.

Owns one rule: ``*`` stands for any run of characters, all else for itself, case aside. No other wildcard exists.
"""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.compile(body, re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=4096)
def _beginning(pattern: str) -> tuple[str, bool] | None:
    """What names that fit ``pattern`` begin with, lowered, and whether more may follow; None where that is not all
    it asks. Most patterns are of this kind, and compiling one costs more than all of its matching."""
    head, star, tail = pattern.partition("*")
    return (head.lower(), bool(star)) if not tail and pattern.isascii() else None


def matches(pattern: str, name: str) -> bool:
    """Whether the whole of ``name`` fits ``pattern``."""
    beginning = _beginning(pattern)
    if beginning is None or not name.isascii():
        return _compiled(pattern).fullmatch(name) is not None
    head, more = beginning
    return name.lower().startswith(head) if more else name.lower() == head
