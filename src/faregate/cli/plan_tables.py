"""Plans as tables: one line a plan, and the plans of a family side by side with what is computed of them.

Owns which figures stand in them. Computes nothing itself: figures come from the plan language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import click

from faregate.cli.language import say
from faregate.cli.output import write_comparison, write_table
from faregate.core.amounts import decimal_text
from faregate.core.market import Market
from faregate.planfile import Family, Figure, Plan, Reference, explain_in_words, facts_at, figure_text, span_text
from faregate.planfile.document_limits import RestoreRefill
from faregate.planfile.figures import span_of

Entry = tuple[Family, Plan]
_UNSURE = "≈ "


def plan_summary(family: Family, plan: Plan) -> dict[str, Any]:
    """One plan of the list as data."""
    return {
        "plan": plan.id,
        "version": family.version,
        "names": plan.names._asdict(),
        "wallet": plan.terms.wallet,
        "prices": [
            {
                "id": price.id,
                "amount": decimal_text(price.amount),
                "currency": price.currency,
                "period": price.period,
                "renews": price.renews,
                "pay_with": list(price.pay_with),
            }
            for price in plan.prices
        ],
    }


def plan_details(family: Family, plan: Plan, at: int, market: Market) -> dict[str, Any]:
    """Everything on one plan as data: the file's own fields, figures computed as of ``at``, and the words."""
    return {
        **plan_summary(family, plan),
        "hash": family.content_hash,
        "stand_in": plan.stand_in,
        "sources": {key: _reference(reference) for key, reference in plan.sources.items()},
        "figures": [_figure(figure) for figure in facts_at(family.document, plan.document, at, market)],
        "document": plan.document.model_dump(mode="json", by_alias=True, exclude_none=True),
        "words": {language: explain_in_words(family, plan, language, at, market) for language in ("en", "zh")},
    }


def _reference(reference: Reference) -> dict[str, str]:
    return {name: value for name, value in reference._asdict().items() if value is not None}


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "id": figure.id,
        "kind": figure.kind,
        "names": figure.names.model_dump(),
        "amount": _exact(figure.amount),
        "low": _exact(figure.low),
        "high": _exact(figure.high),
        "rounded": figure.rounded() or None,
        "unit": figure.unit,
        "text": figure.text.model_dump() if figure.text is not None else None,
        "source": figure.source,
        "steps": [
            {
                "sign": step.sign,
                "figure": step.origin,
                "low": decimal_text(step.span.low),
                "high": decimal_text(step.span.high),
                "unit": step.span.unit,
            }
            for step in figure.steps
        ],
    }


def _exact(amount: Fraction | None) -> str | None:
    return decimal_text(amount) if amount is not None else None


def write_plan_list(entries: Iterable[Entry], current: Iterable[bool], language: str) -> None:
    """Every plan: id (with its version where that is not the current one), name, price, version."""
    columns = [say(f"plan.column.{name}") for name in ("plan", "name", "price", "version")]
    rows = [
        (plan.id if now else f"{plan.id}@{family.version}", plan.names.text(language), _price(plan), family.version)
        for (family, plan), now in zip(entries, current, strict=True)
    ]
    write_table(say("plan.list.title"), columns, rows)


def write_family_table(family: Family, at: int, language: str, market: Market, chosen: Plan | None = None) -> None:
    """The plans of a family side by side; with ``chosen``, those of its group, it marked.

    Figures that are not the seller's own bear a sign, told below.
    """
    plans = _side_by_side(family, chosen)
    marked = [f"{plan.names.text(language)}{' *' if plan is chosen else ''}" for plan in plans]
    rows: list[list[str]] = [[say("plan.row.price"), *(_price(plan) for plan in plans)]]
    rows += _other_prices(plans)
    for id, name in _named(plan.document.windows for plan in plans):
        rows.append([name.text(language), *(_window(family, plan, id, language) for plan in plans)])
    for id, name in _named(plan.document.pools for plan in plans):
        rows.append([name.text(language), *(_pool(family, plan, id, language) for plan in plans)])
    rows += [
        [rule.names.text(language) if rule.names else id, *(_multiplier(family, plan, id) for plan in plans)]
        for id, rule in family.document.multipliers.items()
        if any(_multiplies(plan, id) for plan in plans)
    ]
    rows += _fact_rows(family, plans, at, language, market)
    rows.append([say("plan.row.models"), *(str(len(plan.models)) for plan in plans)])
    supports = [plan.document.support for plan in plans]
    if any(supports):
        rows.append([say("plan.row.support"), *(each.names.text(language) if each else "–" for each in supports)])
    title = f"{family.names.text(language)} ({family.id}@{family.version})"
    write_comparison(title, marked, rows)
    if any(_UNSURE in cell for row in rows for cell in row):
        click.echo(say("plan.unsure"))


