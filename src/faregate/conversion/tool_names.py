"""Names of tools and ids of calls that are too long or oddly spelled for the other dialect, and back.

Owns the mapping of one conversation. The same name always maps to the same one, so that prompt caches hold.
"""

from __future__ import annotations

import hashlib
import re

LONGEST_NAME = 64
_ODD = re.compile(r"[^A-Za-z0-9_-]")


class ToolNames:
    """Names as an upstream takes them; remembers which were changed."""

    def __init__(self) -> None:
        self._original: dict[str, str] = {}

    def there(self, name: str) -> str:
        """``name`` in letters, digits, ``_`` and ``-``, at most 64 of them."""
        plain = _ODD.sub("_", name)
        if plain == name and len(name) <= LONGEST_NAME:
            return name
        mark = hashlib.sha256(name.encode()).hexdigest()[:8]
        short = f"{plain[: LONGEST_NAME - 9]}_{mark}"
        self._original[short] = name
        return short

    def back(self, name: str) -> str:
        """The name that the client knows."""
        return self._original.get(name, name)


def call_id(id: str) -> str:
    """``id`` as every dialect takes it; the same one for the same."""
    if _ODD.search(id) is None and 0 < len(id) <= LONGEST_NAME:
        return id
    return "call_" + hashlib.sha256(id.encode()).hexdigest()[:24]
