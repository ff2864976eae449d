"""The shelf: the published plans and prices at hand, the shipped ones and those of files given.

Owns loading them, looking them up by plan and version, and which version is sold when. Does not know accounts. Files
are read when asked, never at import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from faregate import planfile
from faregate.app.kept_shelf import compiled_shipped, kept_shipped
from faregate.core.account import Subscription
from faregate.core.instants import render_instant
from faregate.core.market import Market
from faregate.core.sale import Sold, Versions, sold_at
from faregate.core.terms import Terms
from faregate.planfile import Catalogue, Family, Plan, Price, UnknownPlan
from faregate.planfile.catalogue import sold_since
from faregate.ratecards import PriceBook, load_files, priced_behind

__all__ = ["NotOnSale", "Shelf", "UnknownPlan", "load_shelf", "price_of"]


class NotOnSale(Exception):
    """No version of the plan is sold at that time; it can still be had by naming a version."""

    code = "not_on_sale"

    def __init__(self, plan: str, at: int, versions: Versions) -> None:
        self.plan, self.at = plan, render_instant(at)
        self.versions = [f"{plan}@{row.terms.version}" for row in versions]
        super().__init__(
            f"{plan} is not sold at {self.at}; to have it all the same, name a version: {', '.join(self.versions)}"
        )


class Shelf:
    """Families of plans, several versions of one allowed, and the price book they are priced by.

    ``terms`` and ``newest`` are what the engine asks for; ``market`` is what decisions are made in.
    """

    def __init__(
        self, families: Iterable[Family], prices: PriceBook, published: Mapping[str, int] | None = None
    ) -> None:
        """``published``: when the family of each content hash was published. A version whose sale has no beginning
        begins then, and renewals know nothing of any before.
        """
        dates = published or {}
        self.catalogue = Catalogue(families, lambda family: _begins(family, dates))
        self.prices = prices
        self._sold = _versions(self.catalogue.families, dates)
        self.market = _market(self.catalogue, prices, _known_to_renewals(self._sold, self.catalogue.families, dates))
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

    def versions(self, plan: str) -> Versions:
        """All versions of ``plan``, in the order in which they are sold; none for a plan unknown."""
        return self._sold.get(plan, ())

    def sold(self, name: str, at: int, *, early: bool = False) -> Plan:
        """What a purchase at ``at`` gets of ``family/plan``: the latest version sold then. ``family/plan@version`` is
        that version, sold or not.

        ``early``: before the first sale the first version, for replays of a time before the plan. Raises UnknownPlan,
        NotOnSale.
        """
        plan, named, _ = name.partition("@")
        versions = self.versions(plan)
        if named or not versions:
            return self.plan(name)
        row = sold_at(versions, at)
        if row is None and early and at < min(each.since for each in versions):
            row = versions[0]
        if row is None:
            raise NotOnSale(plan, at, versions)
        return self.plan(f"{plan}@{row.terms.version}")

    def companions(self, terms: Terms, at: int | None = None) -> list[Terms]:
        """Terms of the wallets that come with ``terms`` bought at ``at``: as sold then, else of the same version."""
        return [self._companion(companion, terms.version, at) for companion in terms.companions]

    def _companion(self, plan: str, version: str, at: int | None) -> Terms:
        row = sold_at(self.versions(plan), at) if at is not None else None
        if row is not None:
            return row.terms
        return self.newest(plan) if at is None else self.terms(plan, version)

    def extended(self, families: Iterable[Family]) -> Shelf:
        """This shelf with more families on it; a family given last is the current one of its name."""
        return Shelf((*self.catalogue.families, *families), self.prices)

    def priced(self, models: Iterable[str]) -> Shelf:
        """This shelf, with prices for those of ``models`` that no price file knows and ``genai-prices`` does. For
        replays; whoever charges money asks the price files alone.
        """
        prices = priced_behind(self.prices, models)
        return self if prices is self.prices else Shelf(self.catalogue.families, prices)


def price_of(plan: Plan, subscription: Subscription) -> Price | None:
    """What a period of ``subscription`` costs under ``plan``: the price of the id it was bought at, else the first of
    its period.
    """
    for price in plan.prices:
        if price.id == subscription.price:
            return price
    return next((price for price in plan.prices if price.period == subscription.period), None)


def load_shelf(
    plan_files: Iterable[Path] = (), price_files: Iterable[Path] = (), *, kept: Path | None = None
) -> Shelf:
    """The shipped plans and prices, and those of the files on top of them. ``kept``: a folder in which the shipped
    ones stand as they were compiled last.

    Raises PlanFileError or PriceFileError with every problem found, OSError when a plan file cannot be read.
    """
    families, prices = kept_shipped(kept) if kept is not None else compiled_shipped()
    own = [planfile.load_family(path) for path in plan_files]
    paths = list(price_files)
    return Shelf((*families, *own), load_files(paths, prices) if paths else prices)


def _versions(families: Iterable[Family], published: Mapping[str, int]) -> dict[str, tuple[Sold, ...]]:
    """The versions of every plan by when they are sold from; of two of the same time the later given is the last."""
    versions: dict[str, list[Sold]] = {}
    for family in sorted(families, key=lambda family: _begins(family, published)):
        for plan in family.plans.values():
            versions.setdefault(plan.id, []).append(Sold(plan.terms, *family.sale))
    return {plan: tuple(rows) for plan, rows in versions.items()}


def _begins(family: Family, published: Mapping[str, int]) -> int:
    return sold_since(family) or published.get(family.content_hash, 0)


def _known_to_renewals(
    versions: Mapping[str, tuple[Sold, ...]], families: Iterable[Family], published: Mapping[str, int]
) -> Mapping[str, tuple[Sold, ...]]:
    """``versions`` with none sold before it was published: what was due before is not done otherwise after."""
    if not published:
        return versions
    dates = {(family.id, family.version): published.get(family.content_hash, 0) for family in families}
    return {
        plan: tuple(row._replace(since=max(row.since, dates[row.terms.family, row.terms.version])) for row in rows)
        for plan, rows in versions.items()
    }


def _market(catalogue: Catalogue, prices: PriceBook, sold: Mapping[str, tuple[Sold, ...]]) -> Market:
    """The price book's market, with the list prices that versions of families bring for their own plans."""
    own = {(family.id, family.version): family.rates for family in catalogue.families if family.rates}
    trade = {(plan.id, family.version): plan.trade for family in catalogue.families for plan in family.plans.values()}
    return replace(prices.market(), own=own, sold=sold, trade=trade)
