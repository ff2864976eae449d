"""Sharing: from what a plan says is watched to the rule that the engine keeps.

Owns what is usual where a plan does not say. Counts nothing.
"""

from __future__ import annotations

from faregate.core.instants import DAY, HOUR
from faregate.core.terms import SharingRule
from faregate.planfile.document_offer import SharingDocument

USUAL: dict[str, tuple[int, int]] = {
    "addresses": (8, DAY),
    "clients": (6, DAY),
    "sessions": (40, HOUR),
    "concurrency": (20, HOUR),
    "relay": (3, DAY),
    "many_accounts": (3, DAY),
    "accounts_of_an_address": (12, DAY),
}
"""Signal -> (the most of one person, over so many microseconds): wide enough for somebody with several machines, many
tools and sub-agents."""
QUIET = 30 * DAY


def compile_sharing(written: SharingDocument | None) -> SharingRule | None:
    """The rule; None where nothing is watched."""
    if written is None or written.allowed or not written.signals:
        return None
    watched: list[str] = [signal for signal in written.signals if signal != "relay" or not written.forwarding]
    if "many_accounts" in watched:
        watched.append("accounts_of_an_address")
    bounds: dict[str, tuple[int, int]] = {name: (bound.most, bound.within) for name, bound in written.bounds.items()}
    found = tuple((name, *bounds.get(name, USUAL[name])) for name in watched)
    return SharingRule(found, written.action, written.slowed_to, written.quiet or QUIET)
