"""What commands about money share: their options, and the house in which they order.

Owns opening payment providers around a command, and doing what needs nobody outside: gifts, coupons, payment by hand.
What a payment provider is to be asked, the serving process asks.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from faregate.cli.command import Option
from faregate.cli.house_options import in_house, write_of

if TYPE_CHECKING:
    from faregate.app.control import Control
    from faregate.app.receipts import Write

T = TypeVar("T")

ACCOUNT = click.argument("account", metavar="ACCOUNT")
PRICE = click.option("--price", metavar="ID", help="trade.option.price", cls=Option)
ONCE = click.option("--once", is_flag=True, help="trade.option.once", cls=Option)
COUPON = click.option("--coupon", metavar="CODE", help="trade.option.coupon", cls=Option)
PAYER = click.option("--payer", metavar="NAME", help="trade.option.payer", cls=Option)
RETURN_URL = click.option("--return-url", metavar="URL", default="", help="trade.option.return_url", cls=Option)
CONFIG = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="trade.option.config",
    cls=Option,
)


def in_shop(database: str, config: Path | None, work: Callable[[Control], Awaitable[T]]) -> T:
    """What ``work`` gives in a house where orders can be placed with the payment providers of ``config``.

    Without a configuration: by hand alone.
    """
    from faregate.bootstrap.paying import open_cashier
    from faregate.bootstrap.settings import read_settings
    from faregate.payments.settings import read_payments

    given = read_settings(config, os.environ).payments if config is not None else ()
    settings = given or read_payments([], os.environ)

    async def within(control: Control) -> T:
        touched: set[str] = set()
        cashier = open_cashier(control, settings, control.now)
        control.till.followers.append(touched.add)
        control.till.asked = cashier.ask_at_hand
        try:
            done = await work(control)
            while touched:
                await cashier.ask_at_hand(touched.pop())
            return done
        finally:
            await cashier.stop()

    return in_house(database, within)


Act = Callable[["Control", str, "Write"], Awaitable[dict[str, Any]]]


def done_to(given: dict[str, Any], act: Act, config: Path | None = None) -> dict[str, Any]:
    """What ``act`` (control, account id, write) answers, for the ``account`` and options in ``given``."""

    async def work(control: Control) -> dict[str, Any]:
        account = control.office.find_account(given["account"]).id
        return await act(control, account, write_of(control, given.get("idempotency_key")))

    return in_shop(given["database"], config, work)


def seen_of(given: dict[str, Any], look: Callable[[Control, str, int], T]) -> T:
    """What ``look`` (control, account id, now) gives, for the ``account`` and options in ``given``."""

    async def work(control: Control) -> T:
        return look(control, control.office.find_account(given["account"]).id, control.now())

    return in_house(given["database"], work)
