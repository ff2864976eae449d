"""`faregate coupon`, `gift-code`, `invite` and `reward`: promotions, made and used.

Owns the commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Group, Option
from faregate.cli.house_options import INSTANT, in_house, with_database, with_own_note, with_write, write_of
from faregate.cli.language import say
from faregate.cli.output import write_json
from faregate.cli.trade_options import ACCOUNT, done_to, seen_of

if TYPE_CHECKING:
    from faregate.app.control import Control

coupon = Group(name="coupon", help="coupon.help")
gift_code = Group(name="gift-code", help="gift-code.help")
invite = Group(name="invite", help="invite.help")
reward = Group(name="reward", help="reward.help")
UNTIL = click.option("--until", type=INSTANT, metavar="TIME", help="coupon.option.until", cls=Option)
REASON = click.option("--reason", default="", metavar="TEXT", help="account.option.reason", cls=Option)


@coupon.command("make", help="coupon.make.help")
@click.argument("code", metavar="CODE")
@click.option("--share", metavar="SHARE", help="coupon.option.share", cls=Option)
@click.option("--amount", metavar="AMOUNT", help="coupon.option.amount", cls=Option)
@click.option("--currency", metavar="CURRENCY", help="coupon.option.currency", cls=Option)
@click.option("--plan", "plans", multiple=True, metavar="PLAN", help="coupon.option.plan", cls=Option)
@click.option("--from", "begins", type=INSTANT, metavar="TIME", help="coupon.option.from", cls=Option)
@UNTIL
@click.option("--uses", type=click.IntRange(1, 10**9), metavar="N", help="coupon.option.uses", cls=Option)
@click.option(
    "--per-account",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    metavar="N",
    help="coupon.option.per_account",
    cls=Option,
)
@click.option("--first-order-only", is_flag=True, help="coupon.option.first_order_only", cls=Option)
@with_write
def make_coupon(
    code: str, plans: tuple[str, ...], database: str, as_json: bool, idempotency_key: str | None, **given: Any
) -> None:
    async def work(control: Control) -> dict[str, Any]:
        write = write_of(control, idempotency_key)
        return await control.promotions.make_coupon(code, write, plans=list(plans), **given)

    _tell_coupon(in_house(database, work), as_json)


@coupon.command("show", help="coupon.show.help")
@click.argument("code", metavar="CODE")
@with_database
def show_coupon(code: str, database: str, as_json: bool) -> None:
    async def work(control: Control) -> dict[str, Any]:
        return control.promotions.coupon(code, control.now())

    _tell_coupon(in_house(database, work), as_json)


def _tell_coupon(found: dict[str, Any], as_json: bool) -> None:
    from faregate.cli.local_time import local

    if as_json:
        write_json(found)
        return
    percent = found["share"] is not None
    worth = say("coupon.share", share=found["share"]) if percent else f"{found['amount']} {found['currency']}"
    click.echo(
        say(
            "coupon.told",
            code=found["code"],
            worth=worth,
            plans=", ".join(found["plans"]) or say("coupon.all_plans"),
            used=found["used"],
            uses=found["uses"] or say("coupon.no_bound"),
            per_account=found["per_account"],
            first=say("coupon.first_order") if found["first_order_only"] else "",
            begins=local(found["begins"]),
            until=local(found["until"]),
        )
    )


@gift_code.command("make", help="gift-code.make.help")
@click.argument("family", metavar="FAMILY")
@click.argument("amount", metavar="AMOUNT")
@click.argument("currency", metavar="CURRENCY")
@UNTIL
@click.option("--note", default="", metavar="TEXT", help="gift-code.option.note", cls=Option)
@with_own_note
def make_gift_code(
    family: str,
    amount: str,
    currency: str,
    until: int | None,
    note: str,
    database: str,
    as_json: bool,
    idempotency_key: str | None,
) -> None:
    async def work(control: Control) -> dict[str, Any]:
        write = write_of(control, idempotency_key)
        return await control.promotions.make_gift_code(family, amount, currency.upper(), write, until, note)

    made = in_house(database, work)
    if as_json:
        write_json(made)
    else:
        # The code alone goes to standard output: it is shown this once.
        click.echo(say("gift-code.made", family=family, amount=amount, currency=made["currency"]), err=True)
        click.echo(made["code"])


@gift_code.command("redeem", help="gift-code.redeem.help")
@ACCOUNT
@click.argument("code", metavar="CODE")
@with_write
def redeem(code: str, as_json: bool, **given: Any) -> None:
    done = done_to(given, lambda control, account, write: control.promotions.redeem(account, code, write))
    if as_json:
        write_json(done)
    else:
        words = {**done, "account": given["account"]}
        click.echo(say("gift-code.redeemed", **words))


@invite.command("show", help="invite.show.help")
@ACCOUNT
@with_database
def show_invitation(as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import write_friends
    from faregate.core.trade.referring import invitation

    def look(control: Control, account: str, now: int) -> dict[str, Any]:
        return {"code": invitation(account), "friends": control.promotions.friends(account, now)}

    shown = seen_of(given, look)
    if as_json:
        write_json(shown)
        return
    click.echo(say("invite.code", code=shown["code"]))
    if shown["friends"]:
        write_friends(shown["friends"])
    else:
        click.echo(say("invite.nobody"))


@invite.command("join", help="invite.join.help")
@ACCOUNT
@click.argument("code", metavar="CODE")
@click.argument("family", metavar="FAMILY")
@with_write
def join(code: str, family: str, as_json: bool, **given: Any) -> None:
    done = done_to(given, lambda control, account, write: control.promotions.join(account, code, family, write))
    if as_json:
        write_json(done)
    else:
        click.echo(say("invite.joined", account=given["account"], family=family))


def _decide(given: dict[str, Any], how: str, reason: str, as_json: bool) -> None:
    done = done_to(given, lambda control, account, write: control.promotions.decide(account, how, reason, write))
    if as_json:
        write_json(done)
    else:
        words = {
            "amount": done["amount"],
            "currency": done["currency"],
            "state": say(f"reward.state.{done['state']}"),
        }
        click.echo(say("reward.decided", account=given["account"], **words))


@reward.command("give", help="reward.give.help")
@ACCOUNT
@REASON
@with_write
def give(reason: str, as_json: bool, **given: Any) -> None:
    _decide(given, "give", reason, as_json)


@reward.command("refuse", help="reward.refuse.help")
@ACCOUNT
@REASON
@with_write
def refuse(reason: str, as_json: bool, **given: Any) -> None:
    _decide(given, "refuse", reason, as_json)


@reward.command("hold", help="reward.hold.help")
@ACCOUNT
@REASON
@with_write
def hold(reason: str, as_json: bool, **given: Any) -> None:
    _decide(given, "hold", reason, as_json)
