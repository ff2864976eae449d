"""`faregate account extra-usage`: a plan that goes on by a wallet while it is used up, and the key that is billed.

Owns the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Option
from faregate.cli.house_options import in_house, with_write, write_of
from faregate.cli.language import say
from faregate.cli.output import write_json

if TYPE_CHECKING:
    from faregate.app.control import Control


@click.command("extra-usage", cls=Command, help="account.extra_usage.help")
@click.argument("account", metavar="ACCOUNT")
@click.argument("position", metavar="on|off", type=click.Choice(["on", "off"]))
@click.option("--plan", metavar="PLAN", help="account.option.plan", cls=Option)
@click.option("--key", "key_id", metavar="KEY", help="account.extra_usage.key", cls=Option)
@click.option("--new-key", metavar="NAME", help="account.extra_usage.new_key", cls=Option)
@with_write
def extra_usage(
    account: str,
    position: str,
    plan: str | None,
    key_id: str | None,
    new_key: str | None,
    database: str,
    as_json: bool,
    idempotency_key: str | None,
) -> None:
    async def work(control: Control) -> dict[str, Any]:
        found = control.office.find_account(account)
        write = write_of(control, idempotency_key)
        done, secret = await control.keys.choose(found.id, position == "on", write, plan, key_id, new_key)
        shown = done if secret is None else {**done, "secret": secret}
        return {**shown, "name": found.name}

    done = in_house(database, work)
    name = done.pop("name")
    if as_json:
        write_json(done)
        return
    click.echo(say(f"account.extra_usage.{position}", name=name, account=done["account"]), err="secret" in done)
    if "secret" in done:
        click.echo(done["secret"])
        click.echo(say("key.once"), err=True)
