"""Comparison: what the API asks of whatever tries all plans on the logs that somebody dropped.

Owns the port and its failures. The comparison stands in faregate.comparison, which this layer does not know.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple


class Dropped(NamedTuple):
    """``logs``: JSON, {"files": [{"name", "text"}]}, unread. ``currency`` of the sums, ``zone`` of the hours of the
    week, ``language`` of the page. ``address`` is who asks; '' where it is not known.
    """

    logs: bytes
    currency: str
    zone: str
    language: str
    address: str


AskComparison = Callable[[Dropped], Awaitable[dict[str, Any]]]
"""Gives {"comparison": what `faregate compare --json` gives, "page": the same as one page of HTML}. Keeps nothing and
leaves the event loop free.

Raises ComparisonRefused, ComparisonTooLarge, ComparisonBusy, ComparisonFailed.
"""


class ComparisonRefused(Exception):
    """Nothing to compare: no logs that are known, no request in them, or a name that is not known."""

    code = "comparison_refused"


class ComparisonTooLarge(Exception):
    """More than a call may have compared."""

    code = "comparison_too_large"

    def __init__(self, found: str) -> None:
        super().__init__(f"{found}: `faregate compare` on your own machine has no bound")


class ComparisonBusy(Exception):
    """One comparison at a time, and few from one address. ``seconds`` until it is worth asking again."""

    code = "comparison_busy"

    def __init__(self, why: str, seconds: int) -> None:
        super().__init__(f"{why}: ask again in {seconds} s")
        self.seconds = seconds


class ComparisonFailed(Exception):
    """The process that compares ended without an answer."""

    code = "comparison_failed"

    def __init__(self) -> None:
        super().__init__("the comparison ended without an answer; the server's log has why")


async def no_comparison(dropped: Dropped) -> dict[str, Any]:
    raise RuntimeError("nothing is compared in this process")
