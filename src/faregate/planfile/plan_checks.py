"""What must hold inside one plan: pools, windows and sources fit together, references lead somewhere.

Owns the checks of one plan's limits and offer. Does not know other plans, except by id.
"""

from __future__ import annotations

from faregate.core.wildcard import matches
from faregate.planfile.document import PlanDocument
from faregate.planfile.document_limits import (
    MultiplierByModel,
    PoolDocument,
    SourceDocument,
    WindowDocument,
)
from faregate.planfile.model_lists import expand
from faregate.planfile.offer_checks import check_offer
from faregate.planfile.problem import did_you_mean
from faregate.planfile.report import Report
from faregate.planfile.units import is_currency, pool_unit
from faregate.planfile.yaml_tree import Path

_WINDOW_NEEDS = {
    "first-use": ("length",),
    "sliding": ("length",),
    "calendar": ("every",),
    "purchase": ("every",),
    "lifetime": (),
    "concurrency": (),
}


def check_plan(report: Report, name: str, plan: PlanDocument) -> None:
    """Note every problem inside ``plan``."""
    path: Path = ("plans", name)
    report.models((*path, "models"), plan.models)
    for pool_id, pool in plan.pools.items():
        _check_pool(report, (*path, "pools", pool_id), pool)
    for window_id, window in plan.windows.items():
        _check_window(report, (*path, "windows", window_id), window)
    seen: set[str] = set()
    for index, source in enumerate(plan.sources):
        place = (*path, "sources", index)
        if source.id in seen:
            what, mend = f"There are two sources {source.id!r}", "Rename one"
            report.wrong((*place, "id"), "name_twice", what, mend)
        seen.add(source.id)
        _check_source(report, place, plan, source)
    _check_all_used(report, path, plan)
    _check_grace(report, (*path, "while_books_are_away"), plan)
    check_offer(report, path, plan)


def source_unit(report: Report, plan: PlanDocument, source: SourceDocument) -> str | None:
    """What ``source`` charges in: its meter's unit; for ``cost`` the currency of its pool, else of its windows."""
    unit = report.units.unit_of_meter(source.meter)
    if unit is not None:
        return unit
    if source.pool in plan.pools:
        return pool_unit(plan.pools[source.pool])
    for window_id in source.windows:
        window = plan.windows.get(window_id)
        if window is not None and window.meter == "drawn":
            return window.limit.unit
    return None


def _check_pool(report: Report, path: Path, pool: PoolDocument) -> None:
    unit = pool_unit(pool)
    if unit is None:
        what, mend = "This pool has no unit", "Add `unit:`, `granted:` or `refill:`"
        report.wrong(path, "no_unit", what, mend, at_key=True)
        return
    if pool.unit is not None and not report.unit((*path, "unit"), unit):
        return
    places = {"granted": pool.granted, "refill": pool.refill.amount if pool.refill else None}
    for key, amount in places.items():
        if amount is None:
            continue
        place = (*path, key, "amount") if key == "refill" else (*path, key)
        if report.unit(place, amount.unit) and amount.unit != unit:
            what = f"{amount} goes into a pool of {unit}"
            report.wrong(place, "wrong_unit", what, f"Write it in {unit}")


