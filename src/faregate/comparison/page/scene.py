"""What every part of the page shares: the comparison, the language, the time zone, and small marks.

Owns the markup of single figures (money, spans of time, bands, how a figure is known); no part of the page.
"""

from __future__ import annotations

from datetime import tzinfo
from decimal import Decimal

from faregate.comparison.page import figures
from faregate.comparison.page.speech import Speech, escaped
from faregate.comparison.result import Band, Comparison, PlanOutcome


class Scene:
    """A comparison about to be drawn in one language."""

    def __init__(self, comparison: Comparison, speech: Speech) -> None:
        self.comparison = comparison
        self.speech = speech
        self.zone: tzinfo = figures.zone_of(comparison["zone"])
        self.replayed: list[PlanOutcome] = [plan for plan in comparison["plans"] if plan["problem"] is None]
        self.unplayed: list[PlanOutcome] = [plan for plan in comparison["plans"] if plan["problem"] is not None]

    @property
    def best(self) -> PlanOutcome | None:
        """The plan of the verdict, or None where the verdict names none of those replayed."""
        named = self.comparison["verdict"]["best"]
        return next((plan for plan in self.replayed if plan["id"] == named), None)

    def money(self, amount: str) -> str:
        """Money of the comparison's currency, escaped."""
        return escaped(figures.money(amount, self.comparison["currency"]))

    def band_of_money(self, band: Band) -> str:
        """From and to, escaped; empty where both are the same to the reader."""
        low, high = self.money(band["low"]), self.money(band["high"])
        return "" if low == high else f"{low} – {high}"

    def band_of_shares(self, band: Band) -> str:
        """From and to, escaped; empty where both are the same to the reader."""
        low, high = escaped(figures.share(band["low"])), escaped(figures.share(band["high"]))
        return "" if low == high else f"{low} – {high}"

    def span(self, hours: str) -> str:
        """A length of time with its unit."""
        unit, amount = figures.span(hours)
        return self.speech.say(f"span.{unit}", amount)

    def counted(self, key: str, count: int | str) -> str:
        """Words for a count; those for exactly one stand under ``key.one``."""
        return self.speech.say(f"{key}.one" if Decimal(count) == 1 else key, figures.grouped(count))

    def clock(self, at: str) -> str:
        """Month, day and time, escaped."""
        return escaped(figures.clock(at, self.zone))

    def day(self, at: str) -> str:
        """The date, escaped."""
        return escaped(figures.day(at, self.zone))

    def mark(self, mark: str) -> str:
        """The small sign for how a limit is known, with its word for who cannot see it."""
        return (
            f'<span class="mark {escaped(mark)}"{self.speech.hint(f"mark.{mark}")}></span>'
            f"{self.speech.say(f'mark.{mark}', extra=' class=vh')}"
        )

    def rank(self, plan: PlanOutcome) -> int:
        """The place of a plan in the order of the comparison, from 1."""
        return self.replayed.index(plan) + 1


def is_zero(amount: str) -> bool:
    """Whether an exact decimal string is nothing."""
    return not Decimal(amount)
