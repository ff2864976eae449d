"""The story of one request for people: what was used, who paid and who was passed over, which windows moved.

Owns the wording and the picture of the waterfall. Every figure is one of the explanation's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click

from faregate.cli.figures import bar, grouped
from faregate.cli.language import messages, say
from faregate.cli.local_time import ahead, local
from faregate.cli.output import write_table


def write_story(told: dict[str, Any], now: int) -> None:
    """All of it, from top to bottom."""
    closed = told.get("settlement")
    click.echo(say(f"explain.{told['state']}", request=told["request"], model=told["model"], account=told["account"]))
    click.echo(say("explain.times", admitted=local(told["admitted_at"]), closed=local(told.get("closed_at"))))
    if told["client"] or told["key"]:
        click.echo(say("explain.by", client=told["client"] or "–", api_key=told["key"] or "–"))
    if told["evidence"] or told["billing"]:
        evidence = ", ".join(told["evidence"] or ()) or "–"
        click.echo(say("explain.asked", evidence=evidence, billing=told["billing"] or "–"))
    if told["grace"]:
        click.echo(say(f"explain.grace_{told['grace']['booked']}", at=local(told["grace"]["at"])))
    if closed is not None:
        key = "explain.outcome_estimated" if closed["estimated"] else "explain.outcome"
        click.echo(say(key, outcome=closed["outcome"], upstream=closed["upstream"] or "–"))
    elif "released" in told:
        click.echo(say("explain.released_because", reason=told["released"]["reason"]))
    else:
        click.echo(say("explain.still_open", at=ahead(told["hold"]["expires_at"], now)))
    click.echo()
    slices = closed["slices"] if closed is not None else told["hold"]["slices"]
    _write_usage(told["hold"]["estimate"], closed["usage"] if closed is not None else None)
    _write_waterfall(told["hold"]["passed_over"], slices, now, "released" in told)
    _write_prices(slices)
    _write_windows(slices, closed["windows"] if closed is not None else [], now)


def _write_usage(estimate: dict[str, int], used: dict[str, int] | None) -> None:
    rows = []
    for name, held in estimate.items():
        if held or (used and used[name]):
            rows.append((say(f"explain.class.{name}"), f"{held:,}", f"{used[name]:,}" if used else "–"))
    columns = [say(f"explain.column.{name}") for name in ("class", "held", "used")]
    write_table(say("explain.title.usage"), columns, rows, numbers=(1, 2))


def _write_waterfall(passed: list[dict[str, Any]], slices: list[dict[str, Any]], now: int, released: bool) -> None:
    """Sources from the top down as they were asked, and how much of the request each took."""
    shares = _shares(slices)
    whole = str(sum(shares, Decimal(0)))
    lines: list[tuple[str, str, str, str]] = []
    for piece, share in zip(slices, shares, strict=True):
        amount = f"{grouped(piece['amount'])} {piece['unit']}"
        debt = (
            say("explain.debt", amount=grouped(piece["debt"]), unit=piece["unit"]) if Decimal(piece["debt"]) else ""
        )
        told = say("explain.given_back", amount=amount) if released else amount
        lines.append(
            (piece["payer"], _source(piece["payer"], piece["pool"]), bar(str(share), whole, 24), told + debt)
        )
    rows: list[tuple[str, str, str]] = []
    for each in passed:
        paid = [line[1:] for line in lines if line[0] == each["source"]]
        lines = [line for line in lines if line[0] != each["source"]]
        if paid:
            name, drawn, told = paid.pop()
            rows += [*paid, (name, drawn, say("explain.ran_out", paid=told, why=_block(each, now)))]
        else:
            rows.append((_source(each["source"]), "", say("explain.passed", why=_block(each, now))))
    rows += [line[1:] for line in lines]
    write_table(say("explain.title.waterfall"), ["", "", ""], rows)


def _shares(slices: list[dict[str, Any]]) -> list[Decimal]:
    """By what the parts compare: amounts where they are of one unit, else list values, else evenly."""
    amounts = [Decimal(piece["amount"]) + Decimal(piece["debt"]) for piece in slices]
    if len({piece["unit"] for piece in slices}) == 1 and sum(amounts, Decimal(0)):
        return amounts
    listed = [Decimal(piece["list_value"]) for piece in slices]
    return listed if sum(listed, Decimal(0)) else [Decimal(1) for _ in slices]


def _source(payer: str, pool: str | None = None) -> str:
    """``88code/plus#2/cap`` as ``88code/plus cap``."""
    plan, number, rest = payer.partition("#")
    if not number:
        return payer or say("explain.everyone")
    source = rest.partition("/")[2]
    return f"{plan} {source}" if pool in (None, source) else f"{plan} {source} ({pool})"


def _block(block: dict[str, Any], now: int) -> str:
    reason = messages().get("reason." + block["reason"]) or str(block["reason"])
    if block["until"] is None:
        return reason
    return say("explain.until", reason=reason, subject=block["subject"], at=ahead(block["until"], now))


def _write_prices(slices: list[dict[str, Any]]) -> None:
    rows = []
    for piece in slices:
        factors = " ".join(f"{each['name']} ×{each['value']}" for each in piece["factors"])
        listed = f"{grouped(piece['list_value'])} {piece['currency']}" if piece["currency"] else "–"
        times = f"×{piece['multiplier']}" + (f" = {factors}" if factors else "")
        lots = "\n".join(f"{lot['lot'].rpartition(':')[2]}: {grouped(lot['amount'])}" for lot in piece["lots"])
        paid = f"{grouped(piece['amount'])} {piece['unit']}"
        source = _source(piece["payer"]) + (f" @{piece['version']}" if piece["version"] else "")
        rows.append((source, listed, times, paid, piece["rate_card"] or "–", lots or "–"))
    columns = [
        say(f"explain.column.{name}") for name in ("source", "list_value", "multiplier", "paid", "rate_card", "lots")
    ]
    write_table(say("explain.title.prices"), columns, rows, numbers=(1, 3))


def _write_windows(slices: list[dict[str, Any]], after: list[dict[str, Any]], now: int) -> None:
    moved: dict[str, Decimal] = {}
    opened: dict[str, str] = {}
    for piece in slices:
        for window in piece["windows"]:
            moved[window["id"]] = moved.get(window["id"], Decimal(0)) + Decimal(window["drawn"])
            opened[window["id"]] = window["opened_at"]
    standing = {window["id"]: window for window in after}
    rows = []
    for id, drawn in moved.items():
        stands = standing.get(id)
        row = [id, local(opened[id]), "+" + grouped(f"{drawn:f}")]
        if stands is None:
            rows.append((*row, "–", "", "–"))
            continue
        told = say(
            "account.show.used", used=grouped(stands["used"]), limit=grouped(stands["limit"]), unit=stands["unit"]
        )
        rows.append((*row, told, bar(stands["used"], stands["limit"]), ahead(stands["reopens_at"], now)))
    if rows:
        columns = [say(f"explain.column.{name}") for name in ("window", "opened", "drawn", "stands")]
        write_table(say("explain.title.windows"), [*columns, "", say("explain.column.reopens")], rows, numbers=(2,))
