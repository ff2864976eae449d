"""`faregate account grant|reset|…`: what an operator does to an account.

Owns these commands' arguments. Each is one command of the office, and one line for people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Option
from faregate.cli.house_options import INSTANT, in_house, with_write, write_of
from faregate.cli.language import say
from faregate.cli.output import write_json

if TYPE_CHECKING:
    from faregate.app.office import Office
    from faregate.app.receipts import Write

Act = Callable[["Office", str, "Write"], Awaitable[dict[str, Any]]]

ACCOUNT = click.argument("account", metavar="ACCOUNT")
PLAN = click.option("--plan", metavar="PLAN", help="account.option.plan", cls=Option)
POOL = click.option("--pool", metavar="POOL", help="account.option.pool", cls=Option)


def carry_out(settings: dict[str, Any], act: Act, told: str, **fields: object) -> None:
    """Carry out one command of the office on the account of ``settings`` and say so: message ``told``."""

    async def work(control: Any) -> dict[str, Any]:
        found = control.office.find_account(settings["account"])
        write = write_of(control, settings["idempotency_key"])
        answer = await act(control.office, found.id, write)
        return {**answer, "name": found.name}

    answer = in_house(settings["database"], work)
    name = answer.pop("name")
    if settings["as_json"]:
        write_json(answer)
    else:
        click.echo(say(told, name=name, account=answer["account"], **fields))


@click.command("grant", cls=Command, help="account.grant.help")
@ACCOUNT
@click.argument("amount", metavar="AMOUNT")
@PLAN
@POOL
@click.option("--expires-at", type=INSTANT, metavar="TIME", help="account.grant.expires_at", cls=Option)
@click.option(
    "--priority", type=click.IntRange(-1000, 1000), default=0, metavar="N", help="account.grant.priority", cls=Option
)
@click.option("--reason", default="", metavar="TEXT", help="account.option.reason", cls=Option)
@with_write
def grant(
    amount: str, plan: str | None, pool: str | None, expires_at: int | None, priority: int, reason: str, **rest: Any
) -> None:
    def act(office: Office, account: str, write: Write) -> Awaitable[dict[str, Any]]:
        return office.grant(account, amount, write, plan, pool, expires_at, priority, reason)

    carry_out(rest, act, "account.grant.done", amount=amount)


@click.command("reset", cls=Command, help="account.reset.help")
@ACCOUNT
@PLAN
@click.option("--window", metavar="WINDOW", help="account.reset.window", cls=Option)
@with_write
def reset(plan: str | None, window: str | None, **rest: Any) -> None:
    carry_out(rest, lambda office, account, write: office.reset(account, write, plan, window), "account.reset.done")


@click.command("renew", cls=Command, help="account.renew.help")
@ACCOUNT
@PLAN
@with_write
def renew(plan: str | None, **rest: Any) -> None:
    carry_out(rest, lambda office, account, write: office.renew(account, write, plan), "account.renew.done")


@click.command("restore", cls=Command, help="account.restore.help")
@ACCOUNT
@PLAN
@POOL
@click.option("--mode", type=click.Choice(["automatic", "manual"]), help="account.restore.mode", cls=Option)
@with_write
def restore(plan: str | None, pool: str | None, mode: str | None, **rest: Any) -> None:
    def act(office: Office, account: str, write: Write) -> Awaitable[dict[str, Any]]:
        if mode is None:
            return office.restore(account, write, plan, pool)
        return office.restore_mode(account, mode == "automatic", write, plan, pool)

    carry_out(rest, act, f"account.restore.{mode or 'done'}")


@click.command("cancel", cls=Command, help="account.cancel.help")
@ACCOUNT
@PLAN
@click.option("--at-once", is_flag=True, help="account.cancel.at_once", cls=Option)
@with_write
def cancel(plan: str | None, at_once: bool, **rest: Any) -> None:
    told = "account.cancel.at_once_done" if at_once else "account.cancel.done"
    carry_out(rest, lambda office, account, write: office.cancel(account, write, plan, at_once), told)


@click.command("switch", cls=Command, help="account.switch.help")
@ACCOUNT
@click.argument("plan", metavar="PLAN")
@click.argument("position", metavar="on|off", type=click.Choice(["on", "off"]))
@with_write
def switch(plan: str, position: str, **rest: Any) -> None:
    def act(office: Office, account: str, write: Write) -> Awaitable[dict[str, Any]]:
        return office.switch(account, plan, position == "on", write)

    carry_out(rest, act, f"account.switch.{position}", plan=plan)


@click.command("segment", cls=Command, help="account.segment.help")
@ACCOUNT
@click.argument("segment", metavar="SEGMENT")
@click.option("--from", "begins", type=INSTANT, metavar="TIME", help="account.segment.from", cls=Option)
@click.option("--until", type=INSTANT, metavar="TIME", help="account.segment.until", cls=Option)
@click.option("--reason", required=True, metavar="TEXT", help="account.option.reason", cls=Option)
@with_write
def set_segment(segment: str, begins: int | None, until: int | None, reason: str, **rest: Any) -> None:
    def act(office: Office, account: str, write: Write) -> Awaitable[dict[str, Any]]:
        return office.segment(account, segment, write, begins, until, reason)

    carry_out(rest, act, "account.segment.done", segment=segment)


@click.command("terms", cls=Command, help="account.terms.help")
@ACCOUNT
@click.argument("plan", metavar="PLAN")
@click.argument("to", metavar="TO")
@with_write
def change_terms(plan: str, to: str, **rest: Any) -> None:
    def act(office: Office, account: str, write: Write) -> Awaitable[dict[str, Any]]:
        return office.change_terms(account, plan, to, write)

    carry_out(rest, act, "account.terms.done", plan=plan, to=to)


ACTS = (grant, reset, renew, restore, cancel, switch, set_segment, change_terms)
