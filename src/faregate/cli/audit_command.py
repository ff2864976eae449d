"""`faregate audit`: who did what.

Owns the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Option
from faregate.cli.house_options import in_house, with_database
from faregate.cli.language import say
from faregate.cli.output import NOTHING, write_json, write_table

if TYPE_CHECKING:
    from faregate.app.control import Control

PAGE = 1000
_COLUMNS = ("at", "who", "act", "subject", "about", "outcome", "note")


@click.command("audit", cls=Command, help="audit.help")
@click.option("--account", "account_name", metavar="ACCOUNT", help="audit.account", cls=Option)
@click.option("--who", metavar="NAME", help="audit.who", cls=Option)
@click.option("--act", metavar="ACT", help="audit.act", cls=Option)
@click.option("--before", metavar="ID", help="audit.before", cls=Option)
@click.option(
    "--limit", type=click.IntRange(1, PAGE), default=50, show_default=True, help="account.list.limit", cls=Option
)
@with_database
def audit(
    account_name: str | None,
    who: str | None,
    act: str | None,
    before: str | None,
    limit: int,
    database: str,
    as_json: bool,
) -> None:
    from faregate.cli.local_time import local

    async def work(control: Control) -> dict[str, Any]:
        subject = control.office.find_account(account_name).id if account_name is not None else None
        return control.audit.page(before, limit, who, act, subject)

    page = in_house(database, work)
    if as_json:
        write_json(page)
        return
    if not page["deeds"]:
        click.echo(say("audit.none"))
        return
    columns = [say(f"audit.column.{name}") for name in _COLUMNS]
    rows = [(local(row["at"]), *(row[name] or NOTHING for name in _COLUMNS[1:])) for row in page["deeds"]]
    write_table(say("audit.title"), columns, rows)
    if page["next"] is not None:
        click.echo(say("audit.more", before=page["next"]))
