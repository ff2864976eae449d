"""`faregate flag`: flags on accounts that look shared or forwarded, listed and reviewed.

Owns the commands.
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

flag = Group(name="flag", help="flag.help")
STATES = ("open", "confirmed", "dismissed", "lifted")
ACTIONS = ("none", "warn", "slow", "restrict")
_COLUMNS = ("account", "flag", "plan", "signal", "counted", "state", "action", "raised")


@flag.command("list", help="flag.list.help")
@click.option("--account", "account_name", metavar="ACCOUNT", help="flag.list.account", cls=Option)
@click.option("--state", type=click.Choice(STATES), help="flag.list.state", cls=Option)
@with_database
def list_flags(account_name: str | None, state: str | None, database: str, as_json: bool) -> None:
    async def work(control: Control) -> list[dict[str, Any]]:
        if account_name is None:
            return _all(control, state)
        account = control.office.find_account(account_name).id
        rows = control.flags.flags_of(account, control.now())
        return [{"account": account, **row} for row in rows if state is None or row["state"] == state]

    rows = in_house(database, work)
    if as_json:
        write_json({"flags": rows})
    elif not rows:
        click.echo(say("flag.none"))
    else:
        columns = [say(f"flag.column.{name}") for name in _COLUMNS]
        write_table(say("flag.list.title"), columns, [_row(row) for row in rows])


def _all(control: Control, state: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = control.flags.flags(control.now(), state, after)
        rows += page["flags"]
        after = page["next"]
    return rows


@flag.command("show", help="flag.show.help")
@click.argument("account_name", metavar="ACCOUNT")
@click.argument("name", metavar="FLAG")
@with_database
def show(account_name: str, name: str, database: str, as_json: bool) -> None:
    async def work(control: Control) -> dict[str, Any]:
        return control.flags.flag(control.office.find_account(account_name).id, name, control.now())

    found = in_house(database, work)
    if as_json:
        write_json(found)
        return
    fields = {**found, "hours": f"{found['within_seconds'] / 3600:g}"}
    click.echo(say("flag.show.told", **fields))
    if found["reviewed_at"] is not None:
        click.echo(say("flag.show.reviewed", **fields))


@flag.command("review", help="flag.review.help")
@click.argument("account_name", metavar="ACCOUNT")
@click.argument("name", metavar="FLAG")
@click.argument("verdict", metavar="confirm|dismiss|lift", type=click.Choice(["confirm", "dismiss", "lift"]))
@click.option("--by", required=True, metavar="NAME", help="flag.review.by", cls=Option)
@click.option("--reason", required=True, metavar="TEXT", help="account.option.reason", cls=Option)
@click.option("--action", type=click.Choice(ACTIONS), help="flag.review.action", cls=Option)
@click.option("--segment", metavar="SEGMENT", help="flag.review.segment", cls=Option)
@click.option("--until", type=INSTANT, metavar="TIME", help="flag.review.until", cls=Option)
@with_write
def review(
    account_name: str,
    name: str,
    verdict: str,
    database: str,
    as_json: bool,
    idempotency_key: str | None,
    **given: Any,
) -> None:
    from faregate.app.flag_review import Verdict

    async def work(control: Control) -> dict[str, Any]:
        account = control.office.find_account(account_name).id
        write = write_of(control, idempotency_key)
        return await control.flags.review(account, name, Verdict(verdict=verdict, **given), write)

    done = in_house(database, work)
    if as_json:
        write_json(done)
    else:
        click.echo(say(f"flag.review.{verdict}", flag=name, account=done["account"]))


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    from faregate.cli.local_time import local

    counted = f"{row['counted']} > {row['most']}"
    told = (row["account"], row["flag"], row["plan"], say(f"flag.signal.{row['signal']}"), counted)
    return (*told, say(f"flag.state.{row['state']}"), say(f"flag.action.{row['action']}"), local(row["raised_at"]))
