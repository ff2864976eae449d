"""`faregate account`: create, list and show accounts; what is done to one stands in account_acts.py.

Owns the group and its reading commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.account_acts import ACTS
from faregate.cli.command import Group, Option
from faregate.cli.extra_usage_command import extra_usage
from faregate.cli.house_options import in_house, with_database, with_write, write_of
from faregate.cli.language import say
from faregate.cli.output import write_json, write_table

if TYPE_CHECKING:
    from faregate.app.control import Control

account = Group(name="account", help="account.help")
PAGE = 1000


@account.command("create", help="account.create.help")
@click.argument("name", metavar="NAME")
@with_write
def create(name: str, database: str, as_json: bool, idempotency_key: str | None) -> None:
    async def work(control: Control) -> dict[str, Any]:
        return await control.office.create_account(name, write_of(control, idempotency_key))

    made = in_house(database, work, may_make=True)
    if as_json:
        write_json(made)
    else:
        click.echo(say("account.create.done", name=made["name"], id=made["id"]))


@account.command("list", help="account.list.help")
@click.option("--after", default="", metavar="ACCOUNT", help="account.list.after", cls=Option)
@click.option(
    "--limit",
    type=click.IntRange(1, PAGE),
    default=100,
    show_default=True,
    help="account.list.limit",
    cls=Option,
)
@with_database
def list_accounts(after: str, limit: int, database: str, as_json: bool) -> None:
    from faregate.cli.local_time import local
    from faregate.core.instants import render_instant

    async def work(control: Control) -> list[dict[str, Any]]:
        rows = control.store.accounts(after, limit)
        return [{"id": row.id, "name": row.name, "created_at": render_instant(row.created_at)} for row in rows]

    rows = in_house(database, work)
    if as_json:
        write_json({"accounts": rows})
        return
    columns = [say(f"account.column.{name}") for name in ("id", "name", "created")]
    write_table(
        say("account.list.title"), columns, [(row["id"], row["name"], local(row["created_at"])) for row in rows]
    )
    if len(rows) == limit:
        click.echo(say("account.list.more", after=rows[-1]["id"]))


@account.command("show", help="account.show.help")
@click.argument("account_name", metavar="ACCOUNT")
@with_database
def show(account_name: str, database: str, as_json: bool) -> None:
    from faregate.cli.account_tables import write_account

    async def work(control: Control) -> tuple[dict[str, Any], int]:
        now = control.now()
        return control.views.account(control.office.find_account(account_name).id, now), now

    view, now = in_house(database, work)
    if as_json:
        write_json(view)
    else:
        write_account(view, now)


for act in ACTS:
    account.add_command(act)
account.add_command(extra_usage)
