"""`faregate multiplier`: change a plan's multiplier schedule from a time on, and list the changes.

Owns these commands' arguments and table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Group, Option
from faregate.cli.house_options import INSTANT, in_house, with_database, with_write, write_of
from faregate.cli.language import say
from faregate.cli.output import write_json, write_table

if TYPE_CHECKING:
    from faregate.app.control import Control

multiplier = Group(name="multiplier", help="multiplier.help")


@multiplier.command("set", help="multiplier.set.help")
@click.argument("plan", metavar="PLAN")
@click.argument("value", metavar="VALUE")
@click.option("--name", metavar="NAME", help="multiplier.set.name", cls=Option)
@click.option("--from", "begins", type=INSTANT, metavar="TIME", help="multiplier.set.from", cls=Option)
@with_write
def set_value(
    plan: str,
    value: str,
    name: str | None,
    begins: int | None,
    database: str,
    as_json: bool,
    idempotency_key: str | None,
) -> None:
    from faregate.cli.local_time import local

    async def work(control: Control) -> dict[str, Any]:
        return control.change_multiplier(plan, name, value, begins, write_of(control, idempotency_key))

    done = in_house(database, work, may_make=True)
    if as_json:
        write_json(done)
    else:
        click.echo(say("multiplier.set.done", plan=done["plan"], value=done["value"], at=local(done["begins"])))


@multiplier.command("list", help="multiplier.list.help")
@with_database
def list_changes(database: str, as_json: bool) -> None:
    from faregate.cli.local_time import local

    async def work(control: Control) -> list[dict[str, Any]]:
        return control.multiplier_changes()

    changes = in_house(database, work)
    if as_json:
        write_json({"changes": changes})
        return
    columns = [say(f"multiplier.column.{name}") for name in ("plan", "name", "value", "begins", "written")]
    rows = [
        (each["plan"], each["name"], "×" + each["value"], local(each["begins"]), local(each["written_at"]))
        for each in changes
    ]
    write_table(say("multiplier.list.title"), columns, rows, numbers=(2,))
