"""All families at hand: plans by id, with or without a version.

Owns look-up. Does not read files nor keep what was published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from faregate.planfile.family import Family, Plan
from faregate.planfile.problem import did_you_mean


class UnknownPlan(Exception):
    """There is no such plan; the message says what was meant."""

    code = "unknown_plan"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no plan {name!r}. {did_you_mean(name, known)}")
        self.name = name


class Catalogue:
    """Families, several versions of one allowed; the version given last is the current one."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.families = tuple(families)
        self._current: dict[str, tuple[Family, Plan]] = {}
        self._versions: dict[tuple[str, str], tuple[Family, Plan]] = {}
        for family in sorted(self.families, key=_sold_since):
            for plan in family.plans.values():
                self._current[plan.id] = (family, plan)
                self._versions[(plan.id, family.version)] = (family, plan)

    def __iter__(self) -> Iterator[Plan]:
        """The current version of every plan, in the order of families and files."""
        for family in self.families:
            for plan in family.plans.values():
                if self._current[plan.id][0] is family:
                    yield plan

    def entry(self, name: str) -> tuple[Family, Plan]:
        """The family and plan of ``family/plan`` (current) or ``family/plan@version``. Raises UnknownPlan."""
        id, at, version = name.partition("@")
        found = self._versions.get((id, version)) if at else self._current.get(id)
        if found is None:
            versions = [f"{plan}@{known}" for plan, known in self._versions if plan == id]
            raise UnknownPlan(name, versions if at and versions else self._current)
        return found

    def plan(self, name: str) -> Plan:
        """The plan of ``family/plan`` or ``family/plan@version``. Raises UnknownPlan."""
        return self.entry(name)[1]


def _sold_since(family: Family) -> int:
    sale = family.document.sale
    return (sale.since or 0) if sale else 0
