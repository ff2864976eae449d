"""`faregate admin token`: a new token for the operator API, printed once.

Owns the command; only the token's hash is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from faregate.cli.command import Group, Option
from faregate.cli.house_options import in_house, with_database, write_of
from faregate.cli.language import say
from faregate.cli.output import write_json

if TYPE_CHECKING:
    from faregate.app.control import Control

admin = Group(name="admin", help="admin.help")


@admin.command("token", help="admin.token.help")
@click.option("--name", default="cli", show_default=True, metavar="NAME", help="admin.token.name", cls=Option)
@with_database
def token(name: str, database: str, as_json: bool) -> None:
    async def work(control: Control) -> str:
        write_of(control, None)
        return control.new_admin_token(name)

    secret = in_house(database, work, may_make=True)
    if as_json:
        write_json({"name": name, "token": secret})
        return
    click.echo(secret)
    click.echo(say("admin.token.once"), err=True)
