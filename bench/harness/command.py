"""The command `bench/run`: its options, its order, its exit code.

Exit 0 when figures were written (missed targets are results, not errors), 2 when nothing could be
measured, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.table import Table

from bench.harness import machine
from bench.harness.contestant import ROOT, Contestant
from bench.harness.faregate import BARE, FAREGATE
from bench.harness.instruments import CACHE, prepare
from bench.harness.litellm import LITELLM
from bench.harness.measures import Pace
from bench.harness.nginx import NGINX
from bench.harness.node_gateways import NODE_GATEWAYS
from bench.harness.parts import measure_parts
from bench.harness.processes import NotReadyError, two_cores
from bench.harness.report import Report, summary
from bench.harness.run import Results, find_contestants, measure_contestants

_USUAL = (NGINX, BARE, FAREGATE, LITELLM)
_EXAMPLES = """\
examples:
  bench/run                     everything, some 12 minutes; writes bench/RESULTS.md
  bench/run --quick             one short round; writes build/bench/RESULTS.md
  bench/run --only nginx,bare   two contestants and no parts; writes build/bench/RESULTS.md
  bench/run --with-node         with the Node gateways of npm
"""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measure Faregate against its targets, nginx and other gateways.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="one short round, for a first look")
    parser.add_argument("--with-node", action="store_true", help="measure the Node gateways too")
    parser.add_argument("--only", metavar="NAMES", help="these contestants alone, comma-separated")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write the results")
    return parser.parse_args()


def _stop(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the measurements the command line asks for."""
    options = _options()
    console = Console()
    signal.signal(signal.SIGTERM, _stop)
    _raise_file_limit()
    try:
        return _run(options, console)
    except NotReadyError as reason:
        console.print(f"[red]cannot measure[/]: {reason}", highlight=False)
        return 2
    except KeyboardInterrupt:
        console.print("interrupted; what was started has been ended, nothing was written")
        return 130


def _run(options: argparse.Namespace, console: Console) -> int:
    CACHE.mkdir(parents=True, exist_ok=True)
    facts, cores = machine.facts(CACHE), two_cores()
    if machine.is_busy():
        console.print("[yellow]other work loads this machine: the figures will say less[/]")
    instruments = prepare(cores)
    results = Results()
    pace = Pace.quick() if options.quick else Pace.full()
    present = find_contestants(_chosen(options), results, console)
    measure_contestants(present, instruments, pace, results, console)
    if not options.only:
        measure_parts(options.quick, cores, results, console)
    whole = not (options.quick or options.only)
    directory = options.out or (ROOT / "bench" if whole else ROOT / "build" / "bench")
    command = " ".join(["bench/run", *sys.argv[1:]])
    page = Report(results, facts, pace, command).write(directory)
    _print_summary(results, console)
    console.print(f"written: {page}", highlight=False, soft_wrap=True)
    return 0


def _chosen(options: argparse.Namespace) -> tuple[Contestant, ...]:
    if not options.only:
        return _USUAL + (NODE_GATEWAYS if options.with_node else ())
    every = {contestant.name: contestant for contestant in _USUAL + NODE_GATEWAYS}
    names = options.only.split(",")
    if unknown := [name for name in names if name not in every]:
        raise NotReadyError(f"no contestant {', '.join(unknown)}; there are: {', '.join(every)}")
    return tuple(every[name] for name in names)


def _print_summary(results: Results, console: Console) -> None:
    table = Table("target", "figure", "bound", "outcome")
    colours = {"met": "green", "MISSED": "red", "not measured": "yellow"}
    for what, figure, bound, outcome in summary(results):
        table.add_row(what, figure, bound, f"[{colours[outcome]}]{outcome}[/]")
    console.print(table)


def _raise_file_limit() -> None:
    """A thousand streams need some four thousand sockets in all."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
