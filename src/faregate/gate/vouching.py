"""Vouching: a request with one sign of a client counts as that client's where its key was just used by it.

Clients' small requests (titles, summaries) often show no more than their User-Agent. Owns the memory of which client
each key was last used by, recognised by enough signs; a hint, lost at a restart.
"""

from __future__ import annotations

from collections import OrderedDict

from faregate.callers.caller import Caller
from faregate.core.instants import HOUR

KEPT_KEYS = 10_000
LASTS = HOUR
ENOUGH = 2
BY_KEY = "key"
"""The sign that the key was just used by that client."""


class Vouching:
    """Which client each key was lately used by."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def evidence_of(self, key: str, caller: Caller, now: int) -> tuple[str, ...]:
        """The signs that ``caller`` is who it seems to be."""
        evidence = caller.evidence
        if len(evidence) >= ENOUGH:
            self._known[key] = (caller.client, now)
            self._known.move_to_end(key)
            if len(self._known) > KEPT_KEYS:
                self._known.popitem(last=False)
        elif len(evidence) == 1 and (known := self._known.get(key)) is not None:
            client, at = known
            if client == caller.client and now - at < LASTS:
                return (*evidence, BY_KEY)
        return evidence
