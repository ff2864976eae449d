"""Fixtures of the console's tests, and a word at the end of the run where no browser was to be had.

Owns the switch FAREGATE_BROWSER: unset, the tests run where Chromium and the built console are; ``require`` makes
their absence a failure. What did not run is told in the summary, never passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from faregate.console.pages import STATIC
from tests.console.browser import NoBrowser, chromium
from tests.console.visitor import Visitor
from tests.service.conftest import (
    Upstream,
    upstream,  # noqa: F401 - a fixture
)
from tests.service.served import Place, Served

_not_run = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_not_run] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reasons: list[str] = config.stash[_not_run]
    for reason in dict.fromkeys(reasons):
        terminalreporter.write_line(f"NOT RUN: the console in a browser: {reason}", yellow=True)


def _leave_out(config: pytest.Config, reason: str) -> None:
    if os.environ.get("FAREGATE_BROWSER") == "require":
        pytest.fail(reason)
    config.stash[_not_run].append(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    if not (STATIC / "index.html").is_file():
        _leave_out(request.config, "it is not built (make console)")
    try:
        with chromium() as started:
            yield started
    except NoBrowser as absent:
        _leave_out(request.config, str(absent))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Served]:  # noqa: F811
    place = Place(tmp_path_factory.mktemp("console"), upstream.url, plans=(), drain_seconds=1)
    with place.serving() as served:
        yield served


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, each in a browser profile of its own; none may leave a word in the console."""
    visitors: list[Visitor] = []

    def make(language: str = "en", theme: str = "light", width: int = 1440) -> Visitor:
        visitors.append(Visitor(browser, served.url, language, theme, width))
        return visitors[-1]

    yield make
    for each in visitors:
        each.close()
