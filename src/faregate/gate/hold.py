"""A hold that is out: who asked for what, and the one way to close it.

Owns that a hold is closed once and only once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faregate.app.settlement import Settlement
from faregate.dialects.body import Request
from faregate.gate.outcome import Ending, Seen, charge_of
from faregate.gate.ports import Clock
from faregate.gate.trail import Trail
from faregate.gate.usual_output import UsualOutput


class OpenHold:
    """The hold of one request, from its admission to its settlement or release.

    ``key`` is the id of the caller's key. ``trail`` is its way through the upstreams, which ends with it; ``then`` is
    called when the closing is written.
    """

    __slots__ = ("_clock", "_closed", "_settlement", "_then", "_usual", "account", "id", "key", "request", "trail")

    def __init__(
        self,
        settlement: Settlement,
        usual: UsualOutput,
        account: str,
        key: str,
        id: str,
        request: Request,
        trail: Trail,
        clock: Clock,
        then: Callable[[], None] | None = None,
    ) -> None:
        self._settlement = settlement
        self._usual = usual
        self._clock = clock
        self.trail = trail
        self._then = then
        self._closed = False
        self.account = account
        self.key = key
        self.id = id
        self.request = request

    @property
    def place(self) -> str:
        """Where the last attempt was made, '' where there was none."""
        return "" if self.trail.attempt is None else self.trail.attempt.place

    @property
    def closed(self) -> bool:
        """Whether it was settled or released."""
        return self._closed

    def conclude(self, ending: Ending, seen: Seen) -> None:
        """Settle or release by the table, unless that was done before."""
        if self._closed:
            return
        charge = charge_of(ending, seen, self.request)
        if charge is None:
            self.release(ending.value)
            return
        self._closed = True
        trail = self.trail
        attempt = trail.attempt
        facts: dict[str, Any] = {"upstream": attempt.name if attempt is not None else "", "outcome": ending.value}
        if charge.estimated:
            facts["estimated"] = True
        elif ending is Ending.COMPLETE:
            self._usual.note(self.account, trail.route.canonical, charge.usage.output)
        if attempt is not None:
            if attempt.is_priced or attempt.key or trail.tried:
                trail.tell(facts, charge.usage, self._clock)
            attempt.end()
        self._settlement.settle(self.account, self.id, charge.usage, facts, self._then)

    def release(self, reason: str) -> None:
        """Give it back, unless it was closed before."""
        if not self._closed:
            self._closed = True
            facts = self.trail.in_vain()
            self.trail.end()
            self._settlement.release(self.account, self.id, reason, self._then, facts)
