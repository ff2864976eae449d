"""`faregate plan impact`: last month's real traffic under a proposed version of its plans.

Owns the command, its progress and its tables. The replay is the comparison's; nothing is written.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Option
from faregate.cli.failures import CommandFailure
from faregate.cli.figures import grouped
from faregate.cli.house_options import INSTANT, require_database, with_database
from faregate.cli.language import messages, say
from faregate.cli.local_time import local
from faregate.cli.output import console, write_json, write_table
from faregate.cli.price_commands import known_currency

if TYPE_CHECKING:
    from faregate.app.publishing import Publishing
    from faregate.app.shelf import Shelf
    from faregate.planfile import Family


@click.command("impact", cls=Command, help="plan.impact.help")
@click.argument("new", metavar="NEW")
@click.option("--from-journal", is_flag=True, required=True, help="plan.impact.from_journal", cls=Option)
@click.option("--from", "begins", type=INSTANT, metavar="TIME", help="plan.impact.from", cls=Option)
@click.option("--until", "ends", type=INSTANT, metavar="TIME", help="plan.impact.until", cls=Option)
@click.option("--currency", metavar="CODE", help="plan.impact.currency", cls=Option)
@with_database
def impact(
    new: str,
    from_journal: bool,
    begins: int | None,
    ends: int | None,
    currency: str | None,
    database: str,
    as_json: bool,
) -> None:
    require_database(database)
    told = _replayed(new, begins, ends, known_currency(currency), database)
    if as_json:
        write_json(told)
    else:
        _write(told)


def _replayed(new: str, begins: int | None, ends: int | None, currency: str | None, database: str) -> dict[str, Any]:
    from faregate.app.publishing import Publishing
    from faregate.bootstrap.database import open_store
    from faregate.bootstrap.impact import Asked, EmptySpan, impact_of
    from faregate.ratecards import load_shipped

    with ExitStack() as open_things:
        store = open_store(database)
        open_things.callback(store.close)
        family, shelf = _proposed(Publishing(store, load_shipped()), new)
        status = open_things.enter_context(console(stderr=True).status(_progress(0, 0)))

        def seen(accounts: int, requests: int) -> None:
            status.update(_progress(accounts, requests))

        try:
            return impact_of(store, shelf, family, Asked(begins, ends, currency=currency), seen)
        except EmptySpan as problem:
            raise CommandFailure("bad_usage", "plan.impact.empty_span") from problem


def _proposed(publishing: Publishing, new: str) -> tuple[Family, Shelf]:
    """The version that ``new`` names, a file or one published, and a shelf that has it."""
    from faregate.bootstrap.clock import now as system_now
    from faregate.cli.plan_versions_named import named

    shelf = publishing.shelf()
    family = named(shelf, new).family
    return family, publishing.shelf([family], system_now())


def _progress(accounts: int, requests: int) -> str:
    return say("plan.impact.progress", accounts=f"{accounts:,}", requests=f"{requests:,}")


def _write(told: dict[str, Any]) -> None:
    version = f"{told['family']}@{told['version']}"
    click.echo(say("plan.impact.title", version=version, begins=local(told["from"]), ends=local(told["until"])))
    if not told["accounts"]:
        click.echo(say("plan.impact.nobody", family=told["family"]))
        return
    told["accounts"], told["requests"] = f"{told['accounts']:,}", f"{told['requests']:,}"
    click.echo(say("plan.impact.seen", accounts=told["accounts"], requests=told["requests"]))
    _write_sums(told)
    _write_plans(told)
    _write_hurt(told)
    for rate in told["rates"]:
        since = local(rate["since"])
        click.echo(say("plan.impact.rate", base=rate["base"], quote=rate["quote"], rate=rate["rate"], since=since))
    if told["skipped_commands"]:
        click.echo(say("plan.impact.skipped", count=told["skipped_commands"]))


def _write_sums(told: dict[str, Any]) -> None:
    from decimal import Decimal

    now, then, currency = told["now"], told["then"], told["currency"]
    rows = []
    for name in ("revenue", "list_value", "margin", "refused"):
        unit = "" if name == "refused" else f" {currency}"
        change = Decimal(then[name]) - Decimal(now[name])
        figures = (str(now[name]), str(then[name]), f"{'+' if change > 0 else ''}{change:f}")
        rows.append((say(f"plan.impact.row.{name}"), *(grouped(_short(each)) + unit for each in figures)))
    columns = ["", *(say(f"plan.impact.column.{name}") for name in ("now", "then", "change"))]
    write_table(say("plan.impact.sums"), columns, rows, numbers=(1, 2, 3))


def _write_plans(told: dict[str, Any]) -> None:
    names = ("plans", "accounts", "hurt", "refusals", "revenue", "margin")
    rows = []
    for plan in told["plans"]:
        now, then = plan["now"], plan["then"]
        pairs = (f"{grouped(_short(now[each]))} → {grouped(_short(then[each]))}" for each in ("revenue", "margin"))
        counts = (str(plan[each]) for each in ("accounts", "accounts_hurt", "new_refusals"))
        rows.append((plan["plans"], *counts, *pairs))
    columns = [say(f"plan.impact.column.{name}") for name in names]
    write_table(say("plan.impact.plans"), columns, rows, numbers=range(1, 6))


def _write_hurt(told: dict[str, Any]) -> None:
    if not told["hurt"]:
        click.echo(say("plan.impact.unhurt"))
        return
    rows = []
    for each in told["hurt"]:
        why = ", ".join(f"{_reason(row['reason'])} {row['subject']} ×{row['count']}" for row in each["binding"])
        share = f"{each['new_refusals']:,} / {each['requests']:,}"
        worth = f"{grouped(_short(each['list_value_refused']))} {told['currency']}"
        rows.append(
            (f"{each['name']} ({each['account']})", each["plans"], share, worth, local(each["first_at"]), why)
        )
    names = ("account", "plans", "refusals", "worth", "first", "why")
    columns = [say(f"plan.impact.column.{name}") for name in names]
    write_table(say("plan.impact.hurt", count=told["accounts_hurt"]), columns, rows, numbers=(2, 3))


def _reason(reason: str) -> str:
    return messages().get("reason." + reason) or reason


def _short(amount: str) -> str:
    """An amount to two places, for people; nothing is computed with it."""
    whole, dot, rest = amount.partition(".")
    return amount if len(rest) <= 2 else f"{whole}{dot}{rest[:2]}"
