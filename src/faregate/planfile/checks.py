"""What must hold between the parts of a family: order, groups, lists, multipliers, money.

Owns the checks of the file as a whole; plan_checks.py looks inside each plan. Does not know shapes (validation.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from faregate.planfile.document import FamilyDocument
from faregate.planfile.document_base import ModelItem
from faregate.planfile.document_limits import (
    MultiplierByModel,
    MultiplierBySchedule,
    MultiplierBySegment,
    MultiplierByUse,
)
from faregate.planfile.plan_checks import check_plan
from faregate.planfile.problem import Problem
from faregate.planfile.provenance_checks import check_family_provenance, check_provenance
from faregate.planfile.report import Report
from faregate.planfile.scalars import Quantity, singular
from faregate.planfile.units import Units, is_currency
from faregate.planfile.yaml_tree import Path, Tree


def check_family(tree: Tree, document: FamilyDocument) -> list[Problem]:
    """Every problem between the parts of ``document``."""
    report = Report(tree, document, Units(document))
    _check_order(report)
    _check_groups(report)
    _check_units(report)
    _check_lists(report)
    _check_multipliers(report)
    _check_money(report)
    check_family_provenance(report)
    for name, plan in document.plans.items():
        check_plan(report, name, plan)
        check_provenance(report, ("plans", name), plan)
    return report.problems


def _check_order(report: Report) -> None:
    document = report.document
    plans, groups = document.plans, document.one_of
    ordered: dict[str, Path] = {}
    for index, name in enumerate(document.order):
        path: Path = ("order", index)
        if name not in plans and name not in groups:
            report.unknown(path, "plan or group", name, [*plans, *groups])
        for member in groups.get(name, [name]):
            if member in ordered:
                what = f"Plan {member!r} stands in the order twice"
                report.wrong(path, "order_twice", what, "Keep its first place")
            ordered.setdefault(member, path)
    for name in plans:
        if name not in ordered:
            what, mend = f"Plan {name!r} has no place in the order", f"Add {name} to `order:`"
            report.wrong(("plans", name), "not_in_order", what, mend, at_key=True)
        if name in document.retired:
            what = f"Plan id {name!r} is retired"
            mend = "Take another id: accounts may still hold the old plan"
            report.wrong(("plans", name), "retired_id", what, mend, at_key=True)


def _check_groups(report: Report) -> None:
    document = report.document
    plans, groups = document.plans, document.one_of
    for group, members in groups.items():
        if group not in document.order:
            report.wrong(
                ("one_of", group),
                "not_in_order",
                f"Group {group!r} has no place in the order",
                f"Add {group} to `order:`",
                at_key=True,
            )
        if group in plans:
            what, mend = f"{group!r} names a plan and a group", "Give the group another name"
            report.wrong(("one_of", group), "name_twice", what, mend, at_key=True)
        for index, member in enumerate(members):
            if member not in plans:
                report.unknown(("one_of", group, index), "plan", member, plans)


def _check_units(report: Report) -> None:
    document = report.document
    for name in document.units:
        if name in report.units.known() - report.units.own:
            what, mend = f"{name!r} is a built-in unit", "Choose another name"
            report.wrong(("units", name), "name_twice", what, mend, at_key=True)
    for name, meter in document.meters.items():
        path: Path = ("meters", name)
        report.unit((*path, "unit"), singular(meter.unit))
        dates = [version.since for version in meter.versions]
        check_dates(report, (*path, "versions"), dates)
        for index, version in enumerate(meter.versions):
            if version.cost is None and version.weights is None:
                what, mend = "This version counts nothing", "Add `cost:` or `weights:`"
                report.wrong((*path, "versions", index), "empty_meter", what, mend)


def _check_lists(report: Report) -> None:
    lists = report.document.models
    for name, items in lists.items():
        report.models(("models", name), items)
        if _reaches(name, items, lists, set()):
            what, mend = f"List {name!r} holds itself", "Break the circle"
            report.wrong(("models", name), "list_loop", what, mend, at_key=True)


def _reaches(name: str, items: Iterable[ModelItem], lists: dict[str, list[ModelItem]], seen: set[str]) -> bool:
    for item in items:
        if item.names_list and item.id == name:
            return True
        if item.names_list and item.id not in seen:
            seen.add(item.id)
            if _reaches(name, lists.get(item.id, []), lists, seen):
                return True
    return False


def _check_multipliers(report: Report) -> None:
    used = {name for plan in report.document.plans.values() for source in plan.sources for name in source.multipliers}
    for name, rule in report.document.multipliers.items():
        path: Path = ("multipliers", name)
        if name not in used:
            what, mend = f"No source uses multiplier {name!r}", "Name it in a source, or remove it"
            report.wrong(path, "unused_multiplier", what, mend, at_key=True)
        if isinstance(rule, MultiplierByModel):
            for index, value in enumerate(rule.values):
                report.models((*path, "values", index, "models"), value.models)
        elif isinstance(rule, MultiplierBySegment):
            for index, by_segment in enumerate(rule.values):
                if by_segment.segment not in report.document.segments:
                    place = (*path, "values", index, "segment")
                    report.unknown(place, "segment", by_segment.segment, report.document.segments)
        elif isinstance(rule, MultiplierBySchedule):
            check_dates(report, (*path, "values"), [value.since for value in rule.values])
            for index, band in enumerate(rule.bands):
                if band.from_ == band.until:
                    what, mend = "This part of the day is empty", "Let it end after it begins"
                    report.wrong((*path, "bands", index), "empty_band", what, mend)
        else:
            _check_brackets(report, path, rule)


def _check_brackets(report: Report, path: Path, rule: MultiplierByUse) -> None:
    before: Quantity | None = None
    for index, bracket in enumerate(rule.brackets):
        place: Path = (*path, "brackets", index)
        bound, last = bracket.up_to, index == len(rule.brackets) - 1
        if last and bound is not None:
            what, mend = "The last bracket has a bound", "Leave `up_to` out: it holds for all the rest"
            report.wrong((*place, "up_to"), "bounded_bracket", what, mend)
        elif not last and bound is None:
            what, mend = "This bracket has no bound and is not the last", "Add `up_to:`"
            report.wrong(place, "open_bracket", what, mend)
        if bound is None:
            continue
        if not is_currency(bound.unit):
            what, mend = f"A bracket ends at a list value, not at {bound}", "Write a currency: 20 USD"
            report.wrong((*place, "up_to"), "wrong_unit", what, mend)
        elif before is not None and before.unit != bound.unit:
            what, mend = f"{bound.unit} stands after {before.unit}", f"Write it in {before.unit}"
            report.wrong((*place, "up_to"), "wrong_unit", what, mend)
        elif bound.amount <= (before.amount if before else Fraction(0)):
            what, mend = f"{bound} is not above the bracket before", "Order the brackets upwards"
            report.wrong((*place, "up_to"), "brackets_order", what, mend)
        before = bound


def check_dates(report: Report, path: Path, dates: Sequence[int | None]) -> None:
    """Dates that begin a version each: only the first may be left out, and they ascend."""
    for index, since in enumerate(dates):
        before = dates[index - 1] if index else None
        if index and since is None:
            what, mend = "Only the first entry may go without `since`", "Add `since:`"
            report.wrong((*path, index), "undated", what, mend)
        elif since is not None and before is not None and since <= before:
            what, mend = "This entry does not begin after the one before", "Order them by date"
            report.wrong((*path, index, "since"), "dates_order", what, mend)


def _check_money(report: Report) -> None:
    document = report.document
    for index, exchange in enumerate(document.exchange):
        path: Path = ("exchange", index)
        check_dates(report, (*path, "rates"), [rate.since for rate in exchange.rates])
        for position, rate in enumerate(exchange.rates):
            if rate.rate == 0:
                what, mend = "A rate of 0 exchanges nothing", "Write the rate"
                report.wrong((*path, "rates", position, "rate"), "zero_rate", what, mend)
        if exchange.from_ == exchange.to:
            what = f"{exchange.to} is exchanged for itself"
            report.wrong((*path, "to"), "same_currency", what, "Name two currencies")
    for index, card in enumerate(document.rates):
        bounds = [(tier.min_input, tier.min_output) for tier in card.tiers]
        for position, bound in enumerate(bounds):
            if bound == (0, 0) or (position and bound <= bounds[position - 1]):
                what, mend = "This tier is not above the one before", "Order the tiers upwards"
                report.wrong(("rates", index, "tiers", position), "tiers_order", what, mend)
