"""Offers: what may be bought, single plans and the combinations that their families permit.

Owns the choice and the names. What may stand side by side follows from each family's own file: its burn order, its
groups of one, and the wallets that come with a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from faregate.app.shelf import NotOnSale, Shelf, UnknownPlan
from faregate.core.billing import covers
from faregate.core.terms import Terms
from faregate.core.wildcard import matches
from faregate.planfile import Family, Plan


class PlansClash(ValueError):
    """Plans that cannot be held side by side, or whose combination is not compared."""

    code = "plans_clash"


@dataclass(frozen=True, slots=True)
class Offer:
    """One plan, or several of one family held side by side, in burn order. Wallets among them are switched on."""

    family: Family
    plans: tuple[Plan, ...]
    pinned: bool = False

    @property
    def id(self) -> str:
        """``88code/free+paygo``; with the version where one was asked for."""
        names = [plan.id.partition("/")[2] for plan in self.plans]
        version = f"@{self.family.version}" if self.pinned else ""
        return f"{self.family.id}/{'+'.join(names)}{version}"

    @property
    def subscriptions(self) -> tuple[Plan, ...]:
        """The plans but for wallets."""
        return tuple(plan for plan in self.plans if not plan.terms.wallet)

    @property
    def wallets(self) -> tuple[Plan, ...]:
        return tuple(plan for plan in self.plans if plan.terms.wallet)

    def names(self, language: str) -> str:
        """The family and the plans, for a reader who sees nothing else."""
        family = self.family.names.text(language)
        own = " + ".join(plan.names.text(language) for plan in self.plans)
        whole = own if own.startswith(family) else f"{family} {own}"
        return f"{whole} ({self.family.version})" if self.pinned else whole

    def served(self, model: str) -> str | None:
        """The model that serves requests for ``model``: itself where a plan offers it, else a stand-in.

        What no plan can take goes to a wallet that offers it.
        """
        if any(_offers(plan.terms, model) for plan in self.subscriptions):
            return model
        for plan in self.subscriptions:
            found = self._mapped(plan, model) or plan.stand_in
            if found is not None and _offers(plan.terms, found):
                return found
        return model if any(_offers(plan.terms, model) for plan in self.wallets) else None

    def _mapped(self, plan: Plan, model: str) -> str | None:
        asked = (model, model.rpartition("/")[2])
        for rule in plan.terms.mapping:
            if any(matches(rule.pattern, name) for name in asked):
                return rule.model
        return None


def _offers(terms: Terms, model: str) -> bool:
    return any(covers(source, model) for source in terms.sources)


def all_offers(shelf: Shelf, now: int) -> list[Offer]:
    """Every plan on sale at ``now``, and every permitted combination, family by family."""
    found: list[Offer] = []
    for family in shelf.catalogue.families:
        plans = [plan for plan in family.plans.values() if _sold(shelf, plan.id, now) is plan]
        found += _of_family(family, plans)
    return found


def _sold(shelf: Shelf, name: str, now: int) -> Plan | None:
    """What somebody gets who buys ``name`` now."""
    try:
        return shelf.sold(name, now)
    except NotOnSale:
        return None


def chosen_offers(shelf: Shelf, written: Sequence[str], now: int) -> list[Offer]:
    """The offers that ``written`` names: plans, combinations (``a+b``), families, patterns. Raises UnknownPlan,
    PlansClash."""
    everything = all_offers(shelf, now)
    found: dict[str, Offer] = {}
    for name in written:
        for offer in _named_by(shelf, everything, name):
            found.setdefault(offer.id, offer)
    return list(found.values())


def _named_by(shelf: Shelf, everything: Iterable[Offer], name: str) -> Iterator[Offer]:
    families = {family.id for family in shelf.catalogue.families}
    if "+" in name:
        yield _combination(shelf, name)
    elif "*" in name or name in families:
        pattern = name if "*" in name else f"{name}/*"
        fitting = [each for each in everything if all(matches(pattern, plan.id) for plan in each.subscriptions)]
        if not fitting:
            raise UnknownPlan(name, (plan.id for plan in shelf.catalogue))
        yield from fitting
    else:
        family, plan = shelf.catalogue.entry(name)
        yield Offer(family, (plan,), "@" in name)


def _combination(shelf: Shelf, name: str) -> Offer:
    """``88code/free+paygo``, ``88code/free+88code/paygo``, each with an ``@version`` where wanted."""
    whole, at, version = name.partition("@")
    parts = [part.strip() for part in whole.split("+")]
    first = parts[0].partition("/")[0]
    entries = []
    for part in parts:
        id = part if "/" in part else f"{first}/{part}"
        entries.append(shelf.catalogue.entry(f"{id}@{version}" if at else id))
    family = entries[0][0]
    if any(other is not family for other, _ in entries):
        raise PlansClash(f"{name}: only plans of one family and version are compared side by side")
    plans = [plan for _, plan in entries]
    _check_side_by_side(family, plans, name)
    return Offer(family, tuple(sorted(plans, key=lambda plan: plan.terms.rank)), bool(at))


def _check_side_by_side(family: Family, plans: Sequence[Plan], name: str) -> None:
    if len({plan.id for plan in plans}) < len(plans):
        raise PlansClash(f"{name}: a plan is named twice")
    groups = [plan.terms.exclusive for plan in plans if plan.terms.exclusive]
    if len(set(groups)) < len(groups):
        group = next(each for each in groups if groups.count(each) > 1)
        one = family.one_of[group.partition("/")[2]]
        raise PlansClash(f"{name}: an account has one of {', '.join(one)} at a time")


def _of_family(family: Family, plans: Sequence[Plan]) -> Iterator[Offer]:
    """Each plan alone; plans of different places in the burn order together; a plan with the wallets it brings."""
    bought = [plan for plan in plans if not plan.terms.wallet]
    for plan in bought:
        yield Offer(family, (plan,))
    places: dict[int, list[Plan]] = {}
    for plan in bought:
        places.setdefault(plan.terms.rank, []).append(plan)
    for count in range(2, len(places) + 1):
        for ranks in combinations(sorted(places), count):
            for together in product(*(places[rank] for rank in ranks)):
                yield Offer(family, together)
    for plan in bought:
        wallets = [other for other in plans if other.id in plan.terms.companions]
        if wallets:
            yield Offer(family, (plan, *wallets))