def _check_window(report: Report, path: Path, window: WindowDocument) -> None:
    needed = _WINDOW_NEEDS[window.kind]
    for key in ("length", "every"):
        given = getattr(window, key) is not None
        if given and key not in needed:
            what, mend = f"A {window.kind} window has no {key!r}", "Remove it"
            report.wrong((*path, key), "needless_key", what, mend, at_key=True)
        elif not given and key in needed:
            example = "5h" if key == "length" else "day"
            what, mend = f"A {window.kind} window needs {key!r}", f"Add `{key}:`, such as {example}"
            report.wrong(path, "missing_key", what, mend, at_key=True)
    if window.limit.amount == 0:
        what, mend = "A cap of 0 lets nothing through", "Raise it, or leave the source out"
        report.wrong((*path, "limit"), "zero_limit", what, mend)
    if not report.unit((*path, "limit"), window.limit.unit):
        return
    if window.guard or window.kind == "concurrency":
        _check_guard(report, path, window)
    elif window.lifted_by is not None:
        what, mend = "Only a guard is lifted", "Add `guard: true`, or remove it"
        report.wrong((*path, "lifted_by"), "not_a_guard", what, mend, at_key=True)
    if window.by == "key" and not (window.guard and window.kind == "sliding"):
        what, mend = "Only a sliding guard counts by key", "Write `kind: sliding` and `guard: true`, or remove `by:`"
        report.wrong((*path, "by"), "not_a_guard", what, mend, at_key=True)
    if window.lifted_by is not None:
        plans = report.document.plans
        if window.lifted_by not in plans:
            report.unknown((*path, "lifted_by"), "plan", window.lifted_by, plans)
        elif not plans[window.lifted_by].wallet:
            what, mend = f"{window.lifted_by!r} is not a wallet", "Name a plan with `wallet: true`"
            report.wrong((*path, "lifted_by"), "not_a_wallet", what, mend)
    _check_window_meter(report, path, window)


def _check_guard(report: Report, path: Path, window: WindowDocument) -> None:
    if not window.guard:
        what, mend = "Concurrency is always a guard", "Add `guard: true`"
        report.wrong(path, "not_a_guard", what, mend, at_key=True)
    if window.limit.unit != "request":
        what = f"A guard counts requests, not {window.limit.unit}"
        report.wrong((*path, "limit"), "wrong_unit", what, "Write it in requests")
    if window.meter not in {"requests", "drawn"}:
        what = f"A guard counts requests, not {window.meter}"
        report.wrong((*path, "meter"), "wrong_meter", what, "Remove `meter:`")


def _check_window_meter(report: Report, path: Path, window: WindowDocument) -> None:
    if window.meter == "drawn" or window.guard:
        return
    known = report.units.known_meters()
    if window.meter not in known:
        report.unknown((*path, "meter"), "meter", window.meter, [*known, "drawn"])
        return
    unit = report.units.unit_of_meter(window.meter)
    if unit is None and not is_currency(window.limit.unit):
        what, mend = f"{window.limit} is no cap on cost", "Write a currency: 100 USD"
        report.wrong((*path, "limit"), "wrong_unit", what, mend)
    elif unit is not None and unit != window.limit.unit:
        what = f"Meter {window.meter!r} counts {unit}, the cap is in {window.limit.unit}"
        report.wrong((*path, "limit"), "wrong_unit", what, f"Write it in {unit}")


def _check_source(report: Report, path: Path, plan: PlanDocument, source: SourceDocument) -> None:
    known = report.units.known_meters()
    if source.meter not in known:
        report.unknown((*path, "meter"), "meter", source.meter, known)
        return
    if source.pool is not None and source.pool not in plan.pools:
        report.unknown((*path, "pool"), "pool", source.pool, plan.pools)
        return
    unit = source_unit(report, plan, source)
    if unit is not None and source.meter == "cost" and not is_currency(unit):
        what = f"It charges cost, and what it pays from is in {unit}"
        mend = "Write pool and windows in a currency, or charge in another meter"
        report.wrong((*path, "meter"), "wrong_unit", what, mend)
    elif unit is None:
        what = "It charges cost, and neither its pool nor its windows name a currency"
        mend = "Give it a pool or a window in a currency, or another meter"
        report.wrong((*path, "meter"), "no_unit", what, mend)
    elif source.pool is not None and pool_unit(plan.pools[source.pool]) not in {unit, None}:
        what = f"It charges {unit}, pool {source.pool!r} holds {pool_unit(plan.pools[source.pool])}"
        report.wrong((*path, "pool"), "wrong_unit", what, "Let meter and pool agree")
    for index, window_id in enumerate(source.windows):
        _check_named_window(report, (*path, "windows", index), plan, window_id, unit)
    _check_named_multipliers(report, path, plan, source)
    for key in ("models", "excluded_models"):
        report.models((*path, key), getattr(source, key) or [])


