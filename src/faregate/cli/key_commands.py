"""`faregate key`: API keys of accounts. A secret is printed once, when its key is made.

Owns these commands' arguments and table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Group, Option
from faregate.cli.house_options import in_house, with_database, with_write, write_of
from faregate.cli.language import say
from faregate.cli.output import NOTHING, write_json, write_table

if TYPE_CHECKING:
    from faregate.app.control import Control

key = Group(name="key", help="key.help")
DEFAULT_NAME = "default"


@key.command("create", help="key.create.help")
@click.argument("account", metavar="ACCOUNT")
@click.option("--name", default=DEFAULT_NAME, show_default=True, metavar="NAME", help="key.create.name", cls=Option)
@click.option("--kind", metavar="KIND", help="key.create.kind", cls=Option)
@with_write
def create(
    account: str, name: str, kind: str | None, database: str, as_json: bool, idempotency_key: str | None
) -> None:
    async def work(control: Control) -> dict[str, Any]:
        from faregate.app.views import key_view

        found = control.office.find_account(account)
        made, secret = control.keys.create(found.id, name, write_of(control, idempotency_key), kind)
        return {**key_view(made), "secret": secret}

    _show_secret(in_house(database, work), as_json)


@key.command("list", help="key.list.help")
@click.argument("account", metavar="ACCOUNT")
@with_database
def list_keys(account: str, database: str, as_json: bool) -> None:
    async def work(control: Control) -> list[dict[str, Any]]:
        from faregate.app.views import key_view

        return [key_view(each) for each in control.store.keys_of(control.office.find_account(account).id)]

    keys = in_house(database, work)
    if as_json:
        write_json({"keys": keys})
    else:
        write_keys(keys)


@key.command("rotate", help="key.rotate.help")
@click.argument("key_id", metavar="KEY")
@with_write
def rotate(key_id: str, database: str, as_json: bool, idempotency_key: str | None) -> None:
    async def work(control: Control) -> dict[str, Any]:
        from faregate.app.views import key_view

        made, secret = await control.keys.rotate(key_id, write_of(control, idempotency_key))
        return {**key_view(made), "secret": secret}

    _show_secret(in_house(database, work), as_json)


@key.command("revoke", help="key.revoke.help")
@click.argument("key_id", metavar="KEY")
@with_write
def revoke(key_id: str, database: str, as_json: bool, idempotency_key: str | None) -> None:
    async def work(control: Control) -> dict[str, Any]:
        from faregate.app.views import key_view

        return key_view(await control.keys.revoke(key_id, write_of(control, idempotency_key)))

    done = in_house(database, work)
    if as_json:
        write_json(done)
    else:
        click.echo(say("key.revoke.done", id=done["id"], name=done["name"]))


@key.command("limit", help="key.limit.help")
@click.argument("key_id", metavar="KEY")
@click.argument("requests", metavar="REQUESTS|plan")
@with_write
def limit(key_id: str, requests: str, database: str, as_json: bool, idempotency_key: str | None) -> None:
    if requests != "plan" and not (requests.isdecimal() and 1 <= len(requests) <= 7):
        raise click.BadParameter(say("error.key_limit", value=requests), param_hint="REQUESTS")

    async def work(control: Control) -> dict[str, Any]:
        amount = None if requests == "plan" else int(requests)
        return await control.keys.limit(key_id, amount, write_of(control, idempotency_key))

    done = in_house(database, work)
    if as_json:
        write_json(done)
    else:
        click.echo(say("key.limit.done" if requests != "plan" else "key.limit.plan", id=key_id, requests=requests))


def _show_secret(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(made)
        return
    click.echo(say("key.made", id=made["id"], name=made["name"], account=made["account"]), err=True)
    click.echo(made["secret"])
    click.echo(say("key.once"), err=True)


def write_keys(keys: list[dict[str, Any]]) -> None:
    """Keys as a table: never their secrets."""
    from faregate.cli.local_time import local

    columns = [say(f"key.column.{name}") for name in ("id", "name", "kind", "prefix", "created", "used", "state")]
    rows = [
        (
            each["id"],
            each["name"],
            each["kind"] or NOTHING,
            each["prefix"] + "…",
            local(each["created_at"]),
            local(each["last_used_at"], say("key.never_used")),
            say("key.revoked", at=local(each["revoked_at"])) if each["revoked_at"] else say("key.live"),
        )
        for each in keys
    ]
    write_table(say("key.list.title"), columns, rows)
