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


def matches(pattern: str, name: str) -> bool:
    """Whether the whole of ``name`` fits ``pattern``."""
    return _compiled(pattern).fullmatch(name) is not None
