"""The audit log: who did what, when, and what came of it.

Owns the rows and their reading. Rows are only ever added. No secret, no prompt, and of a body its note alone is in
them. What an act changed stands in the journal and among the receipts, under the same idempotency key.
"""

from __future__ import annotations

from typing import Any

from faregate.app.catalogue_port import Catalogue, Deed
from faregate.app.ids import Randomness
from faregate.core.instants import render_instant

DONE = "done"
SYSTEM = "system"


class Audit:
    """Over one catalogue. ``randomness(n)`` gives n bytes."""

    def __init__(self, catalogue: Catalogue, randomness: Randomness) -> None:
        self._catalogue = catalogue
        self._randomness = randomness
        self._noted = 0

    def note(
        self,
        who: str,
        act: str,
        subject: str,
        key: str,
        outcome: str,
        at: int,
        about: str = "",
        why: str = "",
    ) -> None:
        """Write down that ``who`` did ``act`` to ``subject`` (an account, where there is one).

        ``who`` is ``token:NAME``, ``cli:USER``, ``key:ID`` or ``system``; ``outcome`` is ``done`` or the code of what
        stood against it; ``about`` is what else the act named: an order, a key; ``why`` is the operator's note.
        """
        # What happens in one moment stands in the order in which it was noted.
        self._noted += 1
        id = f"{at:017d}-{self._noted:08d}-{self._randomness(4).hex()}"
        self._catalogue.add_deed(Deed(id, at, who, act, subject, about, key, outcome, why))

    def page(
        self,
        before: str | None = None,
        limit: int = 100,
        who: str | None = None,
        act: str | None = None,
        subject: str | None = None,
    ) -> dict[str, Any]:
        """Deeds, newest first, those before the one with id ``before``."""
        rows = self._catalogue.deeds(before, limit, who, act, subject)
        return {
            "deeds": [{**row._asdict(), "at": render_instant(row.at)} for row in rows],
            "next": rows[-1].id if len(rows) == limit else None,
        }


def outcome_of(problem: Exception | None) -> str:
    """What is written down of how an act ended."""
    return DONE if problem is None else str(getattr(problem, "code", "bad_request"))
