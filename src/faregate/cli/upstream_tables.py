"""Upstreams for people: as configured, what they cost, and a request's way through them.

Owns the tables and lines. Every figure is one of a view's.
"""

from __future__ import annotations

from typing import Any

import click

from faregate.cli.figures import grouped
from faregate.cli.language import say
from faregate.cli.output import write_table

_COLUMNS = ("name", "dialects", "models", "priority", "weight", "keys", "concurrency", "cost")


def write_upstreams(rows: list[dict[str, Any]]) -> None:
    """The upstreams of a configuration, the highest priority first."""
    columns = [say(f"upstream.column.{name}") for name in _COLUMNS]
    write_table(say("upstream.title"), columns, [_row(row) for row in rows], numbers=(3, 4, 5, 6))


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    models = ", ".join(model["model"] for model in row["models"])
    dialects = ", ".join(row["dialects"])
    counts = (row["priority"], row["weight"], len(row["keys"]), row["concurrency"] or "–")
    return (row["name"], dialects, models, *(str(each) for each in counts), _cost(row["cost"]))


def _cost(cost: dict[str, Any] | None) -> str:
    if cost is None:
        return "–"
    return say("upstream.cost.own" if cost["own_prices"] else "upstream.cost", share=cost["share"])


def write_costs(costs: list[dict[str, Any]]) -> None:
    """What upstreams were paid; nothing where no cost is known."""
    if not costs:
        return
    rows = [(row["upstream"], *(_money(row, name) for name in ("cost", "list_value", "margin"))) for row in costs]
    columns = [
        say("upstream.column.name"),
        *(say(f"upstream.costs.{name}") for name in ("cost", "list_value", "margin")),
    ]
    write_table(say("upstream.costs.title"), columns, rows, numbers=(1, 2, 3))


def write_way(way: dict[str, Any] | None) -> None:
    """Which upstreams were tried for a request, and what the last one cost."""
    if way is None:
        return
    for each in way["tried"]:
        words = "upstream.way.tried_key" if each["key"] else "upstream.way.tried"
        told = {"api_key": each["key"]} if each["key"] else {}
        click.echo(say(words, upstream=each["upstream"], fault=each["fault"], **told))
    if way["key"]:
        click.echo(say("upstream.way.key", name=way["key"]))
    cost = way["cost"]
    if cost is not None:
        paid = grouped(cost["cost"])
        told = {name: cost[name] for name in ("currency", "share", "rate_card")}
        click.echo(say("upstream.way.cost", cost=paid, **told))
        if cost["margin"] is not None:
            click.echo(say("upstream.way.margin", margin=grouped(cost["margin"]), currency=cost["currency"]))


def _money(row: dict[str, Any], name: str) -> str:
    return "–" if row[name] is None else f"{grouped(row[name])} {row['currency']}"
