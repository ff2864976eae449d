"""The prompt prefixes that the demo upstream has seen, and what a prompt would have found cached.

Owns the caching rules of both dialects and the bounded memory behind them. Time is an argument,
in microseconds.

**Anthropic.** Only marked blocks (``cache_control``) write: the tokens since what was read, up
to the last mark, each under the lifetime of the first mark at or after it (5 minutes or 1
hour). The longest remembered prefix that ends at or before the last mark is read, and its
lifetime starts anew. A mark at less than 1,024 tokens is ignored.

**OpenAI.** Automatic: the longest remembered row of blocks counts, in steps of 128 tokens from
1,024, and never the last token of a prompt. Remembered for 10 minutes from the last use.

Prefixes are kept apart by scope (dialect, caller and model) and forgotten least recently used
first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from faregate.demo_upstream.prompt_blocks import PromptBlock

SECOND = 1_000_000
SHORTEST_CACHED_TOKENS = 1024
AUTOMATIC_STEP_TOKENS = 128
AUTOMATIC_SECONDS = 600


class InputTokens(NamedTuple):
    """A prompt's tokens, split: uncached, read from the cache, written to it by lifetime."""

    uncached: int
    cached: int = 0
    written_5m: int = 0
    written_1h: int = 0


class _Boundary(NamedTuple):
    digest: bytes
    tokens: int
    marked_seconds: int | None


class PrefixCache:
    """Bounded memory of prefixes: at most ``capacity`` of them."""

    def __init__(self, capacity: int = 16_384) -> None:
        self._capacity = capacity
        self._expiry: OrderedDict[bytes, tuple[int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._expiry)

    def marked(self, scope: str, blocks: Iterable[PromptBlock], now: int) -> InputTokens:
        """Account for a prompt by the Anthropic rule, and remember its marked prefixes."""
        row = _boundaries(scope, blocks)
        total = row[-1].tokens if row else 0
        marks = [
            index
            for index, boundary in enumerate(row)
            if boundary.marked_seconds and boundary.tokens >= SHORTEST_CACHED_TOKENS
        ]
        if not marks:
            return InputTokens(total)
        read = self._longest(row[: marks[-1] + 1], now)
        cached = 0 if read is None else read.tokens
        written = {300: 0, 3600: 0}
        reached = cached
        for boundary in (row[index] for index in marks):
            seconds = boundary.marked_seconds or 0
            if boundary.tokens > reached:
                written[seconds] += boundary.tokens - reached
                reached = boundary.tokens
            self._remember(boundary.digest, seconds, now)
        return InputTokens(total - reached, cached, written[300], written[3600])

    def automatic(self, scope: str, blocks: Iterable[PromptBlock], now: int) -> InputTokens:
        """Account for a prompt by the OpenAI rule, and remember all its prefixes."""
        row = _boundaries(scope, blocks)
        total = row[-1].tokens if row else 0
        read = self._longest(row, now)
        reach = 0 if read is None else min(read.tokens, total - 1)
        cached = reach // AUTOMATIC_STEP_TOKENS * AUTOMATIC_STEP_TOKENS
        if cached < SHORTEST_CACHED_TOKENS:
            cached = 0
        for boundary in row:
            if boundary.tokens >= SHORTEST_CACHED_TOKENS:
                self._remember(boundary.digest, AUTOMATIC_SECONDS, now)
        return InputTokens(total - cached, cached)

    def _longest(self, row: list[_Boundary], now: int) -> _Boundary | None:
        for boundary in reversed(row):
            known = self._expiry.get(boundary.digest)
            if known is not None and now < known[0]:
                self._remember(boundary.digest, known[1], now)
                return boundary
        return None

    def _remember(self, digest: bytes, seconds: int, now: int) -> None:
        known = self._expiry.get(digest)
        if known is not None and now < known[0]:
            seconds = max(seconds, known[1])
        self._expiry[digest] = (now + seconds * SECOND, seconds)
        self._expiry.move_to_end(digest)
        while len(self._expiry) > self._capacity:
            self._expiry.popitem(last=False)


def _boundaries(scope: str, blocks: Iterable[PromptBlock]) -> list[_Boundary]:
    digest = blake2b(scope.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    tokens = 0
    row: list[_Boundary] = []
    for block in blocks:
        digest = blake2b(digest + block.identity, digest_size=16).digest()
        tokens += block.tokens
        row.append(_Boundary(digest, tokens, block.marked_seconds))
    return row
