"""What opening each of the console's pages costs a browser: script, layout shifts, largest paint, blocked time.

Serves the console before the demo upstream, makes a customer with a few requests, and opens every page in headless
Chromium as if for the first time, at the size of a phone and of a desk. Times are of this machine; the sizes are held
by tests/console/tour.py.

    python -m bench.console_vitals [--samples N] [--slower N] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from tests.clients.background import in_background
from tests.console.browser import chromium
from tests.console.loading import Opened, Watch
from tests.console.test_walk import CUSTOMER, PUBLIC, put
from tests.console.visitor import Visitor
from tests.service.conftest import demo
from tests.service.served import Place, Served
from tests.service.test_live_scenarios import worth

SIZES = {"phone": 390, "desk": 1440}


def told(runs: list[Opened]) -> dict[str, Any]:
    """The figures of one page: the median of its openings, the worst of its shifts."""
    return {
        "script_bytes": runs[0].script_bytes(),
        "layout_shift": round(max(run.jumps for run in runs), 3),
        "largest_paint_ms": round(median(run.largest or 0 for run in runs)),
        "blocked_ms": round(median(run.blocked for run in runs)),
    }


def measured(served: Served, visitor: Visitor, samples: int, slower: float, name: str) -> dict[str, dict[str, Any]]:
    """Every page of the public and of a customer."""
    watch = Watch(visitor)
    watch.slow_down(slower)
    figures = {path: told([watch.opened(path) for _ in range(samples)]) for path in PUBLIC}
    account = visitor.sign_up(f"vitals-{name}@example.com")
    for plan in ("88code/plus", "agipower/pro"):
        served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": plan})
    key = served.books.call("POST", f"/accounts/{account}/keys", {"name": "any", "kind": "any"})["secret"]
    for _ in range(5):
        put(served, key, worth("0.1"))
    return figures | {path: told([watch.opened(path) for _ in range(samples)]) for path in CUSTOMER}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="The console's pages in a browser.")
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--slower", type=float, default=1, help="how many times slower the processor is made to be")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = {}
    with in_background(demo) as upstream, tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), upstream.url, plans=(), drain_seconds=1)
        with place.serving() as served, chromium() as browser:
            for name, width in SIZES.items():
                visitor = Visitor(browser, served.url, "zh", "light", width)
                figures[name] = measured(served, visitor, given.samples, given.slower, name)
                visitor.close()
    if given.json:
        print(json.dumps(figures))
        return
    for name, pages in figures.items():
        for path, each in pages.items():
            print(f"{name:6} {path:24}" + "".join(f" {what} {value:>8}" for what, value in each.items()))


if __name__ == "__main__":
    main()
