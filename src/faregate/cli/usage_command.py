"""`faregate usage`: what an account used, by day and model, and request by request.

Owns the command's arguments and tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Option
from faregate.cli.house_options import in_house, with_database
from faregate.cli.language import say
from faregate.cli.output import write_json, write_table

if TYPE_CHECKING:
    from faregate.app.control import Control

COUNTED = ("requests", "input", "cached", "output")


@click.command("usage", cls=Command, help="usage.help")
@click.argument("account", metavar="ACCOUNT")
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=30,
    show_default=True,
    metavar="N",
    help="usage.days",
    cls=Option,
)
@click.option("--before", metavar="REQUEST", help="usage.before", cls=Option)
@click.option(
    "--limit",
    type=click.IntRange(1, 500),
    default=20,
    show_default=True,
    metavar="N",
    help="usage.limit",
    cls=Option,
)
@with_database
def usage(account: str, days: int, before: str | None, limit: int, database: str, as_json: bool) -> None:
    async def work(control: Control) -> dict[str, Any]:
        found = control.office.find_account(account)
        return control.views.usage(found.id, control.now(), days, before, limit, for_operator=True)

    from faregate.cli.upstream_tables import write_costs

    view = in_house(database, work)
    if as_json:
        write_json(view)
        return
    _write_sums(view)
    write_costs(view["total"]["costs"])
    _write_requests(view)


def _write_sums(view: dict[str, Any]) -> None:
    columns = [say(f"usage.column.{name}") for name in ("day", "model", *COUNTED, "list_value", "drawn")]
    rows = [(row["day"], row["model"], *_figures(row)) for row in view["by_day"]]
    if rows:
        rows.append((say("usage.total"), "", *_figures(view["total"])))
    write_table(say("usage.title.sums", days=view["days"]), columns, rows, numbers=range(2, 2 + len(COUNTED)))


def _figures(row: dict[str, Any]) -> tuple[str, ...]:
    from faregate.cli.figures import grouped

    listed = [f"{grouped(value)} {currency}" for currency, value in row["list_value"].items()]
    return (*(f"{row[name]:,}" for name in COUNTED), "\n".join(listed), _drawn(row["drawn"]))


def _drawn(pieces: list[dict[str, Any]]) -> str:
    from faregate.cli.figures import grouped

    named = [(piece["source"] + (":" + piece["pool"] if piece.get("pool") else ""), piece) for piece in pieces]
    return "\n".join(f"{name} {grouped(piece['amount'])} {piece['unit']}" for name, piece in named)


def _write_requests(view: dict[str, Any]) -> None:
    from faregate.cli.local_time import local

    columns = [
        say(f"usage.column.{name}") for name in ("request", "at", "model", "input", "cached", "output", "drawn")
    ]
    columns.append(say("usage.column.outcome"))
    rows = []
    for row in view["requests"]:
        used = row["usage"]
        told = row["outcome"] + (" " + say("usage.estimated") if row["estimated"] else "")
        counted = tuple(f"{used[name]:,}" for name in ("input", "cached", "output"))
        rows.append((row["request"], local(row["at"]), row["model"], *counted, _drawn(row["drawn"]), told))
    write_table(say("usage.title.requests"), columns, rows, numbers=(3, 4, 5))
    if view["next"] is not None:
        click.echo(say("usage.more", account=view["account"], before=view["next"]))
