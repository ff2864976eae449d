"""All families at hand: plans by id, with or without a version.

Owns look-up. Does not read files nor keep what was published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from faregate.planfile.family import Family, Plan
from faregate.planfile.problem import did_you_mean


class UnknownPlan(Exception):
    """There is no such plan; the message says what was meant."""

    code = "unknown_plan"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no plan {name!r}. {did_you_mean(name, known)}")
        self.name = name


class VersionChanged(Exception):
    """Two different contents claim the same version of a family; published versions never change."""

    code = "version_changed"

    def __init__(self, first: Family, second: Family) -> None:
        super().__init__(
            f"{second.file} says it is {second.id}@{second.version}, as {first.file} does, "
            "but their contents differ. Give the new one another version."
        )
        self.family, self.version = second.id, second.version


class Catalogue:
    """Families, several versions of one allowed; the one on sale since the latest instant is the current one.

    ``begins`` says since when, as ``sale`` does where it is left out. Raises VersionChanged when two different
    contents bear the same version. ``in_turn`` are the families in the order in which they are sold.
    """

    def __init__(self, families: Iterable[Family], begins: Callable[[Family], int] | None = None) -> None:
        self.families = tuple(families)
        self.in_turn = tuple(sorted(self.families, key=begins or sold_since))
        self._current: dict[str, tuple[Family, Plan]] = {}
        self._versions: dict[tuple[str, str], tuple[Family, Plan]] = {}
        published: dict[tuple[str, str], Family] = {}
        for family in self.in_turn:
            first = published.setdefault((family.id, family.version), family)
            if first.content_hash != family.content_hash:
                raise VersionChanged(first, family)
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


def sold_since(family: Family) -> int:
    """From when the family's file says that it is sold; 0 where it does not."""
    return family.sale.since
