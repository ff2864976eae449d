"""`faregate verify`: rebuild everything from the journal and compare.

Owns the command, its progress and its report. Reads the books as they stand at one moment, so that a serving process
may go on beside it; writes nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command
from faregate.cli.failures import FAILED
from faregate.cli.house_options import require_database, with_database
from faregate.cli.language import say
from faregate.cli.output import console, write_json, write_table

if TYPE_CHECKING:
    from faregate.app.verify import Report


@click.command("verify", cls=Command, help="verify.help")
@with_database
@click.pass_context
def verify(ctx: click.Context, database: str, as_json: bool) -> None:
    require_database(database)
    report = _verified(database)
    if as_json:
        write_json(_data(report))
    else:
        _write(report)
    if not report.clean:
        ctx.exit(FAILED)


def _verified(database: str) -> Report:
    from faregate.app.verify import Verification
    from faregate.bootstrap.database import open_store
    from faregate.bootstrap.house import published_shelf

    with ExitStack() as open_things:
        store = open_store(database)
        open_things.callback(store.close)
        shelf = published_shelf(store)
        books = open_things.enter_context(store.view())
        status = open_things.enter_context(console(stderr=True).status(say("verify.begun")))

        def progress(entries: int) -> None:
            status.update(say("verify.progress", entries=f"{entries:,}"))

        return Verification(books, shelf.terms).run(progress)


def _balances(report: Report) -> list[dict[str, str]]:
    from faregate.core.amounts import render

    return [
        {"ledger": kind, "unit": unit, "amount": render(amount, unit)}
        for (kind, unit), amount in sorted(report.balances.items(), key=lambda item: (item[0][1], item[0][0]))
    ]


def _data(report: Report) -> dict[str, Any]:
    return {
        "clean": report.clean,
        "accounts": report.accounts,
        "entries": report.entries,
        "usage_rows": report.usage_rows,
        "open_holds": report.open_holds,
        "trial_balance": _balances(report),
        "findings": [each._asdict() for each in report.findings],
    }


def _write(report: Report) -> None:
    from faregate.cli.figures import grouped

    counted = ("accounts", "entries", "usage_rows", "open_holds")
    click.echo(say("verify.seen", **{name: f"{getattr(report, name):,}" for name in counted}))
    columns = [say(f"verify.column.{name}") for name in ("ledger", "unit", "amount")]
    rows = [(each["ledger"], each["unit"], grouped(each["amount"])) for each in _balances(report)]
    if rows:
        write_table(say("verify.title.balance"), columns, rows, numbers=(2,))
    if report.clean:
        click.echo(say("verify.clean"))
        return
    columns = [say(f"verify.column.{name}") for name in ("code", "where", "detail")]
    write_table(say("verify.title.findings", count=len(report.findings)), columns, report.findings)
