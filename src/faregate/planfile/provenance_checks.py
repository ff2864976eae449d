"""What must hold of how surely figures are known: their source keys, their bands, the model that stands in.

Owns these checks. Does not know what the figures mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from faregate.core.wildcard import matches
from faregate.planfile.document import PlanDocument
from faregate.planfile.document_limits import PoolDocument, WindowDocument
from faregate.planfile.document_offer import Fact, PriceDocument
from faregate.planfile.model_lists import expand
from faregate.planfile.problem import did_you_mean
from faregate.planfile.report import Report
from faregate.planfile.scalars import Quantity
from faregate.planfile.yaml_tree import Path

Sourced = WindowDocument | PoolDocument | PriceDocument | Fact


def check_provenance(report: Report, path: Path, plan: PlanDocument) -> None:
    """Note every problem in what ``plan`` says about how its figures are known."""
    for place, figure in _figures(path, plan):
        if figure.source is not None and figure.source not in report.document.sources:
            report.unknown((*place, "source"), "source", figure.source, report.document.sources)
        if not isinstance(figure, PriceDocument) and figure.between is not None:
            _check_band(report, (*place, "between"), banded_amount(figure), figure.between)
    if plan.stand_in is not None and not offers(report, plan, plan.stand_in):
        _not_offered(report, (*path, "stand_in"), plan.stand_in, [plan])


def check_family_provenance(report: Report) -> None:
    """Note what is wrong with the family's mixes, and when no plan of it offers its ``stand_in``."""
    document = report.document
    for id, mix in document.mixes.items():
        path: Path = ("mixes", id)
        if mix.source is not None and mix.source not in document.sources:
            report.unknown((*path, "source"), "source", mix.source, document.sources)
        if mix.request.unit != "token" or mix.request.amount.denominator != 1 or not mix.request.amount:
            what, mend = f"A request is not {mix.request} long", "Write whole tokens: 31K tokens"
            report.wrong((*path, "request"), "wrong_unit", what, mend)
        if mix.cached[0] > mix.cached[-1]:
            what, mend = "The shares of cache hits fall", "Write the lowest first"
            report.wrong((*path, "cached"), "band_order", what, mend)
        if mix.output + mix.cached[-1] > 1:
            what, mend = "The shares are more than the whole", "Let output and cached be at most 100% together"
            report.wrong(path, "shares_beyond_whole", what, mend)
    if document.stand_in is None:
        return
    plans = list(document.plans.values())
    if not any(offers(report, plan, document.stand_in) for plan in plans):
        _not_offered(report, ("stand_in",), document.stand_in, plans)


def offers(report: Report, plan: PlanDocument, model: str) -> bool:
    """Whether ``plan`` is for the single model ``model``."""
    return "*" not in model and any(matches(id, model) for id in _offered(report, [plan]))


def banded_amount(figure: WindowDocument | PoolDocument | Fact) -> Quantity | None:
    """The amount that ``between`` is the band of; None where nothing but the band is known."""
    if isinstance(figure, WindowDocument):
        return figure.limit
    if isinstance(figure, PoolDocument):
        return figure.refill.amount if figure.refill else figure.granted
    return figure.value


def _figures(path: Path, plan: PlanDocument) -> Iterable[tuple[Path, Sourced]]:
    for id, window in plan.windows.items():
        yield (*path, "windows", id), window
    for id, pool in plan.pools.items():
        yield (*path, "pools", id), pool
    for index, price in enumerate(plan.prices):
        yield (*path, "prices", index), price
    for index, fact in enumerate(plan.facts):
        yield (*path, "facts", index), fact


def _check_band(report: Report, path: Path, amount: Quantity | None, band: Sequence[Quantity]) -> None:
    low, high = band
    for index, end in enumerate(band):
        if not all(part in report.units.known() for part in end.unit.split("/")):
            report.unit((*path, index), end.unit)
            return
    unit = amount.unit if amount is not None else low.unit
    for index, end in enumerate(band):
        if end.unit != unit:
            what = f"The band is in {end.unit}, its figure in {unit}"
            report.wrong((*path, index), "wrong_unit", what, f"Write it in {unit}")
            return
    if low.amount > high.amount:
        what, mend = f"The band begins at {low}, above its end {high}", "Write the lowest first"
        report.wrong(path, "band_order", what, mend)
    elif amount is not None and not low.amount <= amount.amount <= high.amount:
        what = f"The band from {low} to {high} does not contain {amount}"
        report.wrong(path, "outside_band", what, "Widen the band, or mend the figure")
    elif amount is not None and low.amount == 0:
        report.wrong((*path, 0), "zero_limit", "A cap of 0 lets nothing through", "Begin the band above 0")


def _offered(report: Report, plans: Iterable[PlanDocument]) -> list[str]:
    items = [item for plan in plans for item in expand(plan.models, report.document.models)]
    return [item.id for item in items if item.status == "available"]


def _not_offered(report: Report, path: Path, model: str, plans: Sequence[PlanDocument]) -> None:
    if "*" in model:
        what, mend = f"{model!r} is a pattern, not one model", "Name one model"
    else:
        what = f"The plan does not offer {model!r}" if len(plans) == 1 else f"No plan offers {model!r}"
        mend = did_you_mean(model, _offered(report, plans))
    report.wrong(path, "unknown_model", what, mend)
