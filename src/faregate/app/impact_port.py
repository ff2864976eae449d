"""Impact: what the API asks of whatever replays the journal's traffic under a proposed version.

Owns the port and its failures. The replay stands in faregate.comparison, which this layer does not know.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

AskImpact = Callable[[str, int, str | None], Awaitable[dict[str, Any]]]
"""(plan file, days back from the journal's latest entry, currency of the sums or None for that of the prices)
-> what `faregate plan impact --json` gives. Writes nothing and leaves the event loop free.

Raises PlanFileError, VersionTaken, UnitChanged, NoRate, ImpactTooLarge, ImpactBusy, ImpactFailed.
"""


class ImpactTooLarge(Exception):
    """More traffic than a call may have replayed."""

    code = "impact_too_large"

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(f"{found}: ask for fewer days, or use `faregate plan impact`, which has no bound")


class ImpactBusy(Exception):
    """One replay at a time."""

    code = "impact_busy"

    def __init__(self) -> None:
        super().__init__("another replay of the journal runs in this process: ask again when it is done")


class ImpactFailed(Exception):
    """The process that replays ended without an answer."""

    code = "impact_failed"

    def __init__(self) -> None:
        super().__init__("the replay ended without an answer; the server's log has why")


async def no_impact(document: str, days: int, currency: str | None) -> dict[str, Any]:
    raise RuntimeError("nothing is replayed in this process")
