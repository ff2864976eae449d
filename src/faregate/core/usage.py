"""What one request consumed, in disjoint classes.

Owns the names and order of the usage classes. Does not know dialects (they fill it), prices or meters.
"""

from __future__ import annotations

from typing import NamedTuple


class Usage(NamedTuple):
    """Usage of one request. Whole counts, never negative, no class contained in another.

    ``input`` is uncached input; reasoning tokens are inside ``output``. ``requests`` is 1 for one request;
    ``prompts`` is 1 when the request opens a user turn.
    """

    input: int = 0
    cached: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    images: int = 0
    tool_calls: int = 0
    requests: int = 1
    prompts: int = 0

    @property
    def total_input(self) -> int:
        """Length of the whole input in tokens: uncached, cached and written to the cache."""
        return self.input + self.cached + self.cache_write_5m + self.cache_write_1h


USAGE_CLASSES: tuple[str, ...] = Usage._fields
TOKEN_CLASSES: tuple[str, ...] = ("input", "cached", "cache_write_5m", "cache_write_1h", "output")
