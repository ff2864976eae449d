"""The shelf: the published plans and prices at hand, the shipped ones and those of files given.

Owns loading them and looking them up by plan and version. Does not know accounts, nor what was published when
(the catalogue of the store does). Files are read when asked, never at import.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from faregate.core.market import Market
from faregate.core.terms import Terms
from faregate.planfile import Catalogue, Family, Plan, UnknownPlan, load_family, shipped_families
from faregate.ratecards import PriceBook, load_files, load_shipped

__all__ = ["Shelf", "UnknownPlan", "load_shelf"]


class Shelf:
    """Families of plans, several versions of one allowed, and the price book they are priced by.

    ``terms`` and ``newest`` are what the engine asks for; ``market`` is what decisions are made in.
    """

    def __init__(self, families: Iterable[Family], prices: PriceBook) -> None:
        self.catalogue = Catalogue(families)
        self.prices = prices
        self.market = _market(self.catalogue, prices)
        self._terms = {
            (plan.id, family.version): plan.terms
            for family in self.catalogue.families
            for plan in family.plans.values()
        }

    def terms(self, plan: str, version: str) -> Terms:
        """The terms of one version of a plan. Raises UnknownPlan."""
        found = self._terms.get((plan, version))
        return found if found is not None else self.catalogue.plan(f"{plan}@{version}").terms

    def newest(self, plan: str) -> Terms:
        """The current terms of ``family/plan``, or those of ``family/plan@version``. Raises UnknownPlan."""
        return self.catalogue.plan(plan).terms

    def plan(self, name: str) -> Plan:
        """The whole plan of ``family/plan`` or ``family/plan@version``. Raises UnknownPlan."""
        return self.catalogue.plan(name)

    def companions(self, terms: Terms) -> list[Terms]:
        """Current terms of the wallets that come with ``terms``."""
        return [self.newest(companion) for companion in terms.companions]

    def extended(self, families: Iterable[Family]) -> Shelf:
        """This shelf with more families on it; a family given last is the current one of its name."""
        return Shelf((*self.catalogue.families, *families), self.prices)


def load_shelf(plan_files: Iterable[Path] = (), price_files: Iterable[Path] = ()) -> Shelf:
    """The shipped plans and prices, and those of the files on top of them.

    Raises PlanFileError or PriceFileError with every problem found, OSError when a plan file cannot be read.
    """
    own = [load_family(path) for path in plan_files]
    paths = list(price_files)
    return Shelf((*shipped_families(), *own), load_files(paths) if paths else load_shipped())


def _market(catalogue: Catalogue, prices: PriceBook) -> Market:
    """The price book's market, with the list prices that versions of families bring for their own plans."""
    own = {(family.id, family.version): family.rates for family in catalogue.families if family.rates}
    return replace(prices.market(), own=own)
