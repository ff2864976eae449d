"""`faregate invoice` and `faregate statement`: documents of an account, shown and written to files.

Owns the commands.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Group, Option
from faregate.cli.house_options import INSTANT, in_house, with_database, with_write, write_of
from faregate.cli.language import language, say
from faregate.cli.output import write_json
from faregate.cli.trade_options import ACCOUNT, done_to, seen_of

if TYPE_CHECKING:
    from faregate.app.control import Control

invoice = Group(name="invoice", help="invoice.help")
NUMBER = click.argument("number", metavar="NUMBER")
ADDRESS = click.option("--address", multiple=True, metavar="LINE", help="invoice.option.address", cls=Option)
TAX_NUMBER = click.option("--tax-number", default="", metavar="TEXT", help="invoice.option.tax_number", cls=Option)
MONTH_DAYS = 31


@invoice.command("list", help="invoice.list.help")
@ACCOUNT
@with_database
def list_documents(as_json: bool, **given: Any) -> None:
    from faregate.cli.paper_tables import write_documents

    rows = seen_of(given, lambda control, account, now: control.paperwork.documents(account, now))
    if as_json:
        write_json({"documents": rows})
    elif not rows:
        click.echo(say("invoice.none"))
    else:
        write_documents(rows)


@invoice.command("show", help="invoice.show.help")
@ACCOUNT
@NUMBER
@with_database
def show(number: str, as_json: bool, **given: Any) -> None:
    from faregate.cli.paper_tables import write_document

    view = seen_of(given, lambda control, account, now: control.paperwork.document(account, number, now))
    if as_json:
        write_json(view)
    else:
        write_document(view)


@invoice.command("pdf", help="invoice.pdf.help")
@ACCOUNT
@NUMBER
@click.option(
    "--into",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="invoice.pdf.into",
    cls=Option,
)
@with_database
def pdf(number: str, into: Path | None, as_json: bool, **given: Any) -> None:
    def look(control: Control, account: str, now: int) -> bytes:
        return control.paper(control.paperwork.document(account, number, now), language())

    paper = seen_of(given, look)
    file = into if into is not None else Path(f"{number}.pdf")
    file.write_bytes(paper)
    if as_json:
        write_json({"number": number, "file": str(file), "bytes": len(paper)})
    else:
        click.echo(say("invoice.pdf.done", file=file))


@invoice.command("seller", help="invoice.seller.help")
@click.argument("name", metavar="NAME")
@ADDRESS
@TAX_NUMBER
@click.option("--tax", default="", metavar="NAME", help="invoice.seller.tax", cls=Option)
@click.option("--rate", metavar="RATE", help="invoice.seller.rate", cls=Option)
@with_write
def seller(
    name: str,
    address: tuple[str, ...],
    tax_number: str,
    tax: str,
    rate: str | None,
    database: str,
    as_json: bool,
    idempotency_key: str | None,
) -> None:
    async def work(control: Control) -> dict[str, Any]:
        write = write_of(control, idempotency_key)
        return control.parties.set_seller(name, list(address), tax_number, tax, rate, write)

    done = in_house(database, work)
    if as_json:
        write_json(done)
    else:
        click.echo(say("invoice.seller.done", name=name))


@invoice.command("buyer", help="invoice.buyer.help")
@ACCOUNT
@click.argument("name", metavar="NAME")
@ADDRESS
@TAX_NUMBER
@with_write
def buyer(name: str, address: tuple[str, ...], tax_number: str, as_json: bool, **given: Any) -> None:
    async def act(control: Control, account: str, write: Any) -> dict[str, Any]:
        return control.parties.set_buyer(account, name, list(address), tax_number, write)

    done = done_to(given, act)
    if as_json:
        write_json(done)
    else:
        click.echo(say("invoice.buyer.done", account=given["account"], name=name))


@click.command("statement", cls=Command, help="statement.help")
@ACCOUNT
@click.argument("plan", metavar="PLAN")
@click.option("--from", "since", type=INSTANT, metavar="TIME", help="statement.from", cls=Option)
@click.option("--until", type=INSTANT, metavar="TIME", help="statement.until", cls=Option)
@click.option("--show-in", metavar="CURRENCY", help="statement.show_in", cls=Option)
@click.option(
    "--csv",
    "into",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="statement.csv",
    cls=Option,
)
@with_database
def statement(
    plan: str,
    since: int | None,
    until: int | None,
    show_in: str | None,
    into: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    from faregate.app.statement import statement_csv
    from faregate.cli.paper_tables import write_statement
    from faregate.core.instants import DAY

    def look(control: Control, account: str, now: int) -> dict[str, Any]:
        end = until if until is not None else now + 1
        begin = since if since is not None else end - MONTH_DAYS * DAY
        return control.paperwork.statements(account, plan, begin, end, now, show_in)

    found = seen_of(given, look)
    if into is not None:
        into.write_text(statement_csv(found["pools"]), encoding="utf-8")
    if as_json:
        write_json(found)
        return
    for each in found["pools"]:
        write_statement(each, found["shown_in"])
    if into is not None:
        click.echo(say("statement.written", file=into))
