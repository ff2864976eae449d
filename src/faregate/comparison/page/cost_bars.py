"""Bars of money on one scale: what a cost is made of, the band of the sum, and the list price to compare with.

Owns the scale and the shapes of a bar. Widths are per cent of the room there is, so a bar fits any screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from faregate.comparison.page.figures import percent_of

HEIGHT = 24
PARTS = ("price", "wallet", "overflow")
"""What a cost is made of, in the order of a bar: the plan, a balance beside it, what was bought at list prices."""
_ROOM = Decimal("1.04")
_CUT = '<svg x="100%" overflow="visible"><path class="b-cut" d="M-12 2l4 7-4 6 4 7h4l-4-7 4-6-4-7z"/></svg>'


class CostBars:
    """Bars from nothing to ``top``; ``listed`` is what everything costs at list prices, 0 where nobody knows."""

    def __init__(self, costs: Sequence[Decimal], listed: Decimal) -> None:
        self.listed = listed
        ordered = sorted(costs) or [Decimal(1)]
        # What is dear must not press what is cheap against the edge: three of five plans fit, the others are cut.
        usual = ordered[(len(ordered) * 3 + 4) // 5 - 1]
        self.top = max(min(ordered[-1], max(usual, ordered[0] * 4)), Decimal(1)) * _ROOM
        self.shows_list = Decimal(0) < listed <= self.top

    def bar(self, parts: Sequence[Decimal], band: tuple[Decimal, Decimal], title: str) -> str:
        """A bar of ``parts`` (as PARTS), with the band of their sum. ``title`` is markup that says it."""
        shapes: list[str] = []
        end = Decimal(0)
        for name, amount in zip(PARTS, parts, strict=True):
            if amount > 0 and end < self.top:
                width = percent_of(min(amount, self.top - end), self.top)
                shapes.append(f'<rect class="b-{name}" y="4" height="16" x="{self._at(end)}%" width="{width}%"/>')
            end += amount
        if band[0] != band[1] and band[0] < self.top:
            shapes.append(self._whisker(*band))
        if self.shows_list:
            place = self._at(self.listed)
            shapes.append(f'<line class="b-list" x1="{place}%" x2="{place}%" y1="0" y2="{HEIGHT}"/>')
        if end > self.top:
            shapes.append(_CUT)
        return f'<svg class="bar" width="100%" height="{HEIGHT}" role="img">{title}{"".join(shapes)}</svg>'

    def _whisker(self, low: Decimal, high: Decimal) -> str:
        left, right = self._at(low), self._at(high)
        lines = [f'<line class="b-band" x1="{left}%" x2="{right}%" y1="12" y2="12"/>']
        # An end beyond the scale has no cap: the band goes on.
        lines.extend(
            f'<line class="b-band" x1="{place}%" x2="{place}%" y1="7" y2="17"/>'
            for place, amount in ((left, low), (right, high))
            if amount <= self.top
        )
        return "".join(lines)

    def _at(self, amount: Decimal) -> str:
        return percent_of(amount, self.top)


def meter(part: str, band: tuple[str, str] | None = None, kind: str = "admitted") -> str:
    """A thin bar of a share (0 to 1) with its band; ``kind`` (``admitted`` or ``price``) is its colour.

    It says nothing that the text beside it does not.
    """
    whole = Decimal(1)
    whisker = ""
    if band is not None:
        low, high = (percent_of(Decimal(end), whole) for end in band)
        whisker = f'<line class="b-band" x1="{low}%" x2="{high}%" y1="3" y2="3"/>'
    return (
        '<svg class="meter" width="100%" height="6" aria-hidden="true"><rect class="m-all" width="100%" height="6"/>'
        f'<rect class="m-{kind}" width="{percent_of(Decimal(part), whole)}%" height="6"/>{whisker}</svg>'
    )
