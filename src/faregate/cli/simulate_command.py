"""`faregate simulate`: replay a file of usage against plans.

Owns the command's options and how its result leaves; the replay is the simulator's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from faregate.cli.command import Command, Option
from faregate.cli.failures import CommandFailure
from faregate.cli.output import write_json
from faregate.cli.shelf_options import shelf_of, with_shelf_files

if TYPE_CHECKING:
    from faregate.app.shelf import Shelf

LONG_FILE_BYTES = 1_000_000
"""From this size on a bar shows how far the replay is."""


def _print_schema(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        from faregate.simulator.schema import json_schema

        write_json(json_schema())
        ctx.exit()


@click.command("simulate", cls=Command, help="simulate.help")
@click.option(
    "--plan", "plans", required=True, multiple=True, metavar="PLAN[,PLAN…]", help="simulate.plan", cls=Option
)
@click.option(
    "--usage",
    required=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="simulate.usage",
    cls=Option,
)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
@click.option("--sort", is_flag=True, help="simulate.sort", cls=Option)
@with_shelf_files
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="simulate.schema",
    cls=Option,
)
def simulate(
    plans: tuple[str, ...],
    usage: Path,
    as_json: bool,
    sort: bool,
    plan_files: tuple[Path, ...],
    price_files: tuple[Path, ...],
) -> None:
    from faregate.cli.simulate_report import Collected, write_result
    from faregate.simulator.replay import Replay
    from faregate.simulator.run import run

    shelf = shelf_of(plan_files, price_files)
    replay = Replay(shelf, _named(shelf, plans))
    collected = Collected(as_json)
    name = "<stdin>" if str(usage) == "-" else str(usage)
    with _opened(usage) as source:
        run(replay, source, name, collected.sink, sort)
    write_result(collected, replay.tally.totals(), as_json)


def _named(shelf: Shelf, written: Sequence[str]) -> list[str]:
    """The plans asked for, in that order. Raises UnknownPlan, or CommandFailure where they do not go together."""
    from faregate.simulator.replay import clash

    names = [name.strip() for each in written for name in each.split(",")]
    if not all(names):
        raise CommandFailure("bad_usage", "simulate.empty_plan")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CommandFailure("bad_usage", "simulate.plan_twice", plan=twice)
    problem = clash(shelf, names)
    if problem is not None:
        raise CommandFailure("plans_clash", "simulate.clash", problem=problem)
    return names


def _opened(usage: Path) -> AbstractContextManager[IO[bytes]]:
    """The file as bytes, behind a bar where it is long and somebody watches."""
    if str(usage) == "-":
        return nullcontext(sys.stdin.buffer)
    size = usage.stat().st_size
    if size < LONG_FILE_BYTES or not sys.stderr.isatty():
        return usage.open("rb")
    return _watched(usage)


def _watched(usage: Path) -> AbstractContextManager[IO[bytes]]:
    from rich.progress import open as open_with_bar

    from faregate.cli.language import say
    from faregate.cli.output import console

    bar = console(stderr=True)
    return open_with_bar(usage, "rb", description=say("simulate.progress"), console=bar, transient=True)
