"""Parts of Faregate measured alone, each by a script of its own.

Owns which scripts there are and how their figures are read. A script prints JSON as the last line of its output.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.harness.contestant import ROOT
from bench.harness.faregate import project_python
from bench.harness.instruments import CACHE
from bench.harness.measures import Figures
from bench.harness.processes import Cores, Process
from bench.harness.run import Results

_SECONDS = 900


def _as_printed(printed: Any) -> Figures:
    return dict(printed)


def _by_accounts(printed: Any) -> Figures:
    """The settlements script gives figures for several numbers of accounts: the lowest ratio is what counts."""
    figures: Figures = {"ratio": min(each["ratio"] for each in printed)}
    for each in printed:
        for name in ("ratio", "by_hand_per_second", "store_per_second"):
            figures[f"{name}_{each['accounts']}_accounts"] = each[name]
    return figures


def _without_shares(printed: Any) -> Figures:
    """Shares of a profile are for whoever runs the script by hand."""
    return {name: value for name, value in printed.items() if name != "shares"}


@dataclass(frozen=True)
class Part:
    """A script of bench/ with its arguments; ``read`` turns what it printed into figures."""

    name: str
    script: str
    quick: tuple[str, ...]
    read: Callable[[Any], Figures] = _as_printed
    always: tuple[str, ...] = ()


PARTS = (
    Part("core_decide", "core_decide.py", ("--quick",)),
    Part("settlements", "settlements.py", ("--batches", "40", "--rounds", "2"), _by_accounts),
    Part("cold_account", "cold_account.py", ("--quick",)),
    Part("readers", "readers.py", ("--quick",)),
    Part("compare", "compare.py", ("--quick",), _without_shares, ("--logs",)),
)


def measure_parts(quick: bool, cores: Cores, results: Results, console: Console) -> None:
    """Run the scripts on the subject's core, on disk and not in memory, and take their figures."""
    for part in PARTS:
        script = ROOT / "bench" / part.script
        console.print(f"[bold]{part.name.replace('_', ' ')}[/]")
        if not script.exists():
            results.failures[part.name] = f"bench/{part.script} is not there"
        else:
            with console.status("measuring …"):
                _measure(part, script, quick, cores, results)
        console.print(f"  {_line(part.name, results)}", highlight=False)


def _measure(part: Part, script: Path, quick: bool, cores: Cores, results: Results) -> None:
    command = [project_python(), str(script), "--json", *part.always, *(part.quick if quick else ())]
    with tempfile.TemporaryDirectory(prefix="part-", dir=CACHE) as scratch:
        directory = Path(scratch)
        log = directory / "part.log"
        environ = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "TMPDIR": scratch}
        process = Process(command, core=cores.subject, log=log, environ=environ, directory=directory)
        try:
            code = process.wait(_SECONDS)
        finally:
            process.stop()
        if code is None:
            results.failures[part.name] = f"not done after {_SECONDS} s"
        elif code != 0:
            results.failures[part.name] = f"code {code}: {process.log_end()}"
        else:
            try:
                results.parts[part.name] = part.read(json.loads(log.read_text().strip().splitlines()[-1]))
            except (ValueError, IndexError, KeyError, TypeError):
                results.failures[part.name] = f"no figures in its last line: {process.log_end()}"


def _line(name: str, results: Results) -> str:
    figures = results.parts.get(name)
    if figures is None:
        return f"[red]failed[/]: {results.failures[name]}"
    return ", ".join(f"{key.replace('_', ' ')} {value:,}" for key, value in figures.items())
