"""What compiled plans say about themselves beside their terms: names, marks, places of figures.

Owns these values, which know nothing of how a file is written or checked.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from faregate.core.sale import Cohort

Mark = Literal["official", "measured", "estimated"]
"""How surely a figure is known."""
MARKS: tuple[Mark, ...] = ("official", "measured", "estimated")
"""From the surest on."""


class Names(NamedTuple):
    """The same text in English and Chinese."""

    en: str
    zh: str

    def text(self, language: str) -> str:
        """In ``language`` (``en`` or ``zh``)."""
        return self.zh if language == "zh" else self.en


class Reference(NamedTuple):
    """A place that figures were read at. ``as_of``: the date it bears or was read on, YYYY-MM-DD, or undated."""

    title: str
    url: str | None
    as_of: str


class Part(NamedTuple):
    """A window or a pool: what customers call it, how surely it is known, and a key of the family's sources."""

    names: Names | None
    known: Mark
    source: str | None


class OnSale(NamedTuple):
    """When a version of a family is sold, from ``since`` (0: its file does not say) until before ``until``, both in
    microseconds UTC; ``cohort`` and ``former`` as in core's Sold.
    """

    since: int = 0
    until: int | None = None
    cohort: Cohort | None = None
    former: Cohort | None = None
