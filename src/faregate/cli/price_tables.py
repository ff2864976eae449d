"""Prices as tables and as data: the list, one model with all its versions, the differences of a refresh.

Owns which figures stand there and how they are written. Figures come exact from the cards; what a conversion makes
of them is rounded to six places for people and twelve for programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from faregate.cli.figures import grouped
from faregate.cli.language import say
from faregate.cli.output import write_table
from faregate.core.amounts import decimal_text
from faregate.core.instants import render_instant
from faregate.core.ratecard import RateTier
from faregate.ratecards import Conversion, DatedRate, PricedModel
from faregate.ratecards.prices import UNIT_PRICES, DatedPrice, Figures, figures_of
from faregate.ratecards.refresh import Difference, Refresh

CLASSES = ("input", "cached_input", "cache_write", "cache_write_1h", "output")
SHOWN = 25
"""How many differences of a kind a table shows; the rest is in the JSON."""


def day_of(at: int) -> str:
    """``at`` as its day in UTC."""
    return render_instant(at)[:10]


def price_at(model: PricedModel, at: int) -> DatedPrice:
    """The dated price in force at ``at``; before the first, the first."""
    version = model.card.version_at(at)
    return next(price for price in model.prices if price.version is version)


# ---- data


def model_data(model: PricedModel, at: int, conversion: Conversion) -> dict[str, Any]:
    """One model of the list as data: the price in force at ``at``, converted."""
    return {
        **_about(model),
        "currency": conversion.quote,
        "price": _price_data(price_at(model, at), conversion),
    }


def model_details(model: PricedModel, at: int, conversion: Conversion) -> dict[str, Any]:
    """Everything on one model as data."""
    return {
        **_about(model),
        "aliases": [alias for alias, _ in model.aliases],
        "parameters": dict(model.parameters),
        "note": model.note or None,
        "currency": conversion.quote,
        "in_force": price_at(model, at).day,
        "prices": [_price_data(price, conversion) for price in model.prices],
        "rates": rates_data(conversion.steps),
    }


def rates_data(steps: Iterable[DatedRate]) -> list[dict[str, Any]]:
    """The exchange rates that were used."""
    return [
        {
            "base": step.base,
            "quote": step.quote,
            "rate": decimal_text(step.rate),
            "since": day_of(step.since),
            "carried": step.carried,
            "source": step.source,
        }
        for step in steps
    ]


def refresh_data(refresh: Refresh, file: str, written: bool) -> dict[str, Any]:
    """A refresh as data, with every difference."""
    return {
        "source": refresh.source,
        "file": file,
        "written": written,
        "writes": refresh.writes,
        "same": refresh.same,
        "differences": [
            {
                "kind": each.kind,
                "model": each.model,
                "currency": each.currency,
                "before": _tiers_data(each.before, None),
                "after": _tiers_data(each.after, None),
                "why": each.why or None,
            }
            for each in refresh.differences
        ],
    }


def _about(model: PricedModel) -> dict[str, Any]:
    return {
        "model": model.id,
        "name": model.name,
        "maker": model.maker,
        "context": model.context,
        "native_currency": model.card.currency,
    }


def _price_data(price: DatedPrice, conversion: Conversion) -> dict[str, Any]:
    return {
        "from": render_instant(price.version.effective_from),
        "tiers": _tiers_data(price.version.tiers, conversion),
        "note": price.note or None,
        "sources": [{"title": each.title, "url": each.url, "read": each.read or None} for each in price.sources],
    }


def _tiers_data(tiers: Iterable[RateTier], conversion: Conversion | None) -> list[dict[str, Any]]:
    rows = []
    for tier in tiers:
        figures = _converted(figures_of(tier.rates), conversion)
        amounts = {key: decimal_text(round(value, 12)) for key, value in figures.items()}
        tokens = {key: amounts[key] for key in CLASSES}
        others = {key: amounts[key] for key in UNIT_PRICES if key in amounts}
        rows.append({"input_from": tier.min_input, "output_from": tier.min_output, "per_million": tokens, **others})
    return rows


def _converted(figures: Figures, conversion: Conversion | None) -> Figures:
    if conversion is None or not conversion.steps:
        return figures
    return {key: conversion.convert(value) for key, value in figures.items()}


# ---- tables


def write_price_list(rows: Iterable[tuple[PricedModel, Conversion]], at: int) -> None:
    """The price of each model in force at ``at``."""
    names = ("model", "currency", *CLASSES, "context", "since", "further")
    columns = [say(f"prices.column.{name}") for name in names]
    cells = []
    for model, conversion in rows:
        price = price_at(model, at)
        figures = _converted(figures_of(price.version.tiers[0].rates), conversion)
        context = grouped(str(model.context)) if model.context else "–"
        further = ", ".join(_further(figures, len(price.version.tiers) - 1))
        cells.append([model.id, conversion.quote, *_amounts(figures), context, price.day[:10], further])
    write_table(say("prices.list.title", day=day_of(at)), columns, cells, numbers=range(2, 8))


def write_model(model: PricedModel, at: int, conversion: Conversion) -> None:
    """One model with every dated price."""
    click.echo(f"{model.name} ({model.id})")
    for line in _facts(model):
        click.echo(f"  {line}")
    in_force = price_at(model, at)
    for price in model.prices:
        state = ""
        if price is in_force:
            state = say("prices.show.in_force")
        elif price.version.effective_from > at:
            state = say("prices.show.planned")
        fields = {"currency": conversion.quote, "state": state}
        begins = price.version.effective_from
        title = say("prices.show.version", day=price.day, **fields) if begins else say("prices.show.always", **fields)
        click.echo()
        rows = list(_tier_rows(price, conversion))
        names = (*CLASSES, "further") if any(row[-1] for row in rows) else CLASSES
        columns = ["", *(say(f"prices.column.{name}") for name in names)]
        write_table(title, columns, [row[: len(columns)] for row in rows], numbers=range(1, 6))
        if price.note:
            click.echo(say("prices.show.note", note=price.note))
        for source in price.sources:
            click.echo(say("prices.show.source", source=source))
    write_rates(conversion.steps)


def write_rates(steps: Iterable[DatedRate]) -> None:
    """The exchange rates that were used, a line each; nothing where none was."""
    told = list(dict.fromkeys(steps))
    if told:
        click.echo()
    for step in told:
        carried = say("prices.rate.carried") if step.carried else ""
        fields = {"base": step.base, "quote": step.quote, "rate": decimal_text(step.rate), "source": step.source}
        click.echo(say("prices.rate", month=day_of(step.since)[:7], carried=carried, **fields))


def _facts(model: PricedModel) -> Iterator[str]:
    yield say("prices.show.maker", maker=model.maker)
    if model.aliases:
        yield say("prices.show.aliases", names=", ".join(alias for alias, _ in model.aliases))
    if model.context:
        yield say("prices.show.context", tokens=grouped(str(model.context)))
    for key in ("total", "active"):
        if key in model.parameters:
            yield say(f"prices.show.{key}", count=model.parameters[key])
    if model.note:
        yield say("prices.show.note", note=model.note)


def _tier_rows(price: DatedPrice, conversion: Conversion) -> Iterator[list[str]]:
    tiers = price.version.tiers
    for tier in tiers:
        figures = _converted(figures_of(tier.rates), conversion)
        yield [_bounds(tier, len(tiers)), *_amounts(figures), ", ".join(_further(figures, 0))]
    figures = figures_of(tiers[0].rates)
    if figures["input"]:
        ratios = [decimal_text(round(figures[key] / figures["input"], 4)) for key in CLASSES]
        yield [say("prices.tier.ratio"), *ratios, ""]


def _bounds(tier: RateTier, tiers: int) -> str:
    if not tier.min_input and not tier.min_output:
        return say("prices.tier.all" if tiers == 1 else "prices.tier.below")
    bounds = (("min_input", tier.min_input), ("min_output", tier.min_output))
    told = [say(f"prices.tier.{name}", tokens=grouped(str(bound))) for name, bound in bounds if bound]
    return ", ".join(told)


def _amounts(figures: Figures) -> list[str]:
    return [decimal_text(round(figures[key], 6)) for key in CLASSES]


def _further(figures: Figures, tiers: int) -> Iterator[str]:
    if tiers:
        yield say("prices.further.tiers", count=tiers)
    for key in UNIT_PRICES:
        if key in figures:
            yield say(f"prices.further.{key}", amount=decimal_text(round(figures[key], 6)))


# ---- a refresh


def write_refresh(refresh: Refresh, file: str) -> None:
    """What a refresh would change, and what stays and why."""
    new, changed, kept = (refresh.of_kind(kind) for kind in ("new", "changed", "kept"))
    title = say("prices.refresh.new", count=len(new), source=refresh.source)
    _write_differences(title, ("model", *CLASSES, "further"), new, _new_row, range(1, 6))
    title = say("prices.refresh.changed", count=len(changed), file=file)
    _write_differences(title, ("model", "before", "after"), changed, _changed_row, ())
    title = say("prices.refresh.kept", count=len(kept), source=refresh.source)
    _write_differences(title, ("model", "ours", "theirs", "why"), kept, _kept_row, ())
    click.echo(say("prices.refresh.same", count=refresh.same, source=refresh.source))


def _write_differences(
    title: str, columns: Sequence[str], rows: Sequence[Difference], row_of: Any, numbers: Iterable[int]
) -> None:
    if not rows:
        return
    names = [say(f"prices.column.{name}") for name in columns]
    write_table(title, names, [row_of(each) for each in rows[:SHOWN]], numbers=numbers)
    if len(rows) > SHOWN:
        click.echo(say("simulate.more", count=len(rows) - SHOWN))


def _new_row(each: Difference) -> list[str]:
    figures = figures_of(each.after[0].rates)
    return [each.model, *_amounts(figures), ", ".join(_further(figures, len(each.after) - 1))]


def _changed_row(each: Difference) -> list[str]:
    return [each.model, _told(each.before, each.currency), _told(each.after, "USD")]


def _kept_row(each: Difference) -> list[str]:
    why = say(f"prices.refresh.why.{each.why}")
    return [each.model, _told(each.before, each.currency), _told(each.after, "USD"), why]


def _told(tiers: Sequence[RateTier], currency: str) -> str:
    if not tiers:
        return "–"
    figures = figures_of(tiers[0].rates)
    amounts = [*(decimal_text(figures[key]) for key in CLASSES), *_further(figures, len(tiers) - 1)]
    return f"{currency} " + " / ".join(amounts)
