"""One run: every contestant in turn, round after round.

Owns the order of things, what is printed meanwhile, and that nothing started outlives the run.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console

from bench.harness.contestant import Contestant, Site, UnavailableError
from bench.harness.instruments import CACHE, Instruments, LoadError
from bench.harness.measures import Bench, Figures, Pace, measures_of, preflight
from bench.harness.processes import NotReadyError


@dataclass
class Results:
    """Everything a run found. ``rounds`` holds contestant -> measure -> figures of each round;
    ``failures`` why a figure is missing, by (contestant or part)."""

    rounds: dict[str, dict[str, list[Figures]]] = field(default_factory=dict)
    parts: dict[str, Figures] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def figure(self, contestant: str, measure: str, name: str) -> float | None:
        """The median over the rounds, None where nothing was measured."""
        rounds = self.rounds.get(contestant, {}).get(measure, [])
        return median(each[name] for each in rounds) if rounds else None

    def part(self, part: str, name: str) -> float | None:
        return self.parts.get(part, {}).get(name)


def find_contestants(contestants: tuple[Contestant, ...], results: Results, console: Console) -> list[Contestant]:
    """Those that can take part; the others are noted with the reason."""
    present = []
    for contestant in contestants:
        try:
            with console.status(f"finding {contestant.title} (installed if it is missing) …"):
                version = contestant.find()
        except (UnavailableError, OSError, subprocess.SubprocessError) as reason:
            results.failures[contestant.name] = str(reason)
            console.print(f"[yellow]without {contestant.title}[/]: {reason}", highlight=False)
            continue
        results.versions[contestant.name] = version
        results.titles[contestant.name] = contestant.title
        present.append(contestant)
        console.print(f"{contestant.title}: {version}", highlight=False)
    return present


def measure_contestants(
    contestants: list[Contestant],
    instruments: Instruments,
    pace: Pace,
    results: Results,
    console: Console,
) -> None:
    """All rounds of all contestants against one upstream."""
    with tempfile.TemporaryDirectory(prefix="run-", dir=CACHE) as scratch:
        upstream, port = instruments.start_upstream(Path(scratch))
        try:
            bench = Bench(instruments, port, pace)
            for number in range(1, pace.rounds + 1):
                for contestant in contestants:
                    if contestant.name in results.failures:
                        continue
                    directory = Path(scratch) / f"{contestant.name}-{number}"
                    directory.mkdir()
                    directory.chmod(0o755)
                    console.print(f"[bold]round {number}/{pace.rounds} · {contestant.title}[/]")
                    _measure_one(contestant, bench, directory, results, console)
        finally:
            upstream.stop()


def _measure_one(contestant: Contestant, bench: Bench, directory: Path, results: Results, console: Console) -> None:
    site = Site(bench.instruments.cores.subject, bench.upstream_port, directory)
    try:
        with console.status("starting …"):
            subject = contestant.start(site)
    except (NotReadyError, UnavailableError) as reason:
        results.failures[contestant.name] = f"did not start: {reason}"
        console.print(f"  [red]did not start[/]: {reason}", highlight=False)
        return
    try:
        if complaint := preflight(bench, subject):
            results.failures[contestant.name] = f"answers wrongly: {complaint}"
            console.print(f"  [red]answers wrongly[/]: {complaint}", highlight=False)
            return
        for name, measure in measures_of(contestant):
            try:
                with console.status(f"{name.replace('_', ' ')} …"):
                    figures = measure(bench, subject, contestant)
            except LoadError as reason:
                results.failures[f"{contestant.name}: {name}"] = str(reason)
                console.print(f"  {name:17} [red]failed[/]: {reason}", highlight=False)
                continue
            results.rounds.setdefault(contestant.name, {}).setdefault(name, []).append(figures)
            console.print(f"  {name:17} {_line(figures)}", highlight=False)
    finally:
        subject.process.stop()


def _line(figures: Figures) -> str:
    if "per_stream" in figures:
        return (
            f"{figures['at_500'] / 1e6:.1f} MB at 500 streams, "
            f"{figures['per_stream'] / 1e3:.1f} KB per further stream"
        )
    if "added_p50_us" in figures:
        return f"added p50 {figures['added_p50_us']:.0f} µs, p99 {figures['added_p99_us']:.0f} µs"
    return (
        f"{figures['per_second']:,.0f} a second, {figures['cpu_us']:,.1f} µs CPU each, "
        f"core {figures['core_share']:.0%} busy"
    )
