"""Publishing: plan files become versions in the catalogue that never change, and the shelf is filled from there.

Owns the rule that a published version is immutable, and the operator's dated multiplier changes. Does not read files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from faregate.app.catalogue_port import Catalogue, PlanVersion, ScheduleChange
from faregate.app.shelf import Shelf
from faregate.core.amounts import fraction
from faregate.core.errors import BadCommand
from faregate.core.market import Market
from faregate.core.terms import BySchedule
from faregate.planfile import Family, load_family
from faregate.ratecards import PriceBook


class VersionTaken(Exception):
    """A version is published already, with other content."""

    code = "version_taken"

    def __init__(self, plan: str, version: str) -> None:
        super().__init__(
            f"{plan}@{version} is published with other content, and published versions never change: "
            "give the file a new `version`"
        )
        self.plan, self.version = plan, version


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan file: what it says and what it means."""

    text: str
    family: Family


class Publishing:
    """The plans of one catalogue, parsed once a document."""

    def __init__(self, catalogue: Catalogue, prices: PriceBook) -> None:
        self._catalogue = catalogue
        self._prices = prices
        self._parsed: dict[str, Family] = {}

    def publish(self, files: Iterable[PlanText], now: int) -> list[str]:
        """Publish what is new in ``files``; returns the versions published. Raises VersionTaken; then none are."""
        files = list(files)
        fresh = self._fresh(files, now)
        while fresh and not self._catalogue.publish_plans(fresh):
            # Another process published meanwhile.
            fresh = self._fresh(files, now)
        return [f"{row.plan}@{self._family(row).version}" for row in fresh]

    def _fresh(self, files: list[PlanText], now: int) -> list[PlanVersion]:
        fresh: list[PlanVersion] = []
        for file in files:
            for plan in file.family.plans:
                published = [*self._catalogue.plan_versions(plan), *(row for row in fresh if row.plan == plan)]
                if not self._is_there(plan, file.family, published):
                    number = len(published) + 1
                    family = file.family
                    fresh.append(PlanVersion(plan, number, family.id, file.text, family.content_hash, now))
        return fresh

    def _is_there(self, plan: str, family: Family, published: list[PlanVersion]) -> bool:
        for row in published:
            if row.hash == family.content_hash:
                return True
            if self._family(row).version == family.version:
                raise VersionTaken(plan, family.version)
        return False

    def _family(self, row: PlanVersion) -> Family:
        family = self._parsed.get(row.hash)
        if family is None:
            family = self._parsed[row.hash] = load_family(row.document, file=f"{row.family} (published)")
        return family

    def shelf(self) -> Shelf:
        """Everything published so far, with the operator's multiplier changes in its market."""
        families: dict[str, Family] = {}
        published: dict[str, tuple[int, int]] = {}
        for newest in self._catalogue.newest_plans():
            for row in self._catalogue.plan_versions(newest.plan):
                families[row.hash] = self._family(row)
                published[row.hash] = max(published.get(row.hash, (0, 0)), (row.published_at, row.version))
        # The family published last is the current one of its plans.
        shelf = Shelf([families[each] for each in sorted(published, key=published.__getitem__)], self._prices)
        shelf.market = self.market(shelf.market)
        return shelf

    def market(self, market: Market) -> Market:
        """``market`` with all multiplier changes written so far; its revision is their number."""
        schedules: dict[tuple[str, str], list[tuple[int, Fraction]]] = {}
        changes = self._catalogue.schedule_changes()
        for change in changes:
            schedules.setdefault((change.plan, change.name), []).append((change.from_at, fraction(change.value)))
        dated = {key: tuple(values) for key, values in schedules.items()}
        return replace(market, schedules=dated, revision=len(changes))

    def change_schedule(self, shelf: Shelf, plan: str, name: str | None, value: str, begins: int, now: int) -> None:
        """From ``begins`` on, ``plan``'s multiplier schedule ``name`` (its only one when None) is ``value``.

        Raises BadCommand for a plan without such a schedule, a value that is not above zero, or a time gone by.
        """
        terms = shelf.newest(plan)
        names = [rule.name for source in terms.sources for rule in source.multipliers if isinstance(rule, BySchedule)]
        known = list(dict.fromkeys(names))
        chosen = name if name is not None else known[0] if len(known) == 1 else None
        if chosen is None or chosen not in known:
            have = ", ".join(known) if known else "none"
            raise BadCommand(f"{terms.plan} has no multiplier schedule {name or '(any)'!r}; it has: {have}")
        if fraction(value) <= 0:
            raise BadCommand(f"a multiplier is more than zero; {value} is not")
        if begins < now:
            raise BadCommand("a multiplier never changes the past: give a time from now on")
        self._catalogue.add_schedule_change(ScheduleChange(terms.plan, chosen, begins, value, now))
