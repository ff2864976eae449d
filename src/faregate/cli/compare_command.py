"""`faregate compare`: one's own usage against every plan.

Owns the command's options, where logs are looked for, and how the result leaves. The comparison is comparison's, logs
are read by the readers.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import click

from faregate.cli.command import Command, Option
from faregate.cli.compare_options import MixOptions, local_zone, mix_of, with_mix_options
from faregate.cli.failures import CommandFailure
from faregate.cli.house_options import with_database_option
from faregate.cli.language import language, say
from faregate.cli.log_places import Words, find_logs, kept_readings
from faregate.cli.output import write_json
from faregate.cli.progress_bar import progress_bar
from faregate.cli.shelf_options import shelf_of, with_shelf_files

if TYPE_CHECKING:
    from faregate.app.shelf import Shelf
    from faregate.comparison.offers import Offer
    from faregate.comparison.result import Comparison
    from faregate.comparison.workload import Workload
    from faregate.readers import Reading

_WORDS = Words("compare.no_such_path", "compare.not_a_log", "compare.no_logs")
_PATH = click.Path(path_type=Path)
_OUTPUT = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


class Outputs(NamedTuple):
    """Where the result goes; on the terminal where it goes nowhere else."""

    as_json: bool
    csv: Path | None
    html: Path | None
    explain: bool
    everything: bool


class Choice:
    """The plans to compare, by the options as written. Loading them takes time: it is done while logs are read."""

    shelf: Shelf
    offers: list[Offer]
    currency: str

    def __init__(
        self,
        plans: Sequence[str],
        currency: str | None,
        plan_files: tuple[Path, ...],
        price_files: tuple[Path, ...],
        now: int,
    ) -> None:
        self._plans, self._plan_files, self._price_files, self._now = plans, plan_files, price_files, now
        self._currency = currency

    def load(self) -> None:
        """Find ``currency``, ``shelf`` and ``offers``. Raises CommandFailure."""
        self.currency = _currency(self._currency)
        # The arithmetic here is of integers: threads for matrices, one for each core, are begun in vain.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        import faregate.comparison.compare  # noqa: F401 - takes its time, too

        self.shelf = shelf_of(self._plan_files, self._price_files, kept=True)
        self.offers = _offers(self.shelf, self._plans, self._now)


@contextmanager
def _keeping_all() -> Iterator[None]:
    """What the command makes stays to its end: looking for garbage among it finds none, and took 2% of its time."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Nor is it looked for at the end of the process, which would take another 0.1 s.
        gc.freeze()
        if looked:
            gc.enable()


@click.command("compare", cls=Command, help="compare.help")
@click.argument("more_logs", nargs=-1, metavar="[PATH]…", type=_PATH)
@click.option(
    "--logs", multiple=True, metavar="PATH", type=click.Path(path_type=Path), help="compare.logs", cls=Option
)
@click.option("--journal", multiple=True, metavar="ACCOUNT", help="compare.journal", cls=Option)
@click.option("--mix", type=click.Choice(("standard",)), help="compare.mix", cls=Option)
@click.option("--plans", multiple=True, metavar="PLAN[,PLAN…]", help="compare.plans", cls=Option)
@click.option("--currency", metavar="CURRENCY", help="compare.currency", cls=Option)
@click.option("--months", type=click.IntRange(1, 60), metavar="N", help="compare.months", cls=Option)
@click.option("--zone", metavar="ZONE", help="compare.zone", cls=Option)
@click.option("--explain", is_flag=True, help="compare.explain", cls=Option)
@click.option("--all", "everything", is_flag=True, help="compare.all", cls=Option)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
@click.option("--csv", type=_OUTPUT, metavar="FILE", help="compare.csv", cls=Option)
@click.option("--html", type=_OUTPUT, metavar="FILE", help="compare.html", cls=Option)
@with_database_option
@with_mix_options
@with_shelf_files
@_keeping_all()
def compare(
    more_logs: tuple[Path, ...],
    logs: tuple[Path, ...],
    journal: tuple[str, ...],
    mix: str | None,
    plans: tuple[str, ...],
    currency: str | None,
    months: int | None,
    zone: str | None,
    explain: bool,
    everything: bool,
    as_json: bool,
    csv: Path | None,
    html: Path | None,
    database: str,
    mix_options: MixOptions,
    plan_files: tuple[Path, ...],
    price_files: tuple[Path, ...],
) -> None:
    now = time.time_ns() // 1000
    # `--logs ~/logs/*` is `--logs` with one path and more behind it.
    logs += more_logs
    if bool(logs) + bool(mix) + bool(journal) > 1:
        raise CommandFailure("bad_usage", "compare.both")
    if [str(csv), str(html), as_json and "-"].count("-") > 1 or (csv is not None and csv == html):
        raise CommandFailure("bad_usage", "compare.one_place")
    mix_options.check(mix is not None)
    in_zone = local_zone(zone)
    choice = Choice(plans, currency, plan_files, price_files, now)
    if mix:
        choice.load()
        shelf = choice.shelf
        workload = _of_mix(shelf, mix_options, in_zone, months, now)
    elif journal:
        from faregate.cli.compare_journal import read_accounts

        choice.load()
        reading = read_accounts(journal, database)
        workload, shelf = _workload(choice, reading, ", ".join(journal), in_zone, months)
    else:
        reading = _read_logs(choice, logs, now)
        where = ", ".join(map(str, logs)) or ", ".join(sorted(reading.tools))
        workload, shelf = _workload(choice, reading, where, in_zone, months)
    from faregate.comparison.compare import compare as compare_all

    with progress_bar("compare.trying") as progress:
        comparison = compare_all(shelf, workload, choice.offers, choice.currency, now, progress=progress)
    _write(comparison, Outputs(as_json, csv, html, explain, everything))


