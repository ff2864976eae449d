"""The one failure of a change: a file that cannot be changed without losing something of it."""

from __future__ import annotations


class Unmendable(Exception):
    """``reason`` ends a message key: comments, syntax, shape."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
