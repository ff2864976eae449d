"""`faregate refund`, `matters` and `settle`: money on its way back, what is open for people, and what they decide.

Owns the commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Group, Option
from faregate.cli.house_options import in_house, with_database, with_own_note, with_write
from faregate.cli.language import say
from faregate.cli.output import write_json
from faregate.cli.trade_options import ACCOUNT, done_to, seen_of

if TYPE_CHECKING:
    from faregate.app.catalogue_port import Matter
    from faregate.app.control import Control

refund = Group(name="refund", help="refund.help")
PLAN = click.argument("plan", metavar="PLAN")
KINDS = (
    "review",
    "in_doubt",
    "unpaid_renewal",
    "refund",
    "refund_failed",
    "reward",
    "unanswered",
    "dispute",
    "refund_outside",
    "paid_twice",
)
PAGE = 1000


@refund.command("preview", help="refund.preview.help")
@ACCOUNT
@PLAN
@with_database
def preview(plan: str, as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import write_refund_quote

    shown = seen_of(given, lambda control, account, now: control.shop.preview_refund(account, plan, now))
    if as_json:
        write_json(shown)
    else:
        write_refund_quote(shown)


@refund.command("ask", help="refund.ask.help")
@ACCOUNT
@PLAN
@click.option("--shown", metavar="AMOUNT", help="refund.ask.shown", cls=Option)
@with_write
def ask(plan: str, shown: str | None, as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import write_refund_quote, write_refunds

    done = done_to(given, lambda control, account, write: control.shop.refund(account, plan, write, shown))
    if as_json:
        write_json(done)
        return
    write_refund_quote(done)
    write_refunds(done["refunds"])
    if done["differs_from_preview"]:
        click.echo(say("refund.differs", shown=shown, amount=done["amount"]))


@refund.command("list", help="refund.list.help")
@ACCOUNT
@with_database
def list_refunds(as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import write_refunds

    rows = seen_of(given, lambda control, account, now: control.shop.refunds(account, now))
    if as_json:
        write_json({"refunds": rows})
    elif not rows:
        click.echo(say("refund.none"))
    else:
        write_refunds(rows)


@click.command("matters", cls=Command, help="matters.help")
@click.option("--kind", type=click.Choice(KINDS), help="matters.kind", cls=Option)
@with_database
def matters(kind: str | None, database: str, as_json: bool) -> None:
    from faregate.app.trade_views import matter_view
    from faregate.cli.trade_tables import write_matters

    async def work(control: Control) -> list[Matter]:
        rows: list[Matter] = []
        page = control.till.matters(kind, None, PAGE)
        while page:
            rows += page
            page = control.till.matters(kind, page[-1], PAGE)
        return rows

    rows = [matter_view(row) for row in in_house(database, work)]
    if as_json:
        write_json({"matters": rows})
    elif not rows:
        click.echo(say("matters.none"))
    else:
        write_matters(rows)


@click.command("settle", cls=Command, help="settle.help")
@ACCOUNT
@click.argument("matter", metavar="MATTER")
@click.argument("how", metavar="HOW", type=click.Choice(["keep", "end", "won", "lost", "again"]))
@click.option("--note", required=True, metavar="TEXT", help="settle.note", cls=Option)
@with_own_note
def settle(matter: str, how: Any, note: str, as_json: bool, **given: Any) -> None:
    done = done_to(given, lambda control, account, write: control.shop.settle_case(account, matter, how, note, write))
    if as_json:
        write_json(done)
    else:
        click.echo(say("settle.done", matter=matter, how=say(f"settle.how.{how}")))
