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
from faregate.planfile.differences import field_changes
from faregate.ratecards import Conversion, PriceBook

MOST_DIFFERENCES = 5
LAST = 2**63 - 1


class VersionTaken(Exception):
    """A version is published already, with other content."""

    code = "version_taken"

    def __init__(self, plan: str, version: str, published: Family, file: Family) -> None:
        changes = [str(change) for change in field_changes(published.document, file.document)]
        self.plan, self.version = plan, version
        self.differs = changes[:MOST_DIFFERENCES] or ["only how figures or texts are written"]
        if len(changes) > MOST_DIFFERENCES:
            self.differs.append(f"and {len(changes) - MOST_DIFFERENCES} more")
        super().__init__(
            f"{plan}@{version} is published with other content, and published versions never change: "
            f"give the file a new `version`. It differs in {'; '.join(self.differs)}"
        )


class UnitChanged(Exception):
    """A pool is in another unit than in a published version: balances of the one cannot become the other."""

    code = "unit_changed"

    def __init__(self, plan: str, version: str, pool: str, units: tuple[str, str]) -> None:
        self.plan, self.version, self.pool = plan, version, pool
        self.published, self.unit = units
        super().__init__(
            f"{plan}@{version}: pool {pool!r} is in {self.unit}, and in {self.published} in a published version: "
            "give it another id"
        )


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
        """Publish what is new in ``files``; returns the versions published.

        Raises VersionTaken, UnitChanged; then none are.
        """
        files = list(files)
        fresh = self._fresh(files, now)
        while fresh and not self._catalogue.publish_plans(fresh):
            # Another process published meanwhile.
            fresh = self._fresh(files, now)
        return [f"{row.plan}@{self._family(row).version}" for row in fresh]

    def _fresh(self, files: list[PlanText], now: int) -> list[PlanVersion]:
        fresh: list[PlanVersion] = []
        self._parsed.update({file.family.content_hash: file.family for file in files})
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
                raise VersionTaken(plan, family.version, self._family(row), family)
            self._check_units(plan, family, self._family(row))
        return False

    def _check_units(self, plan: str, family: Family, published: Family) -> None:
        units = {pool.id: pool.unit for pool in published.plans[plan].terms.pools}
        for pool in family.plans[plan].terms.pools:
            if units.get(pool.id, pool.unit) != pool.unit:
                raise UnitChanged(plan, family.version, pool.id, (units[pool.id], pool.unit))

    def _family(self, row: PlanVersion) -> Family:
        family = self._parsed.get(row.hash)
        if family is None:
            family = self._parsed[row.hash] = load_family(row.document, file=f"{row.family} (published)")
        return family

    def conversion(self, base: str, quote: str, at: int) -> Conversion:
        """How money of ``base`` becomes money of ``quote`` at ``at``, microseconds UTC. Raises NoRate."""
        return self._prices.conversion(base, quote, at)

    def shelf(self, proposed: Iterable[Family] = (), now: int = 0) -> Shelf:
        """Everything published so far, with the operator's multiplier changes in its market.

        ``proposed`` are on it as if they were published at ``now``. Raises VersionTaken, UnitChanged as publishing
        them would.
        """
        families: dict[str, Family] = {}
        published: dict[str, tuple[int, int]] = {}
        proposed = list(proposed)
        self._fresh([PlanText("", family) for family in proposed], now)
        for newest in self._catalogue.newest_plans():
            for row in self._catalogue.plan_versions(newest.plan):
                families[row.hash] = self._family(row)
                published[row.hash] = max(published.get(row.hash, (0, 0)), (row.published_at, row.version))
        for family in proposed:
            families.setdefault(family.content_hash, family)
            published.setdefault(family.content_hash, (now, LAST))
        # The family published last is the current one of its plans.
        ordered = [families[each] for each in sorted(published, key=published.__getitem__)]
        shelf = Shelf(ordered, self._prices, {hash: at for hash, (at, _) in published.items()})
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
            raise BadCommand("no_schedule", plan=terms.plan, schedule=name or "(any)", have=have)
        if fraction(value) <= 0:
            raise BadCommand("multiplier_not_positive", value=value)
        if begins < now:
            raise BadCommand("multiplier_in_the_past")
        self._catalogue.add_schedule_change(ScheduleChange(terms.plan, chosen, begins, value, now))
