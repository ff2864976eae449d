"""`faregate order` and `faregate top-up`: buying for an account, and what operators say of its orders.

Owns the commands. Payment providers are asked by the serving process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from faregate.cli.command import Command, Group, Option
from faregate.cli.house_options import with_database, with_own_note, with_write
from faregate.cli.language import messages, say
from faregate.cli.output import write_json
from faregate.cli.trade_options import ACCOUNT, CONFIG, COUPON, ONCE, PAYER, PRICE, RETURN_URL, done_to, seen_of

order = Group(name="order", help="order.help")
ORDER = click.argument("order_id", metavar="ORDER")
STATES = ("succeeded", "failed", "cancelled")


@order.command("preview", help="order.preview.help")
@ACCOUNT
@click.argument("plan", metavar="PLAN")
@PRICE
@ONCE
@COUPON
@with_database
def preview(plan: str, price: str | None, once: bool, coupon: str | None, as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import write_quote

    shown = seen_of(
        given,
        lambda control, account, now: control.shop.preview_purchase(account, plan, now, price, once, coupon),
    )
    if as_json:
        write_json(shown)
    else:
        write_quote(shown)


@order.command("place", help="order.place.help")
@ACCOUNT
@click.argument("plan", metavar="PLAN")
@PRICE
@PAYER
@ONCE
@COUPON
@RETURN_URL
@CONFIG
@with_write
def place(
    plan: str,
    price: str | None,
    payer: str | None,
    once: bool,
    coupon: str | None,
    return_url: str,
    config: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    done = done_to(
        given,
        lambda control, account, write: control.shop.buy(
            account, plan, write, price, payer, once, coupon, return_url
        ),
        config,
    )
    tell_order(done, as_json)


@click.command("top-up", cls=Command, help="top-up.help")
@ACCOUNT
@click.argument("plan", metavar="PLAN")
@click.argument("amount", metavar="AMOUNT")
@click.option("--payer", metavar="NAME", required=True, help="trade.option.payer", cls=Option)
@RETURN_URL
@CONFIG
@with_write
def top_up(
    plan: str, amount: str, payer: str, return_url: str, config: Path | None, as_json: bool, **given: Any
) -> None:
    done = done_to(
        given,
        lambda control, account, write: control.shop.top_up(account, plan, amount, payer, write, return_url),
        config,
    )
    tell_order(done, as_json)


@order.command("list", help="order.list.help")
@ACCOUNT
@with_database
def list_orders(as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import write_orders

    rows = seen_of(given, lambda control, account, now: control.shop.orders(account, now))
    if as_json:
        write_json({"orders": rows})
    elif not rows:
        click.echo(say("order.none"))
    else:
        write_orders(rows)


@order.command("show", help="order.show.help")
@ACCOUNT
@ORDER
@with_database
def show(order_id: str, as_json: bool, **given: Any) -> None:
    tell_order(seen_of(given, lambda control, account, now: control.shop.order(account, order_id, now)), as_json)


@order.command("withdraw", help="order.withdraw.help")
@ACCOUNT
@ORDER
@with_write
def withdraw(order_id: str, as_json: bool, **given: Any) -> None:
    done = done_to(given, lambda control, account, write: control.shop.withdraw_order(account, order_id, write))
    tell_order(done, as_json)


@order.command("confirm", help="order.confirm.help")
@ACCOUNT
@ORDER
@click.argument("amount", metavar="AMOUNT")
@click.argument("currency", metavar="CURRENCY")
@click.option("--seen", required=True, metavar="TEXT", help="order.confirm.seen", cls=Option)
@click.option("--payer", default="manual", show_default=True, metavar="NAME", help="order.confirm.payer", cls=Option)
@click.option(
    "--state",
    type=click.Choice(STATES),
    default="succeeded",
    show_default=True,
    help="order.confirm.state",
    cls=Option,
)
@click.option("--refund", metavar="REFUND", help="order.confirm.refund", cls=Option)
@CONFIG
@with_write
def confirm(
    order_id: str,
    amount: str,
    currency: str,
    seen: str,
    payer: str,
    state: Any,
    refund: str | None,
    config: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    done = done_to(
        given,
        lambda control, account, write: control.shop.confirm(
            account,
            order_id,
            write,
            payer=payer,
            amount=amount,
            currency=currency.upper(),
            state=state,
            seen=seen,
            refund=refund,
        ),
        config,
    )
    tell_order(done, as_json)
    if not as_json:
        came = done["came_to"]
        click.echo(say("order.came_to", what=messages().get(f"order.came.{came}", came)))


@order.command("resolve", help="order.resolve.help")
@ACCOUNT
@ORDER
@click.argument("how", metavar="deliver|give-back", type=click.Choice(["deliver", "give-back"]))
@click.option("--note", required=True, metavar="TEXT", help="order.resolve.note", cls=Option)
@with_own_note
def resolve(order_id: str, how: str, note: str, as_json: bool, **given: Any) -> None:
    way: Any = how.replace("-", "_")
    done = done_to(given, lambda control, account, write: control.shop.resolve(account, order_id, way, note, write))
    tell_order(done, as_json)


def tell_order(told: dict[str, Any], as_json: bool) -> None:
    """An order as it is now, for people or as JSON."""
    from faregate.cli.trade_tables import write_order

    if as_json:
        write_json(told)
    else:
        write_order(told)