def _currency(name: str | None) -> str:
    from faregate.ratecards.maker_file import CURRENCIES

    chosen = name.upper() if name is not None else "CNY" if language() == "zh" else "USD"
    if chosen not in CURRENCIES:
        known = ", ".join(sorted(CURRENCIES))
        raise CommandFailure("unknown_currency", "prices.unknown_currency", name=name, known=known)
    return chosen


def _offers(shelf: Shelf, written: Sequence[str], now: int) -> list[Offer]:
    from faregate.comparison.offers import PlansClash, all_offers, chosen_offers

    if not written:
        return all_offers(shelf, now)
    names = [name.strip() for each in written for name in each.split(",")]
    if not all(names):
        raise CommandFailure("bad_usage", "compare.no_plans")
    try:
        return chosen_offers(shelf, names, now)
    except PlansClash as clash:
        raise CommandFailure("plans_clash", "compare.clash", problem=str(clash)) from clash


def _of_mix(shelf: Shelf, options: MixOptions, zone: str, months: int | None, now: int) -> Workload:
    from faregate.comparison.workload import known_model, of_mix

    mix = mix_of(options, zone, months or 1, now)
    if shelf.prices.find(known_model(mix.model, shelf.prices)) is None:
        raise CommandFailure("unknown_model", "compare.unknown_model", name=mix.model)
    return of_mix(mix, shelf.prices)


# ---- logs


def _read_logs(choice: Choice, paths: Sequence[Path], now: int) -> Reading:
    from faregate.readers import YEAR, read

    found = find_logs(paths, _WORDS, each=True)
    if found.unreadable:
        click.echo(say("compare.unreadable", paths=", ".join(map(str, found.unreadable))), err=True)
    with progress_bar("compare.reading") as progress:
        kept = kept_readings(now)
        return read(found.logs, progress=progress, meanwhile=choice.load, latest=now + YEAR, kept=kept)


def _workload(choice: Choice, reading: Reading, where: str, zone: str, months: int | None) -> tuple[Workload, Shelf]:
    """The usage that was read, and the shelf with prices for the models that only genai-prices knows."""
    from faregate.comparison.workload import EmptyUsage, Origin, of_logs

    shelf = choice.shelf
    tools = {tool: count.files for tool, count in reading.tools.items() if count.files}
    origin = Origin(where, reading.files, tools, reading.broken)
    try:
        workload = of_logs(reading.requests, origin, shelf.prices, zone, months)
        priced = shelf.priced(workload.models)
        if priced is not shelf:
            workload = of_logs(reading.requests, origin, priced.prices, zone, months)
        return workload, priced
    except EmptyUsage as nothing:
        raise CommandFailure("empty_usage", "compare.empty", where=where) from nothing


# ---- ways out


def _write(comparison: Comparison, outputs: Outputs) -> None:
    from faregate.cli.compare_report import write_csv, write_report

    if outputs.html is not None:
        from faregate.comparison.page import render

        with _opened(outputs.html) as stream:
            stream.write(render(comparison, language()))
    if outputs.csv is not None:
        with _opened(outputs.csv) as stream:
            write_csv(comparison, stream)
    if outputs.as_json:
        write_json(comparison)
    elif not any(str(path) == "-" for path in (outputs.csv, outputs.html)):
        write_report(comparison, outputs.everything, outputs.explain)
    for path in (outputs.csv, outputs.html):
        if path is not None and str(path) != "-":
            click.echo(say("compare.wrote", file=path), err=True)


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    if str(path) == "-":
        yield sys.stdout
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
