"""`faregate logs`: what the logs of coding tools hold.

Owns the command, its sums by model and its tables. Finding and reading logs is the readers'.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command, Option
from faregate.cli.language import say
from faregate.cli.log_places import Words, find_logs, kept_readings
from faregate.cli.output import write_json, write_table
from faregate.cli.progress_bar import progress_bar
from faregate.core.amounts import render, round_half_even
from faregate.core.instants import render_instant
from faregate.core.ratecard import CardVersion, RateCard
from faregate.core.usage import TOKEN_CLASSES, USAGE_CLASSES, Usage

if TYPE_CHECKING:
    from faregate.ratecards.book import PriceBook
    from faregate.readers import Reading

_NEVER = 1 << 63
_AT_ONCE = 4_096


_WORDS = Words("logs.no_such_path", "logs.not_a_log", "logs.none")


@click.command("logs", cls=Command, help="logs.help")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="logs.workers", cls=Option)
@click.option(
    "--prices",
    "price_files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="option.prices",
    cls=Option,
)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def logs(paths: tuple[Path, ...], workers: int | None, price_files: tuple[Path, ...], as_json: bool) -> None:
    from faregate.readers import YEAR, read

    now = time.time_ns() // 1000
    found = find_logs(paths, _WORDS, each=False)
    with progress_bar("logs.reading") as progress:
        kept = kept_readings(now)
        reading = read(found.logs, workers=workers, progress=progress, latest=now + YEAR, kept=kept)
    data = _data(reading, found.unreadable, _book(price_files))
    if as_json:
        write_json(data)
    else:
        _write(data)


def _book(price_files: Sequence[Path]) -> PriceBook:
    from faregate.ratecards import load_files, load_shipped

    return load_files(price_files) if price_files else load_shipped()


class _Sums:
    """What one model used, each request at the price in force when it was made. To be told in the order of time.

    ``value`` in 10⁻⁹ of the currency of the card, exact but for the rounding of each stretch of equal prices.
    """

    def __init__(self, card: RateCard | None) -> None:
        self.card = card
        self.counts = [0] * len(USAGE_CLASSES)
        self.value = 0
        self._until = 0
        self._version: CardVersion | None = None
        self._most = 1
        self._untold: list[Usage] = []

    def add(self, at: int, usage: Usage) -> None:
        if at >= self._until:
            self._turn(at)
        self._untold.append(usage)
        if len(self._untold) >= self._most:
            self.tell()

    def _turn(self, at: int) -> None:
        self.tell()
        after = None if self.card is None else self.card.changes_after(at)
        self._until = _NEVER if after is None else after
        self._version = None if self.card is None else self.card.version_at(at)
        tiered = self._version is not None and len(self._version.tiers) > 1
        self._most = 1 if tiered else _AT_ONCE

    def tell(self) -> None:
        """Take what was added into the sums. Prices without tiers are linear: many requests are priced at once."""
        if not self._untold:
            return
        untold = Usage(*map(sum, zip(*self._untold, strict=True)))
        self.counts = list(map(add, self.counts, untold))
        if self._version is not None:
            self.value += round_half_even(*self._version.list_value(untold))
        self._untold.clear()


def _summed(reading: Reading, book: PriceBook) -> dict[str, _Sums]:
    from faregate.comparison.workload import known_model

    by_model: dict[str, _Sums] = {}
    for at, model, usage, _, _ in reading.requests:
        sums = by_model.get(model)
        if sums is None:
            sums = by_model[model] = _Sums(book.card(known_model(model, book)))
        sums.add(at, usage)
    for sums in by_model.values():
        sums.tell()
    return by_model


def _data(reading: Reading, unreadable: Sequence[Path], book: PriceBook) -> dict[str, Any]:
    by_model = _summed(reading, book)
    requests = reading.requests
    counts = [sum(column) for column in zip(*(sums.counts for sums in by_model.values()), strict=True)] or [0] * len(
        USAGE_CLASSES
    )
    return {
        "files": reading.files,
        "bytes": reading.size,
        "begins": render_instant(requests[0].at) if len(requests) else None,
        "ends": render_instant(requests[-1].at) if len(requests) else None,
        "requests": counts[7],
        "prompts": counts[8],
        "tool_calls": counts[6],
        "sessions": len({request.session for request in requests}),
        "tokens": _tokens(counts),
        "tools": {
            tool: {"files": each.files, "bytes": each.size, "requests": each.requests, "prompts": each.prompts}
            for tool, each in sorted(reading.tools.items())
        },
        "models": [_model(model, sums) for model, sums in sorted(by_model.items(), key=lambda item: -_all(item[1]))],
        "duplicates": reading.duplicates,
        "broken_lines": reading.broken,
        "first_broken": [
            {"file": str(each.path), "line": each.line, "reason": each.reason, "detail": each.detail}
            for each in reading.first_broken
        ],
        "unreadable": [str(path) for path in unreadable],
    }


def _all(sums: _Sums) -> int:
    return sum(sums.counts[:5])


def _tokens(counts: Sequence[int]) -> dict[str, int]:
    return dict(zip(TOKEN_CLASSES, counts, strict=False)) | {"total": sum(counts[:5])}


def _model(model: str, sums: _Sums) -> dict[str, Any]:
    card = sums.card
    return {
        "model": model,
        "requests": sums.counts[7],
        "prompts": sums.counts[8],
        "tokens": _tokens(sums.counts),
        "list_value": None if card is None else render(sums.value, card.currency),
        "currency": None if card is None else card.currency,
    }


def _write(data: dict[str, Any]) -> None:
    columns = [say(f"logs.column.{name}") for name in ("tool", "files", "size", "requests", "prompts")]
    rows = [
        (tool, f"{each['files']:,}", f"{each['bytes'] / 1e6:,.1f}", f"{each['requests']:,}", f"{each['prompts']:,}")
        for tool, each in data["tools"].items()
    ]
    write_table(say("logs.title.tools"), columns, rows, numbers=(1, 2, 3, 4))
    if data["requests"]:
        _write_models(data)
    else:
        click.echo(say("logs.nothing"))
    if data["duplicates"]:
        click.echo(say("logs.duplicates", count=f"{data['duplicates']:,}"))
    if data["broken_lines"]:
        click.echo(say("logs.broken", count=f"{data['broken_lines']:,}"))
    for each in data["first_broken"]:
        key = "logs.broken_at" if each["line"] else "logs.broken_file"
        click.echo("  " + say(key, file=each["file"], line=each["line"], reason=say(f"logs.reason.{each['reason']}")))
    for path in data["unreadable"]:
        click.echo(say("logs.unreadable", path=path))


def _write_models(data: dict[str, Any]) -> None:
    from faregate.cli.figures import grouped

    names = ("model", "requests", "prompts", *TOKEN_CLASSES, "list_value")
    columns = [say(f"logs.column.{name}") for name in names]
    rows = []
    for each in data["models"]:
        value = each["list_value"]
        shown = say("logs.unpriced") if value is None else f"{grouped(_cents(value))} {each['currency']}"
        rows.append((each["model"], *_figures(each), shown))
    if len(rows) > 1:
        rows.append((say("logs.all"), *_figures(data), ""))
    title = say("logs.title.models", begins=data["begins"][:10], ends=data["ends"][:10])
    write_table(title, columns, rows, numbers=range(1, len(names)))


def _figures(of: dict[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{figure:,}" for figure in (of["requests"], of["prompts"], *(of["tokens"][name] for name in TOKEN_CLASSES))
    )


def _cents(value: str) -> str:
    whole, _, rest = value.partition(".")
    return f"{whole}.{(rest + '00')[:2]}"
