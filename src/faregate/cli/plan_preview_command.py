"""`faregate plan preview`: what publishing a plan file would do to the subscriptions that run.

Owns the command, its progress and its tables. Publishes nothing and writes nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from faregate.cli.command import Command
from faregate.cli.house_options import require_database, with_database
from faregate.cli.language import say
from faregate.cli.local_time import local
from faregate.cli.output import console, write_json, write_table
from faregate.cli.shelf_options import FILE

SHOWN = 20


@click.command("preview", cls=Command, help="plan.preview.help")
@click.argument("file", metavar="FILE", type=FILE)
@with_database
def preview(file: Path, database: str, as_json: bool) -> None:
    require_database(database)
    looked = _looked(file, database)
    if as_json:
        write_json(looked)
    else:
        _write(looked)


def _looked(file: Path, database: str) -> dict[str, Any]:
    from faregate.app.previewing import preview
    from faregate.app.publishing import Publishing
    from faregate.bootstrap.clock import now as system_now
    from faregate.bootstrap.database import open_store
    from faregate.planfile import load_family
    from faregate.ratecards import load_shipped

    family, now = load_family(file), system_now()
    with ExitStack() as open_things:
        store = open_store(database)
        open_things.callback(store.close)
        publishing = Publishing(store, load_shipped())
        current, proposed = publishing.shelf(), publishing.shelf([family], now)
        status = open_things.enter_context(console(stderr=True).status(say("plan.preview.progress", accounts="0")))

        def seen(accounts: int) -> None:
            status.update(say("plan.preview.progress", accounts=f"{accounts:,}"))

        return preview(store, current, proposed, family, now, seen)


def _write(looked: dict[str, Any]) -> None:
    version = looked["version"]
    click.echo(say("plan.preview.title", family=looked["family"], version=version, at=local(looked["at"])))
    fresh = ", ".join(looked["publishes"])
    click.echo(say("plan.preview.publishes", versions=fresh) if fresh else say("plan.preview.published"))
    always, sold = say("plan.preview.always"), looked["sold"]
    click.echo(say("plan.preview.sold", since=local(sold["since"], always), until=local(sold["until"], always)))
    if not looked["subscriptions"]:
        click.echo(say("plan.preview.nobody"))
        return
    names = ("plan", "version", "subscriptions", "moves", "keeps", "ends", "has")
    columns = [say(f"plan.preview.column.{name}") for name in names]
    counts = [[str(row[name]) for name in names] for row in looked["plans"]]
    write_table(say("plan.preview.counts"), columns, counts, numbers=range(2, 7))
    columns = [say(f"plan.preview.column.{name}") for name in ("account", "plan", "bought", "outcome", "at", "price")]
    rows = looked["subscriptions"]
    write_table(say("plan.preview.who"), columns, [_row(row, version) for row in rows[:SHOWN]])
    if len(rows) > SHOWN:
        click.echo(say("plan.preview.more", count=len(rows) - SHOWN))


def _row(row: dict[str, Any], version: str) -> list[str]:
    why = say(f"plan.preview.{row['why']}", **_fields(row, version))
    before, after = _price(row["price"]), _price(row["price_after"])
    price = before if before == after else f"{before} → {after}"
    plan = f"{row['plan']}@{row['version']}"
    return [f"{row['name']} ({row['account']})", plan, local(row["bought_at"]), why, local(row["at"]), price]


def _fields(row: dict[str, Any], version: str) -> dict[str, str]:
    return {"own": row["version"], "version": version}


def _price(price: dict[str, str] | None) -> str:
    if price is None:
        return "–"
    period = price["period"]
    lasts = say(f"plan.period.{period}") if period in ("month", "year") else ""
    return f"{price['amount']} {price['currency']}{lasts}"
