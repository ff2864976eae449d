"""A month of one busy account against every plan, and a gigabyte of logs beside ccusage: the whole command, and where
its time goes.

    python -m bench.compare [--requests 10000] [--logs] [--megabytes 1000] [--rounds 5] [--json] [--quick]

The month is a file of 10,000 requests for a Claude model in 930 turns, as a coding tool makes them. Prints seconds of
the clock and of CPU for `faregate compare --json` (the best of several runs), and the shares of one process under the
profiler. With --logs also how long the command takes on logs of Claude Code that are made for it, with reading,
replays and report, in turns with ccusage, which only adds their tokens up (see readers.py), for logs that were never
read and once more ("again") for logs that were. Each ratio is the median of the rounds'. One JSON line with --json.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from bench.readers import compared, installed_ccusage, measured, use_all_cores
from faregate.app.shelf import load_shelf
from faregate.comparison.compare import compare
from faregate.comparison.mix import Mix, month_of_work
from faregate.comparison.offers import Offer, all_offers
from faregate.comparison.workload import Origin, of_logs
from faregate.core.instants import DAY, render_instant
from faregate.core.logged_request import LoggedRequest

REQUESTS = 10_000
MODEL = "anthropic/claude-sonnet-4.5"
PARTS = {
    "rules": ("/core/",),
    "leaps": ("/comparison/leaps.py", "/comparison/turns.py", "/comparison/crowds.py", "/comparison/flows.py"),
    "counting": (
        "/comparison/course.py",
        "/comparison/tally.py",
        "/comparison/stretches.py",
        "/comparison/fullness.py",
    ),
    "arrays": ("/comparison/draws.py", "/comparison/exact_arrays.py", "/comparison/lanes.py", "numpy", "ndarray"),
    "months and what is shown": ("/comparison/",),
    "reading and loading": ("/readers/", "/planfile/", "/ratecards/", "/app/"),
}
"""What a share is called, and the files it is made of; the first that matches counts."""


def requests(count: int) -> Iterator[LoggedRequest]:
    """So many requests of a month of work."""
    month = Mix(date(2026, 10, 5), "Asia/Shanghai", model=MODEL, prompts_a_day=45)
    return islice(month_of_work(month), count)


def write_usage(file: Path, count: int) -> None:
    """The requests as a usage file."""
    with file.open("w", encoding="utf-8") as out:
        for request in requests(count):
            usage = request.usage
            line = {"at": render_instant(request.at), "model": request.model, "client": request.client}
            line |= {"session": request.session, "prompt": bool(usage.prompts)}
            line |= {"input": usage.input, "cached": usage.cached, "output": usage.output}
            out.write(json.dumps(line) + "\n")


def command(file: Path) -> tuple[float, float, int]:
    """(seconds, seconds of CPU, offers) of one run of the command."""
    words = [sys.executable, "-m", "faregate", "compare", "--logs", str(file), "--currency", "CNY", "--json"]
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(words, capture_output=True, check=True)
    seconds, after = time.perf_counter() - began, os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return seconds, cpu, len(json.loads(done.stdout)["plans"])


def profile(count: int) -> dict[str, float]:
    """Shares of the time that one process takes for everything, by part."""
    watch = cProfile.Profile()
    watch.enable()
    shelf = load_shelf()
    found = list(requests(count))
    now = found[-1].at + DAY
    offers: list[Offer] = all_offers(shelf, now)
    compare(shelf, of_logs(found, Origin("bench"), shelf.prices, "UTC"), offers, "CNY", now, 1)
    watch.disable()
    times: dict[str, float] = {}
    for (file, _, function), (_, _, own, _, _) in pstats.Stats(watch).stats.items():  # type: ignore[attr-defined]
        part = next(
            (name for name, marks in PARTS.items() if any(mark in file + function for mark in marks)),
            "everything else",
        )
        times[part] = times.get(part, 0) + own
    whole = sum(times.values())
    return {part: round(own / whole, 3) for part, own in sorted(times.items(), key=lambda each: -each[1])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one run, no profile")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--logs", action="store_true", help="made logs, too, in turns with ccusage")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    use_all_cores()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "usage.jsonl"
        write_usage(file, given.requests)
        runs = [command(file) for _ in range(1 if given.quick else 3)]
    seconds, cpu, offers = min(runs)
    shares = {} if given.quick else profile(given.requests)
    beside = _beside_ccusage(given.megabytes, given.rounds, given.quick) if given.logs else {}
    if given.json:
        figures = {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "requests": given.requests}
        print(json.dumps({**figures, "offers": offers, "shares": shares, **beside}))
        return
    print(f"{given.requests:,} requests against {offers} offers: {seconds:.2f} s, {cpu:.2f} s of CPU")
    for part, share in shares.items():
        print(f"  {share:6.1%} {part}")
    for name, value in beside.items():
        print(f"{name.replace('_', ' '):24} {value:>12,}")


def _beside_ccusage(megabytes: int, rounds: int, quick: bool) -> dict[str, float]:
    """Figures of made logs, by names that begin with ``logs_``."""
    size, turns = (100, 2) if quick else (megabytes, rounds)
    found = measured(size, turns, installed_ccusage(), compared)
    return {f"logs_{name}": value for name, value in found.items()}


if __name__ == "__main__":
    main()
