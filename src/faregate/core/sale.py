"""Sale: which version of a plan is sold when, and who keeps a version that is no longer sold.

Owns these facts as values, and the two questions asked of them. Does not know subscriptions, nor where versions come
from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from faregate.core.terms import Terms


class Cohort(NamedTuple):
    """Who keeps a version: those who bought before ``bought_before`` (None: everybody).

    ``while_renewed``: through every renewal until the subscription lapses; ``period``: to the end of the paid period.
    """

    keep: Literal["period", "while_renewed"]
    bought_before: int | None = None

    def keeps(self, bought_at: int) -> bool:
        """Whether a subscription bought at ``bought_at`` keeps the version at a renewal."""
        return self.keep == "while_renewed" and (self.bought_before is None or bought_at < self.bought_before)


class Sold(NamedTuple):
    """A version of a plan on sale from ``since`` until before ``until`` (None: no end), microseconds UTC.

    ``cohort`` is its own word on who keeps it; ``former`` its word on versions before it that say nothing.
    """

    terms: Terms
    since: int = 0
    until: int | None = None
    cohort: Cohort | None = None
    former: Cohort | None = None


Versions = Sequence[Sold]
"""The versions of one plan: a later one goes before an earlier one where both are sold."""


def sold_at(versions: Versions, at: int) -> Sold | None:
    """The latest version that is on sale at ``at``."""
    place = _place_sold(versions, at)
    return versions[place] if place is not None else None


def _place_sold(versions: Versions, at: int) -> int | None:
    for place in range(len(versions) - 1, -1, -1):
        row = versions[place]
        if row.since <= at and (row.until is None or at < row.until):
            return place
    return None


def terms_at_renewal(versions: Versions, terms: Terms, bought_at: int, at: int) -> Terms:
    """The terms of a subscription under ``terms``, bought at ``bought_at``, that is renewed at ``at``.

    It moves to the version then sold if that is a later one and no rule lets it keep its own; a version about which
    nothing is said is kept.
    """
    newest = _place_sold(versions, at)
    own = next((place for place, row in enumerate(versions) if row.terms.version == terms.version), None)
    if newest is None or own is None or newest <= own:
        return terms
    rule = versions[own].cohort or versions[newest].former
    if rule is None or rule.keeps(bought_at):
        return terms
    return versions[newest].terms
