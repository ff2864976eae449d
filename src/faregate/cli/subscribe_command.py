"""`faregate subscribe`: put a plan on an account.

Owns the command's arguments.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.account_acts import ACCOUNT, carry_out
from faregate.cli.command import Command, Option
from faregate.cli.house_options import with_write

if TYPE_CHECKING:
    from faregate.app.office import Office
    from faregate.app.receipts import Write


@click.command("subscribe", cls=Command, help="subscribe.help")
@ACCOUNT
@click.argument("plan", metavar="PLAN")
@click.option("--price", metavar="ID", help="subscribe.price", cls=Option)
@click.option("--once", is_flag=True, help="subscribe.once", cls=Option)
@with_write
def subscribe(plan: str, price: str | None, once: bool, **rest: Any) -> None:
    def act(office: Office, account: str, write: Write) -> Awaitable[dict[str, Any]]:
        return office.subscribe(account, plan, write, price, once)

    carry_out(rest, act, "subscribe.done", plan=plan)
