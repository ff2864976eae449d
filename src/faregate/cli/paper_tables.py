"""Invoices and statements as tables for people.

Owns how they look.
"""

from __future__ import annotations

from typing import Any

import click

from faregate.cli.figures import grouped
from faregate.cli.language import language, messages, say
from faregate.cli.local_time import local
from faregate.cli.output import NOTHING, write_table
from faregate.cli.trade_tables import line_name, money


def write_documents(rows: list[dict[str, Any]]) -> None:
    """What was issued to an account, newest first."""
    columns = [say(f"invoice.column.{name}") for name in ("number", "kind", "issued", "title", "total", "order")]
    write_table(
        say("invoice.list.title"),
        columns,
        [
            (
                row["number"],
                line_name(row["kind"]),
                local(row["issued_at"]),
                row["title"],
                money(row["total"], row["currency"]),
                row["order"],
            )
            for row in rows
        ],
        numbers=(4,),
    )


def write_document(view: dict[str, Any]) -> None:
    """One invoice or credit note."""
    from faregate.documents.invoice_words import WORDS

    words, currency = WORDS[language()], view["currency"]
    click.secho(f"{line_name(view['kind'])} {view['number']}, {local(view['issued_at'])}", bold=True)
    for who in ("seller", "buyer"):
        party = view[who]
        told = [party["name"], *party["address"], party["tax_number"]]
        click.echo(f"{words[who]}: {', '.join(part for part in told if part) or NOTHING}")
    click.echo(f"{words['order']}: {view['order']}, {view['title']}")
    if view["corrects"]:
        click.echo(f"{words['corrects']}: {view['corrects']}")
    rows = [(line_name(line["code"]), money(line["amount"], currency)) for line in view["lines"]]
    if view["tax"] is not None:
        tax = view["tax"]
        rows.append((words["net"], money(view["net"], currency)))
        rows.append((words["tax"].format(name=tax["name"], percent=tax["percent"]), money(tax["amount"], currency)))
    rows.append((words["total"], money(view["total"], currency)))
    rows += [
        (words["paid"].format(who=line_name(each["by"])), money(each["amount"], currency)) for each in view["paid"]
    ]
    write_table("", ("", ""), rows, numbers=(1,))


def write_statement(told: dict[str, Any], shown_in: str | None) -> None:
    """A statement of one pool."""
    currency = told["currency"]
    columns = [say(f"statement.column.{name}") for name in ("at", "what", "about", "amount", "balance")]
    rows = [(local(told["from"]), say("statement.opening"), "", "", grouped(told["opening"]["amount"]))]
    rows += [
        (
            local(line["at"]),
            messages().get(f"statement.kind.{line['kind']}", line["kind"]),
            line["about"] or "",
            grouped(line["amount"]),
            grouped(line["balance"]),
        )
        for line in told["lines"]
    ]
    rows.append((local(told["until"]), say("statement.closing"), "", "", grouped(told["closing"]["amount"])))
    cells: list[tuple[str, ...]] = list(rows)
    if shown_in is not None:
        columns.append(say("statement.column.shown", currency=shown_in))
        shown = [told["opening"]["shown"], *(line["shown"] for line in told["lines"]), told["closing"]["shown"]]
        cells = [(*row, grouped(amount)) for row, amount in zip(rows, shown, strict=True)]
    write_table(f"{told['pool']} ({currency})", columns, cells, numbers=(3, 4, 5))
    totals = {"inward": grouped(told["in"]), "outward": grouped(told["out"]), "currency": currency}
    click.echo(say("statement.totals", **totals))
