"""`faregate user`: who may sign in to the console.

Owns the commands. A link to set a password is printed once; passwords are never typed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Group, Option
from faregate.cli.house_options import in_house, with_database, with_write, write_of
from faregate.cli.language import language, say
from faregate.cli.output import NOTHING, write_json, write_table

if TYPE_CHECKING:
    from faregate.app.control import Control
    from faregate.app.people_port import User

ROLES = ("customer", "owner", "finance", "support", "read_only")
PAGE = 1000
_COLUMNS = ("id", "email", "name", "role", "account", "created_at")
DEFAULT_URL = "http://127.0.0.1:8080"

user = Group(name="user", help="user.help")


def _with_url(command: Any) -> Any:
    return click.option("--url", default=DEFAULT_URL, show_default=True, metavar="URL", help="user.url", cls=Option)(
        command
    )


@user.command("add", help="user.add.help")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default="customer", show_default=True, help="user.role", cls=Option)
@click.option("--name", default="", metavar="NAME", help="user.add.name", cls=Option)
@click.option("--account", "account_name", metavar="ACCOUNT", help="user.add.account", cls=Option)
@_with_url
@with_write
def add(
    email: str,
    role: str,
    name: str,
    account_name: str | None,
    url: str,
    database: str,
    idempotency_key: str | None,
    as_json: bool,
) -> None:
    async def work(control: Control) -> dict[str, Any]:
        write = write_of(control, idempotency_key)
        made, token = await control.users.add(email, name, role, account_name, language(), write)
        return {**_view(made), "link": _link(url, token)}

    _tell_link(in_house(database, work, may_make=True), as_json)


@user.command("list", help="user.list.help")
@click.option("--after", default="", metavar="ID", help="user.list.after", cls=Option)
@click.option(
    "--limit", type=click.IntRange(1, PAGE), default=100, show_default=True, help="account.list.limit", cls=Option
)
@with_database
def list_users(after: str, limit: int, database: str, as_json: bool) -> None:
    async def work(control: Control) -> list[dict[str, Any]]:
        return [_view(row) for row in control.store.users(after, limit)]

    rows = in_house(database, work)
    if as_json:
        write_json({"users": rows})
        return
    columns = [say(f"user.column.{name}") for name in _COLUMNS]
    write_table(say("user.list.title"), columns, [[str(row[name] or NOTHING) for name in _COLUMNS] for row in rows])


@user.command("role", help="user.role.help")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@with_write
def set_role(email: str, role: str, database: str, idempotency_key: str | None, as_json: bool) -> None:
    async def work(control: Control) -> dict[str, Any]:
        write_of(control, idempotency_key)
        return _view(control.users.set_role(control.users.find(email), role))

    _tell(in_house(database, work), as_json)


@user.command("reset", help="user.reset.help")
@click.argument("email")
@_with_url
@with_write
def reset(email: str, url: str, database: str, idempotency_key: str | None, as_json: bool) -> None:
    from faregate.app.users import RESET

    async def work(control: Control) -> dict[str, Any]:
        write = write_of(control, idempotency_key)
        found = control.users.find(email)
        return {**_view(found), "link": _link(url, control.users.link(found, RESET, write.now))}

    _tell_link(in_house(database, work), as_json)


@user.command("disable", help="user.disable.help")
@click.argument("email")
@with_write
def disable(email: str, database: str, idempotency_key: str | None, as_json: bool) -> None:
    async def work(control: Control) -> dict[str, Any]:
        write = write_of(control, idempotency_key)
        return _view(control.users.disable(control.users.find(email), write.now))

    _tell(in_house(database, work), as_json)


@user.command("enable", help="user.enable.help")
@click.argument("email")
@with_write
def enable(email: str, database: str, idempotency_key: str | None, as_json: bool) -> None:
    async def work(control: Control) -> dict[str, Any]:
        write_of(control, idempotency_key)
        return _view(control.users.enable(control.users.find(email)))

    _tell(in_house(database, work), as_json)


def _view(found: User) -> dict[str, Any]:
    from faregate.app.users import user_view
    from faregate.core.instants import render_instant

    disabled = render_instant(found.disabled_at) if found.disabled_at is not None else None
    return {**user_view(found), "disabled_at": disabled}


def _link(url: str, token: str) -> str:
    from faregate.app.front import Front
    from faregate.app.users import RESET

    return Front(url).link(RESET, token)


def _tell_link(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(done)
        return
    click.echo(done["link"])
    click.echo(say("user.link", email=done["email"], role=done["role"]), err=True)


def _tell(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(done)
        return
    key = "user.disabled" if done["disabled_at"] is not None else "user.done"
    click.echo(say(key, email=done["email"], role=done["role"]))
