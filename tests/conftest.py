"""What every test shares: how Hypothesis searches, which files begin first, and a word on what did not run.

Owns no fixture of any one part.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on each run, so that a failure is one to reproduce and a pass is one to trust;
# no deadline, because machines differ. HYPOTHESIS_PROFILE=explore searches anew, ten times as long.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# Commands under test keep nothing in the folders of whoever runs the tests.
os.environ["FAREGATE_CACHE"] = "off"

LONGEST = ("clients/test_every_client.py", "documentation/", "console/", "clients/", "service/", "money/")
"""Files and folders that take longest: where two processes share the work, none of them is to begin last."""

_HERE = Path(__file__).resolve().parent


def _turn(item: pytest.Item) -> int:
    place = item.path.relative_to(_HERE).as_posix()
    return next((turn for turn, name in enumerate(LONGEST) if place.startswith(name)), len(LONGEST))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=_turn)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that could not run is never passed over in silence, whichever process was to run it."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ").removeprefix("NOT RUN: ")] += 1
    for reason, count in reasons.items():
        terminalreporter.write_line(f"NOT RUN: {count} test{'s' * (count > 1)}: {reason}", yellow=True)
