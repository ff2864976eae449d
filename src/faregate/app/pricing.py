"""Prices for everybody: the plans on sale with their limits and computed figures, and what models cost.

Owns these views. Every figure is the plan language's own, as `faregate plan show --explain` prints it, or the
comparison's, as `faregate compare --mix standard` does; nothing is computed here. Amounts are exact decimals as
strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from faregate.app.shelf import Shelf
from faregate.core.amounts import decimal_text
from faregate.core.instants import SECOND, render_instant
from faregate.core.market import Market
from faregate.core.ratecard import RateCard
from faregate.core.sale import sold_at
from faregate.planfile import Family, Figure, Plan, explain_in_words, facts_at, figure_text

LANGUAGES = ("en", "zh")
_PER_MILLION = ("input", "cached", "cache_write_5m", "cache_write_1h", "output")
_PER_ONE = ("image", "tool_call", "request")
_NANO = 10**9


Months = Callable[[Shelf, int], Mapping[str, Any]]
"""(plans, now) -> what a month of each plan on sale holds of usual work, by ``family/plan``, where it can be said."""


def no_months(shelf: Shelf, now: int) -> Mapping[str, Any]:
    """Nothing is said of months."""
    return {}


def pricing_view(shelf: Shelf, now: int, only: tuple[str, ...] = (), months: Months = no_months) -> dict[str, Any]:
    """Families (``only`` these, where any are named) with their plans on sale at ``now``."""
    families: dict[str, dict[str, Any]] = {}
    held = months(shelf, now)
    for plan in shelf.catalogue:
        row = sold_at(shelf.versions(plan.id), now)
        if row is None or (only and plan.terms.family not in only):
            continue
        family, sold = shelf.catalogue.entry(f"{plan.id}@{row.terms.version}")
        if sold.document.admission != "open" and not sold.prices and not sold.terms.wallet:
            continue
        shown = families.setdefault(family.id, {"family": family.id, "names": _names(family.names), "plans": []})
        shown["plans"].append({**plan_on_sale(family, sold, now, shelf.market), "month": held.get(plan.id)})
    return {"at": render_instant(now), "families": list(families.values())}


def plan_on_sale(family: Family, plan: Plan, now: int, market: Market) -> dict[str, Any]:
    """One plan for a price list."""
    document = plan.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "plan": plan.id,
        "version": family.version,
        "names": _names(plan.names),
        "about": document.get("about"),
        "wallet": plan.terms.wallet,
        "admission": document.get("admission"),
        "companions": [f"{family.id}/{each}" for each in document.get("companions", ())],
        "prices": [
            {
                "id": price.id,
                "amount": decimal_text(price.amount),
                "currency": price.currency,
                "period": price.period,
                "renews": price.renews,
            }
            for price in plan.prices
        ],
        "windows": [_window(id, each) for id, each in document.get("windows", {}).items()],
        "pools": [{"id": id, **each} for id, each in document.get("pools", {}).items()],
        "models": [
            {
                "model": each.id,
                "available": each.available,
                "names": _names(each.names) if each.names is not None else None,
            }
            for each in plan.models
        ],
        "meters": _meters(family, now),
        "facts": [_fact(family, figure) for figure in facts_at(family.document, plan.document, now, market)],
        "words": {language: explain_in_words(family, plan, language, now, market) for language in LANGUAGES},
    }


def _window(id: str, written: dict[str, Any]) -> dict[str, Any]:
    length = written.pop("length", None)
    return {"id": id, "length_seconds": length // SECOND if isinstance(length, int) else None, **written}


def _meters(family: Family, now: int) -> list[dict[str, Any]]:
    """What each meter of the family counts at ``now``: its live rates."""
    rows = []
    for id, meter in family.document.meters.items():
        begun = [each for each in meter.versions if each.since is None or each.since <= now]
        live = (begun or meter.versions)[-1].model_dump(mode="json", exclude_none=True)
        names = _names(meter.names) if meter.names is not None else None
        rows.append({"id": id, "unit": meter.unit, "names": names, **live})
    return rows


def _fact(family: Family, figure: Figure) -> dict[str, Any]:
    return {
        "id": figure.id,
        "kind": figure.kind,
        "names": _names(figure.names),
        "low": _exact(figure.low),
        "high": _exact(figure.high),
        "rounded": figure.rounded() or None,
        "unit": figure.unit,
        "words": {language: figure_text(family.document, figure, language) for language in LANGUAGES},
        "about": _names(figure.about) if figure.about is not None else None,
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


def models_view(names: list[str], market: Market, now: int) -> list[dict[str, Any]]:
    """List prices of models, by the names that clients ask for."""
    rows = []
    for name in names:
        card = market.card(name)
        rows.append(
            {
                "model": name,
                "canonical": market.canonical(name),
                "currency": card.currency if card is not None else None,
                "prices": _prices(card, now) if card is not None else None,
            }
        )
    return rows


def _prices(card: RateCard, now: int) -> dict[str, str]:
    """Prices of the shortest requests: for a million tokens, or for one."""
    rates = card.version_at(now).tiers[0].rates
    found = {name: _price(getattr(rates, name), rates.denominator, 10**6) for name in _PER_MILLION}
    return found | {name: _price(getattr(rates, name), rates.denominator, 1) for name in _PER_ONE}


def _price(numerator: int, denominator: int, units: int) -> str:
    return decimal_text(Fraction(numerator * units, denominator * _NANO))


def _names(names: Any) -> dict[str, str]:
    return {language: names.text(language) for language in LANGUAGES}


def _exact(amount: Fraction | None) -> str | None:
    return decimal_text(amount) if amount is not None else None
