"""The trail of one request through the upstreams: where it is, where it was tried in vain, where it may go next.

Owns the bounds on trying again: how often, for how long, and only while the client has been given nothing. Which
upstream comes next is the route's to say; what an attempt's failure means is the upstreams'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from faregate.core.usage import Usage
from faregate.gate.ports import Attempt, Clock, Route


@dataclass(frozen=True, slots=True)
class Failover:
    """``attempts`` at upstreams for one request at most; none begins later than ``seconds`` after the first."""

    attempts: int = 3
    seconds: int = 60


class Trail:
    """One request's attempts, each begun by ``go``; the last one is ended by ``end``, those before by the next.

    ``began_at`` is when the request came, microseconds UTC; ``only`` names the one place it may be sent to, '' where
    any will do.
    """

    __slots__ = ("_account", "_began_at", "_body", "_only", "_session", "attempt", "route", "tried")

    def __init__(self, route: Route, account: str, session: str, body: bytes, began_at: int, only: str = "") -> None:
        self.route = route
        self.attempt: Attempt | None = None
        self.tried: tuple[Attempt, ...] = ()
        self._account = account
        self._session = session
        self._body = body
        self._only = only
        self._began_at = began_at

    def go(self) -> Attempt | int:
        """Begin the first attempt; where none can be begun: when one may be, microseconds UTC."""
        found = self.route.attempt(self._account, self._session, self._body, self._began_at, (), self._only)
        if not isinstance(found, int):
            self.attempt = found
        return found

    def go_on(self, now: int, bounds: Failover) -> Attempt | None:
        """Begin the next attempt, where there is one to begin."""
        last = self.attempt
        if last is None or len(self.tried) + 1 >= bounds.attempts:
            return None
        if now - self._began_at >= bounds.seconds * 1_000_000:
            return None
        tried = (*self.tried, last)
        found = self.route.attempt(self._account, self._session, self._body, now, tried, self._only)
        if isinstance(found, int):
            return None
        last.end()
        self.tried = tried
        self.attempt = found
        return found

    def end(self) -> None:
        """Nothing more is heard of any attempt."""
        if self.attempt is not None:
            self.attempt.end()

    def tell(self, facts: dict[str, Any], usage: Usage, clock: Clock) -> None:
        """Add to the facts of a settlement what they are to say of the upstreams, as far as there is anything.

        ``tried`` lists (upstream, key, fault) of the attempts that failed before the last, ``upstream_key`` names the
        last one's key, and ``cost`` is what ``usage`` costs the operator now.
        """
        last = self.attempt
        if last is None:
            return
        if last.key:
            facts["upstream_key"] = last.key
        if self.tried:
            facts["tried"] = _failed(self.tried)
        if last.is_priced and (cost := last.cost(usage, clock())) is not None:
            facts["cost"] = cost

    def in_vain(self) -> dict[str, Any] | None:
        """The facts of a release: ``tried`` as in a settlement, and the last attempt; None where none failed."""
        failed = _failed(self.tried if self.attempt is None else (*self.tried, self.attempt))
        return {"tried": failed} if failed else None


def _failed(attempts: Sequence[Attempt]) -> list[tuple[str, str, str]]:
    return [(each.name, each.key, each.fault.code) for each in attempts if each.fault is not None]
