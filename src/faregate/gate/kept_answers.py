"""Answers that upstreams keep, so that a later request can go on from one: whose they are, and who has them.

Owns this memory. It is of this process and bounded: what it does not know, nobody may go on from, for the operator's
key opens every customer's answers at the upstream. The answers themselves are not here.
"""

from __future__ import annotations

from collections import OrderedDict

_REMEMBERED = 200_000


class KeptAnswers:
    """Ids of answers with the account and the place: upstream and key in one. The oldest are forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def note(self, answer: str, account: str, place: str) -> None:
        """``account`` got ``answer`` from ``place``."""
        kept = self._kept
        kept[answer] = account, place
        if len(kept) > _REMEMBERED:
            kept.popitem(last=False)

    def place_of(self, answer: str, account: str) -> str | None:
        """Where ``answer`` is kept for ``account``; None when that is not known."""
        owner, place = self._kept.get(answer, ("", ""))
        return place if owner == account and place else None
