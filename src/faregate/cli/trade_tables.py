"""Orders, quotes, refunds and what is open, as tables for people.

Owns how they look. Amounts come in as exact decimals and stay so.
"""

from __future__ import annotations

from typing import Any

import click

from faregate.cli.figures import grouped
from faregate.cli.language import language, messages, say
from faregate.cli.local_time import local
from faregate.cli.output import NOTHING, write_table


def line_name(code: str) -> str:
    """What a line of a bill is called."""
    from faregate.documents.invoice_words import said

    return said(language(), code)


def money(amount: str | None, currency: str | None) -> str:
    """``1234.5`` USD as ``1,234.5 USD``; a dash for none."""
    return f"{grouped(amount)} {currency}" if amount is not None else NOTHING


def _reason(code: str) -> str:
    return messages().get(f"order.reason.{code}", code)


def write_quote(quote: dict[str, Any]) -> None:
    """What a purchase or a change costs now."""
    currency = quote["currency"]
    title = say(f"quote.kind.{quote['kind']}", plan=f"{quote['plan']}@{quote['version']}")
    rows = [(line_name(line["code"]), money(line["amount"], currency)) for line in quote["lines"]]
    rows.append((say("quote.total"), money(quote["total"], currency)))
    rows += [
        (say("quote.paid_from", purse=line_name(part["purse"])), money(part["amount"], currency))
        for part in quote["paid_from"]
    ]
    rows.append((say("quote.to_pay"), money(quote["to_pay"], currency)))
    if "credit" in quote and quote["credited_to"]:
        rows.append((say("quote.credit", plan=quote["credited_to"]), money(quote["credit"], currency)))
    click.secho(title, bold=True)
    write_table("", ("", ""), rows, numbers=(1,))
    if quote["pay_with"]:
        click.echo(say("quote.pay_with", names=", ".join(quote["pay_with"])))
    if quote["period_end"]:
        until = "quote.renews" if quote["renews"] else "quote.ends"
        click.echo(say(until, at=local(quote["period_end"])))
    if quote["replaces"]:
        click.echo(say("quote.replaces", subscription=quote["replaces"]))


def write_orders(rows: list[dict[str, Any]]) -> None:
    """Orders of an account, newest first."""
    columns = [say(f"order.column.{name}") for name in ("order", "what", "plan", "total", "state", "made", "invoice")]
    write_table(
        say("order.list.title"),
        columns,
        [
            (
                row["id"],
                say(f"order.what.{row['what']}"),
                row["plan"],
                money(row["total"], row["currency"]),
                _state(row),
                local(row["created_at"]),
                row["invoice"] or NOTHING,
            )
            for row in rows
        ],
        numbers=(3,),
    )


def _state(order: dict[str, Any]) -> str:
    state = say(f"order.state.{order['state']}")
    return f"{state}: {_reason(order['reason'])}" if order["reason"] else state


def write_order(order: dict[str, Any]) -> None:
    """One order, with how to pay it."""
    currency = order["currency"]
    click.secho(f"{order['id']}: {say('order.what.' + order['what'])} {order['plan']}, {_state(order)}", bold=True)
    rows = [(line_name(line["code"]), money(line["amount"], currency)) for line in order["lines"]]
    rows.append((say("quote.total"), money(order["total"], currency)))
    paid = dict(order["paid_by"])
    outside = paid.pop("provider")
    for purse, amount in paid.items():
        if amount != "0":
            rows.append((say("quote.paid_from", purse=line_name(purse)), money(amount, currency)))
    if outside != "0" and order["payer"]:
        rows.append((say("order.through", payer=order["payer"]), money(outside, currency)))
    for each in order["received"]:
        name = say("order.received", payer=each["payer"], reference=each["reference"])
        rows.append((name, money(each["amount"], each["currency"])))
    if order["refunded"] != "0":
        rows.append((say("order.refunded"), money(order["refunded"], currency)))
    write_table("", ("", ""), rows, numbers=(1,))
    _write_pay(order)
    if order["invoice"]:
        click.echo(say("order.invoice", number=order["invoice"]))