def _side_by_side(family: Family, chosen: Plan | None) -> list[Plan]:
    if chosen is None:
        return list(family.plans.values())
    group = chosen.terms.exclusive
    return [plan for plan in family.plans.values() if plan is chosen or (group and plan.terms.exclusive == group)]


def _named(parts: Iterable[Any]) -> list[tuple[str, Any]]:
    """Every id of windows or pools in these plans with the name it has first."""
    names: dict[str, Any] = {}
    for by_id in parts:
        for id, part in by_id.items():
            if part.names is not None:
                names.setdefault(id, part.names)
    return list(names.items())


def _other_prices(plans: Sequence[Plan]) -> list[list[str]]:
    most = max((len(plan.prices) for plan in plans), default=0)
    return [[say("plan.row.or"), *(_price(plan, index) for plan in plans)] for index in range(1, most)]


def _price(plan: Plan, index: int = 0) -> str:
    """A price of a plan, the usual one first, with its period."""
    if len(plan.prices) <= index:
        return "–"
    price = plan.prices[index]
    period = price.period
    if period is None:
        lasts = ""
    elif period in ("month", "year"):
        lasts = say(f"plan.period.{period}")
    else:
        lasts = say("plan.period.days", days=period.removesuffix("d"))
    return f"{_number(price.amount)} {price.currency}{lasts}"


def _window(family: Family, plan: Plan, id: str, language: str) -> str:
    window = plan.document.windows.get(id)
    if window is None:
        return "–"
    return _mark(window.known) + span_text(family.document, span_of(plan.document, f"windows.{id}"), language)


def _pool(family: Family, plan: Plan, id: str, language: str) -> str:
    pool = plan.document.pools.get(id)
    if pool is None:
        return "–"
    if pool.refill is None and pool.granted is None:
        return "0"
    bonus = getattr(pool.refill, "bonus", None)
    extra = f" (+{decimal_text(bonus * 100)}%)" if bonus else ""
    if isinstance(pool.refill, RestoreRefill):
        extra = say(f"plan.restored.{pool.refill.every}", times=pool.refill.times)
    return _mark(pool.known) + span_text(family.document, span_of(plan.document, f"pools.{id}"), language) + extra


def _multiplies(plan: Plan, id: str) -> bool:
    return any(id in source.multipliers for source in plan.document.sources)


def _multiplier(family: Family, plan: Plan, id: str) -> str:
    """The multiplier in a cell: one value, or the lowest and the highest."""
    if not _multiplies(plan, id):
        return "–"
    rule = family.document.multipliers[id]
    values = [part.times for part in getattr(rule, "values", getattr(rule, "brackets", []))]
    values += [band.times for band in getattr(rule, "bands", [])]
    if rule.by in ("model", "segment"):
        values.append(Fraction(1))
    low, high = (f"×{decimal_text(end)}" for end in (min(values), max(values)))
    return low if low == high else f"{low}–{high}"


def _mark(known: str) -> str:
    return "" if known == "official" else _UNSURE


def _fact_rows(family: Family, plans: Sequence[Plan], at: int, language: str, market: Market) -> list[list[str]]:
    by_plan = [
        {figure.id: figure for figure in facts_at(family.document, plan.document, at, market)} for plan in plans
    ]
    names = {id: figure.names for figures in by_plan for id, figure in figures.items()}
    return [
        [name.text(language), *(_shown(family, figures.get(id), language) for figures in by_plan)]
        for id, name in names.items()
    ]


def _shown(family: Family, figure: Figure | None, language: str) -> str:
    return "–" if figure is None else figure_text(family.document, figure, language)


def _number(amount: Fraction) -> str:
    """``amount`` with its thousands set apart."""
    whole, dot, rest = decimal_text(amount).partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").isdigit() else whole
