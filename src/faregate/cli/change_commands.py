"""`faregate change` and `faregate agreement`: how a bought subscription goes on.

Owns the commands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from faregate.cli.command import Group
from faregate.cli.house_options import with_database, with_write
from faregate.cli.language import say
from faregate.cli.order_commands import tell_order
from faregate.cli.output import write_json
from faregate.cli.trade_options import ACCOUNT, CONFIG, PAYER, PRICE, RETURN_URL, done_to, seen_of

change = Group(name="change", help="change.help")
agreement = Group(name="agreement", help="agreement.help")
PLAN = click.argument("plan", metavar="PLAN")
TO = click.argument("to", metavar="TO")


@change.command("preview", help="change.preview.help")
@ACCOUNT
@PLAN
@TO
@PRICE
@with_database
def preview(plan: str, to: str, price: str | None, as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import write_quote

    shown = seen_of(given, lambda control, account, now: control.shop.preview_change(account, plan, to, now, price))
    if as_json:
        write_json(shown)
    else:
        write_quote(shown)


@change.command("make", help="change.make.help")
@ACCOUNT
@PLAN
@TO
@PRICE
@PAYER
@RETURN_URL
@CONFIG
@with_write
def make(
    plan: str,
    to: str,
    price: str | None,
    payer: str | None,
    return_url: str,
    config: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    done = done_to(
        given,
        lambda control, account, write: control.shop.change(account, plan, to, write, price, payer, return_url),
        config,
    )
    if as_json or not done.get("scheduled"):
        tell_order(done, as_json)
    else:
        click.echo(say("change.scheduled", account=given["account"], plan=plan, to=to))


def _act(given: dict[str, Any], verb: str, plan: str, as_json: bool) -> None:
    done = done_to(given, lambda control, account, write: getattr(control.shop, verb)(account, plan, write))
    if as_json:
        write_json(done)
    else:
        click.echo(say(f"agreement.{verb}.done", account=given["account"], plan=plan))


@agreement.command("call-off", help="agreement.call_off.help")
@ACCOUNT
@PLAN
@with_write
def call_off(plan: str, as_json: bool, **given: Any) -> None:
    _act(given, "call_off", plan, as_json)


@agreement.command("take-back", help="agreement.take_back.help")
@ACCOUNT
@PLAN
@with_write
def take_back(plan: str, as_json: bool, **given: Any) -> None:
    _act(given, "take_back", plan, as_json)


@agreement.command("unschedule", help="agreement.unschedule.help")
@ACCOUNT
@PLAN
@with_write
def unschedule(plan: str, as_json: bool, **given: Any) -> None:
    _act(given, "unschedule", plan, as_json)


@agreement.command("pause", help="agreement.pause.help")
@ACCOUNT
@PLAN
@with_write
def pause(plan: str, as_json: bool, **given: Any) -> None:
    _act(given, "pause", plan, as_json)


@agreement.command("go-on", help="agreement.go_on.help")
@ACCOUNT
@PLAN
@with_write
def go_on(plan: str, as_json: bool, **given: Any) -> None:
    _act(given, "go_on", plan, as_json)


@agreement.command("bind", help="agreement.bind.help")
@ACCOUNT
@PLAN
@click.argument("payer", metavar="PAYER")
@RETURN_URL
@CONFIG
@with_write
def bind(plan: str, payer: str, return_url: str, config: Path | None, as_json: bool, **given: Any) -> None:
    from faregate.cli.trade_tables import agreement_words

    done = done_to(
        given, lambda control, account, write: control.shop.bind(account, plan, payer, write, return_url), config
    )
    if as_json:
        write_json(done)
    else:
        click.echo(say("agreement.bind.done", account=given["account"], plan=plan))
        click.echo(agreement_words(done["agreement"]))
