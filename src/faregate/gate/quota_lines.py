"""Header lines that say what is left, made as seldom as can be.

Owns their reuse: an account with many requests at once is told the same for a moment, for which of them came last
nobody can tell; one with few is told what holds now. What the lines say is the dialect's.
"""

from __future__ import annotations

from collections import OrderedDict

from faregate.app.standing import quota_of
from faregate.core.account import AccountState
from faregate.dialects.dialect import Dialect
from faregate.wire.headers import encode_headers

MOMENT_MICROSECONDS = 20_000
MANY_REQUESTS = 4
_REMEMBERED = 10_000


class QuotaLines:
    """The lines of each account, API key and dialect, with the instant they were made at."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str, str], tuple[int, bytes]] = OrderedDict()

    def of(self, state: AccountState, api_key: str, dialect: Dialect, now: int) -> bytes:
        """Header lines for ``state`` at ``now``, as the key of that id is told them; empty when nothing limits it."""
        if len(state.holds) < MANY_REQUESTS:
            return encode_headers(dialect.quota_headers(quota_of(state, api_key, now), now))
        key = (state.account, api_key, dialect.name)
        made = self._made.get(key)
        if made is not None and 0 <= now - made[0] < MOMENT_MICROSECONDS:
            return made[1]
        lines = encode_headers(dialect.quota_headers(quota_of(state, api_key, now), now))
        self._made[key] = now, lines
        if len(self._made) > _REMEMBERED:
            self._made.popitem(last=False)
        return lines
