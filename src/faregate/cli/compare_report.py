"""What `faregate compare` shows on a terminal and writes as CSV.

Owns which figures stand there and how they are shortened. Everything comes from the comparison's JSON shapes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import IO

import click

from faregate.cli.language import language, say
from faregate.cli.output import console
from faregate.comparison.result import Comparison, PlanOutcome, RateUsed, UsageFacts
from faregate.comparison.words import grouped, money, percent

ROWS_SHOWN = 15
STAND_INS_SHOWN = 6
CSV_COLUMNS = (
    "id",
    "printed_price",
    "price",
    "price_per_month",
    "everything_cost",
    "wallet_cost",
    "overflow_cost",
    "requests",
    "admitted",
    "refused",
    "not_offered",
    "admitted_share",
    "blocked_hours",
    "blocks",
    "binds",
    "leverage",
    "money_per_million_tokens",
    "wasted",
    "mark",
)
HOLDS_COLUMNS = ("prompts", "requests", "tokens", "list_value", "bound_by")


def write_report(comparison: Comparison, everything: bool, explain: bool) -> None:
    """The whole report for people."""
    _write_usage(comparison)
    able = [plan for plan in comparison["plans"] if plan["problem"] is None]
    shown = able if everything else _telling(able)[:ROWS_SHOWN]
    _write_table(comparison, shown)
    if len(shown) < len(able):
        click.echo(say("compare.more", count=len(able) - len(shown)))
    elif any(plan["mark"] != "official" for plan in shown):
        click.echo(say("compare.marks"))
    unable = [plan["id"] for plan in comparison["plans"] if plan["problem"] is not None]
    if unable:
        click.echo(say("compare.problems", plans=_few(unable)))
    _write_stand_ins(comparison["usage"], shown)
    if explain:
        for plan in shown:
            _write_explanation(plan, comparison)
    click.echo("\n" + (comparison["verdict"]["zh"] if language() == "zh" else comparison["verdict"]["en"]))


def _telling(plans: Sequence[PlanOutcome]) -> list[PlanOutcome]:
    """Without combinations of which a part alone gets everything done."""
    enough = [set(plan["plans"]) for plan in plans if plan["admitted"] == plan["requests"]]
    return [plan for plan in plans if not any(part < set(plan["plans"]) for part in enough)]


def _write_usage(comparison: Comparison) -> None:
    usage = comparison["usage"]
    tools = [_counted("compare.files", files, tool=tool) for tool, files in usage["tools"].items()]
    fields = {
        "requests": f"{usage['requests']:,}",
        "prompts": f"{usage['prompts']:,}",
        "tokens": tokens_text(str(usage["tokens"]["total"])),
        "days": _counted("compare.days", usage["days"]),
        "tools": ", ".join(tools) or usage["name"],
    }
    worth = say("compare.usage.worth", value=money(usage["list_value"]), currency=comparison["currency"])
    joint = "；" if language() == "zh" else "; "
    click.echo(say(f"compare.usage.{usage['kind']}", **fields) + joint + worth)
    if usage["broken_lines"]:
        click.echo(say("compare.usage.broken", count=f"{usage['broken_lines']:,}"))
    if usage["unpriced_models"]:
        click.echo(say("compare.usage.unpriced", models=", ".join(usage["unpriced_models"])))
    for source, models in _by_source(usage["prices_behind"]):
        click.echo(say("compare.usage.behind", models=", ".join(models), source=source))
    _write_rates(comparison["rates"])


def _by_source(prices: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """(source, models) of prices by model, in the order in which the sources come up."""
    found: dict[str, list[str]] = {}
    for model, source in prices.items():
        found.setdefault(source, []).append(model)
    return list(found.items())


def _counted(key: str, count: int | str, **fields: object) -> str:
    return say(f"{key}.{'one' if str(count) == '1' else 'many'}", count=count, **fields)


def _write_rates(rates: Iterable[RateUsed]) -> None:
    """One line for each pair of currencies, with every rate of it."""
    by_pair: dict[tuple[str, str, str], list[str]] = {}
    for rate in rates:
        dated = say("compare.dated_rate", rate=rate["rate"], since=rate["since"][:10])
        by_pair.setdefault((rate["base"], rate["quote"], rate["source"]), []).append(dated)
    for (base, quote, source), dated_rates in by_pair.items():
        click.echo(say("compare.rate", base=base, quote=quote, source=source, rates=", ".join(dated_rates)))


def _write_table(comparison: Comparison, plans: Iterable[PlanOutcome]) -> None:
    names = ("plan", "everything", "price", "share", "blocked", "tokens", "leverage")
    columns = [say(f"compare.column.{name}") for name in names]
    rows = [
        (
            plan["id"],
            money(plan["everything_cost"]),
            money(plan["price"]),
            f"{_percent(plan['admitted'], plan['requests'])}%",
            _hours(plan["blocked_hours"]),
            _holds(plan),
            f"{grouped(Fraction(plan['leverage']), 1)}×" if plan["leverage"] else "–",
        )
        for plan in plans
    ]
    days = _counted("compare.days", comparison["usage"]["days"])
    title = say("compare.title", currency=comparison["currency"], days=days)
    click.secho(f"\n{title}\n", bold=True)
    _draw(columns, rows)


def _draw(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table without lines, narrow enough for 80 columns."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, name in enumerate(columns):
        table.add_column(Text(name), justify="right" if index else "left", overflow="fold", no_wrap=bool(index))
    for row in rows:
        table.add_row(*map(Text, row))
    console().print(table)


def _hours(hours: str) -> str:
    return say("compare.hours_short", hours=grouped(Fraction(hours), 1)) if Fraction(hours) else "–"


def _holds(plan: PlanOutcome) -> str:
    tokens = plan["holds"]["tokens"]
    if tokens is None:
        return say("compare.unlimited")
    return ("~" if plan["mark"] != "official" else "") + tokens_text(tokens)


def tokens_text(tokens: str) -> str:
    """Tokens in millions: ``457M``, ``5,760M``; few ones in full."""
    value = Fraction(tokens)
    return f"{grouped(value / 10**6, 0 if value >= 10**8 else 1)}M" if value >= 10**5 else grouped(value, 0)


def _percent(part: int, whole: int) -> str:
    return percent(Fraction(part, max(whole, 1)))


def _write_stand_ins(usage: UsageFacts, plans: Iterable[PlanOutcome]) -> None:
    """Which model was replayed in the place of which, once for all plans that do the same."""
    asked = {model["model"] for model in usage["models"]}
    by_pairs: dict[str, list[str]] = {}
    for plan in plans:
        if plan["stand_ins"]:
            by_pairs.setdefault(_pairs(plan["stand_ins"], asked), []).append(plan["id"])
    if by_pairs:
        click.echo(say("compare.stand_ins"))
    for pairs, ids in by_pairs.items():
        click.echo("  " + say("compare.stand_in", plan=_few(ids), pairs=pairs))


def _few(ids: Sequence[str]) -> str:
    more = len(ids) - STAND_INS_SHOWN
    return ", ".join(ids[:STAND_INS_SHOWN]) + (f" (+{more})" if more > 0 else "")


def _pairs(stand_ins: dict[str, str], asked: set[str]) -> str:
    by = set(stand_ins.values())
    if len(by) == 1 and set(stand_ins) == asked and len(asked) > 1:
        return say("compare.in_place_of_all", by=by.pop())
    joint = "，" if language() == "zh" else ", "
    return joint.join(say("compare.in_place", model=model, by=by) for model, by in stand_ins.items())


def _write_explanation(plan: PlanOutcome, comparison: Comparison) -> None:
    currency, holds = comparison["currency"], plan["holds"]
    names = plan["names"]["zh" if language() == "zh" else "en"]
    click.secho(f"\n{plan['id']} · {names}", bold=True)
    days = _counted("compare.days", comparison["usage"]["days"])
    price = money(plan["price"])
    lines = [say("compare.explain.price", printed=plan["printed_price"], price=price, currency=currency, days=days)]
    lines += holds["derivation"]["zh" if language() == "zh" else "en"]
    if plan["everything_band"]["low"] != plan["everything_band"]["high"] or holds["band"]["low"] != "1":
        lines.append(
            say(
                "compare.explain.band",
                mark=say(f"compare.mark.{plan['mark']}"),
                low=holds["band"]["low"],
                high=holds["band"]["high"],
                cost_low=money(plan["everything_band"]["low"]),
                cost_high=money(plan["everything_band"]["high"]),
                currency=currency,
            )
        )
    overflow, wallet = money(plan["overflow_cost"]), money(plan["wallet_cost"])
    lines.append(say("compare.explain.overflow", overflow=overflow, wallet=wallet, currency=currency))
    lines += [
        say(
            "compare.explain.window",
            id=window["id"],
            limit=grouped(Fraction(window["limit"])),
            unit=window["unit"],
            fullest=percent(Fraction(window["fullest"])),
            wasted=percent(Fraction(window["wasted"])),
            refusals=f"{window['refusals']:,}",
        )
        for window in plan["windows"]
    ]
    if plan["binds"]:
        lines.append(say("compare.explain.binds", window=plan["binds"]))
    if plan["worst_blocks"]:
        lines.append(say("compare.explain.blocks", count=f"{plan['blocks']:,}"))
    lines += ["  " + say("compare.explain.block", **block) for block in plan["worst_blocks"]]
    lines.append(say("compare.explain.sources", sources="; ".join(plan["sources"])))
    for line in lines:
        click.echo("  " + line)


def write_csv(comparison: Comparison, stream: IO[str]) -> None:
    """A line for each plan, in the order of the comparison; empty where there is no figure."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*CSV_COLUMNS, *(f"month_{name}" for name in HOLDS_COLUMNS), "currency", "prices_behind"])
    behind = "; ".join(f"{model}: {source}" for model, source in comparison["usage"]["prices_behind"].items())
    for plan in comparison["plans"]:
        row: list[object] = [dict(plan)[name] for name in CSV_COLUMNS]
        row += [dict(plan["holds"])[name] for name in HOLDS_COLUMNS]
        writer.writerow(["" if value is None else value for value in [*row, comparison["currency"], behind]])
