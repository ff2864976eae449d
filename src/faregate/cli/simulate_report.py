"""What `faregate simulate` shows: the JSON result, or tables for people.

Owns the gathering of rows (as encoded JSON, so that a long replay stays small) and the tables.
"""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from faregate.cli.language import say
from faregate.cli.output import write_table
from faregate.simulator.result import EventRow, RequestRow, Totals
from faregate.simulator.run import Sink

ROWS_SHOWN = 40


class Collected:
    """Rows of a run. For a program every one is kept, encoded; for people what the tables need."""

    def __init__(self, as_json: bool) -> None:
        self.encoded: list[bytes] = []
        self.events: list[EventRow] = []
        self.first: list[RequestRow] = []
        self.refusals: dict[tuple[str, str], list[RequestRow]] = {}
        self.sink = Sink(self._encode if as_json else self._keep, self.events.append)
        self._encoder = msgspec.json.Encoder()

    def _encode(self, row: RequestRow) -> None:
        self.encoded.append(self._encoder.encode(row))

    def _keep(self, row: RequestRow) -> None:
        if len(self.first) < ROWS_SHOWN:
            self.first.append(row)
        refused = row["refused"]
        if refused is None:
            return
        same = self.refusals.setdefault((refused["reason"], refused["window"] or ""), [])
        # The first and the last tell the story; the count is kept by the totals.
        same[1:] = [row] if same else []
        if not same:
            same.append(row)


def write_result(collected: Collected, totals: Totals, as_json: bool) -> None:
    """Print the whole result."""
    if as_json:
        for part in _json_parts(collected, totals):
            click.echo(part, nl=False)
        return
    _write_requests(collected, totals)
    _write_refusals(collected, totals)
    _write_totals(totals)
    for event in collected.events:
        if not event["applied"]:
            click.echo(say("simulate.not_applied", **event))


def _json_parts(collected: Collected, totals: Totals) -> Iterator[bytes]:
    yield b'{"requests": ['
    for index, row in enumerate(collected.encoded):
        yield b",\n" if index else b"\n"
        yield row
    yield b'\n],\n"events": ' + msgspec.json.encode(collected.events)
    yield b',\n"totals": ' + msgspec.json.encode(totals) + b"}\n"


def _write_requests(collected: Collected, totals: Totals) -> None:
    columns = [say(f"simulate.column.{name}") for name in ("line", "at", "model", "paid", "binding", "retry")]
    rows = []
    for row in collected.first:
        refused = row["refused"]
        paid = [
            f"{piece['source']}{':' + piece['pool'] if piece['pool'] else ''} {piece['amount']} {piece['unit']}"
            f"{'' if piece['multiplier'] == '1' else ' ×' + piece['multiplier']}"
            f"{'' if piece['debt'] == '0' else ' (' + say('simulate.debt', amount=piece['debt']) + ')'}"
            for piece in row["drawn"]
        ]
        text = "\n".join(paid) if refused is None else say("simulate.refused", reason=reason(refused["reason"]))
        binding = (refused["window"] or "") if refused else ""
        retry = (refused["retry_at"] or say("simulate.not_by_waiting")) if refused else ""
        rows.append((str(row["line"]), row["at"], row["model"], text, binding, retry))
    if rows:
        more = totals["requests"] - len(rows)
        title = say("simulate.title.requests")
        write_table(f"{title} {say('simulate.more', count=more)}" if more > 0 else title, columns, rows, numbers=(0,))


def _write_refusals(collected: Collected, totals: Totals) -> None:
    if not collected.refusals:
        return
    columns = [say(f"simulate.column.{name}") for name in ("reason", "binding", "count", "first", "last", "retry")]
    rows = []
    for (why, binding), kept in collected.refusals.items():
        last = kept[-1]
        refused = last["refused"]
        assert refused is not None
        retry = refused["retry_at"] or say("simulate.not_by_waiting")
        count = totals["refusals"].get(binding or why, len(kept))
        rows.append((reason(why), binding, str(count), kept[0]["at"], last["at"], retry))
    write_table(say("simulate.title.refusals"), columns, rows, numbers=(2,))


def _write_totals(totals: Totals) -> None:
    rows = [(say(f"simulate.total.{name}"), str(totals[name])) for name in ("requests", "admitted", "refused")]
    for source, by_unit in totals["drawn"].items():
        rows += [(say("simulate.total.drawn", source=source), f"{amount} {unit}") for unit, amount in by_unit.items()]
    for source, by_unit in totals["debt"].items():
        rows += [(say("simulate.total.debt", source=source), f"{amount} {unit}") for unit, amount in by_unit.items()]
    rows += [
        (say("simulate.total.list_value"), f"{value} {currency}") for currency, value in totals["list_value"].items()
    ]
    rows += [(say("simulate.total.price", model=model), source) for model, source in totals["prices_behind"].items()]
    write_table(say("simulate.title.totals"), ["", ""], rows, numbers=(1,))


def reason(code: str) -> str:
    """A refusal's reason in words."""
    return say(f"reason.{code}")
