"""What a plan file becomes: a family and its plans, each with its document, terms and figures.

Owns these values. Does not read files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from faregate.core.ratecard import RateCard
from faregate.core.terms import Terms
from faregate.core.trade.terms import TradeTerms
from faregate.core.wildcard import matches
from faregate.planfile.values import MARKS, Mark, Names, OnSale, Part, Reference
from faregate.planfile.written import Written

if TYPE_CHECKING:
    from faregate.planfile.document import FamilyDocument, PlanDocument


@dataclass(frozen=True, slots=True)
class Price:
    """One way to buy a plan. ``amount`` in whole units of ``currency``; ``period`` as in Terms."""

    id: str
    amount: Fraction
    currency: str
    period: str | None
    renews: bool
    pay_with: tuple[str, ...] = ()
    known: Mark = "official"
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model or pattern that a plan is for. ``available`` is false while it is coming soon."""

    id: str
    available: bool = True
    names: Names | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan: ``terms`` and ``trade`` for the engine, ``windows`` and ``pools`` by id as people know them,
    ``document`` for everything else.

    ``low_terms`` and ``high_terms`` are its terms with every figure that has a band at the end of that band; None
    when all figures are exact. ``stand_in`` is its model that a replay takes for models it does not offer.
    ``sources`` are the places its figures were read at, by key.
    """

    id: str
    names: Names
    terms: Terms
    prices: tuple[Price, ...]
    models: tuple[ModelEntry, ...]
    windows: Mapping[str, Part]
    pools: Mapping[str, Part]
    trade: TradeTerms
    written: Written = field(compare=False)
    low_terms: Terms | None = None
    high_terms: Terms | None = None
    stand_in: str | None = None
    sources: Mapping[str, Reference] = field(default_factory=dict)

    @property
    def document(self) -> PlanDocument:
        """All that its file says of it."""
        return self.written.document.plans[self.id.partition("/")[2]]

    def known(self, id: str) -> Mark:
        """How surely the window or pool ``id`` is known; the less sure one of both. KeyError if none."""
        parts = [part for part in (self.windows.get(id), self.pools.get(id)) if part is not None]
        if not parts:
            raise KeyError(id)
        return max((part.known for part in parts), key=MARKS.index)

    def terms_for(self, price_id: str) -> Terms:
        """The terms when bought at price ``price_id``. Raises KeyError when the plan has no such price."""
        for price in self.prices:
            if price.id == price_id:
                return replace(self.terms, period=price.period, renews=price.renews)
        raise KeyError(price_id)

    @property
    def exact_models(self) -> tuple[str, ...]:
        """The models named one by one, without patterns and tools: what a price book should know."""
        return tuple(entry.id for entry in self.models if "*" not in entry.id and not entry.id.startswith("tool/"))

    def model(self, model: str) -> ModelEntry | None:
        """The first entry that matches ``model``, or None when the plan is not for it."""
        exact = next((entry for entry in self.models if entry.id == model), None)
        if exact is not None:
            return exact
        return next((entry for entry in self.models if matches(entry.id, model)), None)


@dataclass(frozen=True, slots=True)
class Family:
    """One version of a family: ``plans`` by full id (``88code/free``), in the order of the file.

    ``content_hash`` is ``sha256:…`` of the meaning of the file: comments, layout and templates do not change it.
    ``rates`` are list prices that override the rate cards for its plans, by model id. ``source`` is where its figures
    come from, ``one_of`` are the groups of plan names of which an account has one at a time.
    """

    id: str
    version: str
    names: Names
    plans: Mapping[str, Plan]
    content_hash: str
    source: Reference
    sale: OnSale
    one_of: Mapping[str, tuple[str, ...]]
    written: Written = field(compare=False)
    rates: Mapping[str, RateCard] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """What errors call the file."""
        return self.written.file

    @property
    def document(self) -> FamilyDocument:
        """All that the file says."""
        return self.written.document

    @property
    def terms(self) -> dict[str, Terms]:
        """Terms by full plan id."""
        return {id: plan.terms for id, plan in self.plans.items()}
