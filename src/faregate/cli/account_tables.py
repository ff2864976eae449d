"""One account as tables: its plans in the order they pay, pools and windows as bars, holds and keys.

Owns what `faregate account show` prints for people.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click

from faregate.cli.figures import bar, grouped
from faregate.cli.key_commands import write_keys
from faregate.cli.language import say
from faregate.cli.local_time import ahead, local
from faregate.cli.output import write_table
from faregate.cli.trade_tables import agreement_words

Row = tuple[str, str, str, str]


def write_account(view: dict[str, Any], now: int) -> None:
    """Everything on one account, as of ``now``."""
    since, entries = local(view["created_at"]), view["entries"]
    click.echo(say("account.show.title", name=view["name"], id=view["id"], since=since, entries=entries))
    if not view["subscriptions"]:
        click.echo(say("account.show.no_plan", id=view["id"]))
    for subscription in view["subscriptions"]:
        _write_subscription(subscription, now)
    _write_segments(view["segments"])
    for flag in view["flags"]:
        if flag["in_force"]:
            words = {"signal": say(f"flag.signal.{flag['signal']}"), "action": say(f"flag.action.{flag['action']}")}
            click.echo(say("account.flags.told", **{**flag, **words}))
    _write_holds(view["open_holds"], now)
    if view["keys"]:
        write_keys(view["keys"])


def _write_subscription(subscription: dict[str, Any], now: int) -> None:
    columns = [say(f"account.show.column.{name}") for name in ("what", "bar", "standing", "next")]
    plan = f"{subscription['plan']}@{subscription['version']}"
    title = f"{plan}: {', '.join(part for part in (_price(subscription), _term(subscription, now)) if part)}"
    rows = [_pool_row(pool, now) for pool in subscription["pools"]]
    rows += [_window_row(window, now) for window in subscription["windows"]]
    if subscription["extra_usage"] is not None:
        rows.append(_extra_row(subscription["extra_usage"]))
    click.secho(title, bold=True)
    if subscription["agreement"] is not None:
        click.echo(agreement_words(subscription["agreement"]))
    write_table("", columns, rows)


def _extra_row(extra: dict[str, Any]) -> tuple[str, str, str, str]:
    name = say("account.show.extra_usage", plan=extra["wallet"])
    if not extra["on"]:
        return name, "", say("account.show.extra_off"), ""
    if extra["key"] is None:
        return name, "", say("account.show.extra_lost", id=extra["revoked_key"]), ""
    spent = {"spent": grouped(extra["spent"]), "month": grouped(extra["spent_this_month"]), "unit": extra["unit"]}
    return name, "", say("account.show.extra_on", id=extra["key"], **spent), ""


def _price(subscription: dict[str, Any]) -> str:
    """What a period costs; nothing where it is free."""
    price = subscription["price"]
    if price is None or not Decimal(price["amount"]):
        return ""
    period = price["period"] or ""
    if period in ("month", "year"):
        lasts = say(f"plan.period.{period}")
    else:
        lasts = say("plan.period.days", days=period.removesuffix("d")) if period else ""
    return f"{grouped(price['amount'])} {price['currency']}{lasts}"


def _term(subscription: dict[str, Any], now: int) -> str:
    if not subscription["switched_on"]:
        return say("account.show.switched_off")
    goes_on = (subscription["agreement"] or {}).get("next_charge") is not None
    if subscription["ends_at"] and not goes_on:
        return say("account.show.ends", at=ahead(subscription["ends_at"], now))
    if subscription["period_end"]:
        renews, later = say("account.show.renews", at=ahead(subscription["period_end"], now)), ""
        if subscription["version_after_renewal"] not in (None, subscription["version"]):
            later = say("account.show.moves", version=subscription["version_after_renewal"])
        return renews + later
    return say("account.show.open_ended")


def _name(id: str) -> str:
    return id.rpartition(":")[2]


def _pool_row(pool: dict[str, Any], now: int) -> Row:
    unit = pool["unit"]
    size = sum((Decimal(lot["size"]) for lot in pool["lots"]), Decimal(0))
    told = [say("account.show.available", available=grouped(pool["available"]), size=grouped(f"{size:f}"), unit=unit)]
    if Decimal(pool["held"]):
        told.append(say("account.show.held", amount=grouped(pool["held"])))
    if Decimal(pool["owed"]):
        told.append(say("account.show.owed", amount=grouped(pool["owed"])))
    upcoming = [say("account.show.refills", at=ahead(pool["next_refill"], now))] if pool["next_refill"] else []
    upcoming += [
        say("account.show.lapses", amount=grouped(lot["balance"]), at=ahead(lot["expires_at"], now))
        for lot in pool["lots"]
        if lot["expires_at"] and lot["expires_at"] != pool["next_refill"]
    ]
    if "restores_left" in pool:
        mode = say(f"account.show.{pool['restore_mode']}")
        upcoming.append(say("account.show.restores", count=pool["restores_left"], mode=mode))
    drawn = bar(pool["available"], f"{size:f}")
    return say("account.show.pool", name=_name(pool["id"])), drawn, ", ".join(told), "\n".join(upcoming)


def _window_row(window: dict[str, Any], now: int) -> Row:
    used, limit = grouped(window["used"]), grouped(window["limit"])
    told = say("account.show.used", used=used, limit=limit, unit=window["unit"])
    upcoming = say("account.show.reopens", at=ahead(window["reopens_at"], now)) if window["reopens_at"] else ""
    name = "account.show.guard" if window["guard"] else "account.show.window"
    return say(name, name=_name(window["id"])), bar(window["used"], window["limit"]), told, upcoming


def _write_segments(segments: list[dict[str, Any]]) -> None:
    if segments:
        columns = [say(f"account.segments.{name}") for name in ("segment", "from", "until", "reason")]
        rows = [(each["segment"], local(each["from"]), local(each["until"]), each["reason"]) for each in segments]
        write_table(say("account.segments.title"), columns, rows)


def _write_holds(holds: list[dict[str, Any]], now: int) -> None:
    if holds:
        columns = [say(f"account.holds.{name}") for name in ("request", "model", "since", "expires")]
        rows = [
            (each["request"], each["model"], local(each["since"]), ahead(each["expires_at"], now)) for each in holds
        ]
        write_table(say("account.holds.title"), columns, rows)
