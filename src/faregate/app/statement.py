"""A statement of one pool of a wallet: what it held, what came in, what went out, what it holds.

Owns the sum. It is made of the journal's postings alone: the opening balance, the movements and the closing balance
agree because they are the same postings. Use is told as one line a day (UTC); what open requests hold is still there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, NamedTuple

from faregate.app.display import Display
from faregate.core.amounts import render
from faregate.core.entry import Entry
from faregate.core.instants import DAY, render_instant

USE = "use"
_USES = frozenset({"hold", "settle", "release"})
COLUMNS = ("pool", "at", "kind", "about", "amount", "balance", "currency")


class Movement(NamedTuple):
    """What one entry moved. ``about`` is an order or refund, where it is for one."""

    at: int
    kind: str
    about: str | None
    amount: int


def statement(
    entries: Iterable[Entry], pool: str, name: str, unit: str, since: int, until: int, display: Display | None = None
) -> dict[str, Any]:
    """The statement of ``pool`` (its key) from ``since`` up to ``until``, microseconds UTC; amounts are decimals."""
    opening, moved = 0, list[Movement]()
    for entry in entries:
        amount = _moved(entry, pool)
        if entry.at < since:
            opening += amount
        elif entry.at < until and amount:
            _add(moved, Movement(entry.at, *_kind(entry), amount))

    def shown(amount: int, at: int) -> dict[str, str]:
        told = {"amount": render(amount, unit)}
        return {**told, "shown": display.show(amount, unit, at)} if display is not None else told

    balance, lines = opening, []
    for each in (each for each in moved if each.amount):
        balance += each.amount
        told = {"at": render_instant(each.at), "kind": each.kind, "about": each.about}
        lines.append({**told, **shown(each.amount, each.at), "balance": render(balance, unit)})
    ins = sum(each.amount for each in moved if each.amount > 0)
    outs = sum(each.amount for each in moved if each.amount < 0)
    return {
        "pool": name,
        "currency": unit,
        "from": render_instant(since),
        "until": render_instant(until),
        "opening": shown(opening, since),
        "in": render(ins, unit),
        "out": render(outs, unit),
        "closing": shown(balance, until),
        "lines": lines,
    }


def _moved(entry: Entry, pool: str) -> int:
    lots, held, debt = f"lot:{pool}:", f"held:{pool}", f"debt:{pool}"
    return sum(amount for ledger, _, amount in entry.postings if ledger.startswith(lots) or ledger in (held, debt))


def _kind(entry: Entry) -> tuple[str, str | None]:
    data = entry.data
    if entry.kind in _USES:
        return USE, None
    about = data.get("order") or data.get("refunds") or (data.get("placed") or {}).get("order")
    return str(data.get("reason") or entry.kind) if entry.kind == "grant" else entry.kind, about


def _add(moved: list[Movement], one: Movement) -> None:
    """Add a movement; use of one day is one line, at the time of its last request."""
    last = moved[-1] if moved else None
    if last is not None and one.kind == USE == last.kind and last.at // DAY == one.at // DAY:
        moved[-1] = one._replace(amount=last.amount + one.amount)
    else:
        moved.append(one)


def statement_csv(statements: Iterable[dict[str, Any]]) -> str:
    """Statements as CSV: a line for each movement, between the opening and the closing balance of each pool."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in statements:
        common = (each["pool"],)
        writer.writerow((*common, each["from"], "opening", "", "", each["opening"]["amount"], each["currency"]))
        for line in each["lines"]:
            row = (line["at"], line["kind"], line["about"] or "", line["amount"], line["balance"])
            writer.writerow((*common, *row, each["currency"]))
        writer.writerow((*common, each["until"], "closing", "", "", each["closing"]["amount"], each["currency"]))
    return held.getvalue()