def _check_named_window(report: Report, path: Path, plan: PlanDocument, window_id: str, unit: str | None) -> None:
    window = plan.windows.get(window_id)
    if window is None:
        report.unknown(path, "window", window_id, plan.windows)
    elif window.guard:
        what = f"{window_id!r} is a guard"
        report.wrong(path, "named_guard", what, "Take it out: a guard binds the whole plan by itself")
    elif window.meter == "drawn" and unit is not None and window.limit.unit != unit:
        if window.limit.unit not in report.units.known():
            return
        what = f"Window {window_id!r} caps {window.limit.unit}, this source draws {unit}"
        mend = f"Write the cap in {unit}, or give the window a `meter:`"
        report.wrong(path, "wrong_unit", what, mend)


def _check_named_multipliers(report: Report, path: Path, plan: PlanDocument, source: SourceDocument) -> None:
    lists = report.document.models
    paid = [item.id for item in expand(source.models or plan.models, lists)]
    for index, name in enumerate(source.multipliers):
        rule = report.document.multipliers.get(name)
        if rule is None:
            report.unknown((*path, "multipliers", index), "multiplier", name, report.document.multipliers)
        if not isinstance(rule, MultiplierByModel):
            continue
        for value_index, value in enumerate(rule.values):
            for item_index, item in enumerate(value.models):
                plain = "*" not in item.id and not item.names_list
                if plain and not any(matches(pattern, item.id) for pattern in paid):
                    place: Path = ("multipliers", name, "values", value_index, "models", item_index)
                    what = f"Source {source.id!r} of {path[1]!r} does not pay for {item.id!r}"
                    report.wrong(place, "unknown_model", what, did_you_mean(item.id, paid))


def _check_grace(report: Report, path: Path, plan: PlanDocument) -> None:
    """What goes on while nobody can look is bounded, whichever source pays."""
    rule = plan.while_books_are_away
    if rule is None:
        return
    units = {source_unit(report, plan, source) for source in plan.sources} - {None}
    if rule.draw is not None:
        if report.unit((*path, "draw"), rule.draw.unit) and rule.draw.unit not in units:
            what = f"No source of this plan draws {rule.draw.unit}"
            mend = f"Write it in {', '.join(sorted(unit for unit in units if unit))}"
            report.wrong((*path, "draw"), "wrong_unit", what, mend)
            return
        units -= {rule.draw.unit}
    if rule.requests is None and units:
        unbounded = "requests" if rule.draw is None else f"what draws {', '.join(sorted(map(str, units)))}"
        what = f"Nothing bounds {unbounded} while the books are away"
        report.wrong(path, "no_bound", what, "Add `requests:`, such as requests: 20", at_key=True)


def _check_all_used(report: Report, path: Path, plan: PlanDocument) -> None:
    pools = {source.pool for source in plan.sources}
    windows = {window for source in plan.sources for window in source.windows}
    # A name that leads nowhere is reported where it stands; what it was meant for is not unused then.
    lost_pool = bool(pools - {None, *plan.pools})
    lost_window = bool(windows - plan.windows.keys())
    for pool_id in plan.pools:
        if pool_id not in pools and not lost_pool:
            what, mend = f"No source pays from pool {pool_id!r}", "Name it in a source, or remove it"
            report.wrong((*path, "pools", pool_id), "unused_pool", what, mend, at_key=True)
    for window_id, window in plan.windows.items():
        if window_id not in windows and not window.guard and not lost_window:
            what = f"No source is bound by window {window_id!r}"
            mend = "Name it in a source, make it a guard, or remove it"
            report.wrong((*path, "windows", window_id), "unused_window", what, mend, at_key=True)
    for index, source in enumerate(plan.sources):
        if source.pool is None and not source.windows:
            what = f"Source {source.id!r} has neither pool nor window"
            mend = "Give it one: it would pay for everything"
            report.wrong((*path, "sources", index), "unbounded_source", what, mend)