def _write_pay(order: dict[str, Any]) -> None:
    if order["state"] != "waiting":
        return
    pay = order["pay"]
    if pay is None and order["to_pay"] != "0" and order["payer"]:
        click.echo(say("order.not_asked", payer=order["payer"]))
    for name in ("url", "qr"):
        if pay is not None and pay.get(name):
            click.echo(say(f"order.pay.{name}", value=pay[name]))
    if pay is not None and pay.get("lines"):
        rows = [(messages().get(f"order.pay_line.{label}", label), text) for label, text in pay["lines"]]
        write_table(say("order.pay.instructions"), ("", ""), rows)
    if order["expires_at"]:
        click.echo(say("order.expires", at=local(order["expires_at"])))


def write_refund_quote(quote: dict[str, Any]) -> None:
    """What a refund comes to, as a sum."""
    currency = quote["currency"]
    names = ("paid", "usage_value", "time_used", "refunded_before", "refundable", "fee", "amount")
    rows = [(say(f"refund.{name}"), money(quote[name], currency)) for name in names]
    write_table(say("refund.quote.title"), ("", ""), rows, numbers=(1,))
    if quote["open_requests"]:
        click.echo(say("refund.open_requests", count=quote["open_requests"]))
    if quote["falls_to"]:
        click.echo(say("refund.falls_to", plan=quote["falls_to"]))


def write_refunds(rows: list[dict[str, Any]]) -> None:
    """Refunds of an account."""
    columns = [
        say(f"refund.column.{name}") for name in ("refund", "order", "amount", "payer", "state", "asked", "note")
    ]
    write_table(
        say("refund.list.title"),
        columns,
        [
            (
                row["id"],
                row["order"],
                money(row["amount"], row["currency"]),
                row["payer"],
                say(f"refund.state.{row['state']}") + (f": {row['reason']}" if row["reason"] else ""),
                local(row["asked_at"]),
                row["credit_note"] or NOTHING,
            )
            for row in rows
        ],
        numbers=(2,),
    )


def write_matters(rows: list[dict[str, Any]]) -> None:
    """What is open about money."""
    columns = [say(f"matters.column.{name}") for name in ("kind", "account", "id", "amount", "reason", "since")]
    write_table(
        say("matters.title"),
        columns,
        [
            (
                say(f"matters.kind.{row['kind']}"),
                row["account"],
                row["id"],
                money(row["amount"], row["currency"]),
                _reason(row["reason"]),
                local(row["since"]),
            )
            for row in rows
        ],
        numbers=(3,),
    )


def write_friends(rows: list[dict[str, Any]]) -> None:
    """Who joined by an invitation, and what became of each reward."""
    columns = [say(f"invite.column.{name}") for name in ("joined", "state", "cash", "reward", "given")]
    write_table(
        say("invite.title"),
        columns,
        [
            (
                local(row["joined_at"]),
                say(f"reward.state.{row['state']}"),
                money(row.get("cash"), row["currency"]),
                money(row["amount"], row["currency"]),
                local(row.get("given_at")),
            )
            for row in rows
        ],
        numbers=(2, 3),
    )


def agreement_words(agreement: dict[str, Any]) -> str:
    """How a bought subscription goes on, in one line."""
    told = []
    if agreement["paused_since"]:
        told.append(say("agreement.told.paused", at=local(agreement["paused_since"])))
    elif agreement["one_more_period"]:
        told.append(say("agreement.told.one_more"))
    elif not agreement["renews"]:
        told.append(say("agreement.told.called_off"))
    elif agreement["charged_without_customer"]:
        told.append(say("agreement.told.charged", payer=agreement["payer"]))
    else:
        told.append(say("agreement.told.asked", payer=agreement["payer"] or NOTHING))
    if agreement["called_off_because"]:
        told.append(say("agreement.told.because." + agreement["called_off_because"]))
    coming = agreement["next_charge"]
    if coming:
        told_as = {
            "amount": f"{coming['amount']} {coming['currency']}",
            "to_pay": coming["to_pay"],
            "at": local(coming["at"]),
        }
        told.append(say("agreement.told.next_charge", **told_as))
    if agreement["binding"]:
        told.append(say("agreement.told.binding", payer=agreement["binding"]["payer"]))
    if agreement["next"]:
        told.append(say("agreement.told.next", plan=agreement["next"]["plan"]))
    if agreement["renewal_order"]:
        told.append(say("agreement.told.renewal", order=agreement["renewal_order"]))
    if agreement["failed_charges"]:
        told.append(say("agreement.told.failed", count=agreement["failed_charges"]))
    if agreement["refund"]:
        told.append(say("agreement.told.refund", refund=agreement["refund"]))
    return "; ".join(told)
