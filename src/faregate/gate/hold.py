"""A hold that is out: who asked for what, and the one way to close it.

Owns that a hold is closed once and only once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faregate.dialects.body import Request
from faregate.gate.outcome import Ending, Seen, charge_of
from faregate.gate.settlement import Settlement
from faregate.gate.usual_output import UsualOutput


class OpenHold:
    """The hold of one request, from its admission to its settlement or release.

    ``channel`` is the upstream's name and the canonical model; ``then`` is called when the closing is written.
    """

    __slots__ = ("_closed", "_model", "_settlement", "_then", "_upstream", "_usual", "account", "id", "request")

    def __init__(
        self,
        settlement: Settlement,
        usual: UsualOutput,
        account: str,
        id: str,
        request: Request,
        channel: tuple[str, str],
        then: Callable[[], None] | None = None,
    ) -> None:
        self._settlement = settlement
        self._usual = usual
        self._upstream, self._model = channel
        self._then = then
        self._closed = False
        self.account = account
        self.id = id
        self.request = request

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
        facts: dict[str, Any] = {"upstream": self._upstream, "outcome": ending.value}
        if charge.estimated:
            facts["estimated"] = True
        elif ending is Ending.COMPLETE:
            self._usual.note(self.account, self._model, charge.usage.output)
        self._settlement.settle(self.account, self.id, charge.usage, facts, self._then)

    def release(self, reason: str) -> None:
        """Give it back, unless it was closed before."""
        if not self._closed:
            self._closed = True
            self._settlement.release(self.account, self.id, reason, self._then)
